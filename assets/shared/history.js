// Edits of a document, with undo and redo. An edit is a splice of segments: undoing one puts back what it took
// out, whatever was appended since.
import { reindex } from "./document.js";

// Replaces `count` segments from `at`; `focus` is the index of the word to go to, -1 for none. `names` are the names
// of speakers that hold from then on, if they change.
export function applyEdit(document, { at, count, inserted, focus, names }) {
  const edit = { at, removed: document.segments.slice(at, at + count), inserted, focus };
  if (names) edit.names = [document.names, names]; // before and after
  document.past.push(edit);
  document.future = [];
  splice(document, at, count, inserted, names);
}

// Takes the last edit back; returns the index of its word, or null if there is no edit.
export function undoEdit(document) {
  const edit = document.past.pop();
  if (!edit) return null;
  document.future.push(edit);
  splice(document, edit.at, edit.inserted.length, edit.removed, edit.names?.[0]);
  return edit.focus;
}

// Makes the last undone edit again; returns the index of its word, or null if none was undone.
export function redoEdit(document) {
  const edit = document.future.pop();
  if (!edit) return null;
  document.past.push(edit);
  splice(document, edit.at, edit.removed.length, edit.inserted, edit.names?.[1]);
  return edit.focus;
}

// Gives words other times, old word -> new word, wherever they stand: in the document and in the edits that lead to it
// and away from it. So a correction and its times are one step of undo.
export function retimeWords(document, changes) {
  const made = new Map(); // segment -> the same with new times
  const retimed = (segment) => {
    if (!segment.words.some((word) => changes.has(word))) return segment;
    if (!made.has(segment)) made.set(segment, withTimes(segment, changes));
    return made.get(segment);
  };
  for (const edit of [...document.past, ...document.future]) {
    edit.removed = edit.removed.map(retimed);
    edit.inserted = edit.inserted.map(retimed);
  }
  splice(document, 0, document.segments.length, document.segments.map(retimed));
}

// Returns a segment with new times, or as it is if starts would go back: in an earlier state, a word may have had
// other neighbours.
function withTimes(segment, changes) {
  const words = segment.words.map((word) => changes.get(word) ?? word);
  const isInOrder = words.every(({ start }, at) => !at || words[at - 1].start <= start);
  return isInOrder ? { ...segment, words } : segment;
}

// Makes a change of another reader, which cannot be undone here. Edits keep their places; those of a segment that is
// replaced can neither be undone nor made again, nor can those beyond them.
export function applyRemote(document, { at, count, inserted }) {
  const grown = inserted.length - count;
  document.past = moved(document.past, { at, count, grown }, (edit) => [edit.inserted.length, edit.removed.length]);
  document.future = moved(document.future, { at, count, grown }, (edit) => [edit.removed.length, edit.inserted.length]);
  document.segments.splice(at, count, ...inserted);
  reindex(document);
}

// Returns a stack of edits with their places moved by a change. `lengths` returns how many segments an edit has now,
// and once it is undone, or made again.
function moved(stack, { at, count, grown }, lengths) {
  let place = at;
  const kept = [];
  for (const edit of stack.toReversed()) {
    const [now, then] = lengths(edit);
    const isBefore = place + count <= edit.at;
    if (!isBefore && place < edit.at + now) break;
    kept.push(isBefore ? { ...edit, at: edit.at + grown } : edit);
    if (!isBefore) place += then - now;
  }
  return kept.reverse();
}

function splice(document, at, count, inserted, names = document.names) {
  document.names = names;
  document.segments.splice(at, count, ...inserted);
  document.unsaved = true;
  document.edits += 1;
  reindex(document);
}
