// How fast recordings are played, as this browser's reader has chosen.
const KEY = "wordlight_speed";
const STEP = 0.25;
const [SLOWEST, FASTEST] = [0.5, 2];

export const SPEEDS = Array.from({ length: (FASTEST - SLOWEST) / STEP + 1 }, (_, at) => SLOWEST + STEP * at);

// Returns the speed that is one step faster or slower, within the bounds.
export const nextSpeed = (speed, step) => Math.min(FASTEST, Math.max(SLOWEST, speed + STEP * step));

export function readSpeed() {
  try {
    const speed = Number(localStorage.getItem(KEY));
    return SPEEDS.includes(speed) ? speed : 1;
  } catch {
    return 1; // the browser keeps nothing
  }
}

// Returns the speed, which the browser keeps if it keeps anything.
export function writeSpeed(speed) {
  try {
    localStorage.setItem(KEY, String(speed));
  } catch {
    return speed;
  }
  return speed;
}
