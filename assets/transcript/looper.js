// Repeats a part of the recording until the reader stops it, while words can be corrected: the selected words or the
// word that the cursor is on, and at the second command the whole sentences around them.
const AROUND = 0.2; // seconds of sound before and after, so that first and last sounds are whole

export class Looper {
  constructor({ store, player, selection }, { words }) {
    Object.assign(this, { doc: store.doc, player, selection, words });
    this.range = null; // {first, last}, indices of the words that are repeated
  }

  // Begins to repeat, repeats more, or stops.
  turn(index = this.selection.active) {
    if (index < 0 || !this.player.isReady()) return;
    if (!this.player.isLooping()) return this.repeat(this.words.rangeAt(index));
    const wider = sentencesAround(this.doc, this.range);
    if (wider.first === this.range.first && wider.last === this.range.last) return this.player.pause();
    return this.repeat(wider);
  }

  repeat({ first, last }) {
    const { words } = this.doc;
    this.range = { first, last };
    const end = Math.max(...words.slice(first, last + 1).map((word) => word.end));
    this.player.loopSpan({ start: words[first].start - AROUND, end: end + AROUND });
  }
}

// Returns the words of all segments that a range of words touches, {first, last}.
export function sentencesAround({ segments }, { first, last }) {
  const touched = segments.filter(({ words }) => words.at(-1).index >= first && words[0].index <= last);
  return { first: touched[0].words[0].index, last: touched.at(-1).words.at(-1).index };
}
