// The wheel and two fingers on the chart: they look closer and further at the place where they are.
//
// The wheel alone scrolls the page, and so does one finger: with Ctrl or Cmd, as browsers send two fingers on a
// touchpad too, the wheel zooms. Sideways it moves the view.
const NOTCH = 100; // pixels that a wheel turns at a time
const ZOOM = 1.35; // by which a notch changes the view
const LINE = 16; // pixels of a line, for browsers that count in lines

export function listenToZoom(chart) {
  const { node } = chart;
  const drawer = new Drawer(chart);
  node.addEventListener("wheel", (event) => turn(event, chart, drawer), { passive: false });

  const fingers = new Map(); // the place of each finger in the window, in pixels from the left
  let held = null; // the times that the two fingers hold
  const note = (event) => {
    if (event.pointerType !== "touch" || !chart.axis) return;
    fingers.set(event.pointerId, event.clientX);
    held = fingers.size === 2 ? placesInside(chart, fingers.values()).map((at) => chart.axis.p2d(at)) : null;
  };
  const move = (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event.clientX);
    if (held) drawer.show(viewBetween(held, placesInside(chart, fingers.values()), chart.axis._length));
  };
  const release = ({ pointerId }) => {
    fingers.delete(pointerId);
    held = null;
  };
  node.addEventListener("pointerdown", note, { capture: true });
  node.addEventListener("pointermove", move, { capture: true });
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, release, { capture: true });
}

function turn(event, chart, drawer) {
  if (!chart.axis) return;
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
  const [across, along] = [event.deltaX * unit, event.deltaY * unit];
  const [from, to] = drawer.view;
  if (event.ctrlKey || event.metaKey) {
    const time = chart.axis.p2d(chart.pixelsInside(event.clientX));
    const factor = ZOOM ** (along / NOTCH);
    drawer.show([time - (time - from) * factor, time + (to - time) * factor]);
  } else if (Math.abs(across) > Math.abs(along)) {
    const seconds = (across / chart.axis._length) * (to - from);
    drawer.show([from + seconds, to + seconds]);
  } else return; // it is the page's
  event.preventDefault();
}

// Returns places of the window as pixels from the start of the axis, the first from the left first.
const placesInside = (chart, places) => [...places].map((clientX) => chart.pixelsInside(clientX)).sort((a, b) => a - b);

// Returns the view of `length` pixels, [from, to], in which two times lie at two places.
export function viewBetween([one, two], [first, last], length) {
  const perPixel = (two - one) / Math.max(1, last - first);
  const from = one - first * perPixel;
  return [from, from + length * perPixel];
}

// Draws the last view that is asked for, one after the other.
class Drawer {
  constructor(chart) {
    Object.assign(this, { chart, wanted: null, isDrawing: false });
  }

  // The view that is drawn, or is about to be.
  get view() {
    return this.wanted ?? this.chart.axis.range;
  }

  async show(view) {
    this.wanted = this.chart.within(view);
    if (this.isDrawing) return;
    this.isDrawing = true;
    while (this.wanted) {
      const next = this.wanted;
      await new Promise(requestAnimationFrame);
      await this.chart.draw(next);
      if (this.wanted === next) this.wanted = null;
    }
    this.isDrawing = false;
  }
}
