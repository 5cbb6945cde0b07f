// Moves the edges of words by keys. Presses that follow each other are one step of undo; then the word is heard.
import { edgeRange, moveEdge } from "./word_times.js";

export const STEP = 0.02; // seconds that a key moves an edge
const SETTLE = 500; // milliseconds after the last key until the edge stays
const CONTEXT = 0.15; // seconds of sound before and after the word

// Emits "nudged" while an edge is on its way.
export class TimeNudger {
  constructor({ store, events, player }) {
    Object.assign(this, { store, doc: store.doc, events, player });
    this.pending = null; // {index, word, edge, time} of an edge that is on its way
    this.timer = 0;
    events.on("active", (index) => index !== this.pending?.index && this.settle());
    events.on("closing", () => this.settle());
    events.on("merging", (merging) => (merging.waits ||= this.pending !== null));
  }

  // Returns the time of a word's edge that is on its way, by the edge's name.
  times(index) {
    const { pending } = this;
    return pending?.index === index ? { [pending.edge]: pending.time } : {};
  }

  // Moves an edge by so many seconds.
  move(index, edge, by) {
    const word = this.doc.words[index];
    if (!word) return;
    if (this.pending?.word !== word || this.pending.edge !== edge) this.settle();
    const now = this.doc.words[index]; // another one if that was an edit
    const { min, max } = edgeRange(this.doc, index, edge);
    const time = Math.min(max, Math.max(min, (this.pending?.time ?? now[edge]) + by));
    this.pending = { index, word: now, edge, time };
    this.events.emit("nudged", { word: { ...now, [edge]: time } });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), SETTLE);
  }

  // Makes the edit of an edge that is on its way.
  settle() {
    clearTimeout(this.timer);
    const { pending } = this;
    this.pending = null;
    if (!pending || this.doc.words[pending.index] !== pending.word) return;
    const edit = moveEdge(this.doc, pending.index, pending);
    if (edit) this.apply(edit, pending.index);
  }

  // Makes an edit of a word's times, and plays the word.
  apply(edit, index) {
    this.store.edit(edit);
    const { start, end } = this.doc.words[index];
    this.player.playSpan({ start: start - CONTEXT, end: end + CONTEXT });
  }
}
