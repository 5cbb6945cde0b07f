// A transcript as a document of the page: plain data, and functions that need no browser.
//
// segments  the segments of the JSON contract with {lang, spaced, paragraph, chosen} and `words`; a segment is
//           replaced, never changed
// words     the words of all segments: those of the contract, with `word` as `text`, `band`, `edited` if the
//           reader has typed the word and, kept up to date, `index`; `checked` if a person has found it right;
//           `fluent`, its text while fillers are hidden, if it differs; `bookmark`, see bookmarks/passages.js;
//           `bandBefore` is that of the word in whose place it was typed
import { exportSpeakers } from "../speakers/speakers.js";

// run       names the transcription
// received  how many words have arrived
// speakers  those of the contract, as the server knows them
// names     the names that the reader has given, by label
// provisional  whether words may still get other speakers
// past      edits that can be undone; future: edits that can be redone
// unsaved   whether there are edits that were not downloaded
// edits     how many edits there have been; kept: how many of them the server has
// base      what the server has, see shared_edits.js; null until it has the whole
export const blankDocument = (run, media) => ({
  run, media, name: media?.orig_name ?? "", segments: [], words: [], meta: null, received: 0,
  speakers: [], names: {}, provisional: false, past: [], future: [], unsaved: false, edits: 0, kept: 0, base: null,
});

// Returns a segment of a message as one of a document. All fields of the contract stay as they are.
export const parseSegment = ({ words, ...segment }) => ({
  ...segment,
  words: words.map(({ word: text, ...fields }) => ({ text, ...fields, index: 0 })),
});

// Appends what a message brings; returns the index of the first new segment. Messages overlap; `from` counts the
// words before a message's first, since a segment may have been cut meanwhile.
export function appendMessage(document, { from, segments, meta }) {
  const first = document.segments.length;
  let known = document.received - from; // words of the message that have arrived
  for (const segment of known < 0 ? [] : segments.map(parseSegment)) {
    const words = segment.words.slice(known);
    if (words.length) document.segments.push(known > 0 ? { ...segment, words, paragraph: false } : segment);
    known = Math.max(0, known - segment.words.length);
    document.received += words.length;
  }
  for (const segment of document.segments.slice(first))
    for (const word of segment.words) word.index = document.words.push(word) - 1;
  if (first === 0 && meta) markHandwritten(document.words, meta);
  return first;
}

// Returns what the server notes of words that the reader has typed: their indices, and the bands, by index, of those
// that stood in their place.
export function handwritten(words) {
  const before = words.filter(({ bandBefore }) => bandBefore);
  return {
    by_hand: words.filter(({ edited }) => edited).map(({ index }) => index),
    bands_before: Object.fromEntries(before.map(({ index, bandBefore }) => [index, bandBefore])),
  };
}

// Marks words by what the server has noted.
export function markHandwritten(words, { by_hand: typed = [], bands_before: bands = {} }) {
  for (const index of typed) if (words[index]) words[index].edited = true;
  for (const [index, band] of Object.entries(bands)) if (words[index]) words[index].bandBefore = band;
}

export function reindex(document) {
  document.words = document.segments.flatMap(({ words }) => words);
  document.words.forEach((word, index) => (word.index = index));
}

// Returns what the server needs to write files: segments as the JSON contract has them, without the fields of
// the page, and the rest of the transcript as the server sent it.
export function exportDocument(document) {
  const { segments, meta, name } = document;
  return {
    name,
    transcript: meta && { ...meta.transcript, ...(document.speakers && { speakers: exportSpeakers(document) }) },
    segments: segments.map(({ lang, spaced, paragraph, chosen, words, ...segment }) => ({
      ...segment,
      ...(chosen ? { paragraph } : {}),
      words: words.map(({ text: word, band, bandBefore, index, edited, fluent, ...fields }) => ({ word, ...fields })),
    })),
  };
}

// Returns the place of the last span that begins at a time or before it, -1 if none does. Starts never go back.
export function lastFrom(spans, time) {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle].start <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// Returns the index of the word that is playing at a time, -1 between words. Starts never go back.
export function wordAt(words, time, tolerance = 0.005) {
  const at = lastFrom(words, time + tolerance);
  return time < words[at]?.end ? at : -1;
}

// Returns the index of the word that is heard at a time, or else of the next one; the last one after all.
export function wordFrom(words, time) {
  const at = words.findIndex(({ end }) => end > time);
  return at < 0 ? words.length - 1 : at;
}

// Whether this page alone has a finished transcript: the server's disk was full, or its time there is over.
export const isHereOnly = ({ meta }) => meta?.kept_until === null;
