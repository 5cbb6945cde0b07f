// Times as the page writes them. All are seconds from the start of the recording.

// Cuts off fractions instead of rounding, as the browser's player does (engine/text/clock.py).
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const twoDigits = (part) => String(part).padStart(2, "0");
  const rest = twoDigits(whole % 60);
  return hours ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
}

// Returns both times of a span, or one if both read the same.
export function clockSpan(start, end) {
  const [first, last] = [clock(start), clock(end)];
  return first === last ? first : `${first}–${last}`;
}

// Returns a word's times, exact to hundredths, as `exact` writes such numbers (i18n.js).
export const exactSpan = ({ start, end }, exact) => `${exact(start)}–${exact(end)} s`;
