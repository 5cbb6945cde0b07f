// Repeats a part of the recording until the reader stops it, while words can be corrected: the selected words or the
// word that the cursor is on, and at the second command the whole sentences around them.
const AROUND = 0.2; // seconds of sound before and after, so that first and last sounds are whole

export class Looper {
  constructor({ store, player, selection }, { words }) {
    Object.assign(this, { doc: store.doc, player, selection, words });
    this.repeated = null; // {start, end} of the words that are repeated, in seconds: edits change their indices
  }

  // Begins to repeat, repeats more, or stops.
  turn(index = this.selection.active) {
    if (index < 0 || !this.player.isReady()) return;
    if (!this.player.isLooping()) return this.repeat(this.words.rangeAt(index));
    const range = this.range();
    const wider = range && sentencesAround(this.doc, range);
    if (!wider || (wider.first === range.first && wider.last === range.last)) return this.player.pause();
    return this.repeat(wider);
  }

  // Returns the words whose middle is in what is repeated, {first, last}; null if there is none any more.
  range() {
    const { start, end } = this.repeated;
    const isInside = (word) => start <= (word.start + word.end) / 2 && (word.start + word.end) / 2 <= end;
    const inside = this.doc.words.filter(isInside);
    return inside.length ? { first: inside[0].index, last: inside.at(-1).index } : null;
  }

  repeat({ first, last }) {
    const { words } = this.doc;
    const { start } = words[first];
    const end = Math.max(...words.slice(first, last + 1).map((word) => word.end));
    this.repeated = { start, end };
    this.player.loopSpan({ start: start - AROUND, end: end + AROUND });
  }
}

// Returns the words of all segments that a range of words touches, {first, last}.
export function sentencesAround({ segments }, { first, last }) {
  const touched = segments.filter(({ words }) => words.at(-1).index >= first && words[0].index <= last);
  return { first: touched[0].words[0].index, last: touched.at(-1).words.at(-1).index };
}
