// What is repeated: the word or the selection, then the sentences around it, then nothing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Looper } from "../../assets/transcript/looper.js";
import { reindex } from "../../assets/shared/document.js";
import { documentOf, segment, word } from "./support.mjs";

function looperAt(first, last = first) {
  const sentence = (texts, at) => segment([...texts].map((text, n) => word(text, at + n, at + n + 0.5)));
  const doc = documentOf(sentence("abc", 10), sentence("de", 20), sentence("f", 30));
  const spans = [];
  const player = {
    isReady: () => true,
    isLooping: () => Boolean(spans.at(-1)),
    loopSpan: ({ start, end }) => spans.push([start, end]),
    pause: () => spans.push(null),
  };
  const words = { rangeAt: () => ({ first, last }) };
  const looper = new Looper({ store: { doc }, player, selection: { active: first } }, { words });
  return { looper, spans, doc };
}

test("a word with a little around it, then its sentence, then it ends and begins again", () => {
  const { looper, spans } = looperAt(1);
  for (let press = 0; press < 4; press += 1) looper.turn();
  assert.deepEqual(spans, [[10.8, 11.7], [9.8, 12.7], null, [10.8, 11.7]]);
});

test("a selection over two sentences widens to both", () => {
  const { looper, spans } = looperAt(2, 3);
  looper.turn();
  looper.turn();
  assert.deepEqual(spans, [[11.8, 20.7], [9.8, 21.7]]);
});

test("what is a whole sentence already ends with the second press, and without a word there is nothing", () => {
  const { looper, spans } = looperAt(5);
  looper.turn();
  looper.turn();
  assert.deepEqual(spans, [[29.8, 30.7], null]);
  const none = looperAt(-1);
  none.looper.turn();
  assert.deepEqual(none.spans, []);
});

test("edits do not change what is repeated", () => {
  const { looper, spans, doc } = looperAt(3, 4);
  looper.turn();
  doc.segments[0].words.splice(0, 2); // the words have other indices now
  reindex(doc);
  looper.turn();
  assert.deepEqual(spans, [[19.8, 21.7], null]);
  looper.turn();
  doc.segments.splice(1, 1);
  reindex(doc);
  looper.turn();
  assert.equal(spans.at(-1), null, "nothing is left of it");
});
