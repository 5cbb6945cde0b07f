// The marks of the play bar's slider: where there is something to check, and where nobody speaks.
import assert from "node:assert/strict";
import { test } from "node:test";

import { bookmarkPath, checkPath, COLUMNS, silencePath } from "../../assets/dock/mark_paths.js";

const strokes = (path) =>
  [...path.matchAll(/M(\d+) \d+v\d+H(\d+)/g)].map(([, first, last]) => [Number(first), Number(last)]);
const columns = (path) =>
  [...path.matchAll(/M(\d+) \d+v-(\d+)h1/g)].map(([, column, height]) => [Number(column), Number(height)]);

test("a word to check has a column at its time, a higher one if there are more", () => {
  const at = (...times) => times.map((start) => ({ start }));
  assert.deepEqual(columns(checkPath(at(0, 50, 99.9, 100), 100)), [[0, 6], [200, 6], [399, 8]]);
  assert.deepEqual(columns(checkPath(at(50), 100)), [[200, 8]]);
  assert.equal(checkPath([], 100), "");
});

test("silence is between, before and after speech, but no short pause is", () => {
  const speech = [[10, 20], [20.5, 30], [35, 90]];
  assert.deepEqual(strokes(silencePath(speech, { duration: 100, until: 100 })), [[0, 40], [120, 140], [360, 400]]);
});

test("a bookmark has a triangle within the drawing, and two at one place have one", () => {
  const triangles = (path) => [...path.matchAll(/M(\d+) (\d+)h6l-3 -5z/g)].map(([, from, foot]) => [+from, +foot]);
  assert.deepEqual(triangles(bookmarkPath([0, 50, 50.1, 100], 100)), [[0, 24], [197, 24], [394, 24]]);
  assert.equal(bookmarkPath([], 100), "");
});

test("nothing is said of what has not been listened to", () => {
  assert.deepEqual(strokes(silencePath([[0, 20], [60, 70]], { duration: 100, until: 50 })), [[80, 200]]);
  assert.deepEqual(strokes(silencePath([], { duration: 0, until: 0 })), []);
});

test("ten thousand words make no larger a drawing than the width can show", () => {
  const words = Array.from({ length: 10_000 }, (_, n) => ({ start: 0.36 * n }));
  const speech = words.map(({ start }, n) => [start + (n % 2), start + 0.3]);
  const paths = [checkPath(words, 3600), silencePath(speech, { duration: 3600, until: 3600 })];
  paths.push(bookmarkPath(words.map(({ start }) => start), 3600));
  assert.equal(columns(paths[0]).length, COLUMNS);
  assert.ok(paths.every((path) => path.length < 24 * COLUMNS), paths.map(({ length }) => length).join());
});
