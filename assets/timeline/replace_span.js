import { carryBookmarks } from "../bookmarks/passages.js";
import { takeSpeakers } from "../speakers/speaker_edits.js";

const middle = ({ start, end }) => (start + end) / 2;

// Returns an edit for history.js that puts segments in the place of whatever words lie in a span of time; words
// beside the span stay. Speakers stay: a word gets that of the turn that it falls in. So do bookmarks.
export function replaceSpan(document, segments, { start, end }) {
  const { at, count } = segmentsIn(document.segments, { start, end });
  const old = document.segments.slice(at, at + count);
  const before = partsOf(old, (word) => middle(word) < start);
  const after = partsOf(old, (word) => middle(word) > end);
  const [first, ...rest] = takeBookmarks(takeSpeakers(segments, document.words), document, { start, end });
  const inserted = [before.length ? { ...first, paragraph: false } : first, ...rest];
  if (after.length && !before.length) after[0] = { ...after[0], paragraph: false };
  const focus = at < document.segments.length ? document.segments[at].words[0].index : document.words.length;
  return { at, count, inserted: [...before, ...inserted, ...after], focus };
}

// Returns the segments with the bookmarks of the words that they take the place of.
function takeBookmarks(segments, { words }, { start, end }) {
  const isInside = (word) => start <= middle(word) && middle(word) <= end;
  const [before, after] = [words.findLast((word) => middle(word) < start), words.find((word) => middle(word) > end)];
  const fresh = segments.flatMap((segment) => segment.words);
  const made = carryBookmarks(words.filter(isInside), fresh, { before, after });
  return segments.map((segment) => ({ ...segment, words: made.splice(0, segment.words.length) }));
}

// Returns how many segments reach into a span, and the index of the first; without any, where they would stand.
function segmentsIn(segments, { start, end }) {
  const touches = ({ words }) => middle(words.at(-1)) >= start && middle(words[0]) <= end;
  const at = segments.findIndex(touches);
  if (at >= 0) return { at, count: segments.filter(touches).length };
  const next = segments.findIndex(({ words }) => words[0].start >= end);
  return { at: next < 0 ? segments.length : next, count: 0 };
}

// Returns segments with the words that are to be kept, without those that then have none.
function partsOf(segments, keep) {
  const parts = segments.map((segment) => ({ ...segment, words: segment.words.filter(keep) }));
  return parts.filter(({ words }) => words.length);
}
