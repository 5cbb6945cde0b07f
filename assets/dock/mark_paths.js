// The marks above and below the play bar's slider as outlines: places to check, stretches without speech, and
// bookmarks.
// Plain data, no browser.
//
// A drawing is COLUMNS wide, whatever the length of the recording, so that it stays small for ten thousand words.
export const COLUMNS = 400;
export const HEIGHT = 24; // pixels
const [TRACK_TOP, TRACK_BOTTOM] = [8, 16]; // pixels from the top: the marks stand clear of the slider's track
const [LOWEST, HIGHEST] = [3, 8]; // pixels of a column of places to check, by how many there are
const THICK = 3; // pixels of a stretch without speech
const [FLAG, HALF] = [5, 3]; // pixels of the height of a bookmark, columns of half its width
const LEAST_SILENCE = 1; // second

// Returns the outline of columns that are the higher the more of the words stand there.
export function checkPath(words, duration) {
  const counts = new Uint32Array(COLUMNS);
  for (const { start } of words) counts[columnOf(start, duration)] += 1;
  const most = counts.reduce((one, other) => Math.max(one, other), 1);
  const parts = [];
  counts.forEach((count, column) => {
    if (!count) return;
    const height = most === 1 ? HIGHEST : Math.round(LOWEST + ((HIGHEST - LOWEST) * count) / most);
    parts.push(`M${column} ${TRACK_TOP}v-${height}h1v${height}z`);
  });
  return parts.join("");
}

// Returns the outline of strokes where no speech was found, up to the time until which it was looked for.
export function silencePath(speech, { duration, until }) {
  const parts = [];
  let silent = 0; // seconds: where the silence begins
  for (const [start, end] of [...speech, [until, until]]) {
    const [from, to] = [silent, Math.min(start, until)].map((time) => (time / duration) * COLUMNS);
    const [first, last] = [Math.ceil(from), Math.floor(to)];
    if (start - silent >= LEAST_SILENCE && last > first) parts.push(strokeOf(first, last));
    silent = Math.max(silent, end);
  }
  return parts.join("");
}

const strokeOf = (first, last) => `M${first} ${TRACK_BOTTOM}v${THICK}H${last}v-${THICK}z`;

// Returns the outline of triangles at these seconds, below the stretches without speech.
export function bookmarkPath(times, duration) {
  const inside = (column) => Math.min(COLUMNS - HALF, Math.max(HALF, column));
  const columns = new Set(times.map((time) => inside(columnOf(time, duration))));
  return [...columns].map((column) => `M${column - HALF} ${HEIGHT}h${2 * HALF}l-${HALF} -${FLAG}z`).join("");
}

const columnOf = (time, duration) => Math.min(COLUMNS - 1, Math.max(0, Math.floor((time / duration) * COLUMNS)));
