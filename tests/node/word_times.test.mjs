// Times of words that a reader sets: borders, limits, and where they come from.
import assert from "node:assert/strict";
import { test } from "node:test";

import { exportDocument } from "../../assets/shared/document.js";
import { applyEdit, undoEdit } from "../../assets/shared/history.js";
import { edgeRange, moveEdge } from "../../assets/transcript/word_times.js";
import { documentOf, segment, word } from "./support.mjs";

const fox = () => {
  const document = documentOf(
    segment([word("The", 0, 0.2), word("quick", 0.2, 0.6), word("fox", 1, 1.4)]),
    segment([word("jumps", 1.4, 2)]),
  );
  document.meta = { transcript: { duration: 2.5 } };
  return document;
};
const times = ({ words }) => words.map(({ start, end }) => [start, end]);

test("an edge moves into a pause, is of the hand, and comes back by one undo", () => {
  const document = fox();
  document.words[2].score = 0.9;
  applyEdit(document, moveEdge(document, 2, { edge: "start", time: 0.8 }));
  assert.deepEqual(times(document), [[0, 0.2], [0.2, 0.6], [0.8, 1.4], [1.4, 2]]);
  const { words } = exportDocument(document).segments[0];
  assert.equal(words[2].timing, "by_hand");
  assert.ok(!("score" in words[2]), "the score was of the old times");
  assert.notEqual(words[1].timing, "by_hand");
  assert.equal(undoEdit(document), 2);
  assert.deepEqual(times(document), times(fox()));
});

test("a border that two words share goes along, over segments too", () => {
  const document = fox();
  applyEdit(document, moveEdge(document, 2, { edge: "end", time: 1.6 }));
  assert.deepEqual(times(document).slice(2), [[1, 1.6], [1.6, 2]]);
  assert.equal(document.words[3].timing, "by_hand");
  applyEdit(document, moveEdge(document, 1, { edge: "start", time: 0.1 }));
  assert.deepEqual(times(document).slice(0, 2), [[0, 0.1], [0.1, 0.6]]);
  assert.equal(document.segments.length, 2);
});

test("starts never go back, no word is lost, and nothing lies outside of the recording", () => {
  const far = [-10, 10];
  for (const index of [0, 1, 2, 3])
    for (const edge of ["start", "end"])
      for (const time of far) {
        const document = fox();
        const edit = moveEdge(document, index, { edge, time });
        if (edit) applyEdit(document, edit);
        const starts = document.words.map(({ start }) => start);
        assert.deepEqual(starts, starts.toSorted((a, b) => a - b));
        assert.ok(document.words.every(({ start, end }) => end - start > 0.0199 && start >= 0 && end <= 2.5));
        const { min, max } = edgeRange(fox(), index, edge);
        assert.ok(min <= document.words[index][edge] && document.words[index][edge] <= max);
      }
});

test("an edge that stays is no edit, and words that overlap are left alone", () => {
  assert.equal(moveEdge(fox(), 0, { edge: "start", time: -1 }), null);
  const talk = documentOf(segment([word("one", 0, 1), word("two", 0.5, 1.5)]));
  applyEdit(talk, moveEdge(talk, 1, { edge: "start", time: 0.3 }));
  assert.deepEqual(times(talk), [[0, 1], [0.3, 1.5]]);
});
