// The recording along time: loudness, speech, words, confidence, and where speech and words disagree.
//
// It is drawn when it is first looked at, and again when it is looked at after it has changed.
import { wordAt } from "../shared/document.js";
import { make, uniqueId } from "../shared/dom.js";
import { Chart } from "./chart.js";
import { listenToKeys } from "./keys.js";
import { Labels } from "./labels.js";
import { Mismatches } from "./mismatches.js";
import { Playhead } from "./playhead.js";
import { listenToSwipes } from "./swipe.js";
import { WordEdges } from "./word_edges.js";
import { listenToZoom } from "./zoom.js";

const STILL = 4; // pixels that a click may move

export function show(app, { element, props }) {
  const view = new TimelineView(app, element.querySelector(".wl-timeline"), props);
  const { events } = app;
  events.on("finished", () => view.outdated());
  events.on("coverage", () => view.coverageChanged());
  events.on("edited", () => view.mismatches.showMended());
  events.on("edited", () => view.lanesChanged());
  events.on("time", (time) => view.playhead.follow(time, view.isVisible()));
  for (const kind of ["opened", "forgotten"]) events.on(kind, () => view.clear());
  new ResizeObserver(() => view.refresh()).observe(view.root);
}

class TimelineView {
  constructor(app, root, { plotly, languages }) {
    const { store, i18n: { t } } = app;
    Object.assign(this, { app, doc: store.doc, root, t });
    this.stale = true;
    this.speakers = ""; // as they were last drawn, or are to be
    this.redraws = false; // whether the chart is to be drawn again once it is seen
    this.chart = new Chart(app, { path: plotly, onDrawn: () => this.drawn() });
    this.labels = new Labels(app, this.chart);
    this.playhead = new Playhead(app, this.chart);
    this.edges = new WordEdges(app, this.chart);
    this.mismatches = new Mismatches(app, languages);
    this.help = make("p", "wl-quiet", t("timeline_help"));
    this.help.id = uniqueId("wl-help");
    this.chart.node.setAttribute("aria-describedby", this.help.id);
    this.empty = make("p", "wl-quiet", t("timeline_empty"));
    root.append(this.empty);
    listenToKeys(app, this.chart, this.playhead);
    listenToSwipes(this.chart);
    listenToZoom(this.chart);
    this.listenToClicks();
  }

  isVisible() {
    return this.root.clientHeight > 0;
  }

  outdated() {
    this.stale = true;
    this.refresh();
  }

  async refresh() {
    const { root, chart, mismatches } = this;
    if (this.redraws && this.isVisible()) this.redraw();
    if (!this.stale || !this.isVisible() || !this.doc.meta?.sound) return;
    this.stale = false;
    mismatches.list();
    const loading = make("p", "wl-quiet", this.t("timeline_loading"));
    root.replaceChildren(loading, mismatches.node);
    await chart.load();
    if (!root.contains(loading)) return; // meanwhile another document was opened
    loading.replaceWith(chart.node, this.help); // the list stays in place, and the focus in it
    await chart.draw([0, chart.duration]);
    this.playhead.announce(this.app.player.position());
  }

  drawn() {
    this.labels.attach(this.playhead.node);
    this.edges.attach();
    this.playhead.show(this.app.player.position());
  }

  // Lanes and their names follow the edits at once; what else is drawn follows once the server has the edits.
  lanesChanged() {
    const speakers = JSON.stringify(this.app.speakers.list);
    if (speakers === this.speakers) return;
    this.speakers = speakers;
    this.redraws = true;
    if (this.isVisible()) this.redraw();
  }

  redraw() {
    const { chart, root } = this;
    this.redraws = false;
    if (chart.isDrawn() && root.contains(chart.node)) chart.redraw();
  }

  coverageChanged() {
    const { root, mismatches } = this;
    this.redraw();
    if (this.doc.meta.sound && root.contains(mismatches.node)) mismatches.list();
  }

  clear() {
    this.root.replaceChildren(this.empty);
    this.mismatches.forget();
    this.stale = true;
  }

  listenToClicks() {
    const { node } = this.chart;
    let from = null; // where the pointer went down
    node.addEventListener("pointerdown", ({ clientX }) => (from = clientX), { capture: true });
    node.addEventListener("pointercancel", () => (from = null)); // the page is scrolled
    const release = ({ clientX }) => {
      const isClick = from !== null && Math.abs(clientX - from) < STILL;
      from = null;
      if (isClick && this.chart.axis) this.click(this.chart.pixelsInside(clientX));
    };
    document.addEventListener("pointerup", release, { capture: true });
  }

  click(pixels) {
    const { axis } = this.chart;
    if (pixels < 0 || pixels > axis._length) return;
    const time = axis.p2d(pixels);
    this.app.player.playFrom(time);
    const index = wordAt(this.doc.words, time);
    if (index >= 0) this.app.events.emit("point", index);
  }
}
