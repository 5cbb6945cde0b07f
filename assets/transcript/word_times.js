// The times of words as a reader sets them. Plain data, no browser.
import { placeOf } from "./edits.js";

const SHORTEST = 0.02; // seconds that a word keeps
const BY_HAND = "by_hand"; // the source of its times, in the contract

const round = (seconds) => Math.round(seconds * 1000) / 1000;

// Returns how far an edge of a word, "start" or "end", can go, in seconds. A border that it shares with a neighbour
// goes along; starts never go back.
export function edgeRange({ words, meta }, index, edge) {
  const [before, word, next] = [words[index - 1], words[index], words[index + 1]];
  if (edge === "start") {
    const least = before ? before.start + (before.end > before.start ? SHORTEST : 0) : 0;
    return { min: Math.min(least, word.start), max: Math.max(word.start, word.end - SHORTEST) };
  }
  const most = next ? next.end - SHORTEST : meta?.transcript.duration ?? Infinity;
  return { min: Math.min(word.end, word.start + SHORTEST), max: Math.max(word.end, most) };
}

// Returns an edit for history.js that moves an edge of a word to a time, as far as it can go; null if it stays.
export function moveEdge(document, index, { edge, time }) {
  const { min, max } = edgeRange(document, index, edge);
  const word = document.words[index];
  const to = round(Math.min(max, Math.max(min, time)));
  if (to === word[edge]) return null;
  const changed = new Map([[index, timed(word, { [edge]: to })]]);
  const other = index + (edge === "start" ? -1 : 1);
  const neighbour = document.words[other];
  if (neighbour && cuts(neighbour, word, { edge, to }))
    changed.set(other, timed(neighbour, { [edge === "start" ? "end" : "start"]: to }));
  const places = [...changed.keys()].map((each) => placeOf(document, each).at);
  const [at, last] = [Math.min(...places), Math.max(...places)];
  const inserted = document.segments.slice(at, last + 1).map((segment) => ({
    ...segment,
    words: segment.words.map((each) => changed.get(each.index) ?? each),
  }));
  return { at, count: inserted.length, inserted, focus: index };
}

// Whether the edge would cut into the neighbour. Words that overlap already, as when two people talk, stay as they are.
const cuts = (neighbour, word, { edge, to }) =>
  edge === "start"
    ? neighbour.end <= word.start && neighbour.end > to
    : neighbour.start >= word.end && neighbour.start < to;

// The aligner's score and phones were of the old times.
const timed = ({ score: _, phones: __, ...word }, times) => ({ ...word, ...times, timing: BY_HAND });
