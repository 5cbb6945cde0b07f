// Bookmarks: passages that are marked, noted and taken away, and that stay whatever happens to their words.
import assert from "node:assert/strict";
import { test } from "node:test";

import { bookmarkWords, removePassage, toggleBookmark, writeNote } from "../../assets/bookmarks/bookmark_edits.js";
import { carryBookmarks, joinBookmarks, passageAt, passagesOf } from "../../assets/bookmarks/passages.js";
import { replacePhrases } from "../../assets/find/replacing.js";
import { exportDocument } from "../../assets/shared/document.js";
import { applyEdit, applyRemote, redoEdit, retimeWords, undoEdit } from "../../assets/shared/history.js";
import { baseOf, mergeStored } from "../../assets/shared/shared_edits.js";
import { assign } from "../../assets/speakers/speaker_edits.js";
import { replaceSpan } from "../../assets/timeline/replace_span.js";
import { Edits } from "../../assets/transcript/edits.js";
import { asSent, documentOf, segment, word } from "./support.mjs";

const LETTERS = ["a", "b", "c", "d", "e", "f"];

// Two sentences of three words, a second each. `notes` are those of words, by their letters.
const sentences = (notes = {}) => {
  const made = LETTERS.map((text, at) =>
    word(text, at, at + 0.8, text in notes ? { bookmark: notes[text] } : {}),
  );
  return [segment(made.slice(0, 3)), segment(made.slice(3))];
};
const letters = (notes) => documentOf(...sentences(notes));

const marked = ({ words }) =>
  passagesOf(words).map(({ first, last, note }) => {
    const texts = words.slice(first, last + 1).map(({ text }) => text);
    return note ? `${texts.join(" ")}: ${note}` : texts.join(" ");
  });

const run = (document, edit) => {
  if (edit) applyEdit(document, edit);
  return marked(document);
};

const editsOf = (document) => new Edits(document, { sure: "sure" });

test("a selection is marked, over the border of sentences too, and the same again takes the mark away", () => {
  const document = letters();
  assert.deepEqual(run(document, toggleBookmark(document, { first: 1, last: 3 })), ["b c d"]);
  assert.deepEqual(run(document, toggleBookmark(document, { first: 1, last: 3 })), []);
  assert.ok(document.words.every((each) => !("bookmark" in each)));
  assert.equal(undoEdit(document), 1);
  assert.deepEqual(marked(document), ["b c d"]);
  undoEdit(document);
  assert.deepEqual(marked(document), []);
  redoEdit(document);
  assert.deepEqual(marked(document), ["b c d"]);
});

test("a word takes its whole passage away, a selection only its own words", () => {
  const document = letters({ b: "x", c: "x", d: "x" });
  assert.deepEqual(run(document, toggleBookmark(document, { first: 1, last: 2 })), ["d: x"]);
  undoEdit(document);
  assert.deepEqual(run(document, toggleBookmark(document, { first: 2, last: 2 })), []);
});

test("words that are marked beside others keep the notes that are there", () => {
  const document = letters({ b: "x", e: "y" });
  assert.deepEqual(run(document, bookmarkWords(document, { first: 0, last: 5 })), ["a b c d: x", "e f: y"]);
  assert.equal(bookmarkWords(document, { first: 0, last: 5 }), null);
});

test("neighbours with different notes are two passages, equal ones are one", () => {
  assert.deepEqual(marked(letters({ a: "x", b: "y", c: "y" })), ["a: x", "b c: y"]);
  assert.deepEqual(passageAt(letters({ a: "x" }).words, 1), null);
});

test("a note is written and taken away, and leaves the passage", () => {
  const document = letters({ b: "", c: "" });
  assert.deepEqual(run(document, writeNote(document, 2, "ask Anna")), ["b c: ask Anna"]);
  assert.equal(writeNote(document, 2, "ask Anna"), null);
  assert.equal(writeNote(document, 0, "ask Anna"), null);
  assert.deepEqual(run(document, writeNote(document, 1, "")), ["b c"]);
  assert.deepEqual(run(document, removePassage(document, 1)), []);
  assert.equal(removePassage(document, 1), null);
});

test("the server gets the notes as the contract has them", () => {
  const sent = exportDocument(letters({ b: "ask Anna", c: "" })).segments[0].words;
  assert.deepEqual(sent.map(({ bookmark }) => bookmark), [undefined, "ask Anna", ""]);
});

test("corrections leave a passage where it is", () => {
  const cases = [
    [(edits) => edits.retype(1, "B"), ["B c d: x"]],
    [(edits) => edits.retype(1, "B1 B2"), ["B1 B2 c d: x"]],
    [(edits) => edits.remove(1), ["c d: x"]],
    [(edits) => edits.remove(2), ["b d: x"]],
    [(edits) => edits.insertAfter(0, "new"), ["b c d: x"]],
    [(edits) => edits.insertAfter(1, "new"), ["b new c d: x"]],
    [(edits) => edits.insertAfter(3, "new"), ["b c d: x"]],
    [(edits) => edits.join(0), ["ab c d: x"]],
    [(edits) => edits.join(3), ["b c de: x"]],
    [(edits) => edits.fill({ start: 1.85, end: 1.95 }, "new"), ["b new c d: x"]],
    [(edits) => edits.fill({ start: 3.85, end: 3.95 }, "new"), ["b c d: x"]],
    [(edits) => edits.accept({ first: 1, last: 2 }), ["b c d: x"]],
    [(edits) => edits.beginParagraph(2), ["b c d: x"]],
  ];
  for (const [make, expected] of cases) {
    const document = letters({ b: "x", c: "x", d: "x" });
    assert.deepEqual(run(document, make(editsOf(document))), expected, String(make));
    undoEdit(document);
    assert.deepEqual(marked(document), ["b c d: x"], String(make));
  }
});

test("a word that is put in without a pause takes no bookmark from the end of a passage", () => {
  const close = ["a", "b"].map((text, at) => word(text, at, at + 1, at ? {} : { bookmark: "x" }));
  const document = documentOf(segment(close));
  assert.deepEqual(run(document, editsOf(document).insertAfter(0, "new")), ["a: x"]);
});

test("two passages that are joined in one word keep both notes", () => {
  const document = letters({ b: "x", c: "y" });
  assert.deepEqual(run(document, editsOf(document).join(1)), ["bc: x · y"]);
  assert.deepEqual([joinBookmarks("", undefined), joinBookmarks("x", ""), joinBookmarks("x", "x")], ["", "x", "x"]);
});

test("several words that others take the place of hand on their bookmarks by their times", () => {
  const replaced = (document, [first, last], text) => {
    const match = { first, from: 0, last, to: document.words[last].text.length };
    return run(document, replacePhrases(editsOf(document), [match], { wanted: "", text }).edit);
  };
  assert.deepEqual(replaced(letters({ c: "x" }), [0, 2], "A B C D"), ["D: x"]);
  assert.deepEqual(replaced(letters({ b: "x" }), [0, 2], "A B C"), ["B: x"]);
  assert.deepEqual(replaced(letters({ b: "x" }), [0, 2], "all"), ["all: x"]);
  assert.deepEqual(replaced(letters({ b: "x", c: "x", d: "x" }), [1, 3], "B D"), ["B D: x"]);
  assert.deepEqual(replaced(letters({ b: "x" }), [0, 2], ""), []);
});

test("a stretch that is transcribed again has the bookmarks of what was there", () => {
  const found = (...times) => [segment(times.map(([text, start, end]) => word(text, start, end)))];
  const again = (document, segments, start, end) => run(document, replaceSpan(document, segments, { start, end }));
  const inside = found(["B", 1, 1.5], ["C", 2, 2.4], ["D", 3.1, 3.4]);
  assert.deepEqual(again(letters({ b: "x", c: "x" }), inside, 0.9, 3.9), ["B C: x"]);
  assert.deepEqual(again(letters({ a: "x", b: "x", c: "x", d: "x", e: "x" }), inside, 0.9, 3.9), ["a B C D e: x"]);
  assert.deepEqual(again(letters({ c: "x" }), found(["long", 1, 3.4]), 0.9, 3.9), ["long: x"]);
  const pause = found(["new", 2.82, 2.95]);
  assert.deepEqual(again(letters({ c: "x", d: "x" }), pause, 2.81, 2.99), ["c new d: x"]);
  assert.deepEqual(again(letters({ c: "x" }), pause, 2.81, 2.99), ["c: x"]);
});

test("words keep their bookmarks with other times and other speakers", () => {
  const document = letters({ b: "x", c: "x" });
  const before = document.words[1];
  retimeWords(document, new Map([[before, { ...before, start: 1.1 }]]));
  assert.deepEqual([document.words[1].start, marked(document)], [1.1, ["b c: x"]]);
  const given = assign(document, { first: 2, last: 4, speaker: "SPEAKER_01" }, { pause: 2, long: 99 });
  assert.deepEqual(run(document, given), ["b c: x"]);
  assert.equal(document.segments.length, 4);
});

test("words without bookmarks are carried as the objects that they are", () => {
  const fresh = letters().words;
  carryBookmarks(letters().words, fresh).forEach((each, at) => assert.equal(each, fresh[at]));
});

// Merges what `theirs` {notes, edit} has stored into a document with the bookmarks `mine`, both made from `base`.
async function merged(base, mine, theirs) {
  const document = letters(base);
  document.base = baseOf(sentences(base), {}, 1);
  const notes = Object.entries(mine.notes ?? {});
  for (const [text, note] of notes) {
    const at = LETTERS.indexOf(text);
    const edit = note === null ? removePassage(document, at) : bookmarkWords(document, { first: at, last: at });
    if (edit) applyEdit(document, edit);
    if (note) applyEdit(document, writeNote(document, at, note));
  }
  if (mine.edit) applyEdit(document, mine.edit(editsOf(document)));
  const other = documentOf(...sentences(theirs.notes));
  if (theirs.edit) applyEdit(other, theirs.edit(editsOf(other)));
  const stored = { segments: asSent(other.segments), by_hand: [], speakers: [], revision: 2 };
  const ask = () => assert.fail("there is nothing to choose");
  assert.equal(await mergeStored(document, stored, ask), "merged");
  return marked(document);
}

test("two readers who bookmark words get both bookmarks, and one that is taken away goes", async () => {
  assert.deepEqual(await merged({}, { notes: { a: "" } }, { notes: { c: "y" } }), ["a", "c: y"]);
  assert.deepEqual(await merged({ a: "", e: "z" }, { notes: {} }, { notes: { a: "" } }), ["a"]);
  assert.deepEqual(await merged({ a: "", e: "z" }, { notes: { a: null } }, { notes: { a: "", e: "z" } }), ["e: z"]);
});

test("of two notes at one word both stay, and so does a note of which another reader takes the bookmark", async () => {
  assert.deepEqual(await merged({}, { notes: { b: "mine" } }, { notes: { b: "theirs" } }), ["b: mine · theirs"]);
  assert.deepEqual(await merged({ b: "" }, { notes: { b: null } }, { notes: { b: "why?" } }), ["b: why?"]);
  assert.deepEqual(await merged({ b: "" }, { notes: { b: "why?" } }, { notes: {} }), ["b: why?"]);
});

test("a bookmark outlives that another reader has corrected its word, and a correction the bookmark", async () => {
  const retype = (edits) => edits.retype(1, "B");
  assert.deepEqual(await merged({}, { notes: { b: "x" } }, { notes: {}, edit: retype }), ["B: x"]);
  assert.deepEqual(await merged({}, { edit: retype }, { notes: { b: "x", c: "x" } }), ["B c: x"]);
  const insert = (edits) => edits.insertAfter(1, "new");
  assert.deepEqual(await merged({}, { edit: insert }, { notes: { b: "x", c: "x" } }), ["b new c: x"]);
  assert.deepEqual(await merged({ b: "x" }, { edit: insert }, { notes: { b: "x" } }), ["b: x"]);
});

test("another reader's change of a sentence leaves the bookmarks of the others", () => {
  const document = letters({ e: "x" });
  applyRemote(document, { at: 0, count: 1, inserted: [segment([word("new", 0, 1)])] });
  assert.deepEqual(marked(document), ["e: x"]);
});
