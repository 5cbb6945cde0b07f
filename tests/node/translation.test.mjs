// The English beside the words: which stretch is asked for next, where its sentences stand, and how readers share it.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Autosave } from "../../assets/shared/autosave.js";
import { exportDocument } from "../../assets/shared/document.js";
import { DocumentStore } from "../../assets/shared/document_store.js";
import { createEvents } from "../../assets/shared/events.js";
import { Unsent } from "../../assets/shared/unsent.js";
import { mergedTranslation, sentencesBeside, translationOf, withStretch } from "../../assets/translation/sentences.js";
import { nextStretch } from "../../assets/translation/stretches.js";
import { Translator } from "../../assets/translation/translator.js";
import { asSent, documentOf, segment, word } from "./support.mjs";

const MOST = 10; // seconds of a stretch
const said = (start, end, more = {}) => {
  const middle = (start + end) / 2;
  return segment([word("uno", start, middle), word("dos.", middle, end)], more);
};
const paragraph = (start, end) => said(start, end, { paragraph: true });
const sentence = (start, end, text = "One two.") => ({ start, end, text });
const english = (until, ...segments) => ({ language: "en", until, segments });

// Returns all stretches of a document, one after the other.
function stretchesOf(document, most = MOST) {
  const found = [];
  for (let until = 0, next; (next = nextStretch(document, until, most)); { until } = next) found.push(next);
  return found;
}

test("a stretch ends before a paragraph as long as one is near", () => {
  const document = documentOf(paragraph(0, 4), said(4, 7), paragraph(9, 12), said(12, 16), paragraph(40, 42));
  assert.deepEqual(stretchesOf(document), [
    { start: 0, end: 8, until: 8 }, // in the middle of the pause
    { start: 8, end: 17, until: 17 }, // near to the last word
    { start: 39, end: 43, until: 43 },
  ]);
});

test("in a long paragraph it ends before a sentence, in a long sentence before a word", () => {
  const document = documentOf(paragraph(0, 6), said(6, 9), said(9, 14));
  assert.deepEqual(stretchesOf(document).map(({ end }) => end), [9, 15]);
  const words = [0, 4, 8, 12].map((start) => word("y", start, start + 4));
  assert.deepEqual(stretchesOf(documentOf(segment(words))).map(({ start, end }) => [start, end]), [[0, 8], [8, 17]]);
});

test("every word is in a stretch, also where words overlap, last long or have no length", () => {
  const times = [[0, 9], [3, 30], [3, 3], [3, 3], [29, 50], [50, 50], [50, 50], [50.0004, 51], [70, 95], [95, 96]];
  const document = documentOf(segment(times.map(([start, end]) => word("y", start, end))));
  const found = stretchesOf(document);
  assert.ok(found.length < times.length + 1);
  for (const [at, { start, end, until }] of found.entries()) {
    assert.ok(0 <= start && start < end && end - start <= MOST + 1, `${start} to ${end}`);
    assert.ok(at === 0 || until > found[at - 1].until);
  }
  for (const [time] of times) assert.ok(found.some(({ start, end }) => start <= time && time <= end), `${time}`);
  const last = found.at(-1);
  assert.ok(last.until > 95 && nextStretch(document, last.until, MOST) === null);
  assert.equal(nextStretch(documentOf(), 0, MOST), null);
});

test("what comes to stand behind the last word is asked for too", () => {
  const document = documentOf(paragraph(0, 4));
  const { until } = nextStretch(document, 0, MOST);
  assert.equal(nextStretch(document, until, MOST), null);
  assert.equal(nextStretch(documentOf(paragraph(0, 4), paragraph(8, 9)), until, MOST).start, 7);
});

test("sentences stand with the paragraph whose sound they are from, wherever paragraphs begin", () => {
  const made = english(20, sentence(0, 2), sentence(4.2, 5), sentence(5.2, 6), sentence(6, 9), sentence(12, 13));
  const beside = (...spans) => sentencesBeside(made, spans.map(([start, end]) => ({ start, end }))).map((all) =>
    all.map(({ start }) => start),
  );
  assert.deepEqual(beside([1, 4], [6, 10]), [[0, 4.2], [5.2, 6, 12]]);
  assert.deepEqual(beside([1, 10]), [[0, 4.2, 5.2, 6, 12]], "the paragraphs are joined");
  assert.deepEqual(beside([1, 2], [2, 4], [6, 10]), [[0], [4.2], [5.2, 6, 12]], "one is split");
  assert.deepEqual(beside(), []);
  assert.deepEqual(sentencesBeside(null, [{ start: 0, end: 1 }]), [[]]);
});

test("a further stretch is put in by its times", () => {
  const first = withStretch(null, { until: 8 }, [sentence(0, 2)]);
  assert.deepEqual(first, english(8, sentence(0, 2)));
  const second = withStretch(first, { until: 12 }, [sentence(9, 11)]);
  assert.deepEqual(second, english(12, sentence(0, 2), sentence(9, 11)));
  assert.deepEqual(first, english(8, sentence(0, 2)), "a translation is never changed");
});

test("of two readers' translations the one stays that has changed, or that reaches further", () => {
  const [short, long] = [english(8, sentence(0, 2)), english(12, sentence(0, 2), sentence(9, 11))];
  assert.equal(mergedTranslation(null, null, short), short);
  assert.equal(mergedTranslation(null, short, null), short);
  assert.equal(mergedTranslation(short, { ...short }, null), null, "the other one has removed it");
  assert.equal(mergedTranslation(short, null, { ...short }), null);
  assert.equal(mergedTranslation(short, long, null), long, "nothing that came since is lost");
  assert.equal(mergedTranslation(null, long, short), long);
  assert.equal(mergedTranslation(null, short, long), long);
});

// The page with a Spanish transcript of two paragraphs, and a server.

const SEGMENTS = [paragraph(0, 4), paragraph(9, 14)].map((each) => ({ ...each, language: "es" }));
let events;
let store;
let asked;
let answer; // of the server, by the name of the function
let storage;

beforeEach(() => {
  storage = Object.create({ getItem: (key) => storage[key] ?? null, setItem: (key, value) => (storage[key] = value) });
  [events, asked] = [createEvents(), []];
  answer = {
    english: ({ start, end }) => ({ segments: [sentence(start, end)] }),
    revise: () => ({ revision: asked.length, kept_until: 99, coverage: [], warned: {} }),
  };
});

const server = () => ({ ask: async (name, question) => (asked.push({ name, ...question }), answer[name](question)) });

function open(more = {}, { segments = SEGMENTS, media = { path: "a.wav" } } = {}) {
  store = new DocumentStore({ events, addressOf: String });
  const translator = new Translator({ store, server: server(), events, most: MOST });
  const transcript = { duration: 20, coverage: [], speakers: [], language: "es" };
  const meta = { token: "run", kept_until: 1, revision: 0, options: {}, transcript, ...more };
  store.receive({ media, message: { run: "run", from: 0, segments: asSent(segments), meta } });
  return translator;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const questions = (name) => asked.filter((each) => each.name === name);

test("the whole is asked for stretch by stretch, and stands in the document at once", async () => {
  const translator = open();
  const seen = [];
  events.on("translated", () => seen.push(translator.progress().done));
  translator.start();
  assert.ok(translator.isWorking);
  await settled();
  assert.deepEqual(questions("english").map(({ token, start, end }) => [token, start, end]), [
    ["run", 0, 5], ["run", 8, 15],
  ]);
  assert.deepEqual(seen, [5, 14]);
  assert.deepEqual(translationOf(store.doc), english(15, sentence(0, 5), sentence(8, 15)));
  assert.ok(!translator.isWorking && !translator.isPartial());
  assert.deepEqual(exportDocument(store.doc).transcript.translation, translationOf(store.doc));
});

test("once stopped it goes on where it was, with one request on its way at a time", async () => {
  const translator = open();
  let resolve;
  answer.english = () => new Promise((done) => (resolve = done));
  translator.start();
  translator.stop();
  translator.start();
  assert.equal(questions("english").length, 1);
  translator.stop();
  resolve({ segments: [sentence(1, 4)] });
  await settled();
  assert.deepEqual(translationOf(store.doc), english(5, sentence(1, 4)), "what was on its way is taken in");
  assert.equal(questions("english").length, 1);
  assert.ok(translator.isPartial());
  translator.start();
  assert.equal(questions("english").at(-1).start, 8);
});

test("a refusal is told, and the next try goes on behind what is there", async () => {
  const translator = open();
  const refusal = { error: "Too many.", code: "rate_limited" };
  answer.english = ({ start }) => (start ? refusal : { segments: [sentence(1, 4)] });
  translator.start();
  await settled();
  assert.deepEqual([translator.isWorking, translator.problem], [false, "Too many."]);
  assert.equal(translationOf(store.doc).until, 5);
  answer.english = () => ({ segments: [] });
  translator.start();
  assert.equal(translator.problem, "");
  await settled();
  assert.deepEqual(translationOf(store.doc), english(15, sentence(1, 4)));
});

test("after a lost connection it goes on by itself", async () => {
  const translator = open();
  answer.english = () => ({ error: "Unreachable.", lost: true });
  translator.start();
  await settled();
  answer.english = () => ({ segments: [] });
  events.emit("connection", true);
  await settled();
  assert.equal(translationOf(store.doc).until, 15);
});

test("another transcript that is opened meanwhile gets nothing of it", async () => {
  const translator = open();
  let resolve;
  answer.english = () => new Promise((done) => (resolve = done));
  translator.start();
  const meta = { token: "other", kept_until: 1, options: {}, transcript: { duration: 20, coverage: [] } };
  store.receive({ media: null, message: { run: "other", from: 0, segments: asSent(SEGMENTS), meta } }, true);
  assert.ok(!translator.isWorking);
  resolve({ segments: [sentence(1, 4)] });
  await settled();
  assert.equal(translationOf(store.doc), null);
  assert.equal(questions("english").length, 1);
});

test("what arrives once the transcription goes on is left out, and the next work begins", async () => {
  const translator = open();
  let resolve;
  answer.english = () => new Promise((done) => (resolve = done));
  translator.start();
  store.goOn();
  resolve({ segments: [sentence(1, 4)] });
  await settled();
  assert.ok(!translator.isWorking && !translator.isAsking);
});

test("it is removed and put back, and what was on its way does not come back by itself", async () => {
  const translator = open();
  translator.start();
  await settled();
  const whole = translationOf(store.doc);
  translator.remove();
  assert.equal(translationOf(store.doc), null);
  translator.putBack();
  assert.equal(translationOf(store.doc), whole);

  const again = open();
  const resolves = [];
  answer.english = () => new Promise((done) => resolves.push(done));
  again.start();
  resolves.shift()({ segments: [sentence(1, 4)] });
  await settled();
  again.remove(); // the second stretch is on its way
  again.start();
  resolves.shift()({ segments: [sentence(9, 14)] });
  await settled();
  assert.equal(translationOf(store.doc), null, "what comes without its beginning is left out");
  assert.deepEqual(questions("english").at(-1).start, 0);
});

test("only what another language says, and whose sound is there, is offered", () => {
  assert.ok(open().canTranslate());
  assert.ok(!open({ token: null }).canTranslate());
  assert.ok(!open({ translates: false }).canTranslate(), "no model here translates");
  assert.ok(!open({ options: { task: "translate" } }).canTranslate());
  assert.ok(!open({}, { media: null }).canTranslate());
  assert.ok(!open({}, { segments: [paragraph(0, 4)] }).canTranslate(), "it is English");
  assert.ok(open({}, { segments: [paragraph(0, 4), SEGMENTS[1]] }).canTranslate(), "a part is not");
});

test("it is saved, undo leaves it, and another reader's comes with the merge", async () => {
  open();
  const unsent = new Unsent({ events, storage, user: "", choose: async () => null });
  const autosave = new Autosave({ store, server: server(), events, unsent });
  store.edit({ at: 0, count: 1, inserted: [{ ...store.doc.segments[0] }], focus: 0 });
  store.translate(english(5, sentence(0, 5)));
  store.undo();
  assert.equal(translationOf(store.doc).until, 5);
  await autosave.flush();
  assert.deepEqual(questions("revise").at(-1).translation, english(5, sentence(0, 5)));
  assert.equal(store.unkept().length, 0);

  const further = english(15, sentence(0, 5), sentence(8, 15));
  const stale = { revision: 7, segments: asSent(SEGMENTS), speakers: [], translation: further };
  answer.revise = () => (questions("revise").at(-1).revision < 7 ? { stale } : { revision: 8, kept_until: 99 });
  store.edit({ at: 0, count: 1, inserted: [{ ...store.doc.segments[0] }], focus: 0 });
  await autosave.flush();
  assert.deepEqual(translationOf(store.doc), further);
  await autosave.flush();
  assert.deepEqual(questions("revise").at(-1).translation, further);
});

test("what could not be sent is kept in the browser and comes back", async () => {
  open();
  const choose = async () => null;
  const unsent = new Unsent({ events, storage, user: "", choose });
  const autosave = new Autosave({ store, server: server(), events, unsent });
  answer.revise = () => ({ error: "Unreachable.", lost: true });
  store.translate(english(5, sentence(0, 5)));
  await autosave.flush();
  events = createEvents();
  open();
  assert.equal(translationOf(store.doc), null);
  assert.equal(await new Unsent({ events, storage, user: "", choose }).bringBack(store.doc), "merged");
  assert.deepEqual(translationOf(store.doc), english(5, sentence(0, 5)));
});

test("a transcript whose translation is not saved yet is not forgotten when another is opened", () => {
  open();
  store.translate(english(5, sentence(0, 5)));
  store.receive({ media: null, message: { run: "other", from: 0, segments: [], meta: null } }, true);
  assert.deepEqual(store.unkept().map(({ run }) => run), ["run"]);
});
