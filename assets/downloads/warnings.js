// What the engine warns of, in the reader's language. Each warning is a sentence in English, and a notice with a
// code and values that the page's own texts name. Transcripts of earlier versions have sentences alone.
import { clock, clockSpan } from "../shared/clock.js";

// Returns where in the recording a notice is about something, in seconds; null if it names no place.
export function placeOf(notice, kinds) {
  const found = Object.entries(notice?.values ?? {}).find(([name]) => kinds[name] === "span");
  return found ? found[1][0] : null;
}

// kinds  the kind of each value by its name, see engine/text/notices.py
export function warningText(sentence, notice, { kinds, i18n }) {
  const { t, languageName } = i18n;
  const show = { seconds: clock, span: ([start, end]) => clockSpan(start, end), language: languageName };
  const key = `warning_${notice?.code}`;
  const written = ([name, value]) => [name, show[kinds[name]]?.(value) ?? value];
  const values = Object.entries(notice?.values ?? {}).map(written);
  const text = t(key, Object.fromEntries(values));
  return text === key ? sentence : text;
}
