// A second try in the place of a span, and what the chart draws.
import assert from "node:assert/strict";
import { test } from "node:test";

import { applyEdit, undoEdit } from "../../assets/shared/history.js";
import { replaceSpan } from "../../assets/timeline/replace_span.js";
import { bars, confidence, lanesOf, reachOf, ticksOf, traces } from "../../assets/timeline/traces.js";
import { viewBetween } from "../../assets/timeline/zoom.js";
import { documentOf, segment, texts, word } from "./support.mjs";

const counting = () =>
  documentOf(
    segment([word("one", 0, 1), word("two", 1, 2)], { paragraph: true }),
    segment([word("three", 4, 5), word("four", 5, 6)], { paragraph: true }),
    segment([word("five", 8, 9)]),
  );
const tried = (...found) => [segment(found, { paragraph: true })];

test("words of a second try go into a pause", () => {
  const document = counting();
  applyEdit(document, replaceSpan(document, tried(word("x", 6.5, 7)), { start: 6, end: 8 }));
  assert.deepEqual(texts(document), ["one two", "three four", "x", "five"]);
  undoEdit(document);
  assert.deepEqual(texts(document), ["one two", "three four", "five"]);
});

test("words in the span are replaced, those beside it stay, and no paragraph comes between", () => {
  const document = counting();
  applyEdit(document, replaceSpan(document, tried(word("x", 1, 4.9)), { start: 1, end: 5 }));
  assert.deepEqual(texts(document), ["one", "x", "four", "five"]);
  assert.deepEqual(document.segments.map(({ paragraph }) => paragraph), [true, false, true, false]);
});

test("a paragraph that is replaced from its start begins with the second try", () => {
  const document = counting();
  applyEdit(document, replaceSpan(document, tried(word("x", 4, 5)), { start: 3.9, end: 5 }));
  assert.deepEqual(texts(document), ["one two", "x", "four", "five"]);
  assert.deepEqual(document.segments.map(({ paragraph }) => paragraph), [true, true, false, false]);
});

test("words after all others are appended, and the first of them gets the focus", () => {
  const document = counting();
  const edit = replaceSpan(document, tried(word("x", 10, 11)), { start: 9.5, end: 12 });
  assert.equal(edit.focus, 5);
  applyEdit(document, edit);
  assert.deepEqual(texts(document).at(-1), "x");
});

test("confidence has a level for each word and no line in a pause", () => {
  const { words } = counting();
  const { x, y } = confidence(words, [0, 10], "red");
  assert.deepEqual(x, [0, 1, 1, 2, null, 4, 5, 5, 6, null, 8, 9]);
  assert.equal(y[4], null);
});

test("bars that the eye cannot tell apart become one", () => {
  const parts = [{ start: 0, end: 1 }, { start: 1.001, end: 2 }, { start: 3, end: 3 }];
  assert.deepEqual(bars(parts, 5, [0, 8], "red").x, [0, 2, null, 3, 3.01, null]);
  assert.deepEqual(bars(parts, 5, [2.5, 2.9], "red").x, [], "nothing outside of the view");
});

test("ticks are round times, and not too many", () => {
  assert.deepEqual(ticksOf([0, 10], 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticksOf([61, 170], 5), [90, 120, 150]);
  assert.ok(ticksOf([0, 100_000], 5).length < 30);
});

test("each speaker has a lane below the other rows, with bars where that person speaks", () => {
  const speakers = [{ id: "A", colour: 1 }, { id: "B", colour: 2 }];
  const words = [..."ABA"].map((speaker, at) => word("x", at, at + 1, { speaker }));
  const sound = { peaks: new Uint8Array(9), rate: 3, speech: [] };
  const drawn = traces({ words, coverage: [], sound, bands: ["doubtful"], speakers }, [0, 3], (name) => name);
  const [first, second] = lanesOf(speakers);
  const lanes = [first, second].map((height) => drawn.find(({ y }) => y[0] === height));
  assert.deepEqual(lanes.map(({ x }) => x), [[0, 1, null, 2, 3, null], [1, 2, null]]);
  assert.deepEqual(lanes.map(({ line }) => line.color), ["--wl-speaker-1", "--wl-speaker-2"]);
  const [low, high] = reachOf(speakers);
  assert.ok(low < second && second < first && first < reachOf([])[0] && high === reachOf([])[1]);
});

test("two fingers keep the times that they hold", () => {
  assert.deepEqual(viewBetween([10, 20], [100, 300], 1000), [5, 55]); // 20 pixels a second
  assert.deepEqual(viewBetween([10, 20], [100, 900], 1000).map((time) => time.toFixed(2)), ["8.75", "21.25"]);
});
