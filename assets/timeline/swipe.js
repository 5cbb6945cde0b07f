// The timeline under a finger: up and down scrolls the page, sideways chooses a closer view. A tap is a click.
//
// plotly would take each touch for itself, and the page could not be scrolled from there.
import { make } from "../shared/dom.js";

const SIDEWAYS = 24; // pixels from which on a finger marks a part of the view

export function listenToSwipes(chart) {
  const { node } = chart;
  const marked = make("div", "wl-plot-marked");
  let touched = null; // where in the window the finger came down, in pixels from the left

  // Marks what lies between there and another place; returns its times.
  const mark = (clientX) => {
    const { _length: length, _offset: offset } = chart.axis;
    const ends = [touched, clientX].map((x) => Math.min(length, Math.max(0, chart.pixelsInside(x))));
    const [first, last] = ends.sort((a, b) => a - b);
    marked.style.insetInlineStart = `${offset + first}px`;
    marked.style.inlineSize = `${last - first}px`;
    if (!marked.isConnected) node.append(marked);
    return [first, last].map((at) => chart.axis.p2d(at));
  };
  const isSideways = (clientX) => touched !== null && Math.abs(clientX - touched) >= SIDEWAYS;
  const release = ({ clientX, type }) => {
    if (touched === null) return;
    const chosen = type === "pointerup" && isSideways(clientX) ? mark(clientX) : null; // else the browser scrolls
    marked.remove();
    touched = null;
    if (chosen) chart.look(chosen[1] - chosen[0], (chosen[0] + chosen[1]) / 2);
  };

  node.addEventListener("touchstart", (event) => event.stopPropagation(), { capture: true, passive: true });
  node.addEventListener("pointerdown", ({ pointerType, isPrimary, clientX }) => {
    marked.remove(); // with a second finger, nothing is marked
    if (pointerType === "touch") touched = isPrimary && chart.axis ? clientX : null;
  });
  node.addEventListener("pointermove", ({ clientX }) => isSideways(clientX) && mark(clientX));
  for (const kind of ["pointerup", "pointercancel"]) node.addEventListener(kind, release);
}
