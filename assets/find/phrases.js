// Finds phrases in the words of a document, over the borders of words and segments. Case, accents, punctuation and
// the kind of space or dash do not count; if nothing but punctuation is wanted, it counts.

import { SPACELESS } from "../shared/scripts.js";

// Combining marks of Latin, Greek and Cyrillic, and the vowel points of Hebrew and Arabic. Marks of other scripts are
// letters of their own: か is not が.
const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/gu;
const GAP = /[\p{Z}\p{Pd}\s]/u;
const PUNCTUATION = /\p{P}/u;
const PLAIN = /^[a-z0-9]+$/;

// Returns the letters of a text in the form in which they are compared, and where each stands in the text.
export function fold(text, keepsMarks = false) {
  if (PLAIN.test(text)) return { letters: text, places: Array.from(text, (_, at) => [at, at + 1]) };
  let [letters, at] = ["", 0];
  const places = [];
  for (const character of text) {
    const until = at + character.length;
    for (const letter of folded(character, keepsMarks)) {
      letters += letter;
      for (let unit = 0; unit < letter.length; unit += 1) places.push([at, until]);
    }
    at = until;
  }
  return { letters, places };
}

function folded(character, keepsMarks) {
  if (GAP.test(character) && !(keepsMarks && PUNCTUATION.test(character))) return " ";
  if (!keepsMarks && PUNCTUATION.test(character)) return "";
  const plain = character.normalize("NFKD").replace(ACCENTS, "").normalize("NFC");
  return plain.toLowerCase().replace("ß", "ss").replace("ς", "σ");
}

const oneSpaced = (text) => text.replace(/ +/g, " ").trim();

const OF_WORDS = /[\p{L}\p{N}\p{M}]/u;

// Returns {first, from, last, to} of each place of a phrase, in order: the indices of its first and last word, where it
// begins in the text of the first and ends in that of the last.
// whole  whether to leave out places inside of a longer word
export function findPhrases({ segments, words }, wanted, { whole = false } = {}) {
  const plain = oneSpaced(fold(wanted).letters);
  const keepsMarks = plain === "";
  const phrase = keepsMarks ? oneSpaced(fold(wanted, true).letters) : plain;
  if (!phrase) return [];
  const { letters, places } = streamOf(segments, keepsMarks);
  const found = [];
  for (let at = letters.indexOf(phrase); at >= 0; at = letters.indexOf(phrase, at + phrase.length)) {
    const [first, from] = places[at];
    const [last, , to] = places[at + phrase.length - 1];
    if (whole && (isInside(letters, at) || isInside(letters, at + phrase.length))) continue;
    if (words[first] && words[last]) found.push({ first, from, last, to });
  }
  return found;
}

// Returns whether a place in letters is between two of one word. In scripts without spaces there is no telling.
const isInside = (letters, at) =>
  [letters[at - 1] ?? "", letters[at] ?? ""].every((letter) => OF_WORDS.test(letter) && !SPACELESS.test(letter));

// Returns the letters of all words with a space between two, and of each letter [index of its word, from, to].
function streamOf(segments, keepsMarks) {
  const parts = [];
  const places = [];
  let [index, ends] = [0, " "]; // the last letter so far
  const put = (letter, place) => {
    if (letter === " " && ends === " ") return;
    parts.push(letter);
    places.push(place);
    ends = letter;
  };
  for (const { spaced, words } of segments)
    for (const { text } of words) {
      if (spaced) put(" ", [index, 0, 0]);
      const { letters, places: inside } = fold(text, keepsMarks);
      for (let at = 0; at < letters.length; at += 1) put(letters[at], [index, ...inside[at]]);
      index += 1;
    }
  return { letters: parts.join(""), places };
}
