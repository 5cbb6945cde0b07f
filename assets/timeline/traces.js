// What the timeline draws, as plotly's traces. Times are seconds. What is drawn is never more than the width
// can show: it is summed up anew for each view.

const POINTS = 800; // of the loudness and of the confidence in view
export const ROWS = { timeline_loudness: 3, timeline_speech: 1.9, timeline_words: 1.45, timeline_confidence: 0.5 };
const TOP = 3.95; // of all rows
const BOTTOM = -0.1; // of those above the speakers' lanes
const LANE = 0.3; // the height of a lane
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]; // between two ticks
const SOFT = "2e"; // of an area's opacity, in hexadecimal

const line = (x, y, color, width, more = {}) => ({
  x, y, mode: "lines", line: { color, width }, hoverinfo: "skip", ...more,
});

// Returns the heights of the speakers' lanes below the other rows, and how far all reach.
export const lanesOf = (speakers) => speakers.map((_, at) => BOTTOM - LANE * (at + 0.5));
export const reachOf = (speakers) => [BOTTOM - LANE * speakers.length, TOP];

// sound   {peaks: a byte a point, rate: points a second, speech: [[start, end]]}
// bands   the names of the bands of confidence, the best first
// speakers  those that have words, see speakers.js
// colour  returns the value of a CSS variable
export function traces({ words, coverage, sound, bands, speakers }, [from, to], colour) {
  const reach = reachOf(speakers);
  const speech = sound.speech.map(([start, end]) => ({ start, end }));
  const unsure = { color: colour("--wl-unsure"), dash: "solid" };
  const likely = { color: colour("--wl-likely"), dash: "dot" };
  return [
    mismatches(coverage, "speech_without_words", { ...unsure, reach }),
    mismatches(coverage, "words_without_speech", { ...likely, reach }),
    ...loudness(sound, [from, to], colour("--wl-accent")),
    bars(speech, ROWS.timeline_speech, [from, to], colour("--wl-quiet")),
    ...bands.map((band) => {
      const color = colour(band === bands[0] ? "--wl-ink" : `--wl-${band}`);
      const shown = words.filter((word) => (word.checked ? bands[0] : word.band) === band);
      return bars(shown, ROWS.timeline_words, [from, to], color);
    }),
    ...lanes({ words, speakers }, [from, to], colour),
    confidence(words, [from, to], colour("--wl-likely")),
  ];
}

function lanes({ words, speakers }, view, colour) {
  const spoken = new Map(speakers.map(({ id }) => [id, []]));
  for (const word of words) spoken.get(word.speaker)?.push(word);
  const heights = lanesOf(speakers);
  return speakers.map((speaker, at) =>
    bars(spoken.get(speaker.id), heights[at], view, colour(`--wl-speaker-${speaker.colour}`)),
  );
}

// All of a kind are one area: plotly is slow with many shapes.
function mismatches(coverage, kind, { color, dash, reach: [low, high] }) {
  const [x, y] = [[], []];
  for (const found of coverage) {
    if (found.kind !== kind) continue;
    x.push(found.start, found.start, found.end, found.end, found.start, null);
    y.push(low, high, high, low, low, null);
  }
  return line(x, y, color, 1, { fill: "toself", fillcolor: `${color}${SOFT}`, line: { color, width: 1, dash } });
}

function loudness({ peaks, rate }, [from, to], color) {
  const [first, last] = [Math.max(0, Math.floor(from * rate)), Math.min(peaks.length, Math.ceil(to * rate))];
  const step = Math.max(1, Math.ceil((last - first) / POINTS));
  const loudest = (part) => part.reduce((a, b) => Math.max(a, b), 0);
  const full = Math.max(1, loudest(peaks)); // quiet recordings are drawn as large as loud ones
  const [x, high, low] = [[], [], []];
  for (let at = first; at < last; at += step) {
    const level = 0.85 * (loudest(peaks.subarray(at, Math.min(last, at + step))) / full);
    x.push(at / rate);
    high.push(ROWS.timeline_loudness + level);
    low.push(ROWS.timeline_loudness - level);
  }
  return [line(x, low, color, 0), line(x, high, color, 0.5, { fill: "tonexty", fillcolor: color })];
}

// Strokes at one height. Neighbours that the eye could not tell apart become one.
export function bars(parts, height, [from, to], color) {
  const near = (to - from) / POINTS;
  const [x, y] = [[], []];
  let until = -Infinity;
  for (const { start, end } of parts) {
    if (end < from || start > to) continue;
    if (start - until < near && x.length) x[x.length - 2] = Math.max(until, end);
    else {
      x.push(start, Math.max(end, start + near), null);
      y.push(height, height, null);
    }
    until = x[x.length - 2];
  }
  return line(x, y, color, 9);
}

// A level for each word, or for each group of words if there are many. In a pause there is no line: two words
// are joined only if the eye would see no pause between them.
export function confidence(words, [from, to], color) {
  const inside = words.filter(({ start, end }) => end >= from && start <= to);
  const each = Math.max(1, Math.ceil(inside.length / (POINTS / 4)));
  const near = (to - from) / POINTS;
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
  return line(x, y, color, 1.5);
}

// Returns the times of the ticks in view, at most so many.
export function ticksOf([from, to], most) {
  const step = STEPS.find((seconds) => (to - from) / seconds <= most) ?? STEPS.at(-1);
  const ticks = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) ticks.push(time);
  return ticks;
}
