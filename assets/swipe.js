// The timeline under a finger: up and down scrolls the page, sideways looks closer. A tap is a click.
//
// plotly would take each touch for itself, and the page could not be scrolled from there.
const SIDEWAYS = 24; // pixels from which on a finger has marked a stretch

const marked = make("div", "wl-plot-marked");
let touched = null; // where on the page the finger came down, in pixels from the left

function mark(clientX) {
  const { left } = plot.getBoundingClientRect();
  const { _length: length, _offset: offset } = axis();
  const [first, last] = [touched, clientX].map((x) => Math.min(length, Math.max(0, x - left - offset))).sort((a, b) => a - b);
  marked.style.insetInlineStart = `${offset + first}px`;
  marked.style.inlineSize = `${last - first}px`;
  if (!marked.isConnected) plot.append(marked);
  return [first, last].map((at) => axis().p2d(at));
}

function release({ clientX, type }) {
  if (touched === null) return;
  const meant = type === "pointerup" && Math.abs(clientX - touched) >= SIDEWAYS; // else the browser scrolls
  const [from, to] = meant ? mark(clientX) : [];
  marked.remove();
  touched = null;
  if (meant) look(to - from, (from + to) / 2);
}

plot.addEventListener("touchstart", (event) => event.stopPropagation(), { capture: true, passive: true });
plot.addEventListener("pointerdown", ({ pointerType, isPrimary, clientX }) => {
  if (pointerType === "touch") touched = isPrimary && axis() ? clientX : null;
});
plot.addEventListener("pointermove", ({ clientX }) => touched !== null && Math.abs(clientX - touched) >= SIDEWAYS && mark(clientX));
for (const kind of ["pointerup", "pointercancel"]) plot.addEventListener(kind, release);
