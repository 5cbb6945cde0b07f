// Two readers correct one transcript: what does not touch is merged, what does is shown to choose from.
import assert from "node:assert/strict";
import { test } from "node:test";

import { applyEdit, applyRemote, redoEdit, undoEdit } from "../../assets/shared/history.js";
import { changesBetween, merge } from "../../assets/shared/merge.js";
import { baseOf, mergeStored } from "../../assets/shared/shared_edits.js";
import { asSent, documentOf, segment, texts, word } from "./support.mjs";

const line = (text, at) => segment([word(text, at, at + 1)]);
const lines = (...found) => found.map(line);
const BASE = lines("a", "b", "c", "d", "e");

// Returns the base with other texts at some places; null takes a segment out.
const version = (changes) =>
  BASE.flatMap((old, at) => {
    const text = changes[at];
    if (text === undefined) return [old];
    return text === null ? [] : text.split(" ").map((part, index) => line(part, at + index / 10));
  });

const applied = (segments, changes) => {
  const made = [...segments];
  for (const { at, count, inserted } of changes.toReversed()) made.splice(at, count, ...inserted);
  return texts({ segments: made });
};

test("changes make the one version of the other", () => {
  for (const changes of [{}, { 0: "A" }, { 4: null }, { 1: "B1 B2", 3: null }, { 0: null, 1: null, 4: "E F" }]) {
    const other = version(changes);
    assert.deepEqual(applied(BASE, changesBetween(BASE, other)), texts({ segments: other }));
  }
  assert.deepEqual(changesBetween(BASE, [...BASE]), []);
});

test("times that differ by less than the server writes are the same", () => {
  const moved = BASE.map(({ words: [only], ...rest }) => ({ ...rest, words: [{ ...only, start: only.start + 1e-9 }] }));
  assert.deepEqual(changesBetween(BASE, moved), []);
});

test("corrections of other segments are merged, wherever they are", () => {
  const cases = [
    [{ 0: "A" }, { 4: "E" }], [{ 0: "A1 A2 A3" }, { 1: "B" }], [{ 1: null }, { 2: "C1 C2" }], [{ 4: "E" }, { 3: null }],
  ];
  for (const [ours, others] of cases) {
    const mine = version(ours);
    const { changes, conflicts } = merge(BASE, mine, version(others));
    assert.deepEqual(conflicts, []);
    assert.deepEqual(applied(mine, changes), texts({ segments: version({ ...ours, ...others }) }));
  }
});

test("what both have changed alike is no conflict and stays once", () => {
  const { changes, conflicts } = merge(BASE, version({ 1: "B", 3: "D" }), version({ 1: "B" }));
  assert.deepEqual([changes, conflicts], [[], []]);
});

test("of a place that both have changed, both versions are shown", () => {
  const mine = version({ 0: "A1 A2", 2: "mine" });
  const { changes, conflicts } = merge(BASE, mine, version({ 2: "theirs also", 4: "E" }));
  assert.deepEqual(applied(mine, changes), ["A1", "A2", "b", "mine", "d", "E"]);
  assert.equal(conflicts.length, 1);
  const [{ at, count, mine: own, theirs }] = conflicts;
  assert.deepEqual([at, count], [3, 1]);
  assert.deepEqual([texts({ segments: own }), texts({ segments: theirs })], [["mine"], ["theirs", "also"]]);
});

test("changes that reach into each other are one place", () => {
  const { changes, conflicts } = merge(BASE, version({ 1: null, 2: "C" }), version({ 2: "X", 3: null }));
  assert.deepEqual(changes, []);
  assert.equal(conflicts.length, 1);
  assert.deepEqual(texts({ segments: conflicts[0].theirs }), ["b", "X"]);
});

function edited(...changes) {
  const document = documentOf(...BASE);
  document.base = baseOf(BASE, {}, 0);
  for (const [at, text] of changes) applyEdit(document, { at, count: 1, inserted: [line(text, at)], focus: at });
  return document;
}

test("another reader's change leaves what can be undone in its place", () => {
  const document = edited([3, "D"], [1, "B"]);
  applyRemote(document, { at: 0, count: 1, inserted: lines("x", "y", "z") });
  assert.deepEqual(texts(document), ["x", "y", "z", "B", "c", "D", "e"]);
  undoEdit(document);
  undoEdit(document);
  assert.deepEqual(texts(document), ["x", "y", "z", "b", "c", "d", "e"]);
  redoEdit(document);
  assert.deepEqual(texts(document), ["x", "y", "z", "b", "c", "D", "e"]);
});

test("an edit of a segment that another reader has replaced cannot be undone, nor those before it", () => {
  const document = edited([3, "D"], [1, "B"], [4, "E"]);
  applyRemote(document, { at: 1, count: 1, inserted: lines("other") });
  assert.equal(document.past.length, 1);
  undoEdit(document);
  assert.deepEqual(texts(document), ["a", "other", "c", "D", "e"]);
  assert.equal(undoEdit(document), null);
});

const stored = (segments, more = {}) => ({
  segments: asSent(segments), revision: 4, by_hand: [], speakers: [], ...more,
});

test("a stored version is merged into the document, which starts from its revision then", async () => {
  const document = edited([0, "A"]);
  const done = await mergeStored(document, stored(version({ 4: "E" }), { by_hand: [4] }), () => assert.fail());
  assert.equal(done, "merged");
  assert.deepEqual(texts(document), ["A", "b", "c", "d", "E"]);
  assert.deepEqual([document.base.revision, document.words[4].edited], [4, true]);
  assert.deepEqual(document.words.map(({ index }) => index), [0, 1, 2, 3, 4]);
});

test("the reader chooses, or puts it off and loses nothing", async () => {
  const theirs = stored(version({ 0: "theirs", 4: "E" }));
  for (const [choice, first] of [["mine", "mine"], ["theirs", "theirs"]]) {
    const document = edited([0, "mine"]);
    assert.equal(await mergeStored(document, theirs, async () => choice), "merged");
    assert.deepEqual(texts(document), [first, "b", "c", "d", "E"]);
  }
  const document = edited([0, "mine"]);
  assert.equal(await mergeStored(document, theirs, async () => null), "put off");
  assert.deepEqual([texts(document), document.base.revision], [["mine", "b", "c", "d", "e"], 0]);
});

test("names of speakers are merged like words", async () => {
  const speakers = (first, second) => [{ id: "SPEAKER_00", name: first }, { id: "SPEAKER_01", name: second }];
  const spoken = BASE.map((each, at) => ({
    ...each, words: each.words.map((one) => ({ ...one, speaker: `SPEAKER_0${at % 2}` })),
  }));
  const named = (names) => {
    const document = documentOf(...spoken);
    document.speakers = speakers("SPEAKER_00", "SPEAKER_01");
    return Object.assign(document, { base: baseOf(spoken, document, 0), names });
  };
  const document = named({ SPEAKER_00: "Ann" });
  await mergeStored(document, stored(spoken, { speakers: speakers("SPEAKER_00", "Ben") }), () => assert.fail());
  assert.deepEqual([document.names, document.speakers[1].name], [{ SPEAKER_00: "Ann" }, "Ben"]);
  const both = named({ SPEAKER_00: "Ann" });
  const asked = [];
  const choose = async (clash) => (asked.push(clash), "theirs");
  await mergeStored(both, stored(spoken, { speakers: speakers("Anna", "SPEAKER_01") }), choose);
  assert.deepEqual(asked, [{ id: "SPEAKER_00", mine: "Ann", theirs: "Anna" }]);
  assert.deepEqual([both.names, both.speakers[0].name], [{}, "Anna"]);
});

test("two readers who check words of one segment get both checks, and one that is taken back goes", async () => {
  const spoken = (checks) => [
    segment(["a", "b", "c"].map((text, at) => word(text, at, at + 1, checks.includes(text) ? { checked: true } : {}))),
  ];
  const document = documentOf(...spoken(["a", "b"]));
  document.base = baseOf(spoken(["b"]), {}, 1);
  const theirs = { segments: asSent(spoken(["c"])), by_hand: [], speakers: [], revision: 2 };
  const ask = () => assert.fail("there is nothing to choose");
  assert.equal(await mergeStored(document, theirs, ask), "merged");
  assert.deepEqual(document.words.filter(({ checked }) => checked).map(({ text }) => text), ["a", "c"]);
});
