// Sentences in the reader's language, and warnings made of them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { placeOf, warningText } from "../../assets/downloads/warnings.js";
import { createI18n } from "../../assets/shared/i18n.js";

const translations = {
  en: { hello: "Hello {name}", words: "{count} words", words_one: "one word", only: "English only", tip: "Click",
        tip_touch: "Tap", warning_loop: "At {when}: a loop in {language}", warning_late: "{shift} s late" },
  de: { hello: "Hallo {name}", error_busy: "Besetzt", error_busy_hint: "Warten", error_limit: "Bis {limit}.",
        option_beam: "Breite", tip: "Klicken", warning_late: "{shift} s zu spät" },
}; // prettier-ignore
const speak = (language, touch = false) => createI18n({ translations, language, touch, languageTags: { jw: "jv" } });

test("sentences are in the browser's language or in English, with their values", () => {
  assert.equal(speak("de-CH").t("hello", { name: "Ann" }), "Hallo Ann");
  assert.equal(speak("nn").t("hello", { name: "Ann" }), "Hello Ann");
  assert.equal(speak("de").t("only"), "English only");
  assert.equal(speak("de").t("unknown_key"), "unknown_key");
  assert.equal(speak("en").t("words", { count: 1 }), "one word");
  assert.equal(speak("en").t("words", { count: 2 }), "2 words");
});

test("numbers are written as in the reader's language, in sentences too", () => {
  const [english, german] = [speak("en"), speak("de")];
  assert.equal(english.exact(1234.5), "1234.50");
  assert.equal(german.exact(1234.5), "1234,50");
  assert.equal(german.withDigits(1)(0.25), "0,3");
  assert.equal(german.number(12345), "12.345");
  assert.equal(english.t("words", { count: 12345 }), "12,345 words");
  assert.equal(german.t("hello", { name: 0.1 }), "Hallo 0,1");
  assert.equal(german.t("hello", { name: "0.1" }), "Hallo 0.1", "a text stays as it is");
});

test("readers with fingers get sentences of their own", () => {
  assert.equal(speak("en", true).t("tip"), "Tap");
  assert.equal(speak("en").t("tip"), "Click");
});

test("errors have a text in other languages than the engine's", () => {
  assert.equal(speak("de").errorText("busy"), "Besetzt");
  assert.equal(speak("en").errorText("busy"), undefined);
  assert.equal(speak("de").errorHint("busy"), "Warten");
  assert.equal(speak("de").errorHint("busy", { limit: "7" }), "Warten Bis 7.");
  assert.equal(speak("de").errorHint("busy", { field: "beam" }), "Breite: Warten");
});

test("a time of day is written as beside a date", () => {
  const [at, i18n] = [new Date(2026, 0, 5, 9, 5), speak("en")];
  const dated = at.toLocaleString("en", { dateStyle: "short", timeStyle: "short" });
  assert.ok(dated.endsWith(i18n.timeOfDay(at.getTime() / 1000)));
});

test("languages have names, by Whisper's codes too", () => {
  assert.equal(speak("en").languageName("jw"), "Javanese");
  assert.equal(speak("de").languageName("fr"), "Französisch");
  assert.equal(speak("de").languageName("no code"), "no code");
  const knownNames = { de: { ba: "Baschkirisch" } };
  const named = createI18n({ translations, language: "de", touch: false, languageTags: {}, knownNames });
  assert.equal(named.languageName("ba"), "Baschkirisch");
});

test("a warning is written from its notice, and stands as it came without one", () => {
  const given = { kinds: { when: "span", language: "language" }, i18n: speak("en") };
  const notice = { code: "loop", values: { when: [61, 65], language: "jw" } };
  assert.equal(warningText("English", notice, given), "At 1:01–1:05: a loop in Javanese");
  assert.deepEqual([placeOf(notice, given.kinds), placeOf(undefined, given.kinds)], [61, null]);
  const late = { code: "late", values: { shift: 3.2 } };
  assert.equal(warningText("", late, { kinds: { shift: "number" }, i18n: speak("de") }), "3,2 s zu spät");
  assert.equal(warningText("English", undefined, given), "English");
  assert.equal(warningText("English", { code: "new", values: {} }, given), "English");
});
