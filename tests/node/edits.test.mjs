// Corrections: times that words share, words that are joined, paragraphs.
import assert from "node:assert/strict";
import { test } from "node:test";

import { exportDocument } from "../../assets/shared/document.js";
import { applyEdit, undoEdit } from "../../assets/shared/history.js";
import { Edits, placeOf, shareTime } from "../../assets/transcript/edits.js";
import { documentOf, segment, texts, word } from "./support.mjs";

const edited = (document, make) => {
  const edit = make(new Edits(document, { sure: "sure" }));
  if (edit) applyEdit(document, edit);
  return edit;
};
const times = ({ words }) => words.map(({ start, end }) => [start, end]);

const fox = () =>
  documentOf(
    segment([word("The", 0, 0.2), word("quick", 0.2, 0.6), word("fox", 1, 1.4)], { paragraph: true }),
    segment([word("jumps", 1.4, 2)]),
    segment([word("Amen.", 3, 3.5)], { paragraph: true }),
  );

test("texts share a span by their letters, without a gap and to its very end", () => {
  assert.deepEqual(shareTime(["a", "bcd"], { start: 1, end: 2 }), [
    { text: "a", start: 1, end: 1.25 },
    { text: "bcd", start: 1.25, end: 2 },
  ]);
  const shared = shareTime(["one", "two", "three"], { start: 0.1, end: 0.77 });
  assert.equal(shared[0].end, shared[1].start);
  assert.equal(shared[2].end, 0.77);
  assert.deepEqual(shareTime(["𝄞", "a"], { start: 0, end: 1 })[0].end, 0.5, "a letter outside of the BMP is one");
});

test("a word is found in its segment", () => {
  const { at, inside, segment: found } = placeOf(fox(), 3);
  assert.deepEqual([at, inside, found.words[0].text], [1, 0, "jumps"]);
});

test("a word that is retyped keeps its time and is sure; several words share it", () => {
  const document = fox();
  edited(document, (edits) => edits.retype(1, "  slow "));
  assert.deepEqual(
    { ...document.words[1] },
    {
      text: "slow", start: 0.2, end: 0.6, probability: 1, band: "sure", edited: true, checked: true,
      timing: "interpolated", index: 1, bandBefore: "doubtful",
    },
  );
  edited(document, (edits) => edits.retype(1, "very slow"));
  assert.deepEqual(times(document).slice(1, 3), [[0.2, 0.4], [0.4, 0.6]]);
  assert.equal(document.words[2].timing, "interpolated");
});

test("the aligner's score goes with the text that it was for, the speaker stays", () => {
  const document = documentOf(segment([word("a", 0, 1, { score: 0.9, speaker: "Ann" })]));
  edited(document, (edits) => edits.retype(0, "b"));
  assert.equal("score" in document.words[0], false);
  assert.equal(document.words[0].speaker, "Ann");
});

test("the same text again is no edit, and nothing at all removes the word", () => {
  const document = fox();
  assert.equal(edited(document, (edits) => edits.retype(1, " quick ")), null);
  edited(document, (edits) => edits.retype(1, " "));
  assert.deepEqual(texts(document), ["The fox", "jumps", "Amen."]);
});

test("words that are accepted keep their probability and are checked; undo takes that back", () => {
  const document = fox();
  edited(document, (edits) => edits.accept({ first: 1, last: 2 }));
  assert.deepEqual(document.words.map(({ checked = false }) => checked), [false, true, true, false, false]);
  assert.deepEqual([document.words[1].probability, document.words[1].band], [0.5, "doubtful"]);
  assert.deepEqual(exportDocument(document).segments[0].words[1].checked, true);
  undoEdit(document);
  assert.ok(document.words.every((each) => !("checked" in each)));
});

test("who accepts a voice in doubt says that it is a person", () => {
  const document = fox();
  const edit = new Edits(document, { sure: "sure" }).accept({ first: 3, last: 3 }, "SPEAKER_01");
  assert.deepEqual([edit.at, edit.names], [1, { SPEAKER_01: "" }]);
});

test("inserted words take the pause, and time of their neighbour only if there is no pause", () => {
  const document = fox();
  edited(document, (edits) => edits.insertAfter(1, "brown"));
  assert.deepEqual(times(document)[2], [0.6, 1]);
  assert.deepEqual(texts(document)[0], "The quick brown fox");
  edited(document, (edits) => edits.insertAfter(3, "ran"));
  assert.deepEqual(texts(document)[0], "The quick brown fox ran");
  assert.deepEqual(times(document).slice(3, 5), [[1, 1.2], [1.2, 1.4]]);
  assert.ok(!document.words[3].edited, "what was there keeps its confidence");
});

test("after the last word, inserted ones end with the recording", () => {
  const document = fox();
  document.meta = { transcript: { duration: 3.7 } };
  edited(document, (edits) => edits.insertAfter(4, "Really"));
  assert.deepEqual(times(document).at(-1), [3.5, 3.7]);
});

test("words join within a segment and over its border", () => {
  const document = fox();
  edited(document, (edits) => edits.join(0));
  assert.deepEqual(texts(document), ["Thequick fox", "jumps", "Amen."]);
  assert.deepEqual(times(document)[0], [0, 0.6]);
  edited(document, (edits) => edits.join(1));
  assert.deepEqual(texts(document), ["Thequick foxjumps", "Amen."]);
  assert.deepEqual(times(document)[1], [1, 2]);
  assert.equal(edited(document, (edits) => edits.join(2)), null, "there is no next word");
});

test("a paragraph begins at a word and is united with the one before", () => {
  const document = fox();
  edited(document, (edits) => edits.beginParagraph(2));
  assert.deepEqual(texts(document), ["The quick", "fox", "jumps", "Amen."]);
  assert.deepEqual(document.segments.map(({ paragraph }) => paragraph), [true, true, false, true]);
  assert.equal(edited(document, (edits) => edits.beginParagraph(2)), null, "one begins there");
  edited(document, (edits) => edits.uniteParagraph(3));
  assert.deepEqual(document.segments.map(({ paragraph }) => paragraph), [true, false, false, true]);
  assert.equal(edited(document, (edits) => edits.uniteParagraph(0)), null, "it is the first");
});

test("a paragraph outlives its first segment", () => {
  const document = documentOf(segment([word("a", 0, 1)], { paragraph: true }), segment([word("b", 1, 2)]));
  edited(document, (edits) => edits.remove(0));
  assert.deepEqual(document.segments.map(({ paragraph, chosen }) => [paragraph, chosen]), [[true, true]]);
});

test("what was chosen for a subtitle stays at the first of the words that take a word's place", () => {
  const words = [word("ab", 0, 1, { cue: true, cue_start: 0.2 }), word("c", 1, 2, { cue_end: 3 })];
  const document = documentOf(segment(words));
  edited(document, (edits) => edits.retype(0, "a b"));
  assert.deepEqual(document.words.map(({ cue }) => cue), [true, undefined, undefined]);
  edited(document, (edits) => edits.join(1));
  assert.equal(document.words[1].cue_end, 3);
});
