// Edits go to the server, and count as kept only once it has them.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Autosave } from "../../assets/shared/autosave.js";
import { DocumentStore } from "../../assets/shared/document_store.js";
import { createEvents } from "../../assets/shared/events.js";
import { asSent } from "./support.mjs";

const COVERAGE = [{ kind: "speech_without_words", start: 1, end: 4 }];
let store;
let autosave;
let asked;
let answer;
let heard;

beforeEach(async () => {
  const events = createEvents();
  [asked, heard] = [[], []];
  answer = () => ({ revision: asked.length, kept_until: 99, coverage: COVERAGE, warned: { warnings: ["A gap."] } });
  for (const kind of ["kept", "coverage"]) events.on(kind, (detail) => heard.push({ kind, ...detail }));
  const server = { ask: async (name, question) => (asked.push({ name, ...question }), answer()) };
  store = new DocumentStore({ events, addressOf: String });
  autosave = new Autosave({ store, server, events });
  const word = { word: "a", start: 0, end: 1, probability: 1, timing: "attention", band: "sure" };
  const meta = { token: "run", kept_until: 1, transcript: { duration: 9, coverage: [] } };
  store.receive({ media: null, message: JSON.stringify({ run: "run", from: 0, segments: [{ words: [word] }], meta }) });
});

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

test("while the reader types, the other version waits", async () => {
  store.events.on("merging", (merging) => (merging.waits = true));
  answer = () => ({ stale: { segments: [], revision: 7, by_hand: [], speakers: [] } });
  type("b");
  await autosave.flush();
  await autosave.pause();
  assert.deepEqual([store.doc.words[0].text, store.hasUnkept()], ["b", true]);
});
