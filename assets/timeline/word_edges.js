// The edges of the word that the cursor is on, to be dragged or moved by keys in a near view. They rest at quiet
// places, but with Shift held where the pointer is.
import { exactSpan } from "../shared/clock.js";
import { make, runKey } from "../shared/dom.js";
import { quietestNear } from "../transcript/quiet_places.js";
import { edgeRange, moveEdge } from "../transcript/word_times.js";

const ROOM = 14; // pixels of a word from which on its edges can be told apart
const RISE = 20; // pixels from the top of an edge to the middle of the words' row
const EDGES = ["start", "end"];

export class WordEdges {
  constructor({ store, events, selection, nudger, i18n }, chart) {
    Object.assign(this, { store, doc: store.doc, selection, nudger, chart, t: i18n.t, exact: i18n.exact });
    this.handles = Object.fromEntries(EDGES.map((edge) => [edge, this.handle(edge)]));
    for (const kind of ["active", "edited", "nudged"]) events.on(kind, () => this.draw());
  }

  attach() {
    // Beside the chart, which is a slider itself and has no other ones inside.
    for (const handle of Object.values(this.handles)) if (!handle.isConnected) this.chart.node.after(handle);
    this.draw();
  }

  handle(edge) {
    const handle = make("button", `wl-word-edge wl-word-edge-${edge}`);
    handle.type = "button";
    handle.hidden = true;
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", this.t(`word_${edge}`));
    handle.addEventListener("keydown", (event) => this.press(event, edge));
    handle.addEventListener("pointerdown", (event) => this.drag(event, edge));
    handle.addEventListener("blur", () => this.nudger.settle());
    return handle;
  }

  press(event, edge) {
    runKey(event, this.nudger.keys(this.selection.active, edge));
  }

  // Draws the edges with the times that the word has, or is about to have.
  draw(moved = {}) {
    const { chart: { axis, node }, doc, selection } = this;
    const word = doc.words[selection.active];
    if (!axis || !word) return this.hide();
    const times = { start: word.start, end: word.end, ...this.nudger.times(selection.active), ...moved };
    const isNear = axis.d2p(word.end) - axis.d2p(word.start) >= ROOM;
    for (const edge of EDGES) {
      const [handle, at] = [this.handles[edge], axis.d2p(times[edge])];
      handle.hidden = !isNear || at < 0 || at > axis._length;
      handle.style.left = `${node.offsetLeft + axis._offset + at}px`;
      handle.style.top = `${node.offsetTop + this.chart.heightOf("timeline_words") - RISE}px`;
      this.describe(handle, { word, edge, times });
    }
  }

  describe(handle, { word, edge, times }) {
    const { min, max } = edgeRange(this.doc, word.index, edge);
    handle.setAttribute("aria-valuemin", min.toFixed(2));
    handle.setAttribute("aria-valuemax", Math.min(max, this.chart.duration).toFixed(2));
    handle.setAttribute("aria-valuenow", times[edge].toFixed(2));
    handle.setAttribute("aria-valuetext", `${word.text} ${exactSpan(times, this.exact)}`);
  }

  hide() {
    for (const handle of Object.values(this.handles)) handle.hidden = true;
  }

  drag(event, edge) {
    event.preventDefault();
    this.nudger.settle();
    const [handle, index] = [this.handles[edge], this.selection.active];
    const word = this.doc.words[index];
    const grip = this.chart.axis.d2p(word[edge]) - this.chart.pixelsInside(event.clientX);
    const { min, max } = edgeRange(this.doc, index, edge);
    let time = word[edge];
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
    const move = ({ clientX, shiftKey, altKey }) => {
      const pointed = Math.min(max, Math.max(min, this.chart.axis.p2d(this.chart.pixelsInside(clientX) + grip)));
      const isExact = shiftKey || altKey;
      time = isExact ? pointed : quietestNear(this.doc.meta.sound, pointed, { min, max });
      this.draw({ [edge]: time });
    };
    const end = ({ type }) => {
      handle.removeEventListener("pointermove", move);
      const edit = type === "pointercancel" ? null : moveEdge(this.doc, index, { edge, time });
      if (edit && this.doc.words[index] === word) this.nudger.apply(edit, index);
      else this.draw();
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", end, { once: true });
  }
}
