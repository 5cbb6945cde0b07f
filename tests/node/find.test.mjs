// Phrases: where they stand, and what replacing them does to words, times and segments.
import assert from "node:assert/strict";
import { test } from "node:test";

import { findPhrases } from "../../assets/find/phrases.js";
import { replacePhrases } from "../../assets/find/replacing.js";
import { applyEdit, undoEdit } from "../../assets/shared/history.js";
import { Edits } from "../../assets/transcript/edits.js";
import { documentOf, segment, texts, word } from "./support.mjs";

const said = (...sentences) => {
  let at = 0;
  const spoken = (sentence) => sentence.split(" ").map((text) => word(text, (at += 1), at + 0.5));
  return documentOf(...sentences.map((sentence, n) => segment(spoken(sentence), { paragraph: n === 0 })));
};

const places = (document, wanted) => findPhrases(document, wanted).map(({ first, last }) => [first, last]);

// Replaces all matches, or the one with a number.
function replace(document, wanted, text, only = null) {
  const found = findPhrases(document, wanted);
  const matches = only === null ? found : [found[only]];
  const made = replacePhrases(new Edits(document, { sure: "sure" }), matches, { wanted, text });
  if (made) applyEdit(document, made.edit);
  return made;
}

test("a phrase is found over the borders of words and segments", () => {
  const room = said("The echo in a", "room, and in the room.");
  assert.deepEqual(places(room, "in a room"), [[2, 4]]);
  assert.deepEqual(places(room, "room"), [[4, 4], [8, 8]]);
  assert.deepEqual(places(room, "a room and"), [[3, 5]]);
  assert.deepEqual(places(room, "in  the\nroom"), [[6, 8]]);
  assert.deepEqual(places(room, "nothing"), []);
  assert.deepEqual(places(room, "  "), []);
});

test("case, accents, dashes and punctuation do not count, unless they alone are wanted", () => {
  const caf = said("Élan: CAFÉ-crème, “Straße” – don’t!");
  assert.deepEqual(places(caf, "elan cafe creme strasse dont"), [[0, 4]]);
  assert.deepEqual(places(caf, "Don't"), [[4, 4]]);
  assert.deepEqual(places(caf, "!"), [[4, 4]]);
  assert.deepEqual(places(said("ガ か が"), "か"), [[1, 1]]);
});

test("words without spaces between them are one text", () => {
  const japanese = documentOf(
    segment([word("東京", 0, 1), word("タ", 1, 2), word("ワー", 2, 3)], { spaced: false, paragraph: true }),
  );
  assert.deepEqual(places(japanese, "京タワ"), [[0, 2]]);
  replace(japanese, "タワー", "駅");
  assert.deepEqual(japanese.words.map(({ text, start, end }) => [text, start, end]), [["東京", 0, 1], ["駅", 1, 3]]);
});

test("as many words keep their times, and those that stay as they are are not touched", () => {
  const fox = said("The quick brown fox");
  const before = fox.words.map(({ start, end }) => [start, end]);
  const { quick, fox: last } = { quick: fox.words[1], fox: fox.words[3] };
  replace(fox, "quick brown fox", "quick red fox");
  assert.deepEqual(texts(fox), ["The quick red fox"]);
  assert.deepEqual(fox.words.map(({ start, end }) => [start, end]), before);
  assert.equal(fox.words[1], quick);
  assert.equal(fox.words[3], last);
  assert.deepEqual([fox.words[2].probability, fox.words[2].band, fox.words[2].edited], [1, "sure", true]);
});

test("fewer or more words share the time, punctuation around stays", () => {
  const list = said("We met New York, yes.");
  replace(list, "new york", "Springfield");
  assert.deepEqual(texts(list), ["We met Springfield, yes."]);
  assert.deepEqual([list.words[2].start, list.words[2].end], [3, 4.5]);
  replace(list, "met", "have met");
  assert.deepEqual(texts(list), ["We have met Springfield, yes."]);
  assert.deepEqual([list.words[1].start, list.words[2].end], [2, 2.5]);
});

test("all at once is one step of undo, and a capital at the start of a sentence stays", () => {
  const talk = said("Colour is light.", "The colour, colourful.");
  const before = texts(talk);
  const segments = [...talk.segments];
  replace(talk, "colour", "color");
  assert.deepEqual(texts(talk), ["Color is light.", "The color, colorful."]);
  assert.equal(talk.past.length, 1);
  undoEdit(talk);
  assert.deepEqual(texts(talk), before);
  assert.deepEqual(talk.segments, segments);
});

test("one of several is replaced, and the search goes on behind it", () => {
  const talk = said("ha haha ha");
  const { next } = replace(talk, "ha", "ho", 1);
  assert.deepEqual(texts(talk), ["ha hoha ha"]);
  assert.deepEqual(next, { index: 1, offset: 2 });
  assert.deepEqual(findPhrases(talk, "ha").map(({ first, from }) => [first, from]), [[0, 0], [1, 2], [2, 0]]);
});

test("a phrase over two segments becomes words of the first; what has no words goes", () => {
  const talk = said("Good night.", "Amen.", "Yes.");
  Object.assign(talk.segments[1], { paragraph: true });
  replace(talk, "night amen", "day");
  assert.deepEqual(texts(talk), ["Good day.", "Yes."]);
  assert.equal(talk.segments[1].paragraph, true, "a paragraph outlives its first segment");
  replace(talk, "yes", "");
  assert.deepEqual(texts(talk), ["Good day."]);
  assert.equal(replace(talk, "nothing", "x"), null);
});

test("whole words are parted by anything but letters, and have no borders in scripts without spaces", () => {
  const whole = (document, wanted) => findPhrases(document, wanted, { whole: true }).map(({ first }) => first);
  assert.deepEqual(whole(said("You, your well-you bayou", "you2 don’t"), "you"), [0, 2]);
  assert.deepEqual(whole(said("don’t do"), "do"), [1]);
  assert.deepEqual(whole(said("Élan élans"), "elan"), [0]);
  const japanese = documentOf(segment([word("東京", 0, 1), word("タワー", 1, 2)], { spaced: false, paragraph: true }));
  assert.deepEqual(whole(japanese, "京"), [0]);
});
