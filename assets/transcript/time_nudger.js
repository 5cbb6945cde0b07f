// Moves the edges of words by keys, to quiet places or exactly. Presses that follow each other are one step of undo;
// then the word is heard.
import { quietestNear } from "./quiet_places.js";
import { edgeRange, moveEdge } from "./word_times.js";

const STEP = 0.02; // seconds that a key moves an edge, and further to where it is quiet
const EXACT_STEP = 0.005; // seconds that other keys move it
const LEAST = 0.002; // seconds that it moves at least
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

  // Returns what the arrow keys do at a word's edge: to the sides along quiet places, up and down exactly.
  keys(index, edge) {
    return {
      ArrowLeft: () => this.step(index, edge, -1),
      ArrowRight: () => this.step(index, edge, 1),
      ArrowDown: () => this.stepExactly(index, edge, -1),
      ArrowUp: () => this.stepExactly(index, edge, 1),
    };
  }

  // Moves an edge on, 1, or back, -1.
  step(index, edge, sign) {
    this.move(index, edge, (time, { min, max }) => {
      const bounds = sign > 0 ? { min: time + LEAST, max } : { min, max: time - LEAST };
      return quietestNear(this.doc.meta?.sound, time + sign * STEP, bounds);
    });
  }

  stepExactly(index, edge, sign) {
    this.move(index, edge, (time) => time + sign * EXACT_STEP);
  }

  // Moves an edge to the time that `next` returns, given its time and how far it can go.
  move(index, edge, next) {
    const word = this.doc.words[index];
    if (!word) return;
    if (this.pending?.word !== word || this.pending.edge !== edge) this.settle();
    const now = this.doc.words[index]; // another one if that was an edit
    const { min, max } = edgeRange(this.doc, index, edge);
    const time = Math.min(max, Math.max(min, next(this.pending?.time ?? now[edge], { min, max })));
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
