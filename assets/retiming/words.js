// Which words are to be timed by the sound, what the server is asked for them, and the words with their new times.
import { exportDocument } from "../shared/document.js";

const CONTEXT = 5; // words beside a corrected one that are sent with it; the server aligns them together

const SHORTEST = 0.02; // seconds that a word lasts at least if the sound has it

const wordsOf = (segments) => segments.flatMap(({ words }) => words);

const keyOf = ({ text, start, end }) => `${start} ${end} ${text}`;

// Returns the words that an edit of history.js has brought and whose times are not found in the sound: those that the
// reader has typed or joined, and those that share their time with them.
//
// pending  words that are to be timed already; they stay so if an edit changes something else of them
export function correctedWords({ removed, inserted }, pending) {
  const old = wordsOf(removed);
  const known = new Set(old);
  const alike = new Map(old.map((word) => [keyOf(word), word]));
  return wordsOf(inserted).filter((word) => {
    if (known.has(word) || !(word.edited || word.timing === "interpolated")) return false;
    const before = alike.get(keyOf(word));
    return !before || pending.has(before);
  });
}

// Returns what to ask for the first of the pending words of a document: {words, segments, asked}; null if there are
// none.
//
// words     those that are asked for
// segments  those of the document that are sent, with all of their words
// asked     {segments, changed} for the server: these segments in the contract's form, and which of their words to time
export function questionFor(document, pending, most) {
  const words = document.words.filter((word) => pending.has(word)).slice(0, most);
  if (!words.length) return null;
  const near = new Set(); // indices of words that are sent
  for (const { index } of words)
    for (let at = index - CONTEXT; at <= index + CONTEXT; at += 1) near.add(at);
  const segments = document.segments.filter((segment) => segment.words.some(({ index }) => near.has(index)));
  const wanted = new Set(words);
  const changed = wordsOf(segments).flatMap((word, index) => (wanted.has(word) ? [index] : []));
  return { words, segments, asked: { segments: exportDocument({ ...document, segments }).segments, changed } };
}

// Returns what the server's answer changes in a document: old word -> the same with times of the sound, between the
// starts of its neighbours. A segment that has been edited since the question keeps its words, and so does a place that
// has no room for a word of any length.
export function timesOf(document, { segments }, found) {
  const sent = segments.flatMap((segment) => segment.words.map((word) => ({ word, segment })));
  const current = new Set(document.segments);
  const times = new Map(); // word -> its times
  for (const { index, ...fields } of found) if (current.has(sent[index].segment)) times.set(sent[index].word, fields);
  const changes = new Map();
  for (const [word, fields] of times) {
    const before = document.words[word.index - 1];
    const after = document.words.find((each) => each.index > word.index && !times.has(each));
    const most = after?.start ?? Infinity;
    const least = before ? earliestBehind(changes.get(before) ?? before) : 0;
    const start = Math.min(Math.max(least, fields.start), most - SHORTEST);
    if (start < least) continue;
    changes.set(word, { ...word, ...fields, start, end: Math.max(start + SHORTEST, Math.min(fields.end, most)) });
  }
  return changes;
}

// Returns the first moment at which a word may begin behind another one, which keeps a length.
const earliestBehind = ({ start, end }) => Math.min(start + SHORTEST, Math.max(start, end));
