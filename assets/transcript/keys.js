// The keys of a word.
import { runKey } from "../shared/dom.js";

export function pressKey(event, parts) {
  const { word } = event.target;
  if (word && isSelectAll(event)) return selectWords(event, parts);
  if (!word || event.ctrlKey || event.metaKey) return;
  if (event.altKey) return void runKey(event, times(event, parts));
  runKey(event, { ...moves(event, parts), ...edits(event, parts) });
}

const isSelectAll = ({ ctrlKey, metaKey, altKey, shiftKey, key }) =>
  (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === "a";

// Selects all words, and nothing of the page around them.
function selectWords(event, { cursor }) {
  event.preventDefault();
  cursor.selectAll();
}

function moves({ target, shiftKey }, { cursor, openKeys }) {
  const { index } = target.word;
  const forward = getComputedStyle(target).direction === "rtl" ? -1 : 1;
  const step = (by) => () => (shiftKey ? cursor.extend(index, by) : cursor.step(index, by));
  return {
    ArrowRight: step(forward),
    ArrowLeft: step(-forward),
    ArrowDown: () => cursor.moveLine(target, 1),
    ArrowUp: () => cursor.moveLine(target, -1),
    Home: () => cursor.step(-1, 1),
    End: () => cursor.step(cursor.doc.words.length, -1),
    t: () => cursor.nextTurn(target.word.speaker, 1),
    T: () => cursor.nextTurn(target.word.speaker, -1),
    "?": openKeys,
  };
}

// With Alt, arrows move the start of the word in time; with Shift too, its end. Time runs to the right.
function times({ target, shiftKey }, { nudger }) {
  return nudger.keys(target.word.index, shiftKey ? "end" : "start");
}

const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

function edits({ target, shiftKey }, { cursor, editor, assigner, looper, taker }) {
  const { index } = target.word;
  const speakers = NUMBERS.map((number) => [number, () => assigner.give(number, index)]);
  return {
    ...Object.fromEntries(speakers),
    s: () => assigner.split(index),
    w: () => assigner.choose(index),
    l: () => looper.turn(index),
    x: () => taker.open(index),
    Enter: () => (shiftKey ? editor.paragraph(index) : cursor.play(index)),
    F2: () => editor.change(index),
    e: () => editor.change(index),
    i: () => editor.insert(index),
    j: () => editor.join(index),
    Delete: () => editor.remove(index),
    Backspace: () => (shiftKey ? editor.unite(index) : editor.remove(index)),
  };
}
