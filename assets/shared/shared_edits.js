// Takes what another reader has corrected into a document with corrections of this page.
import { mergedBookmarks } from "../bookmarks/merging.js";
import { withBookmark } from "../bookmarks/passages.js";
import { markHandwritten, parseSegment } from "./document.js";
import { applyRemote } from "./history.js";
import { merge, wordKey } from "./merge.js";
import { exportSpeakers } from "../speakers/speakers.js";
import { mergedTranslation, translationOf } from "../translation/sentences.js";

// What the server has: the segments, the names of speakers and the translation of its transcript, and the revision,
// from which the next save starts.
export const baseOf = (segments, { speakers, translation = null }, revision) => ({
  segments, names: namesOf(speakers), translation, revision,
});

const namesOf = (speakers) => Object.fromEntries((speakers ?? []).map(({ id, name }) => [id, name ?? id]));

// Returns the segments of a stored message, with the words that were typed marked.
export function storedSegments({ segments, ...noted }) {
  const parsed = segments.map(parseSegment);
  markHandwritten(parsed.flatMap(({ words }) => words), noted);
  return parsed;
}

// Merges the stored version `theirs` {segments, by_hand, bands_before, speakers, translation, revision} into a
// document. Where both have changed one place, `choose` is asked for "mine" or "theirs". Returns "merged", or, with the
// document as it was, "put off" if the reader has not chosen and "changed" if the document was edited meanwhile.
export const mergeStored = (document, theirs, choose) =>
  mergeVersion(document, { ...theirs, segments: storedSegments(theirs) }, choose);

// The same for a version whose segments are those of a document.
export async function mergeVersion(document, theirs, choose) {
  const { base } = document;
  const { segments } = theirs;
  const { changes, conflicts } = merge(base.segments, document.segments, segments);
  const names = mergeNames(document, theirs.speakers);
  const { segments: before, edits } = document;
  const taken = [...changes];
  for (const place of conflicts) {
    const choice = await choose(place);
    if (!choice) return "put off";
    if (choice === "theirs") taken.push({ at: place.at, count: place.count, inserted: place.theirs });
  }
  for (const clash of names.clashes) {
    const choice = await choose(clash);
    if (!choice) return "put off";
    if (choice === "theirs") delete names.given[clash.id];
  }
  if (document.segments !== before || document.edits !== edits) return "changed";
  const bookmarkOf = mergedBookmarks(base.segments, [...before], segments);
  for (const change of taken.sort((one, other) => other.at - one.at)) applyRemote(document, change);
  takeChecks(document, checksBetween(base.segments, segments));
  changeWords(document, (word) => withBookmark(word, bookmarkOf(word)));
  takeTranslation(document, theirs);
  document.names = names.given;
  document.speakers = theirs.speakers ?? document.speakers;
  document.base = baseOf(segments, theirs, theirs.revision);
  return "merged";
}

// A version that an earlier page has kept says nothing of translations.
function takeTranslation(document, { translation }) {
  if (translation === undefined || !document.meta) return;
  const { translation: base } = document.base;
  document.meta.transcript.translation = mergedTranslation(base, translationOf(document), translation);
}

const wordsOf = (segments) => segments.flatMap(({ words }) => words);

// Returns which words another version has checked, or has unchecked again, by their keys. Readers who check two words
// of one segment do not get in each other's way.
function checksBetween(base, other) {
  const before = new Map(wordsOf(base).map((word) => [wordKey(word), Boolean(word.checked)]));
  const now = wordsOf(other).map((word) => [wordKey(word), Boolean(word.checked)]);
  return new Map(now.filter(([key, checked]) => before.has(key) && before.get(key) !== checked));
}

function takeChecks(document, checks) {
  if (!checks.size) return;
  const take = (word) => {
    const checked = checks.get(wordKey(word)) ?? Boolean(word.checked);
    const { checked: _, ...rest } = word;
    return checked === Boolean(word.checked) ? word : { ...rest, ...(checked && { checked }) };
  };
  changeWords(document, take);
}

// Makes a change of another reader to words; `change` returns the same word if nothing changes.
function changeWords(document, change) {
  [...document.segments].forEach((segment, at) => {
    const words = segment.words.map(change);
    if (words.every((word, n) => word === segment.words[n])) return;
    applyRemote(document, { at, count: 1, inserted: [{ ...segment, words }] });
  });
}

// Returns the names that were given here since the last save, and where another reader gave others.
function mergeNames(document, speakers) {
  const theirs = namesOf(speakers);
  const given = {};
  const clashes = [];
  for (const { id, name } of exportSpeakers(document)) {
    const before = document.base.names[id] ?? id;
    if (name === before) continue;
    given[id] = name;
    const other = theirs[id] ?? before;
    if (other !== before && other !== name) clashes.push({ id, mine: name, theirs: other });
  }
  return { given, clashes };
}
