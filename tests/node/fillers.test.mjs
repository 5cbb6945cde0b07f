// Which words the reader sees, and what edits do to the marks of fillers and repeats.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exportDocument } from "../../assets/shared/document.js";
import { Fillers, unclearStretches } from "../../assets/shared/fillers.js";
import { applyEdit } from "../../assets/shared/history.js";
import { createReview } from "../../assets/shared/review.js";
import { createBands } from "../../assets/shared/bands.js";
import { Edits } from "../../assets/transcript/edits.js";
import { documentOf, segment, texts, word } from "./support.mjs";

const memory = (kept = {}) => ({
  kept,
  getItem: (key) => kept[key] ?? null,
  setItem: (key, value) => (kept[key] = value),
});
const refusing = { getItem: () => { throw new Error(); }, setItem: () => { throw new Error(); } };

function fillersOf(storage = memory()) {
  const told = [];
  const events = { emit: (kind) => told.push(kind) };
  return { told, fillers: new Fillers({ events, storage, hesitations: { en: ["um"], de: ["äh"] } }) };
}

const restart = () => documentOf(segment([
  word("I", 0, 0.2, { disfluency: "repeat" }), word("um", 0.3, 0.5, { disfluency: "filler" }),
  word("I", 0.6, 0.8, { fluent: "X" }), word("go.", 0.9, 1.2),
]));

const marks = ({ words }) => words.map(({ text, disfluency }) => (disfluency ? `${text}:${disfluency}` : text));

const edited = (document, make, fillers = fillersOf().fillers) => {
  applyEdit(document, make(new Edits(document, { sure: "sure", fillers })));
  return document;
};

test("the choice is remembered, told once, and holds without storage", () => {
  const storage = memory();
  const { told, fillers } = fillersOf(storage);
  assert.equal(fillers.areShown, true);
  fillers.show(false);
  fillers.show(false);
  assert.deepEqual(told, ["fillers"]);
  assert.equal(fillersOf(storage).fillers.areShown, false);
  const { fillers: forgetful } = fillersOf(refusing);
  forgetful.show(false);
  assert.equal(forgetful.areShown, false);
});

test("a hidden word is out of sight, and its neighbour is written as the sentence needs", () => {
  const { fillers } = fillersOf();
  const [um, well] = [word("Um,", 0, 1, { disfluency: "filler" }), word("well", 1, 2, { fluent: "Well" })];
  assert.deepEqual([fillers.hides(um), fillers.textOf(well)], [false, "well"]);
  fillers.show(false);
  assert.deepEqual([fillers.hides(um), fillers.hides(well), fillers.textOf(well)], [true, false, "Well"]);
});

test("a review leaves out what is hidden", () => {
  const { fillers } = fillersOf();
  const bands = createBands({ bands: ["sure", "doubtful"], marked_bands: ["doubtful"] });
  const review = createReview({ bands, speakers: { doubtful: new Set() }, fillers });
  const document = restart();
  assert.equal(review.count(document.words), 4);
  fillers.show(false);
  assert.equal(review.count(document.words), 2);
});

test("what was said again is not marked once the words after it change", () => {
  assert.deepEqual(marks(edited(restart(), (edits) => edits.remove(2))), ["I", "um:filler", "go."]);
  assert.deepEqual(marks(edited(restart(), (edits) => edits.retype(2, "We"))), ["I", "um:filler", "We", "go."]);
  const after = edited(restart(), (edits) => edits.retype(3, "went."));
  assert.deepEqual(marks(after).slice(0, 2), ["I:repeat", "um:filler"]);
});

test("a typed word is a filler if its language has it, and loses the mark with its text", () => {
  assert.deepEqual(marks(edited(restart(), (edits) => edits.retype(3, "Um, so."))).slice(3), ["Um,:filler", "so."]);
  assert.equal(marks(edited(restart(), (edits) => edits.retype(1, "then")))[1], "then");
  const german = documentOf(segment([word("Hm", 0, 1)], { language: "de" }));
  assert.deepEqual(marks(edited(german, (edits) => edits.retype(0, "um äh,"))), ["um", "äh,:filler"]);
});

test("the page's own text of a word is not sent", () => {
  const sent = exportDocument(restart()).segments[0].words;
  assert.deepEqual(sent[0].disfluency, "repeat");
  assert.ok(!("fluent" in sent[2]));
});

const GAP = { kind: "speech_without_words", start: 2, end: 4 };
const withGap = () => {
  const words = [word("one", 0, 3.5), word("two", 5, 5.5)];
  return { ...documentOf(segment(words)), meta: { transcript: { duration: 9, coverage: [GAP] } } };
};

test("the words of a stretch stand in it, and the word before no longer reaches into it", () => {
  const document = edited(withGap(), (edits) => edits.fill(GAP, "and then"));
  assert.deepEqual(texts(document), ["one and then two"]);
  const times = document.words.map(({ start, end }) => [start, end]);
  assert.deepEqual([times[0], times[1][0], times[2][1], times[3]], [[0, 2], 2, 4, [5, 5.5]]);
  assert.deepEqual(unclearStretches(document), []);
  assert.deepEqual(unclearStretches(withGap()), [GAP]);
});

test("a stretch before the first word and one after the last are filled too", () => {
  const early = documentOf(segment([word("two", 5, 5.5)]));
  assert.deepEqual(texts(edited(early, (edits) => edits.fill({ start: 1, end: 9 }, "one"))), ["one two"]);
  assert.deepEqual([early.words[0].start, early.words[0].end], [1, 5]);
  const late = documentOf(segment([word("one", 0, 0.5)]));
  assert.deepEqual(texts(edited(late, (edits) => edits.fill(GAP, "two"))), ["one two"]);
  assert.deepEqual([late.words[1].start, late.words[1].end], [2, 4]);
});

test("a stretch begins a document that has no words", () => {
  const fill = (empty, text) => edited(empty, (edits) => edits.fill(GAP, text));
  const english = { ...documentOf(), meta: { transcript: { language: "en" } } };
  assert.deepEqual(texts(fill(english, "the house")), ["the house"]);
  const { language, lang, spaced, paragraph, words } = english.segments[0];
  assert.deepEqual([language, lang, spaced, paragraph], ["en", "en", true, true]);
  assert.deepEqual([words[0].start, words.at(-1).end, words[0].edited], [2, 4, true]);
  const japanese = { ...documentOf(), meta: { transcript: { language: "ja" } } };
  assert.equal(fill(japanese, "家").segments[0].spaced, false);
  assert.equal(new Edits(documentOf(), { sure: "sure" }).fill(GAP, " "), null);
});
