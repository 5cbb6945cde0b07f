// What the reader's corrections of speakers do to a document. Each function returns an edit for history.js, null
// if nothing changes.
import { assignWords, cutBySpeaker, editBetween, inParagraphs } from "./relabel.js";
import { freeLabel, givenName, turnAt } from "./speakers.js";

// Gives words `first` to `last` to a speaker. The segments around them are cut.
export function assign(document, { first, last, speaker }, rules) {
  const { words, segments } = document;
  if (words.slice(first, last + 1).every((word) => word.speaker === speaker)) return null;
  const parts = segments.flatMap((segment) => assignWords(segment, first, last, speaker));
  return editBetween(segments, inParagraphs(parts, rules), first);
}

// Gives a word and the rest of its turn to a new speaker.
export const splitFrom = (document, index, rules) =>
  assign(document, { first: index, last: turnAt(document, index).last, speaker: freeLabel(document) }, rules);

// Gives all words of a speaker to another, and the name too if only the first has one.
export function merge(document, { from, into, focus }, rules) {
  const next = document.segments.map((segment) => {
    if (!segment.words.some(({ speaker }) => speaker === from)) return segment;
    const words = segment.words.map((word) => (word.speaker === from ? { ...word, speaker: into } : word));
    return { ...segment, words, speaker: segment.speaker === from ? into : segment.speaker };
  });
  const edit = editBetween(document.segments, inParagraphs(next, rules), focus);
  const name = givenName(document, into) ? "" : givenName(document, from);
  return edit && name ? { ...edit, names: { ...document.names, [into]: name } } : edit;
}

// Gives a speaker a name; an empty one takes it away. Either says that this voice is a person of its own.
export function rename({ names }, { id, name, focus }) {
  return { at: 0, count: 0, inserted: [], focus, names: { ...names, [id]: name.trim() } };
}

// Returns segments that take the place of others, cut where the speaker changes. A word keeps the speaker that it
// comes with, if that is one of the document's; else it gets the one of the word that it is nearest to.
export function takeSpeakers(segments, words) {
  const labelled = words.filter(({ speaker }) => speaker);
  if (!labelled.length) return segments;
  const middle = ({ start, end }) => (start + end) / 2;
  const away = (word, time) => Math.max(word.start - time, time - word.end, 0);
  const known = new Set(labelled.map(({ speaker }) => speaker));
  const nearest = (time) => labelled.reduce((best, word) => (away(word, time) < away(best, time) ? word : best));
  return segments.flatMap((segment) => {
    const speakerOf = (word) => (known.has(word.speaker) ? word.speaker : nearest(middle(word)).speaker);
    const own = segment.words.map((word) => ({ ...word, speaker: speakerOf(word) }));
    return cutBySpeaker({ ...segment, words: own });
  });
}
