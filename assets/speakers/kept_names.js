// Names of speakers that were typed in this browser, the latest first.
const KEY = "wordlight_speaker_names";
const MOST = 50;

export function keptNames() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return []; // the browser keeps nothing
  }
}

export function keepName(name) {
  if (!name) return;
  const names = [name, ...keptNames().filter((other) => other !== name)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(names));
  } catch {
    return; // the browser keeps nothing: there are no suggestions
  }
}
