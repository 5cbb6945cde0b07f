// Takes messages of the server into a document (page/messages.py).
import { appendMessage, parseSegment, reindex } from "./document.js";
import { cutBySpeaker, inParagraphs, labeller } from "../speakers/relabel.js";

// Returns {first, relabelled}: the index of the first new segment, and whether others have changed.
export function takeMessage(document, message, rules) {
  const { meta } = message;
  const isLast = Boolean(meta) && !document.meta;
  const whole = isLast && document.segments.length > 0 && isUntouched(document);
  takeSpeakers(document, message);
  if (whole) return { first: document.segments.length, relabelled: takeWhole(document, message) };
  const first = appendMessage(document, message);
  // The message's own words have their labels: turns are for those that have arrived before.
  const relabelled = first > 0 && Boolean(message.turns) && relabel(document, message.turns, rules);
  return { first: relabelled ? document.segments.length : first, relabelled };
}

function takeSpeakers(document, { speakers, provisional = false, renumbered, meta }) {
  document.provisional = meta ? false : provisional;
  document.speakers = meta?.transcript.speakers ?? speakers ?? document.speakers;
  if (!renumbered) return;
  const rename = (names) => names && renameVoices(names, renumbered);
  document.names = rename(document.names);
  for (const edit of [...document.past, ...document.future]) edit.names = edit.names?.map(rename);
}

// Returns the names by the labels that their voices have now. If a voice has none any more, its name goes: another
// voice may have its label.
function renameVoices(names, renumbered) {
  const taken = new Set(Object.values(renumbered));
  const kept = Object.entries(names).filter(([id]) => Object.hasOwn(renumbered, id) || !taken.has(id));
  return Object.fromEntries(kept.map(([id, name]) => [renumbered[id] ?? id, name]));
}

// Whether the segments are the server's; names alone may have been given.
const isUntouched = ({ past, future, received }) =>
  received < Infinity &&
  [...past, ...future].every(({ removed, inserted }) => !removed.length && !inserted.length);

// Puts the segments of the last message in the place of those so far, but for those that are the same.
function takeWhole(document, { segments }) {
  const old = document.segments;
  const known = new Map(old.map((segment) => [segment.words[0].start, segment]));
  const parsed = segments.map(parseSegment).filter(({ words }) => words.length);
  document.segments = parsed.map((fresh) => {
    const before = known.get(fresh.words[0].start);
    return before && isSame(before, fresh) ? before : fresh;
  });
  document.received = document.segments.reduce((sum, { words }) => sum + words.length, 0);
  reindex(document);
  return old.length !== document.segments.length || old.some((segment, at) => segment !== document.segments[at]);
}

const SHOWN = ["text", "speaker", "band", "disfluency", "fluent", "bookmark"]; // of a word

const isSame = (one, other) =>
  one.speaker === other.speaker &&
  one.paragraph === other.paragraph &&
  one.words.length === other.words.length &&
  one.words.every((word, at) => SHOWN.every((name) => word[name] === other.words[at][name]));

// Labels all words by turns. While there are edits to undo, segments stay uncut, for edits know them by number.
function relabel(document, turns, rules) {
  const label = labeller(turns);
  const old = document.segments;
  if (!isUntouched(document)) {
    const fresh = new Map();
    const once = (segment) => fresh.get(segment) ?? fresh.set(segment, label(segment)).get(segment);
    document.segments = old.map(once);
    for (const edit of [...document.past, ...document.future])
      Object.assign(edit, { removed: edit.removed.map(once), inserted: edit.inserted.map(once) });
  } else {
    const parts = old.map(label).flatMap((segment, at) => (segment === old[at] ? [segment] : cutBySpeaker(segment)));
    document.segments = inParagraphs(parts, rules);
  }
  reindex(document);
  return old.length !== document.segments.length || old.some((segment, at) => segment !== document.segments[at]);
}
