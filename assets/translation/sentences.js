// The translation beside the words, as the JSON contract has it: {language, until, segments: [{start, end, text}]},
// times in seconds. Plain data, no browser. A translation is replaced, never changed.
//
// It stands in the document's `meta` and is no part of the words: no correction touches it, nor does undo.
import { lastFrom } from "../shared/document.js";

export const translationOf = ({ meta }) => meta?.transcript?.translation ?? null;

// Returns a translation with the sentences of a further stretch; `translation` is null before the first.
export function withStretch(translation, { until }, sentences) {
  const known = translation?.segments ?? [];
  const segments = [...known, ...sentences].sort((one, other) => one.start - other.start);
  return { language: translation?.language ?? "en", until: Math.max(translation?.until ?? 0, until), segments };
}

// Returns for each paragraph its sentences: those whose middle lies in its time, or nearer to it than to the next one.
// engine/text/translation.py does the same for files.
//
// spans  {start, end} of each paragraph, by their starts
export function sentencesBeside(translation, spans) {
  const found = spans.map(() => []);
  if (!spans.length) return found;
  for (const sentence of translation?.segments ?? []) {
    const middle = (sentence.start + sentence.end) / 2;
    let at = Math.max(0, lastFrom(spans, middle));
    const next = spans[at + 1];
    if (next && middle - spans[at].end > next.start - middle) at += 1;
    found[at].push(sentence);
  }
  return found;
}

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

// Returns the translation of a document that two readers have had, each null for none: the one that has changed since
// `base`. If both have, it is the one that reaches further.
export function mergedTranslation(base, mine, theirs) {
  if (same(theirs, base)) return mine ?? null;
  if (same(mine, base)) return theirs ?? null;
  return (theirs?.until ?? -1) > (mine?.until ?? -1) ? theirs : mine;
}
