// Merges the bookmarks of two readers of one transcript, word by word. Plain data, no browser.
import { lastFrom } from "../shared/document.js";
import { wordKey } from "../shared/merge.js";
import { isBookmarked, joinBookmarks, sharedBookmark } from "./passages.js";

const wordsOf = (segments) => segments.flatMap(({ words }) => words);

// Returns a function that returns the bookmark that a word of the merged transcript gets: what either reader has
// changed since `base`. If both have, a bookmark stays, and both notes do. All three are lists of segments.
//
// Words that a reader has corrected are found in the other versions by their time.
export function mergedBookmarks(base, mine, theirs) {
  const versions = [base, mine, theirs].map(wordsOf);
  if (!versions.some((words) => words.some(isBookmarked))) return () => undefined;
  const lookups = versions.map(lookup);
  return (word) => {
    const [before, own, other] = lookups.map((find) => find(word));
    if (other === before) return own;
    return own === before ? other : joinBookmarks(own, other);
  };
}

// Returns a function that returns the bookmark that a word, or what was said at its time, has in a version.
function lookup(words) {
  const known = new Map(words.map((word) => [wordKey(word), word.bookmark]));
  return (word) => {
    const key = wordKey(word);
    if (known.has(key)) return known.get(key);
    const middle = (word.start + word.end) / 2;
    const at = lastFrom(words, middle);
    return middle < words[at]?.end ? words[at].bookmark : sharedBookmark(words[at], words[at + 1]);
  };
}
