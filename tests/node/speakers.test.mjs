// Speakers of a document: their numbers and letters, corrections, and labels that come while it runs.
import assert from "node:assert/strict";
import { test } from "node:test";

import { exportDocument } from "../../assets/shared/document.js";
import { applyEdit, undoEdit } from "../../assets/shared/history.js";
import { takeMessage } from "../../assets/shared/messages.js";
import { cutBySpeaker, inParagraphs } from "../../assets/speakers/relabel.js";
import { assign, merge, rename, splitFrom, takeSpeakers } from "../../assets/speakers/speaker_edits.js";
import {
  doubtfulTurns, exportSpeakers, freeLabel, sampleOf, speakersOf, turnAt, turnStarts,
} from "../../assets/speakers/speakers.js";
import { replaceSpan } from "../../assets/timeline/replace_span.js";
import { documentOf, segment, texts, word } from "./support.mjs";

const RULES = { pause: 2, long: 120 };
const [A, B, C] = ["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"];

// Returns a segment with a word a letter and second, from a time on.
const said = (letters, start, speaker, more = {}) =>
  segment([...letters].map((text, at) => word(text, start + at, start + at + 0.9, { speaker })), { speaker, ...more });
const talk = () => documentOf(said("abc", 0, A, { paragraph: true }), said("de", 3, B), said("f", 5, A));
const labels = ({ words }) => words.map(({ text, speaker }) => text + (speaker ?? "?").at(-1)).join(" ");

test("speakers have numbers by their labels, and letters of their own", () => {
  const document = documentOf(said("a", 0, C), said("b", 1, A), said("c", 2, "Ann"));
  const found = speakersOf(document).map(({ number, name, initials, colour }) => [number, name, initials, colour]);
  assert.deepEqual(found, [[1, "", "1", 1], [2, "Ann", "A", 2], [3, "", "3", 3]]);
  document.names = { [A]: "Alan", [C]: "Anna Bell" };
  assert.deepEqual(speakersOf(document).map(({ initials }) => initials), ["A", "An", "AB"]);
});

test("words are given to another speaker, segments are cut, and undo puts all back", () => {
  const document = talk();
  applyEdit(document, assign(document, { first: 1, last: 1, speaker: B }, RULES));
  assert.equal(labels(document), "a0 b1 c0 d1 e1 f0");
  assert.deepEqual(texts(document), ["a", "b", "c", "de".split("").join(" "), "f"]);
  assert.deepEqual(document.segments.map(({ speaker }) => speaker), [A, B, A, B, A]);
  assert.deepEqual(document.segments.map(({ paragraph }) => paragraph), [true, true, true, true, true]);
  assert.equal(assign(document, { first: 1, last: 1, speaker: B }, RULES), null);
  undoEdit(document);
  assert.equal(labels(document), "a0 b0 c0 d1 e1 f0");
});

test("the rest of a turn goes to a new speaker", () => {
  const document = talk();
  applyEdit(document, splitFrom(document, 1, RULES));
  assert.equal(labels(document), "a0 b2 c2 d1 e1 f0");
  assert.deepEqual({ ...turnAt(document, 2), speaker: null }, { first: 1, last: 2, speaker: null });
});

test("merging two joins their turns into a paragraph", () => {
  const document = talk();
  applyEdit(document, merge(document, { from: B, into: A, focus: 0 }, RULES));
  assert.equal(labels(document), "a0 b0 c0 d0 e0 f0");
  assert.deepEqual(document.segments.map(({ paragraph }) => paragraph), [true, false, false]);
});

test("a name outlives the merging of two if only one has a name", () => {
  const nameAfter = (names) => {
    const document = { ...talk(), names };
    applyEdit(document, merge(document, { from: B, into: A, focus: 0 }, RULES));
    const [{ name }] = speakersOf(document);
    undoEdit(document);
    assert.equal(document.names, names);
    return name;
  };
  assert.deepEqual([{ [B]: "Bea" }, { [A]: "Ann", [B]: "Bea" }, {}].map(nameAfter), ["Bea", "Ann", ""]);
});

test("a speaker begins at turns and at single words in turns of others", () => {
  const mixed = segment([A, B, A].map((speaker, at) => word("x", 6 + at, 7 + at, { speaker })), { speaker: A });
  const document = documentOf(said("ab", 0, A), said("c", 2, A), said("de", 3, B), mixed, said("f", 9, A));
  assert.deepEqual(turnStarts(document, A), [0, 5]);
  assert.deepEqual(turnStarts(document, B), [3, 6]);
  assert.deepEqual(turnStarts(document, C), []);
});

test("names are part of the history, and of what is exported", () => {
  const document = { ...talk(), meta: { transcript: { duration: 9 } } };
  document.speakers = [{ id: A, name: A, certain: 0.5, doubtful_speaker: true, near: B }, { id: B, name: "Bea" }];
  applyEdit(document, rename(document, { id: A, name: " Ann ", focus: 0 }));
  assert.deepEqual(exportSpeakers(document), [{ id: A, name: "Ann", certain: 0.5 }, { id: B, name: "Bea" }]);
  assert.deepEqual(exportDocument(document).transcript.speakers.length, 2);
  undoEdit(document);
  assert.equal(exportSpeakers(document)[0].doubtful_speaker, true);
  assert.deepEqual(speakersOf(document).map(({ name }) => name), ["", "Bea"]);
});

test("a sentence is cut where another says more than a word", () => {
  const of = (speakers) => segment([...speakers].map((speaker, at) => word(speaker, at, at + 1, { speaker })));
  const cut = (speakers) => cutBySpeaker(of(speakers)).map(({ words }) => words.map(({ text }) => text).join(""));
  assert.deepEqual(cut("aabbaa"), ["aa", "bb", "aa"]);
  assert.deepEqual(cut("aabaa"), ["aabaa"]);
  assert.deepEqual(cut("baacc"), ["baa", "cc"]);
});

test("paragraphs begin at pauses, other speakers and where a person says so", () => {
  const all = [said("a", 0, A), said("b", 1, A), said("c", 9, A), said("d", 10, B), said("e", 11, B, { chosen: true })];
  assert.deepEqual(inParagraphs(all, RULES).map(({ paragraph }) => paragraph), [true, false, true, true, false]);
});

test("what is transcribed again is said by those who spoke there", () => {
  const fresh = [segment([word("x", 1, 1.5), word("y", 1.6, 2.5), word("z", 3, 3.9), word("w", 4, 4.9)])];
  assert.deepEqual(texts({ segments: takeSpeakers(fresh, talk().words) }), ["x y", "z w"]);
  const document = talk();
  applyEdit(document, replaceSpan(document, fresh, { start: 1, end: 5 }));
  assert.equal(labels(document), "a0 x0 y0 z1 w1 f0");
  const heard = [segment([word("x", 1, 1.5, { speaker: B }), word("y", 1.6, 2, { speaker: "SPEAKER_07" })])];
  const [found] = takeSpeakers(heard, talk().words);
  assert.deepEqual(found.words.map(({ speaker }) => speaker), [B, A], "by its voice, else by its neighbours");
});

test("the sample is the longest stretch in which no one else speaks", () => {
  const document = documentOf(said("ab", 0, A), said("c", 2, B), said("defg", 3, A), said("h", 7, B));
  assert.deepEqual(sampleOf(document, A), { start: 3, end: 6.9 });
  document.meta = { transcript: { overlaps: [{ start: 4.5, end: 5.5 }] } };
  assert.deepEqual(sampleOf(document, A), { start: 0, end: 1.9 });
  assert.equal(sampleOf(document, C), null);
});

test("turns of a voice in doubt are to be checked", () => {
  const document = talk();
  document.speakers = [{ id: B, doubtful_speaker: true }];
  assert.deepEqual([...doubtfulTurns(document, speakersOf(document))], [3]);
  document.names = { [B]: "Bea" };
  assert.deepEqual([...doubtfulTurns(document, speakersOf(document))], []);
  document.names = { [B]: "" }; // a person of its own, of whom no name is known
  assert.deepEqual([...doubtfulTurns(document, speakersOf(document))], []);
  assert.deepEqual(exportSpeakers(document)[1], { id: B, name: B });
});

const sentWord = ({ text, index: _, ...fields }) => ({ word: text, ...fields });
const sent = (...segments) => segments.map((one) => ({ ...one, words: one.words.map(sentWord) }));

test("labels that come later cut segments, and edits outlive them", () => {
  const [document, edited] = [documentOf(), documentOf()];
  const first = { run: "run", from: 0, segments: sent(said("abcd", 0, undefined)), speakers: [], provisional: true };
  const turns = { ...first, segments: [], speakers: [{ id: A }], turns: [[0, A], [2, B]] };
  takeMessage(document, first, RULES);
  assert.deepEqual(takeMessage(document, turns, RULES), { first: 2, relabelled: true });
  assert.deepEqual([texts(document), labels(document)], [["a b", "c d"], "a0 b0 c1 d1"]);
  takeMessage(edited, first, RULES);
  applyEdit(edited, { at: 0, count: 1, inserted: [{ ...edited.segments[0], words: edited.words.slice(1) }], focus: 0 });
  takeMessage(edited, turns, RULES);
  assert.equal(labels(edited), "b0 c1 d1");
  undoEdit(edited);
  assert.equal(labels(edited), "a0 b0 c1 d1");
});

test("the last message is taken whole, and names follow labels that are renumbered", () => {
  const document = documentOf();
  takeMessage(document, { from: 0, segments: sent(said("abcd", 0, A), said("e", 4, A)), speakers: [{ id: A }] }, RULES);
  const kept = document.segments[1];
  applyEdit(document, rename(document, { id: A, name: "Ann", focus: 0 }));
  const meta = { transcript: { speakers: [{ id: A }, { id: B }] } };
  const last = [said("ab", 0, B), said("cd", 2, A), said("e", 4, A)];
  const found = takeMessage(document, { from: 0, segments: sent(...last), renumbered: { [A]: B }, meta }, RULES);
  assert.equal(found.relabelled, true);
  assert.equal(labels(document), "a1 b1 c0 d0 e0");
  assert.equal(document.segments[2], kept);
  assert.deepEqual(document.names, { [B]: "Ann" });
});

test("a name goes to no other voice if its own has no label at the end", () => {
  const document = documentOf();
  const first = [said("ab", 0, A), said("cd", 2, B), said("ef", 4, C)];
  takeMessage(document, { from: 0, segments: sent(...first), speakers: [{ id: A }, { id: B }, { id: C }] }, RULES);
  applyEdit(document, rename(document, { id: B, name: "Bea", focus: 0 }));
  const meta = { transcript: { speakers: [{ id: A }, { id: B }] } };
  const last = [said("abcd", 0, A), said("ef", 4, B)]; // the voice of C is now called B
  takeMessage(document, { from: 0, segments: sent(...last), renumbered: { [C]: B }, meta }, RULES);
  assert.deepEqual(speakersOf(document).map(({ id, name }) => [id, name]), [[A, ""], [B, ""]]);
});

test("a new speaker gets no name that was given to a voice before", () => {
  const document = { ...talk(), names: { [C]: "Carl" } };
  assert.equal(freeLabel(document), "SPEAKER_03");
});

test("a kept transcript has the labels of its words, whatever its run said of them", () => {
  const document = documentOf();
  const meta = { transcript: { speakers: [{ id: A }, { id: C }] } };
  const kept = [said("ab", 0, A), said("c", 2, C)]; // the reader has given the last word to another
  takeMessage(document, { from: 0, segments: sent(...kept), turns: [[0, A]], renumbered: { [B]: A }, meta }, RULES);
  assert.equal(labels(document), "a0 b0 c2");
});
