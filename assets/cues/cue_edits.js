// What the reader changes at subtitles: fields of words (engine/transcript.py) that say where a subtitle begins and
// when it is shown. Each function returns an edit for history.js; null if nothing changes.
//
// cues  those of the server, in order: {start, end, first, count}, with the index of the first word
import { placeOf } from "../transcript/edits.js";

export const SHORTEST = 0.1; // seconds that an edge leaves between both

const round = (seconds) => Math.round(seconds * 1000) / 1000;
const lastOf = ({ first, count }) => first + count - 1;

// Cuts a subtitle before the word with an index.
export function splitCue(document, { cues, at, index }) {
  const cue = cues[at];
  if (index <= cue.first || index > lastOf(cue)) return null;
  return changeWords(document, { ...held(cues, at), [index]: { cue: true } }, index);
}

// Joins a subtitle with the next one; null if another person speaks there.
export function mergeCue(document, { cues, at }) {
  const [cue, next] = [cues[at], cues[at + 1]];
  if (!cue.count || !next?.count) return null;
  if (document.words[cue.first].speaker !== document.words[next.first].speaker) return null;
  const changes = { ...held(cues, at + 1), [cue.first]: { cue: true } };
  for (let index = cue.first + 1; index <= lastOf(next); index += 1) changes[index] = { cue: false, cue_start: null };
  changes[lastOf(cue)] = { ...changes[lastOf(cue)], cue_end: null };
  return changeWords(document, changes, cue.first);
}

// Returns the times that an edge of a subtitle, "start" or "end", can be moved to.
export function edgeRange(cues, { at, edge, duration }) {
  const { start, end } = cues[at];
  if (edge === "start") return { min: cues[at - 1]?.end ?? 0, max: round(end - SHORTEST) };
  return { min: round(start + SHORTEST), max: cues[at + 1]?.start ?? Math.max(duration, end) };
}

// Moves an edge of a subtitle to a time, as far as its neighbours leave room.
export function moveEdge(document, { cues, at, edge, time }) {
  const cue = cues[at];
  if (!cue.count) return null; // a mark of unclear speech has no word that could hold it
  const { min, max } = edgeRange(cues, { at, edge, duration: document.meta?.transcript.duration ?? 0 });
  const placed = round(Math.min(Math.max(time, min), Math.max(min, max)));
  if (placed === cue[edge]) return null;
  const changes = held(cues, at);
  const index = edge === "start" ? cue.first : lastOf(cue);
  changes[index] = { ...changes[index], [`cue_${edge}`]: placed };
  return changeWords(document, changes, cue.first);
}

// Takes back what was chosen at a subtitle.
export function resetCue(document, { cues, at }) {
  const cue = cues[at];
  const words = document.words.slice(cue.first, cue.first + cue.count);
  const chosen = words.filter((word) => isChosen(word));
  const none = { cue: null, cue_start: null, cue_end: null };
  if (!chosen.length) return null;
  return changeWords(document, Object.fromEntries(chosen.map(({ index }) => [index, none])), cue.first);
}

export const isChosen = (word) => [word.cue, word.cue_start, word.cue_end].some((value) => (value ?? null) !== null);

// The subtitle begins where it does, and so does the next: what is changed here moves nothing elsewhere.
function held(cues, at) {
  const next = cues[at + 1];
  return { [cues[at].first]: { cue: true }, ...(next?.count && { [next.first]: { cue: true } }) };
}

function changeWords(document, changes, focus) {
  const indices = Object.keys(changes).map(Number);
  const first = placeOf(document, Math.min(...indices)).at;
  const last = placeOf(document, Math.max(...indices)).at;
  const inserted = document.segments.slice(first, last + 1).map((segment) => ({
    ...segment,
    words: segment.words.map((word) => (word.index in changes ? { ...word, ...changes[word.index] } : word)),
  }));
  return { at: first, count: inserted.length, inserted, focus };
}
