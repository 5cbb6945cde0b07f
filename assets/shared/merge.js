// Merges the corrections of two readers of one transcript, segment by segment. Plain data, no browser.
//
// A change {at, count, inserted} replaces `count` segments from `at` by others.

const seconds = (time) => time.toFixed(3); // as the server writes them

export const wordKey = ({ text, start, end, speaker = "" }) => [text, seconds(start), seconds(end), speaker].join(" ");

// Returns what tells a segment from every other one.
const keyOf = ({ words, speaker = "", chosen, paragraph }) =>
  [speaker, chosen ? paragraph : "", ...words.map(wordKey)].join("\n");

// Returns the changes that make the segments `other` out of `base`, in order.
export function changesBetween(base, other) {
  const places = new Map(); // of each segment in `base`, -1 for one that is there twice
  base.forEach((segment, at) => {
    const key = keyOf(segment);
    places.set(key, places.has(key) ? -1 : at);
  });
  const changes = [];
  let [from, start] = [0, 0]; // the first segments that have no counterpart yet
  const close = (at, index) => {
    if (at > from || index > start) changes.push({ at: from, count: at - from, inserted: other.slice(start, index) });
    [from, start] = [at + 1, index + 1];
  };
  other.forEach((segment, index) => {
    const at = places.get(keyOf(segment)) ?? -1;
    if (at >= from) close(at, index);
  });
  close(base.length, other.length);
  return changes;
}

const isSame = (one, two) =>
  one.at === two.at &&
  one.count === two.count &&
  one.inserted.map(keyOf).join("\n\n") === two.inserted.map(keyOf).join("\n\n");

// Whether both changes are of one place: of one segment at least, or put in at one point.
const touch = (one, two) =>
  one.at === two.at || (one.at < two.at + two.count && two.at < one.at + one.count);

// Returns how two versions of `base` fit together:
//
// changes    theirs that do not touch ours, as changes of `mine`, in order
// conflicts  {at, count, mine, theirs}: places of `mine` that both have changed, with the segments of both
export function merge(base, mine, theirs) {
  const ours = changesBetween(base, mine);
  const others = changesBetween(base, theirs).filter((change) => !ours.some((own) => isSame(own, change)));
  const changes = [];
  const conflicts = [];
  for (const change of others) {
    const touched = ours.filter((own) => touch(own, change));
    if (touched.length) addConflict(conflicts, [change, ...touched]);
    else changes.push({ ...change, at: change.at + shift(ours, change.at) });
  }
  return { changes, conflicts: conflicts.map((place) => versions(place, { base, ours, others })) };
}

// Adds the place of changes that touch each other; it may reach into that of the conflict before.
function addConflict(conflicts, changes) {
  const last = conflicts.at(-1);
  const from = Math.min(...changes.map(({ at }) => at));
  const to = Math.max(...changes.map(({ at, count }) => at + count));
  if (last && from < last.to) Object.assign(last, { from: Math.min(from, last.from), to: Math.max(to, last.to) });
  else conflicts.push({ from, to });
}

// How far the changes before a place have moved it.
const shift = (changes, place) =>
  changes.reduce((sum, { at, count, inserted }) => (at + count <= place ? sum + inserted.length - count : sum), 0);

function versions({ from, to }, { base, ours, others }) {
  const mine = changed(base, ours, { from, to });
  const before = ours.filter(({ at }) => at < from);
  return { at: from + shift(before, from), count: mine.length, mine, theirs: changed(base, others, { from, to }) };
}

// Returns the segments of a place after the changes in it.
function changed(base, changes, { from, to }) {
  const made = [];
  let at = from;
  for (const change of changes.filter((each) => each.at >= from && each.at + each.count <= to)) {
    made.push(...base.slice(at, change.at), ...change.inserted);
    at = change.at + change.count;
  }
  return [...made, ...base.slice(at, to)];
}
