// Subtitles: split, joined, moved at their edges, and taken back.
import assert from "node:assert/strict";
import { test } from "node:test";

import { edgeRange, mergeCue, moveEdge, resetCue, splitCue } from "../../assets/cues/cue_edits.js";
import { applyEdit, undoEdit } from "../../assets/shared/history.js";
import { documentOf, segment, word } from "./support.mjs";

const CUES = [
  { start: 0, end: 1.9, first: 0, count: 3 },
  { start: 2, end: 3, first: 3, count: 1 },
  { start: 5, end: 6, first: 4, count: 2 },
];
const talk = (more = {}) =>
  documentOf(
    segment([word("The", 0, 0.5), word("quick", 0.5, 1), word("fox", 1, 1.9)]),
    segment([word("jumps.", 2, 2.8, more)]),
    segment([word("Good", 5, 5.4, more), word("night.", 5.4, 6, more)]),
  );
const chosen = ({ words }) =>
  words.map(({ cue, cue_start: from, cue_end: to }) => [cue, from, to].map((value) => value ?? null));

test("a split begins a subtitle at the word and keeps the borders around it", () => {
  const document = talk();
  applyEdit(document, splitCue(document, { cues: CUES, at: 0, index: 1 }));
  assert.deepEqual(chosen(document).map(([cue]) => cue), [true, true, null, true, null, null]);
  assert.equal(document.segments.length, 3);
  undoEdit(document);
  assert.deepEqual(chosen(document).flat().filter((value) => value !== null), []);
});

test("a subtitle is split within alone", () => {
  const document = talk();
  assert.equal(splitCue(document, { cues: CUES, at: 0, index: 0 }), null);
  assert.equal(splitCue(document, { cues: CUES, at: 0, index: 3 }), null);
});

test("two subtitles become one from the first word to the last, without times of the border", () => {
  const document = talk();
  document.words[2].cue_end = 1.5;
  document.words[3].cue_start = 2.2;
  applyEdit(document, mergeCue(document, { cues: CUES, at: 0 }));
  assert.deepEqual(chosen(document), [
    [true, null, null], [false, null, null], [false, null, null], [false, null, null], [true, null, null],
    [null, null, null],
  ]);
});

test("the last subtitle has no next one, and two people have no subtitle together", () => {
  assert.equal(mergeCue(talk(), { cues: CUES, at: 2 }), null);
  assert.equal(mergeCue(talk({ speaker: "B" }), { cues: CUES, at: 0 }), null);
});

test("an edge moves as far as the neighbours leave room", () => {
  const document = talk();
  applyEdit(document, moveEdge(document, { cues: CUES, at: 1, edge: "end", time: 4.25 }));
  assert.equal(document.words[3].cue_end, 4.25);
  applyEdit(document, moveEdge(document, { cues: CUES, at: 1, edge: "end", time: 9 }));
  assert.equal(document.words[3].cue_end, 5);
  applyEdit(document, moveEdge(document, { cues: CUES, at: 1, edge: "start", time: 0 }));
  assert.equal(document.words[3].cue_start, 1.9);
  assert.equal(moveEdge(document, { cues: CUES, at: 1, edge: "start", time: 2 }), null);
  assert.deepEqual(edgeRange(CUES, { at: 2, edge: "end", duration: 20 }), { min: 5.1, max: 20 });
});

test("what was chosen at a subtitle can be taken back, and there is nothing else to take back", () => {
  const document = talk();
  assert.equal(resetCue(document, { cues: CUES, at: 1 }), null);
  applyEdit(document, moveEdge(document, { cues: CUES, at: 1, edge: "end", time: 4 }));
  applyEdit(document, resetCue(document, { cues: CUES, at: 1 }));
  assert.deepEqual(chosen(document)[3], [null, null, null]);
});
