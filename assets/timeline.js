// The recording along time: loudness, speech, words, confidence, and where speech and words disagree.
//
// plotly is fetched when this is first looked at. What is drawn is never more than the width can show: the
// view is summed up anew when it is drawn nearer.
const root = element.querySelector(".wl-timeline");
const POINTS = 800; // of the loudness and of the confidence in view
const ROWS = { timeline_loudness: 3, timeline_speech: 1.9, timeline_words: 1.45, timeline_confidence: 0.5 };
const HEIGHT = [-0.1, 3.95]; // of all rows
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

const nothing = make("p", "wl-quiet", say("timeline_empty"));
const plot = make("div", "wl-plot");
plot.setAttribute("aria-label", say("timeline_label"));
const now = make("div", "wl-now");
now.hidden = true;
const help = make("p", "wl-quiet", say("timeline_help"));
help.id = `wl-help-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
const audit = make("div", "wl-audit");
root.append(nothing);

let stale = true;
let peaks = null; // a byte a point, `rate` points a second
let rate = 20;

async function refresh() {
  if (!stale || !root.clientHeight || !doc.meta?.sound) return;
  stale = false;
  ({ rate } = doc.meta.sound);
  peaks = Uint8Array.from(atob(doc.meta.sound.peaks), (letter) => letter.charCodeAt(0));
  listAudit();
  root.replaceChildren(make("p", "wl-quiet", say("timeline_loading")), audit);
  await loadPlotly();
  root.replaceChildren(plot, help, audit);
  await draw([0, doc.meta.transcript.duration]);
  tellPosition(wordlight.position());
}

function loadPlotly() {
  window.wordlightPlotly ??= new Promise((loaded, failed) => {
    const { root: base, api_prefix: api } = window.gradio_config;
    const script = make("script");
    script.src = `${base}${api}/file=${props.plotly}`;
    script.addEventListener("load", loaded);
    script.addEventListener("error", failed);
    document.head.append(script);
  });
  return window.wordlightPlotly;
}

async function draw([from, to]) {
  const first = !plot.data;
  // plotly's own tips are in English and lie over the status.
  const settings = { displayModeBar: false, responsive: true, showTips: false };
  await Plotly.react(plot, traces(from, to), layout(from, to), settings);
  if (!first) return;
  plot.on("plotly_relayout", (change) => {
    const range = change["xaxis.range[0]"] === undefined ? null : [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    // In a task of its own: plotly has just drawn, and the page shall hear its reader between the two.
    if (range || change["xaxis.autorange"]) setTimeout(() => draw(range ?? [0, doc.meta.transcript.duration]));
  });
  plot.on("plotly_afterplot", drawnAnew);
  drawnAnew();
  listenForClicks();
}

// -- what is drawn

const colour = (name) => getComputedStyle(document.querySelector(".gradio-container")).getPropertyValue(name).trim();
const line = (x, y, color, width, more = {}) => ({
  x, y, mode: "lines", line: { color, width }, hoverinfo: "skip", ...more,
});

function traces(from, to) {
  const speech = doc.meta.sound.speech.map(([start, end]) => ({ start, end }));
  const found = [stretches("speech_without_words", "--wl-unsure", "solid")];
  found.push(stretches("words_without_speech", "--wl-likely", "dot"), ...loudness(from, to));
  found.push(bars(speech, "timeline_speech", "--wl-quiet", from, to));
  for (const band of constants.bands) {
    const words = doc.words.filter((word) => word.band === band);
    found.push(bars(words, "timeline_words", band === constants.bands[0] ? "--wl-ink" : `--wl-${band}`, from, to));
  }
  return [...found, confidence(from, to)];
}

// All of a kind are one area: plotly is slow with many shapes.
function stretches(kind, name, dash) {
  const [x, y] = [[], []];
  const [low, high] = HEIGHT;
  for (const it of doc.meta.transcript.coverage ?? []) {
    if (it.kind !== kind) continue;
    x.push(it.start, it.start, it.end, it.end, it.start, null);
    y.push(low, high, high, low, low, null);
  }
  const color = colour(name);
  return line(x, y, color, 1, { fill: "toself", fillcolor: `${color}2e`, line: { color, width: 1, dash } });
}

function loudness(from, to) {
  const [first, last] = [Math.max(0, Math.floor(from * rate)), Math.min(peaks.length, Math.ceil(to * rate))];
  const step = Math.max(1, Math.ceil((last - first) / POINTS));
  const full = peaks.reduce((a, b) => Math.max(a, b), 1); // quiet recordings are drawn as large as loud ones
  const [x, high, low] = [[], [], []];
  for (let at = first; at < last; at += step) {
    const loudest = peaks.subarray(at, Math.min(last, at + step)).reduce((a, b) => Math.max(a, b), 0) / full;
    x.push(at / rate);
    high.push(ROWS.timeline_loudness + 0.85 * loudest);
    low.push(ROWS.timeline_loudness - 0.85 * loudest);
  }
  const color = colour("--wl-accent");
  return [line(x, low, color, 0), line(x, high, color, 0.5, { fill: "tonexty", fillcolor: color })];
}

// Strokes of one row. Neighbours become one where the eye could not tell them apart.
function bars(parts, row, color, from, to) {
  const near = (to - from) / POINTS;
  const [x, y] = [[], []];
  let until = -Infinity;
  for (const { start, end } of parts) {
    if (end < from || start > to) continue;
    if (start - until < near && x.length) x[x.length - 2] = Math.max(until, end);
    else {
      x.push(start, Math.max(end, start + near), null);
      y.push(ROWS[row], ROWS[row], null);
    }
    until = x[x.length - 2];
  }
  return line(x, y, colour(color), 9);
}

// A level for each word, or group of words where there are many. Where nobody speaks it is nothing, not a slope:
// two are joined where the eye would see no pause between them.
function confidence(from, to) {
  const inside = doc.words.filter(({ start, end }) => end >= from && start <= to);
  const each = Math.max(1, Math.ceil(inside.length / (POINTS / 4)));
  const near = (to - from) / POINTS; // seconds
  const [x, y] = [[], []];
  for (let at = 0; at < inside.length; at += each) {
    const group = inside.slice(at, at + each);
    const level = group.reduce((sum, { probability }) => sum + probability, 0) / group.length;
    if (x.length && group[0].start - x.at(-1) > near) {
      x.push(null);
      y.push(null);
    }
    x.push(group[0].start, group.at(-1).end);
    y.push(level, level);
  }
  return line(x, y, colour("--wl-likely"), 1.5);
}

function layout(from, to) {
  const step = STEPS.find((seconds) => (to - from) / seconds <= (root.clientWidth < 600 ? 5 : 10)) ?? 3600;
  const ticks = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) ticks.push(time);
  const grey = colour("--wl-quiet");
  const family = colour("--font") || "sans-serif";
  return {
    autosize: true, height: 340, margin: { l: 16 + widest(family), r: 12, t: 8, b: 36 }, showlegend: false,
    dragmode: "zoom",
    paper_bgcolor: "transparent", plot_bgcolor: "transparent",
    font: { family, size: 12, color: grey },
    xaxis: {
      range: [from, to], tickvals: ticks, ticktext: ticks.map(wordlight.clock), showgrid: false, zeroline: false,
    },
    yaxis: {
      range: HEIGHT, fixedrange: true, showgrid: false, zeroline: false,
      ticks: "outside", ticklen: 8, tickcolor: "transparent",
      tickvals: Object.values(ROWS), ticktext: Object.keys(ROWS).map((key) => say(key)),
    },
  };
}

// Plotly's own measuring of its labels draws everything twice.
function widest(family) {
  const pen = penOf(family);
  return Math.ceil(Math.max(...Object.keys(ROWS).map((key) => pen.measureText(say(key)).width)));
}

function penOf(family) {
  const pen = make("canvas").getContext("2d");
  pen.font = `12px ${family}`;
  return pen;
}

// -- seeking

const axis = () => plot._fullLayout?.xaxis;

function listenForClicks() {
  let from = null;
  plot.addEventListener("pointerdown", ({ clientX }) => (from = clientX), { capture: true });
  plot.addEventListener("pointercancel", () => (from = null)); // the page is scrolled
  document.addEventListener("pointerup", ({ clientX, target }) => {
    const clicked = from !== null && Math.abs(clientX - from) < 4;
    from = null;
    const inside = clientX - plot.getBoundingClientRect().left - axis()._offset;
    if (!clicked || inside < 0 || inside > axis()._length || target.closest?.(".wl-audit")) return;
    const time = axis().p2d(inside);
    wordlight.hear(time);
    const index = wordlight.wordAt(time);
    if (index >= 0) wordlight.emit("point", index);
  }, { capture: true });
}

function showNow(time) {
  if (!axis()) return;
  const at = axis().d2p(time);
  now.hidden = at < 0 || at > axis()._length;
  now.style.insetInlineStart = `${axis()._offset + at}px`;
}

// The view goes on with what is heard, by as much as it shows, and to where a reader has jumped. One who looks
// at another place meanwhile is left there.
const JUMP = 1; // seconds that playing does not take from one call to the next
let seen = { time: 0, view: "", inside: true }; // by the last call
let turning = false;

async function followTime(time) {
  showNow(time);
  if (!axis() || !root.clientHeight || turning) return;
  const [from, to] = axis().range;
  const before = seen;
  seen = { time, view: `${from} ${to}`, inside: time >= from && time <= to };
  const jumped = Math.abs(time - before.time) > JUMP;
  if (seen.inside || !(jumped || (before.inside && before.view === seen.view))) return;
  turning = true;
  await look(to - from, time + 0.45 * (to - from)); // it then stands near the left
  turning = false;
  seen = { time, view: axis().range.join(" "), inside: true };
  showNow(wordlight.position());
}

function outdated() {
  stale = true;
  refresh();
}

wordlight.on("finished", outdated);
wordlight.on("coverage", () => plot.data && root.contains(plot) && draw(axis().range.slice()));
wordlight.on("time", followTime);
for (const kind of ["opened", "forgotten"])
  wordlight.on(kind, () => {
    root.replaceChildren(nothing);
    stale = true;
  });
new ResizeObserver(refresh).observe(root);
