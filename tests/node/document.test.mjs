// Messages become a document, and a document becomes what the server reads.
import assert from "node:assert/strict";
import { test } from "node:test";

import { appendMessage, blankDocument, exportDocument, parseSegment, wordAt } from "../../assets/shared/document.js";
import { documentOf, segment, word } from "./support.mjs";

const sent = (text, at, more = {}) => ({
  language: "en", avg_logprob: -0.2, no_speech_prob: 0.01, lang: "en", spaced: true, paragraph: false, chosen: false,
  words: text ? [{ word: text, start: at, end: at + 1, probability: 0.9, timing: "attention", band: "sure" }] : [],
  ...more,
});

test("messages that overlap append each segment once, and segments without words not at all", () => {
  const document = blankDocument("run", null);
  const all = ["a", "", "b", "c"].map((text, at) => sent(text, at));
  assert.equal(appendMessage(document, { from: 0, segments: all.slice(0, 2) }), 0);
  assert.equal(appendMessage(document, { from: 0, segments: all.slice(0, 3) }), 1);
  assert.equal(appendMessage(document, { from: 1, segments: all.slice(2) }), 2);
  assert.deepEqual(document.words.map(({ text, index }) => [text, index]), [["a", 0], ["b", 1], ["c", 2]]);
  assert.equal(document.received, 3);
  // A message that begins later than what has arrived cannot be appended: a gap would be lost.
  assert.equal(appendMessage(document, { from: 9, segments: [sent("z", 9)] }), 3);
  assert.equal(document.words.length, 3);
});

test("words that were typed are marked", () => {
  const document = blankDocument("run", null);
  appendMessage(document, { from: 0, segments: [sent("a", 0), sent("b", 1)], meta: { by_hand: [1] } });
  assert.deepEqual(document.words.map(({ edited }) => Boolean(edited)), [false, true]);
});

test("what is exported is the contract, with every field that came and none of the page's", () => {
  const came = sent("a", 0, { speaker: "Ann", future_field: 7 });
  came.words[0].score = 0.5;
  came.words[0].other = "kept";
  const { segments } = exportDocument(documentOf(parseSegment(came)));
  assert.deepEqual(segments, [
    {
      language: "en", avg_logprob: -0.2, no_speech_prob: 0.01, speaker: "Ann", future_field: 7,
      words: [{ word: "a", start: 0, end: 1, probability: 0.9, timing: "attention", score: 0.5, other: "kept" }],
    },
  ]);
});

test("a paragraph is exported if the reader has chosen it", () => {
  const chosen = segment([word("a", 0, 1)], { paragraph: true, chosen: true });
  const found = segment([word("b", 1, 2)], { paragraph: true });
  const { segments } = exportDocument(documentOf(chosen, found));
  assert.deepEqual(segments.map(({ paragraph }) => paragraph), [true, undefined]);
});

test("the word at a time is the last that has begun, unless it has ended", () => {
  const { words } = documentOf(segment([word("a", 0, 1), word("b", 1, 1.5), word("c", 3, 4)]));
  const at = [-1, 0, 0.999, 1, 1.49, 1.5, 2.9, 2.996, 3.5, 4].map((time) => wordAt(words, time));
  assert.deepEqual(at, [-1, 0, 1, 1, 1, -1, -1, 2, 2, -1]);
  assert.equal(wordAt([], 1), -1);
});
