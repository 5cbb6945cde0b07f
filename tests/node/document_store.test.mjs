// Which document is shown, and what is remembered of the others.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { DocumentStore } from "../../assets/shared/document_store.js";
import { createEvents } from "../../assets/shared/events.js";

const KINDS = ["closing", "opened", "appended", "finished", "edited", "deleted", "forgotten"];
let store;
let heard;

beforeEach(() => {
  const events = createEvents();
  heard = [];
  for (const kind of KINDS) events.on(kind, () => heard.push(kind));
  store = new DocumentStore({ events, addressOf: (path) => `/file=${path}` });
});

const word = (text) => ({ word: text, start: 0, end: 1, probability: 1, timing: "attention", band: "sure" });
const META = { kept_until: 1, transcript: { duration: 9 } };

// Sends a message of a run with one segment a text.
function send(run, found, { meta, asked } = {}) {
  const segments = found.map((text) => ({ words: [word(text)] }));
  const message = JSON.stringify({ run, from: 0, segments, ...(meta ? { meta } : {}) });
  store.receive({ media: { path: `${run}.wav`, orig_name: `${run}.wav` }, message }, asked);
}
const shown = () => [store.doc.run, ...store.doc.words.map(({ text }) => text)];
const replaceFirst = (text) =>
  store.edit({ at: 0, count: 1, inserted: [{ words: [{ ...word(""), text, index: 0 }] }], focus: 0 });

test("a run is opened, grows and ends", () => {
  send("a", ["one"]);
  send("a", ["one", "two"]);
  send("a", ["one", "two"], { meta: META });
  assert.deepEqual(heard, ["closing", "opened", "appended", "appended", "finished"]);
  assert.deepEqual(shown(), ["a", "one", "two"]);
  assert.equal(store.media, "/file=a.wav");
});

test("what is at work follows, until the reader has edited another", () => {
  send("a", ["one"], { meta: META });
  send("b", ["two"]);
  assert.deepEqual(shown(), ["b", "two"]);
  replaceFirst("mine");
  send("c", ["three"]);
  send("c", ["three", "four"]);
  assert.deepEqual(shown(), ["b", "mine"]);
  store.followRunning("c");
  assert.deepEqual(shown(), ["c", "three", "four"]);
});

test("a document that is left with edits comes back with them", () => {
  send("a", ["one"], { meta: META });
  replaceFirst("mine");
  send("b", ["two"], { meta: META, asked: true });
  assert.deepEqual(shown(), ["b", "two"]);
  assert.deepEqual(store.unkept().map(({ run }) => run), ["a"]);
  send("a", ["one"], { meta: META, asked: true });
  assert.deepEqual(shown(), ["a", "mine"]);
  store.undo();
  assert.deepEqual(shown(), ["a", "one"]);
});

test("edits that the reader gives up are gone", () => {
  send("a", ["one"], { meta: META });
  replaceFirst("mine");
  store.discardEdits();
  store.begin();
  send("b", ["two"]);
  assert.equal(store.drafts.size, 0);
});

test("the last message of a run that has ended opens nothing", () => {
  send("a", ["one"], { meta: META });
  send("b", ["two"]);
  send("a", ["one"], { meta: META });
  assert.deepEqual(shown(), ["b", "two"]);
});

test("a transcript that nobody else has is remembered, and holds the page open", () => {
  send("a", ["one"], { meta: { ...META, kept_until: null } });
  assert.equal(store.hasUnkept(), true);
  send("b", ["two"], { meta: META });
  assert.equal(store.hasUnkept(), true);
  store.reopen("a");
  assert.deepEqual(shown(), ["a", "one"]);
});

test("what is deleted is forgotten, and shown no more", () => {
  send("a", ["one"], { meta: META });
  store.forget("other");
  assert.deepEqual(shown(), ["a", "one"]);
  store.forget("a");
  assert.deepEqual(shown(), [null]);
  assert.deepEqual(heard.slice(-3), ["deleted", "deleted", "forgotten"]);
});

test("what may draw words anew waits while a word is typed, and all that follows it", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let typing = true;
  store.events.on("merging", (merging) => (merging.waits ||= typing));
  send("a", ["one"]);
  send("a", ["one", "two"], { meta: META });
  assert.deepEqual(shown(), ["a", "one"]);
  context.mock.timers.tick(1000);
  assert.deepEqual(shown(), ["a", "one"]);
  typing = false;
  context.mock.timers.tick(1000);
  assert.deepEqual(shown(), ["a", "one", "two"]);
  assert.equal(heard.at(-1), "finished");
});

test("what waits for a transcript that is left is taken into it", () => {
  let typing = true;
  store.events.on("merging", (merging) => (merging.waits ||= typing));
  store.events.on("closing", () => (typing = false));
  send("a", ["one"]);
  send("a", ["one", "two"], { meta: META });
  send("b", ["three"], { asked: true });
  assert.deepEqual(shown(), ["b", "three"]);
  assert.ok(heard.includes("finished"));
});
