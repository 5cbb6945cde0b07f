// Documents for the tests of the page's scripts.
import { blankDocument, reindex } from "../../assets/shared/document.js";

export const word = (text, start, end, more = {}) => ({
  text, start, end, probability: 0.5, band: "doubtful", timing: "attention", ...more,
});

export const segment = (words, more = {}) => ({
  language: "en", lang: "en", spaced: true, paragraph: false, chosen: false, words, ...more,
});

// Returns a document with segments of these words.
export function documentOf(...segments) {
  const made = { ...blankDocument("run", null), segments };
  reindex(made);
  return made;
}

export const texts = ({ segments }) => segments.map(({ words }) => words.map(({ text }) => text).join(" "));

// Returns segments as the server sends them.
export const asSent = (segments) =>
  segments.map(({ words, ...rest }) => ({
    ...rest, words: words.map(({ text, ...fields }) => ({ word: text, ...fields })),
  }));
