// What the reader's corrections do to a document. Times of new words come from their neighbours.

import { joinBookmarks, sharedBookmark, withBookmark } from "../bookmarks/passages.js";
import { SPACELESS } from "../shared/scripts.js";

const MIN_PAUSE = 0.06; // seconds of a pause that an inserted word needs to have them for itself
const MAX_WORD = 0.4; // seconds of a pause that an inserted word takes

export const splitTyped = (text) => text.split(/\s+/u).filter(Boolean);

// Returns what is said of a text: its letters and digits.
const spoken = (text) => text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, "");

// Returns a word without what was chosen for a subtitle that begins or ends with it.
const withoutCue = ({ cue, cue_start: _start, cue_end: _end, ...word }) => (cue === false ? { ...word, cue } : word);

// Returns what words that are put in between two others have of the first one.
const likeBetween = (word, next) => withBookmark(withoutCue(word), sharedBookmark(word, next));

// Returns a word as it stands, without the text that it has while its neighbours are hidden.
function withoutFluent(word) {
  if (!word.fluent) return word; // the same object: who asked for its times finds it again
  const { fluent: _, ...rest } = word;
  return rest;
}

// Returns the words before a place that changes: what was said again there may no longer be.
function unrepeated(words) {
  const kept = words.findLastIndex(({ disfluency }) => !disfluency) + 1; // the marked words in a row come after it
  const plain = words.map((word, at) => {
    if (at < kept || word.disfluency !== "repeat") return word;
    const { disfluency: _, ...rest } = word;
    return rest;
  });
  return plain.map((word, at) => (at === plain.length - 1 ? withoutFluent(word) : word));
}

const round = (seconds) => Math.round(seconds * 1000) / 1000;

// Shares a span of time among texts, by their letters; returns {text, start, end} of each.
export function shareTime(texts, { start, end }) {
  const letters = texts.map((text) => [...text].length);
  const all = letters.reduce((sum, count) => sum + count, 0);
  let [at, done] = [start, 0];
  return texts.map((text, number) => {
    done += letters[number];
    const until = number === texts.length - 1 ? end : round(start + ((end - start) * done) / all);
    const shared = { text, start: at, end: until };
    at = until;
    return shared;
  });
}

// Returns where the word with an index stands: segment number `at`, the segment, and its place `inside`.
export function placeOf({ segments }, index) {
  let inside = index;
  const at = segments.findIndex(({ words }) => {
    if (inside < words.length) return true;
    inside -= words.length;
    return false;
  });
  return { at, segment: segments[at], inside };
}

// Each method returns an edit for history.js, {at, count, inserted, focus}; null if nothing changes.
//
// sure     the band of words that the reader has typed
// fillers  tells which of them are fillers
export class Edits {
  constructor(document, { sure, fillers }) {
    Object.assign(this, { document, sure, fillers });
  }

  // Returns a word with changes by the reader, which count as certain. The aligner's score and phones were of the old
  // text.
  byHand({ score: _, phones: __, bandBefore: ___, disfluency: ____, fluent: _____, ...word }, changes) {
    return { ...word, probability: 1, band: this.sure, edited: true, checked: true, ...changes };
  }

  // Returns a word with another text in its place, which remembers the band that it had. If another
  // word is said, its times are no longer found in the sound.
  retyped(word, text) {
    const isSaid = spoken(text) === spoken(word.text);
    return this.byHand(word, { text, ...this.doubtAt(word), ...(isSaid ? {} : { timing: "interpolated" }) });
  }

  // Returns what a word keeps that is typed in the place of another.
  doubtAt({ band, bandBefore = band }) {
    return bandBefore && bandBefore !== this.sure ? { bandBefore } : {};
  }

  // Notes that the words `first` to `last` of one segment are right as they stand.
  // settled  the label of a voice that is a person of its own, null for none
  accept({ first, last }, settled = null) {
    const { at, segment, inside } = placeOf(this.document, first);
    const end = inside + last - first;
    const words = segment.words.map((word, n) => (n >= inside && n <= end ? { ...word, checked: true } : word));
    const edit = { at, count: 1, inserted: [{ ...segment, words }], focus: first };
    return settled === null ? edit : { ...edit, names: { ...this.document.names, [settled]: "" } };
  }

  // Returns words for texts that share a span of time. What was chosen for subtitles stays at the first.
  typedWords(texts, span, like) {
    return shareTime(texts, span).map((shared, number) =>
      this.byHand(number ? withoutCue(like) : like, { ...shared, timing: "interpolated" }),
    );
  }

  // Returns a word that the reader has typed with its mark, if it is a filler.
  marked(word, { language }) {
    const kind = word.edited && this.fillers?.kindOf(word.text, language);
    return kind ? { ...word, disfluency: kind } : word;
  }

  // Replaces `count` words of one segment.
  replace(index, count, words, focus) {
    const { at, segment, inside } = placeOf(this.document, index);
    const typed = words.map((word) => this.marked(word, segment));
    const rest = segment.words.slice(inside + count).map((word, place) => (place ? word : withoutFluent(word)));
    const left = [...unrepeated(segment.words.slice(0, inside)), ...typed, ...rest];
    if (left.length) return { at, count: 1, inserted: [{ ...segment, words: left }], focus };
    const next = this.document.segments[at + 1];
    if (!next || !segment.paragraph || next.paragraph) return { at, count: 1, inserted: [], focus };
    // A paragraph outlives its first segment.
    return { at, count: 2, inserted: [{ ...next, paragraph: true, chosen: true }], focus };
  }

  remove(index) {
    return this.replace(index, 1, [], index);
  }

  // Replaces a word by the words of a text; an empty text removes the word.
  retype(index, text) {
    const word = this.document.words[index];
    const texts = splitTyped(text);
    if (texts.join(" ") === word.text) return null;
    if (!texts.length) return this.remove(index);
    const words = texts.length === 1 ? [this.retyped(word, texts[0])] : this.typedWords(texts, word, word);
    Object.assign(words[0], this.doubtAt(word));
    return this.replace(index, 1, words, index + words.length - 1);
  }

  // Inserts the words of a text after a word. They take the pause that follows it, or part of its time if
  // there is no pause.
  insertAfter(index, text) {
    const texts = splitTyped(text);
    if (!texts.length) return null;
    const { words, meta } = this.document;
    const [word, next] = [words[index], words[index + 1]];
    const pauseEnd = next ? next.start : meta?.transcript.duration ?? word.end;
    const end = Math.min(pauseEnd, word.end + MAX_WORD * texts.length);
    const focus = index + texts.length;
    if (end - word.end >= MIN_PAUSE * texts.length) {
      const added = this.typedWords(texts, { start: word.end, end }, likeBetween(word, next));
      return this.replace(index, 1, [word, ...added], focus);
    }
    const whole = { start: word.start, end: Math.max(word.start, word.end) };
    const [kept, ...added] = this.typedWords([word.text, ...texts], whole, likeBetween(word, next));
    const shortened = { ...word, end: kept.end, timing: "interpolated" };
    return this.replace(index, 1, [shortened, ...added], focus);
  }

  // Inserts the words of a text in a stretch of speech that has none; the word before no longer reaches into it.
  fill({ start, end }, text) {
    const texts = splitTyped(text);
    const { words } = this.document;
    if (!texts.length) return null;
    if (!words.length) return this.begin({ start, end }, texts);
    const found = words.findIndex((word) => word.start > start);
    const next = found < 0 ? words.length : found;
    const until = Math.max(start, Math.min(end, words[next]?.start ?? end));
    const word = words[Math.max(0, next - 1)];
    const beside = next ? words[next] : undefined; // before the first word, there is nothing in between
    const added = this.typedWords(texts, { start, end: until }, likeBetween(word, beside));
    const focus = next + texts.length - 1;
    if (next === 0) return this.replace(0, 1, [...added, word], focus);
    const kept = word.end > start ? { ...word, end: start, timing: "interpolated" } : word;
    return this.replace(next - 1, 1, [kept, ...added], focus);
  }

  // Begins a document that has no words, in the language that was found or chosen.
  begin(span, texts) {
    const language = this.document.meta?.transcript.language ?? "";
    const words = this.typedWords(texts, span, {}).map((word) => this.marked(word, { language }));
    const spaced = !SPACELESS.test(texts.join(""));
    const segment = { language, lang: language, spaced, paragraph: true, chosen: false, words };
    return { at: 0, count: 0, inserted: [segment], focus: words.length - 1 };
  }

  // Joins a word with the next, also over the border of segments; null if it is the last.
  join(index) {
    const { words, segments } = this.document;
    const [word, next] = [words[index], words[index + 1]];
    if (!next) return null;
    const { at, segment, inside } = placeOf(this.document, index);
    const joined = this.byHand(withBookmark(word, joinBookmarks(word.bookmark, next.bookmark)), {
      text: word.text + next.text,
      end: Math.max(word.end, next.end),
      timing: word.timing === next.timing ? word.timing : "interpolated",
      ...(next.cue_end && { cue_end: next.cue_end }),
    });
    if (inside + 1 < segment.words.length) return this.replace(index, 2, [joined], index);
    const follower = segments[at + 1];
    const first = { ...segment, words: [...segment.words.slice(0, inside), joined] };
    const rest = follower.words.slice(1);
    return { at, count: 2, inserted: rest.length ? [first, { ...follower, words: rest }] : [first], focus: index };
  }

  // Begins a paragraph at a word; null if one begins there.
  beginParagraph(index) {
    const { at, segment, inside } = placeOf(this.document, index);
    if (index === 0 || (inside === 0 && segment.paragraph)) return null;
    const second = { ...segment, words: segment.words.slice(inside), paragraph: true, chosen: true };
    const first = { ...segment, words: segment.words.slice(0, inside) };
    return { at, count: 1, inserted: inside === 0 ? [second] : [first, second], focus: index };
  }

  // Joins a word's paragraph to the one before; null if it is the first.
  uniteParagraph(index) {
    const { segments } = this.document;
    let { at } = placeOf(this.document, index);
    while (at > 0 && !segments[at].paragraph) at -= 1;
    if (at === 0) return null;
    return { at, count: 1, inserted: [{ ...segments[at], paragraph: false, chosen: true }], focus: index };
  }
}
