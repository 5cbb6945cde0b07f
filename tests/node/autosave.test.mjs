// Edits go to the server, and count as kept only once it has them.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Autosave } from "../../assets/shared/autosave.js";
import { DocumentStore } from "../../assets/shared/document_store.js";
import { createEvents } from "../../assets/shared/events.js";
import { OtherReaders } from "../../assets/shared/other_readers.js";
import { Unsent } from "../../assets/shared/unsent.js";
import { asSent } from "./support.mjs";

const COVERAGE = [{ kind: "speech_without_words", start: 1, end: 4 }];
let store;
let autosave;
let asked;
let answer;
let heard;
let storage; // of the browser
let answers; // of the reader, to conflicts

beforeEach(async () => {
  const events = createEvents();
  [asked, heard] = [[], []];
  answer = () => ({ revision: asked.length, kept_until: 99, coverage: COVERAGE, warned: { warnings: ["A gap."] } });
  for (const kind of ["kept", "coverage"]) events.on(kind, (detail) => heard.push({ kind, ...detail }));
  [storage, answers] = [browserStorage(), []];
  await openPage(events);
});

// Opens the transcript as the server has it in a new page of this browser.
async function openPage(events = createEvents(), text = "a", revision = 0) {
  const server = { ask: async (name, question) => (asked.push({ name, ...question }), answer()) };
  const unsent = new Unsent({ events, storage, user: "", choose: async () => answers.shift() ?? null });
  store = new DocumentStore({ events, addressOf: String });
  autosave = new Autosave({ store, server, events, unsent });
  const word = { word: text, start: 0, end: 1, probability: 1, timing: "attention", band: "sure" };
  const meta = { token: "run", kept_until: 1, revision, transcript: { duration: 9, coverage: [] } };
  store.receive({ media: null, message: JSON.stringify({ run: "run", from: 0, segments: [{ words: [word] }], meta }) });
  await new Promise((resolve) => setTimeout(resolve)); // what was kept is taken in
}

// Returns the events of a page, and the keys of what it tells its reader, as they come.
function listening() {
  const [events, notes] = [createEvents(), []];
  events.on("note", ({ key }) => notes.push(key));
  return [events, notes];
}

// A stand-in for localStorage, whose keys are properties too.
function browserStorage() {
  return Object.create({
    getItem(key) {
      return this[key] ?? null;
    },
    setItem(key, value) {
      this[key] = value;
    },
    removeItem(key) {
      delete this[key];
    },
  });
}

function type(text) {
  const [segment] = store.doc.segments;
  const words = [{ ...segment.words[0], text, edited: true }];
  store.edit({ at: 0, count: 1, inserted: [{ ...segment, words }], focus: 0 });
}

test("what is typed is sent with the words that were typed, and its mismatches come back", async () => {
  type("b");
  await autosave.flush();
  await autosave.pause();
  assert.deepEqual(asked.map(({ name, token, by_hand }) => [name, token, by_hand]), [["revise", "run", [0]]]);
  assert.equal(asked[0].segments[0].words[0].word, "b");
  assert.deepEqual(store.unkept(), []);
  const { coverage, warnings } = store.doc.meta.transcript;
  assert.deepEqual([store.doc.meta.kept_until, coverage, warnings], [99, COVERAGE, ["A gap."]]);
  assert.deepEqual(heard, [{ kind: "kept", run: "run", until: 99 }, { kind: "coverage" }]);
});

test("what the server refuses stays unkept, and nothing changes", async () => {
  answer = () => ({ error: "no room" });
  type("b");
  await autosave.flush();
  await autosave.pause();
  assert.equal(store.hasUnkept(), true);
  assert.deepEqual(store.doc.meta.transcript.coverage, []);
  assert.deepEqual(heard, [{ kind: "kept", run: "run", error: "no room" }]);
});

test("what is typed while an answer is on its way is not yet kept", async () => {
  answer = () => {
    if (asked.length === 1) type("c");
    return { revision: asked.length, kept_until: 99, coverage: [] };
  };
  type("b");
  await autosave.flush();
  assert.equal(store.hasUnkept(), true);
  await autosave.flush();
  await autosave.pause();
  assert.equal(asked[1].segments[0].words[0].word, "c");
  assert.equal(store.hasUnkept(), false);
});

test("each save starts from the revision of the last one", async () => {
  for (const text of ["b", "c"]) {
    type(text);
    await autosave.flush();
  }
  await autosave.pause();
  assert.deepEqual(asked.map(({ revision }) => revision), [0, 1]);
});

test("a stale save brings the other version, and both are saved as one", async () => {
  const other = { word: "z", start: 5, end: 6, probability: 1, timing: "attention", band: "sure" };
  const segments = [...asSent(store.doc.segments), { words: [other] }];
  const theirs = { segments, revision: 7, by_hand: [1], speakers: [] };
  answer = () => (asked.length === 1 ? { stale: theirs } : { revision: 8, kept_until: 99, coverage: [] });
  type("b");
  await autosave.flush();
  assert.deepEqual(store.doc.words.map(({ text }) => text), ["b", "z"]);
  assert.equal(store.hasUnkept(), true);
  await autosave.flush();
  await autosave.pause();
  assert.deepEqual(asked.map(({ revision }) => revision), [0, 7]);
  assert.deepEqual(asked[1].segments.map(({ words }) => words[0].word), ["b", "z"]);
  assert.deepEqual([store.hasUnkept(), store.doc.base.revision], [false, 8]);
});

test("what another reader has saved is shown to one who comes back, and nothing is saved by that", async () => {
  const other = { word: "z", start: 5, end: 6, probability: 1, timing: "attention", band: "sure" };
  const segments = [...asSent(store.doc.segments), { words: [other] }];
  answer = () => {
    if (asked.at(-1).name === "recall") return { state: "done", revision: 7 };
    return { stale: { segments, revision: 7, by_hand: [], speakers: [] } };
  };
  let now = 0;
  const { server, events } = autosave;
  const others = new OtherReaders({ store, server, events, autosave, now: () => now });
  await others.look();
  assert.deepEqual(asked.map(({ name, revision }) => [name, revision]), [["recall", undefined], ["revise", 0]]);
  assert.deepEqual(store.doc.words.map(({ text }) => text), ["a", "z"]);
  assert.deepEqual([store.hasUnkept(), store.doc.base.revision], [false, 7]);
  await others.look();
  now = 60_000;
  await others.look();
  assert.deepEqual(asked.slice(2).map(({ name }) => name), ["recall"], "it asks once a while, and sends nothing");
});

test("while the reader types, the other version waits", async () => {
  store.events.on("merging", (merging) => (merging.waits = true));
  answer = () => ({ stale: { segments: [], revision: 7, by_hand: [], speakers: [] } });
  type("b");
  await autosave.flush();
  await autosave.pause();
  assert.deepEqual([store.doc.words[0].text, store.hasUnkept()], ["b", true]);
});

test("what could not be sent outlives the page, and is sent by the next one", async () => {
  answer = () => ({ error: "away", lost: true });
  type("b");
  await autosave.flush();
  await autosave.pause();

  answer = () => ({ revision: 1, kept_until: 99, coverage: [] });
  const [events, notes] = listening();
  await openPage(events);
  assert.deepEqual([store.doc.words[0].text, store.doc.words[0].edited], ["b", true]);
  assert.deepEqual(notes, ["unsent_taken"]);
  await autosave.flush();
  await autosave.pause();
  assert.deepEqual([asked.at(-1).segments[0].words[0].word, asked.at(-1).by_hand], ["b", [0]]);
  assert.equal(store.hasUnkept(), false);
  assert.deepEqual(Object.keys(storage), []);
});

test("what somebody else has corrected since is not overwritten without a question", async () => {
  for (const [choice, text] of [[null, "c"], ["theirs", "c"], ["mine", "b"]]) {
    answer = () => ({ error: "away", lost: true });
    await openPage();
    type("b");
    await autosave.flush();
    await autosave.pause();
    answers = [choice];
    const [events, notes] = listening();
    await openPage(events, "c", 1);
    assert.equal(store.doc.words[0].text, text);
    assert.deepEqual(notes, text === "b" ? ["unsent_taken"] : [], "nothing is said if nothing was taken in");
    assert.equal(Object.keys(storage).length, 1); // until the server has what was chosen
    await autosave.pause();
    storage = browserStorage();
  }
});

test("a deleted transcript, another reader and a month leave nothing behind", async () => {
  answer = () => ({ error: "away", lost: true });
  type("b");
  await autosave.flush();
  await autosave.pause();
  const [key] = Object.keys(storage);
  const other = new Unsent({ events: createEvents(), storage, user: "ben", choose: async () => null });
  assert.equal(other.read("run"), null);
  store.forget("run");
  assert.deepEqual(Object.keys(storage), []);
  storage.setItem(key, JSON.stringify({ at: Date.now() - 31 * 24 * 3600 * 1000 }));
  await openPage();
  assert.deepEqual(Object.keys(storage), []);
});
