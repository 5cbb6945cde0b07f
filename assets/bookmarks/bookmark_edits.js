// What the reader's commands do to bookmarks. Each function returns an edit for history.js, null if nothing changes.
import { isBookmarked, passageAt, withBookmark } from "./passages.js";

// Bookmarks words, or takes the bookmark away if all of them have one: of a single word, that of its whole passage.
export function toggleBookmark(document, { first, last }) {
  const words = document.words.slice(first, last + 1);
  if (!words.every(isBookmarked)) return bookmarkWords(document, { first, last });
  const range = first === last ? passageAt(document.words, first) : { first, last };
  return changed(document, range, () => undefined);
}

// Bookmarks words. Those that have a bookmark keep its note, and the others join the one that is nearest among them.
export function bookmarkWords(document, { first, last }) {
  const words = document.words.slice(first, last + 1);
  const bookmarks = [];
  for (const { bookmark } of words) bookmarks.push(bookmark ?? bookmarks.at(-1));
  const start = bookmarks.find((bookmark) => bookmark !== undefined) ?? "";
  return changed(document, { first, last }, (word) => bookmarks[word.index - first] ?? start);
}

// Writes another note at the passage that a word belongs to; an empty one takes the note away.
export function writeNote(document, index, note) {
  const passage = passageAt(document.words, index);
  return passage && changed(document, passage, () => note);
}

export function removePassage(document, index) {
  const passage = passageAt(document.words, index);
  return passage && changed(document, passage, () => undefined);
}

// Returns the edit that gives the words of a range the bookmarks that `of` returns.
function changed({ segments }, { first, last }, of) {
  const at = segments.findIndex(({ words }) => words.at(-1).index >= first);
  const until = segments.findLastIndex(({ words }) => words[0].index <= last);
  const inserted = segments.slice(at, until + 1).map((segment) => {
    const isInside = ({ index }) => first <= index && index <= last;
    const words = segment.words.map((word) => (isInside(word) ? withBookmark(word, of(word)) : word));
    return words.every((word, n) => word === segment.words[n]) ? segment : { ...segment, words };
  });
  if (inserted.every((segment, n) => segment === segments[at + n])) return null;
  return { at, count: inserted.length, inserted, focus: first };
}
