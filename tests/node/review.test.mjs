// The review: which words are stops, how many are left, and that it ends.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createBands } from "../../assets/shared/bands.js";
import { handwritten, markHandwritten } from "../../assets/shared/document.js";
import { applyEdit } from "../../assets/shared/history.js";
import { createReview } from "../../assets/shared/review.js";
import { Edits } from "../../assets/transcript/edits.js";
import { documentOf, segment, word } from "./support.mjs";

const bands = createBands({ bands: ["sure", "doubtful"], marked_bands: ["doubtful"] });
const bandOf = (letter) => (/[a-z]/.test(letter) ? "doubtful" : "sure");
const said = (letters, at = 0) =>
  segment([...letters].map((letter, n) => word(letter, at + n, at + n + 1, { band: bandOf(letter) })));
const reviewOf = (...doubtful) => createReview({ bands, speakers: { doubtful: new Set(doubtful) } });
const spans = (review, document) => review.stops(document).map(({ first, last }) => [first, last]);

test("neighbours of one segment are one stop, at most six words long", () => {
  const document = documentOf(said("AbcD"), said("ef", 4), said("ghijklmnO", 6));
  assert.deepEqual(spans(reviewOf(), document), [[1, 2], [4, 5], [6, 11], [12, 13]]);
  assert.deepEqual(reviewOf().stopAt(document, 2), { first: 1, last: 2 });
  assert.equal(reviewOf().stopAt(document, 3), null);
  assert.equal(reviewOf().stopAt(document, -1), null);
});

test("a turn of a voice in doubt begins a stop", () => {
  assert.deepEqual(spans(reviewOf(0, 2), documentOf(said("ABcd"))), [[0, 0], [2, 3]]);
  assert.deepEqual(spans(reviewOf(2), documentOf(said("abcd"))), [[0, 1], [2, 3]]);
});

test("what is accepted or typed is left out, and counts as checked", () => {
  const [document, review] = [documentOf(said("abCd")), reviewOf()];
  const edits = new Edits(document, { sure: "sure" });
  assert.deepEqual(review.progress(document.words), { left: 3, all: 3 });
  applyEdit(document, edits.accept({ first: 0, last: 1 }));
  assert.deepEqual(review.progress(document.words), { left: 1, all: 3 });
  applyEdit(document, edits.retype(2, "Sure"));
  assert.deepEqual(review.progress(document.words), { left: 1, all: 3 }, "nobody had to check that one");
  applyEdit(document, edits.retype(3, "right"));
  assert.deepEqual(review.progress(document.words), { left: 0, all: 3 });
  assert.deepEqual(review.stops(document), []);
});

test("words that were typed in the place of doubtful ones count as checked after they have been stored", () => {
  const [document, review] = [documentOf(said("abC")), reviewOf()];
  const edits = new Edits(document, { sure: "sure" });
  applyEdit(document, edits.retype(0, "in two"));
  applyEdit(document, edits.retype(2, "right"));
  applyEdit(document, edits.retype(3, "Sure"));
  assert.deepEqual(review.progress(document.words), { left: 0, all: 2 });
  const noted = handwritten(document.words);
  assert.deepEqual(noted, { by_hand: [0, 1, 2, 3], bands_before: { 0: "doubtful", 2: "doubtful" } });
  const stored = document.words.map(({ bandBefore, edited, ...rest }) => rest);
  markHandwritten(stored, JSON.parse(JSON.stringify(noted)));
  assert.deepEqual(review.progress(stored), { left: 0, all: 2 });
  assert.ok(stored.every(({ edited }) => edited));
});
