// A transcript as a document of the page: plain data, and functions that need no browser.
//
// segments  the segments of the JSON contract with {lang, spaced, paragraph, chosen} and `words`; a segment is
//           replaced, never changed
// words     the words of all segments: those of the contract, with `word` as `text`, `band`, `edited` if the
//           reader has typed the word and, kept up to date, `index`

// run       names the transcription
// received  how many segments have arrived, those without words included
// past      edits that can be undone; future: edits that can be redone
// unsaved   whether there are edits that were not downloaded
// edits     how many edits there have been; kept: how many of them the server has
export const blankDocument = (run, media) => ({
  run, media, name: media?.orig_name ?? "", segments: [], words: [], meta: null, received: 0,
  past: [], future: [], unsaved: false, edits: 0, kept: 0,
});

// Returns a segment of a message as one of a document. All fields of the contract stay as they are.
export const parseSegment = ({ words, ...segment }) => ({
  ...segment,
  words: words.map(({ word: text, ...fields }) => ({ text, ...fields, index: 0 })),
});

// Appends what a message brings; returns the index of the first new segment. Messages overlap.
export function appendMessage(document, { from, segments, meta }) {
  const first = document.segments.length;
  const fresh = from <= document.received ? segments.slice(document.received - from) : [];
  document.received += fresh.length;
  document.segments.push(...fresh.map(parseSegment).filter(({ words }) => words.length));
  for (const segment of document.segments.slice(first))
    for (const word of segment.words) word.index = document.words.push(word) - 1;
  if (first === 0) for (const index of meta?.by_hand ?? []) document.words[index].edited = true;
  return first;
}

export function reindex(document) {
  document.words = document.segments.flatMap(({ words }) => words);
  document.words.forEach((word, index) => (word.index = index));
}

// Returns what the server needs to write files: segments as the JSON contract has them, without the fields of
// the page, and the rest of the transcript as the server sent it.
export function exportDocument({ segments, meta, name }) {
  return {
    name,
    transcript: meta?.transcript,
    segments: segments.map(({ lang, spaced, paragraph, chosen, words, ...segment }) => ({
      ...segment,
      ...(chosen ? { paragraph } : {}),
      words: words.map(({ text: word, band, index, edited, ...fields }) => ({ word, ...fields })),
    })),
  };
}

// Returns the index of the word that is playing at a time, -1 between words. Starts never go back.
export function wordAt(words, time, tolerance = 0.005) {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle].start <= time + tolerance) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time < words[low - 1].end ? low - 1 : -1;
}

// Whether this page alone has a finished transcript: the server's disk was full.
export const isHereOnly = ({ meta }) => meta?.kept_until === null;
