// Where the edge of a word belongs: at the quietest place close to it. Plain data, no browser.
import { bytesOf } from "../shared/base64.js";

const REACH = 0.04 + 1e-6; // seconds on both sides that an edge is drawn over, and the error of rounding
const FINE_ENOUGH = 50; // levels a second; transcripts of earlier versions have fewer

const known = new WeakMap(); // the sound of a document -> its levels, a byte each

// Returns the quietest place within reach of a time, in seconds; the time itself if no other is quieter.
//
// sound  {peaks, rate} as the server sends it: levels in base64, and how many a second; may be missing
// min, max  between which the place lies
export function quietestNear(sound, time, { min = -Infinity, max = Infinity } = {}) {
  if (!sound?.peaks || sound.rate < FINE_ENOUGH) return time;
  const levels = levelsOf(sound);
  const levelAt = (seconds) => levels[Math.floor(seconds * sound.rate)] ?? Infinity;
  const from = Math.floor((time - REACH) * sound.rate);
  const to = Math.ceil((time + REACH) * sound.rate);
  let best = { place: time, level: levelAt(time) };
  for (let index = Math.max(0, from); index <= Math.min(to, levels.length - 1); index += 1) {
    const [place, level] = [(index + 0.5) / sound.rate, levels[index]];
    const isNear = Math.abs(place - time) <= REACH && place >= min && place <= max;
    const isNearer = Math.abs(place - time) < Math.abs(best.place - time);
    if (isNear && (level < best.level || (level === best.level && best.place !== time && isNearer)))
      best = { place, level };
  }
  return best.place;
}

function levelsOf(sound) {
  if (!known.has(sound)) known.set(sound, bytesOf(sound.peaks));
  return known.get(sound);
}
