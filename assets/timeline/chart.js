// The drawing: plotly on an element, with the view in seconds and the places of times in pixels.
import { bytesOf } from "../shared/base64.js";
import { clock } from "../shared/clock.js";
import { make } from "../shared/dom.js";
import { loadPlotly } from "./plotly.js";
import { lanesOf, reachOf, ROWS, ticksOf, traces } from "./traces.js";

const MIN_VIEW = 1; // seconds
const NARROW = 600; // pixels, below which there are fewer ticks
const TEXT = 12; // pixels, the height of the letters
const HEIGHT = 340; // pixels, without speakers
const PIXELS = 73; // of a height of one
const MOST_LETTERS = 14; // of a speaker's name

// path     of plotly on the server
// onDrawn  called whenever plotly has drawn, at a new size too
export class Chart {
  constructor({ store, bands, speakers, i18n }, { path, onDrawn }) {
    Object.assign(this, { doc: store.doc, bands, speakers, t: i18n.t, path, onDrawn });
    this.node = make("div", "wl-plot");
    this.node.setAttribute("aria-label", this.t("timeline_label"));
    this.plotly = null;
    this.sound = null; // see traces.js
  }

  async load() {
    const { rate, speech, peaks } = this.doc.meta.sound;
    this.sound = { rate, speech, peaks: bytesOf(peaks) };
    this.plotly = await loadPlotly(this.path);
  }

  isDrawn() {
    return this.node.data !== undefined;
  }

  // Returns plotly's axis of time: `range` in seconds, `_length` and `_offset` in pixels; undefined until drawn.
  get axis() {
    return this.node._fullLayout?.xaxis;
  }

  get duration() {
    return this.doc.meta.transcript.duration;
  }

  // Draws a view, [from, to].
  async draw(view) {
    const isFirst = !this.isDrawn();
    const { words, meta } = this.doc;
    const coverage = meta.transcript.coverage ?? [];
    const shown = { words, sound: this.sound, coverage, bands: this.bands.all, speakers: this.lanes };
    this.node.style.blockSize = `${this.height()}px`;
    // plotly's own tips are in English and lie over the status.
    const settings = { displayModeBar: false, responsive: true, showTips: false };
    await this.plotly.react(this.node, traces(shown, view, colour), this.layout(view), settings);
    if (!isFirst) return;
    this.node.on("plotly_relayout", (change) => this.drawAnew(change));
    this.node.on("plotly_afterplot", this.onDrawn);
    this.onDrawn();
  }

  // The reader has chosen another view: it is summed up anew.
  drawAnew(change) {
    const [from, to] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (from === undefined && !change["xaxis.autorange"]) return;
    // In a task of its own: plotly has just drawn, and the page shall answer its reader between the two.
    setTimeout(() => this.draw(from === undefined ? [0, this.duration] : [from, to]));
  }

  redraw() {
    return this.draw(this.axis.range.slice());
  }

  // Draws so many seconds around a time.
  look(seconds, time) {
    return this.draw(this.within([time - seconds / 2, time + seconds / 2]));
  }

  // Returns a view as it can be drawn: within the recording, and not too close.
  within([from, to]) {
    const span = Math.min(this.duration, Math.max(MIN_VIEW, to - from));
    const start = Math.min(this.duration - span, Math.max(0, (from + to - span) / 2));
    return [start, start + span];
  }

  // Returns how far a place of the window is from the start of the axis, in pixels.
  pixelsInside(clientX) {
    return clientX - this.node.getBoundingClientRect().left - this.axis._offset;
  }

  // Returns pixels from the top of the element.
  heightOf(row) {
    const { _offset, d2p } = this.node._fullLayout.yaxis;
    return _offset + d2p(ROWS[row]);
  }

  // Returns the speakers that have a lane each: all, unless one person says everything.
  get lanes() {
    const { list } = this.speakers;
    return list.length > 1 ? list : [];
  }

  // Returns pixels.
  height() {
    const [all, others] = [this.lanes, []].map((speakers) => reachOf(speakers)[0]);
    return HEIGHT + Math.round(PIXELS * (others - all));
  }

  // Returns the names of all rows with their heights.
  rows() {
    const { lanes } = this;
    const heights = lanesOf(lanes);
    const named = Object.entries(ROWS).map(([key, height]) => [this.t(key), height]);
    const names = lanes.map((speaker) => shortName(this.speakers.nameOf(speaker)));
    return [...named, ...names.map((name, at) => [name, heights[at]])];
  }

  layout([from, to]) {
    const ticks = ticksOf([from, to], this.node.clientWidth < NARROW ? 5 : 10);
    const rows = this.rows();
    const margin = { l: 16 + this.labelWidth(rows), r: 12, t: 8, b: 36 };
    return {
      autosize: true, height: this.height(), margin, showlegend: false, dragmode: "zoom",
      paper_bgcolor: "transparent", plot_bgcolor: "transparent",
      font: { family: fontFamily(), size: TEXT, color: colour("--wl-quiet") },
      xaxis: { range: [from, to], tickvals: ticks, ticktext: ticks.map(clock), showgrid: false, zeroline: false },
      yaxis: {
        range: reachOf(this.lanes), fixedrange: true, showgrid: false, zeroline: false,
        ticks: "outside", ticklen: 8, tickcolor: "transparent",
        tickvals: rows.map(([, height]) => height), ticktext: rows.map(([name]) => asText(name)),
      },
    };
  }

  // plotly's own measuring of its labels draws everything twice.
  labelWidth(rows) {
    const width = textMeasure();
    return Math.ceil(Math.max(...rows.map(([name]) => width(name))));
  }
}

function shortName(name) {
  const letters = [...name];
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS - 1).join("")}…` : name;
}

// Returns a text as plotly writes it: plotly reads some tags and entities.
const asText = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const colour = (name) => getComputedStyle(document.querySelector(".gradio-container")).getPropertyValue(name).trim();

const fontFamily = () => colour("--font") || "sans-serif";

// Returns a function that returns the width of a text, in pixels.
export function textMeasure() {
  const pen = make("canvas").getContext("2d");
  pen.font = `${TEXT}px ${fontFamily()}`;
  return (text) => pen.measureText(text).width;
}
