// A subtitle on a strip of time, between its neighbours, with an edge at each end to drag or to move with keys.
import { make, runKey } from "../shared/dom.js";
import { edgeRange } from "./cue_edits.js";

const AROUND = 1.5; // seconds that the strip shows before and after
const STEP = 0.04; // seconds that a key moves an edge: a frame at 25 per second
const SETTLE = 500; // milliseconds after the last key until the edge stays

export class EdgeStrip {
  // moved  called with the edge, "start" or "end", and its new time
  constructor({ t, exact, cues, at, duration, moved }) {
    Object.assign(this, { t, exact, cues, at, duration, moved, cue: cues[at] });
    this.times = { start: this.cue.start, end: this.cue.end };
    this.from = Math.max(0, this.cue.start - AROUND);
    this.span = Math.max(0.1, Math.min(this.cue.end + AROUND, Math.max(duration, this.cue.end)) - this.from);
    this.node = make("div", "wl-edges");
    this.node.dir = "ltr"; // time runs to the right
    this.block = make("div", "wl-edges-own");
    this.handles = { start: this.handle("start"), end: this.handle("end") };
    const others = [cues[at - 1], cues[at + 1]].filter(Boolean).map((cue) => this.neighbour(cue));
    this.node.append(...others, this.block, this.handles.start, this.handles.end);
    this.draw();
  }

  part(time) {
    return `${(100 * Math.min(1, Math.max(0, (time - this.from) / this.span))).toFixed(3)}%`;
  }

  neighbour({ start, end }) {
    const block = make("div", "wl-edges-other");
    block.style.left = this.part(start);
    block.style.right = `calc(100% - ${this.part(end)})`;
    return block;
  }

  handle(edge) {
    const handle = make("button", `wl-edge wl-edge-${edge}`);
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", this.t(`cue_${edge}`));
    handle.addEventListener("pointerdown", (event) => this.drag(event, edge));
    const step = (by) => this.press(edge, by);
    handle.addEventListener("keydown", (event) =>
      runKey(event, { ArrowLeft: () => step(-STEP), ArrowRight: () => step(STEP) }),
    );
    handle.addEventListener("blur", () => this.settle());
    return handle;
  }

  place(edge, time) {
    const { min, max } = edgeRange(this.cues, { at: this.at, edge, duration: this.duration });
    this.times[edge] = Math.min(Math.max(time, min), Math.max(min, max));
    this.draw();
  }

  draw() {
    const { start, end } = this.times;
    this.block.style.left = this.part(start);
    this.block.style.right = `calc(100% - ${this.part(end)})`;
    for (const [edge, handle] of Object.entries(this.handles)) {
      const { min, max } = edgeRange(this.cues, { at: this.at, edge, duration: this.duration });
      handle.style.left = this.part(this.times[edge]);
      handle.setAttribute("aria-valuemin", min.toFixed(2));
      handle.setAttribute("aria-valuemax", max.toFixed(2));
      handle.setAttribute("aria-valuenow", this.times[edge].toFixed(2));
      handle.setAttribute("aria-valuetext", `${this.exact(this.times[edge])} s`);
    }
  }

  drag(event, edge) {
    event.preventDefault();
    const handle = this.handles[edge];
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const { left, width } = this.node.getBoundingClientRect();
    const move = ({ clientX }) => this.place(edge, this.from + ((clientX - left) / width) * this.span);
    handle.addEventListener("pointermove", move);
    const end = () => {
      handle.removeEventListener("pointermove", move);
      this.moved(edge, this.times[edge]);
    };
    handle.addEventListener("lostpointercapture", end, { once: true });
  }

  press(edge, by) {
    this.place(edge, this.times[edge] + by);
    clearTimeout(this.timer);
    this.pressed = edge;
    this.timer = setTimeout(() => this.settle(), SETTLE);
  }

  settle() {
    clearTimeout(this.timer);
    const edge = this.pressed;
    this.pressed = null;
    if (edge) this.moved(edge, this.times[edge]);
  }
}
