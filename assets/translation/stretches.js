// Which stretch of a recording is to be translated next. Plain data, no browser.

const PAD = 1; // seconds of sound at most before the first word of a stretch and behind its last one
const LEAST = 0.1; // seconds of a stretch
const STEP = 0.001; // seconds; the server keeps three decimals

const BORDERS = ["paragraph", "segment", "word"]; // before which a stretch may end, the best first

// Returns {start, end, until} in seconds: what to ask for, and up to where the recording is translated then; null if no
// word is left behind `until`, up to where it has been translated before.
//
// most  seconds that a stretch lasts: it ends before a paragraph, or else before a sentence, or else before a word
export function nextStretch({ segments, words }, until, most) {
  const first = firstBehind(words, until);
  if (first < 0) return null;
  const start = startAt(words, first);
  const fits = (at) => endBefore(words, at) - start <= most;
  const borders = () => bordersBehind(segments, first, start + most);
  const last = fits(words.length) ? words.length : longest(borders(), fits) ?? first + 1;
  const end = Math.max(start + LEAST, Math.min(endBefore(words, last), start + most));
  const reached = Math.max(end, words[last - 1].start + 2 * STEP); // beyond each of its words
  return { start: rounded(start), end: rounded(end), until: rounded(reached) };
}

// Whether a word is left behind `until`.
export const isLeft = ({ words }, until) => firstBehind(words, until) >= 0;

const firstBehind = (words, until) => words.findIndex(({ start }) => start >= until - STEP);

// Returns the last place of the best kind before which a stretch can end.
function longest(places, fits) {
  for (const kind of BORDERS) {
    const found = places.findLast((place) => place.kind === kind && fits(place.at));
    if (found) return found.at;
  }
  return undefined;
}

// Returns the words before which a stretch may end that ends about a time at the latest, {at, kind}, `at` by index.
function bordersBehind(segments, first, latest) {
  const kindOf = ({ paragraph, words }, word) => (word !== words[0] ? "word" : paragraph ? "paragraph" : "segment");
  const places = (segment) => segment.words.map((word) => ({ at: word.index, kind: kindOf(segment, word) }));
  const behind = segments.filter(({ words }) => words.at(-1).index > first);
  const beyond = behind.findIndex(({ words }) => words[0].start > latest); // after a pause, it may be the border
  const near = beyond < 0 ? behind : behind.slice(0, beyond + 1);
  return near.flatMap(places).filter(({ at }) => at > first);
}

// Returns where the sound begins of a stretch whose first word has an index: in the pause before it, near to the word.
function startAt(words, at) {
  const [before, { start }] = [words[at - 1], words[at]];
  const pause = before ? Math.min(start, (before.end + start) / 2) : 0;
  return Math.max(0, pause, start - PAD);
}

// Returns where the sound ends of a stretch that ends before the word with an index.
function endBefore(words, at) {
  const [{ end }, after] = [words[at - 1], words[at]];
  return after ? Math.min(end + PAD, after.start, (end + after.start) / 2) : end + PAD;
}

const rounded = (seconds) => Math.round(1000 * seconds) / 1000;
