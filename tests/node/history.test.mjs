// Undo and redo, also of edits of segments that were followed by others.
import assert from "node:assert/strict";
import { test } from "node:test";

import { applyEdit, redoEdit, undoEdit } from "../../assets/shared/history.js";
import { documentOf, segment, texts, word } from "./support.mjs";

const lines = (...found) => documentOf(...found.map((text, at) => segment([word(text, at, at + 1)])));
const replaced = (text, at, focus = at) => ({ at, count: 1, inserted: [segment([word(text, at, at + 1)])], focus });

test("undo takes edits back one by one, redo makes them again", () => {
  const document = lines("a", "b");
  applyEdit(document, replaced("A", 0));
  applyEdit(document, { at: 1, count: 1, inserted: [], focus: 0 });
  assert.deepEqual(texts(document), ["A"]);
  assert.equal(undoEdit(document), 0);
  assert.deepEqual(texts(document), ["A", "b"]);
  undoEdit(document);
  assert.deepEqual(texts(document), ["a", "b"]);
  assert.equal(undoEdit(document), null);
  redoEdit(document);
  redoEdit(document);
  assert.deepEqual(texts(document), ["A"]);
  assert.equal(redoEdit(document), null);
});

test("a new edit ends what could be redone", () => {
  const document = lines("a");
  applyEdit(document, replaced("A", 0));
  undoEdit(document);
  applyEdit(document, replaced("B", 0));
  assert.equal(redoEdit(document), null);
  assert.deepEqual(texts(document), ["B"]);
});

test("what was appended since stays when an edit is undone", () => {
  const document = lines("a");
  applyEdit(document, replaced("A", 0));
  document.segments.push(segment([word("later", 9, 10)]));
  undoEdit(document);
  assert.deepEqual(texts(document), ["a", "later"]);
});

test("each step counts as an edit, and words know their places", () => {
  const document = lines("a", "b", "c");
  applyEdit(document, { at: 0, count: 2, inserted: [], focus: 0 });
  undoEdit(document);
  assert.equal(document.edits, 2);
  assert.equal(document.unsaved, true);
  assert.deepEqual(document.words.map(({ index }) => index), [0, 1, 2]);
});
