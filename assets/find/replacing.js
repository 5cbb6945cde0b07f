// Replaces phrases in a document: one edit for history.js, whatever number of places it changes.
import { carryBookmarks } from "../bookmarks/passages.js";
import { placeOf, splitTyped } from "../transcript/edits.js";

const MARKS = /^\p{P}+$/u;

// Returns {edit, next}: the edit {at, count, inserted, focus}, and the place {index, offset} behind the first change;
// null without matches. Words keep their times if as many come as go; others share the time of those that they replace.
//
// edits    an Edits of the document, which makes the words
// matches  as findPhrases returns them, in order
export function replacePhrases(edits, matches, { wanted, text }) {
  const { document } = edits;
  const groups = groupsOf(document, matches, { wanted, text });
  if (!groups.length) return null;
  const from = placeOf(document, groups[0].first);
  const until = placeOf(document, groups.at(-1).last);
  const made = new Map(); // index of a word -> the words in its place
  for (const group of groups) takePlaces(edits, group, made);
  const { count, inserted } = changed(document, { from, until, made, index: groups[0].first - from.inside });
  const { first, texts, rest } = groups[0];
  const next = texts.length
    ? { index: first + texts.length - 1, offset: texts.at(-1).length - rest }
    : { index: first, offset: 0 };
  return { edit: { at: from.at, count, inserted, focus: first }, next };
}

// Returns the segments from one place until another with the words that were made. Those without words go, but a
// paragraph outlives its first segment.
function changed({ segments }, { from, until, made, index }) {
  const inserted = [];
  let [at, opens] = [index, false]; // whether a paragraph has lost its first segment
  const put = (segment, words) => {
    const begins = opens && !segment.paragraph && { paragraph: true, chosen: true };
    inserted.push({ ...segment, words, ...begins });
    opens = false;
  };
  for (const segment of segments.slice(from.at, until.at + 1)) {
    const first = at;
    const words = segment.words.flatMap((word, inside) => made.get(first + inside) ?? [word]);
    at += segment.words.length;
    if (words.length) put(segment, words);
    else opens ||= segment.paragraph;
  }
  const count = until.at + 1 - from.at;
  const follower = segments[until.at + 1];
  if (!opens || !follower || follower.paragraph) return { count, inserted };
  put(follower, follower.words);
  return { count: count + 1, inserted };
}

// Joins matches that share a word; returns {first, last, texts, rest} of each group: its words' indices, the texts
// that come, and how many letters of the last are as they were.
function groupsOf({ words, segments }, matches, asked) {
  const groups = [];
  for (const match of matches) {
    const group = groups.at(-1);
    if (group && match.first === group.last) {
      group.matches.push(match);
      group.last = match.last;
    } else groups.push({ first: match.first, last: match.last, matches: [match] });
  }
  const spaced = segments.flatMap((segment) => segment.words.map(() => segment.spaced));
  const gapAt = (index) => (spaced[index] ? " " : "");
  return groups.map((group) => ({ ...group, ...written(words, group, { ...asked, gap: gapAt(group.first) }) }));
}

function written(words, { first, last, matches }, { gap, ...asked }) {
  const starts = []; // of each word in the joined text
  let joined = "";
  for (let index = first; index <= last; index += 1) {
    if (index > first) joined += gap;
    starts.push(joined.length);
    joined += words[index].text;
  }
  let [text, at] = ["", 0];
  for (const match of matches) {
    const [start, end] = [starts[match.first - first] + match.from, starts[match.last - first] + match.to];
    text += joined.slice(at, start) + inCaseOf(joined.slice(start, end), asked);
    at = end;
  }
  const texts = splitTyped(text + joined.slice(at));
  // Punctuation alone is no word.
  return { texts: asked.text ? texts : texts.filter((left) => !MARKS.test(left)), rest: joined.length - at };
}

const isLower = (letter) => letter !== letter.toUpperCase();
const isUpper = (letter) => letter !== letter.toLowerCase();

// Returns the text with a capital if a phrase that was asked for in small letters stands with one, as at the start of a
// sentence.
function inCaseOf(found, { wanted, text }) {
  const [head = "", ...tail] = text;
  const [asked = ""] = wanted.trim();
  const [stands = ""] = found;
  return isLower(asked) && isLower(head) && isUpper(stands) ? head.toUpperCase() + tail.join("") : text;
}

// Puts the words of a group in the places of the old ones.
function takePlaces(edits, { first, last, texts }, made) {
  const old = edits.document.words.slice(first, last + 1);
  if (texts.length === old.length) {
    const kept = (word, text) => (text === word.text ? word : edits.retyped(word, text));
    old.forEach((word, at) => made.set(first + at, [kept(word, texts[at])]));
    return;
  }
  const span = { start: old[0].start, end: Math.max(...old.map(({ end }) => end)) };
  made.set(first, texts.length ? carryBookmarks(old, edits.typedWords(texts, span, old[0])) : []);
  for (let index = first + 1; index <= last; index += 1) made.set(index, []);
}
