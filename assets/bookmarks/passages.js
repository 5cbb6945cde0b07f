// Bookmarks: passages that the reader has marked to come back to. Plain data, no browser.
//
// Each word of a passage has its note as `bookmark`, "" without one. Words in a row with the same note are one passage,
// so that a passage outlives whatever is deleted, inserted or corrected in it.

export const isBookmarked = ({ bookmark }) => bookmark !== undefined;

// Returns the passages of words as {first, last, note}, places among these words.
export function passagesOf(words) {
  const found = [];
  words.forEach(({ bookmark }, at) => {
    if (bookmark === undefined) return;
    const open = found.at(-1);
    if (open?.last === at - 1 && open.note === bookmark) open.last = at;
    else found.push({ first: at, last: at, note: bookmark });
  });
  return found;
}

// Returns the passage that a word belongs to, null if it is in none.
export function passageAt(words, index) {
  if (!words[index] || !isBookmarked(words[index])) return null;
  return passagesOf(words).find(({ first, last }) => first <= index && index <= last);
}

// Returns a word with a bookmark, or without one if that is undefined; the same word if nothing changes.
export function withBookmark(word, bookmark) {
  if (word.bookmark === bookmark) return word;
  const { bookmark: _, ...rest } = word;
  return bookmark === undefined ? rest : { ...rest, bookmark };
}

// Returns the bookmark of what stands between two words; undefined if it is in no passage.
export const sharedBookmark = (before, after) => (before?.bookmark === after?.bookmark ? before?.bookmark : undefined);

// Returns the bookmark of what takes the place of two bookmarks: no note is lost.
export function joinBookmarks(one, other) {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.includes(other)) return one;
  return other.includes(one) ? other : `${one} · ${other}`;
}

// Returns words that take the place of others with the bookmarks of those, by their times. A passage of which no word
// is left stays at the nearest of the new words.
//
// before, after  the words beside the place, which stay
export function carryBookmarks(old, fresh, { before, after } = {}) {
  const around = [before, ...old, after].filter(Boolean);
  const bookmarks = fresh.map(() => undefined);
  for (const { first, last, note } of passagesOf(around)) {
    const inside = placesIn(fresh, { start: around[first].start, end: latest(around.slice(first, last + 1)) });
    const isWhole = around[first] !== before && around[last] !== after;
    const places = inside.length || !isWhole ? inside : [nearest(fresh, middle(around[first]))];
    for (const at of places) bookmarks[at] = joinBookmarks(bookmarks[at], note);
  }
  return fresh.map((word, at) => withBookmark(word, bookmarks[at]));
}

const middle = ({ start, end }) => (start + end) / 2;

const latest = (words) => Math.max(...words.map(({ end }) => end));

const placesIn = (words, { start, end }) =>
  words.flatMap((word, at) => (start <= middle(word) && middle(word) <= end ? [at] : []));

const nearest = (words, time) =>
  words.reduce((best, word, at) => (away(word, time) < away(words[best], time) ? at : best), 0);

const away = (word, time) => Math.abs(middle(word) - time);
