// Names and rare words from the reader's corrections, offered for the next recording. They stay in this browser until
// the reader chooses to use them; each can be removed.
import { fold } from "../find/phrases.js";

const MOST = 40; // words that are kept, the latest first
const LONGEST = 80; // characters of one
const SHORTEST = 3; // letters of a word that is offered by itself; 2 if its language has no spaces

// Emits "vocabulary" when the list has changed.
export class Vocabulary {
  // user  the login, so that people who share a browser do not see each other's
  constructor({ events, storage, user }) {
    Object.assign(this, { events, storage, key: `wordlight_words_${user}` });
  }

  // Returns {text, used} of each; `used` are those that go with the next recording.
  entries() {
    try {
      return JSON.parse(this.storage.getItem(this.key) ?? "[]");
    } catch {
      return []; // the browser keeps nothing, or something else wrote it
    }
  }

  // Returns the texts that go with the next recording.
  used() {
    return this.entries().filter(({ used }) => used).map(({ text }) => text);
  }

  add(text) {
    const tidy = text.split(/\s+/u).join(" ").replace(/^[\p{P}\s]+|[\p{P}\s]+$/gu, "").slice(0, LONGEST);
    const known = this.entries();
    if (!tidy || known.some((entry) => entry.text === tidy)) return;
    this.write([{ text: tidy, used: false }, ...known]);
  }

  use(text, used) {
    this.write(this.entries().map((entry) => (entry.text === text ? { ...entry, used } : entry)));
  }

  remove(text) {
    this.write(this.entries().filter((entry) => entry.text !== text));
  }

  write(entries) {
    try {
      this.storage.setItem(this.key, JSON.stringify(entries.slice(0, MOST)));
    } catch {
      return; // the browser keeps nothing
    }
    this.events.emit("vocabulary");
  }
}

// Returns the names and rare words of what the reader has typed in place of a word. Neighbours are one name.
export function rareWords(typed, { before, beginsSentence, spaced }) {
  const found = [];
  let [goesOn, begins] = [false, beginsSentence];
  for (const word of typed.split(/\s+/u).filter(Boolean)) {
    const isName = isRare(word, { before, beginsSentence: begins, spaced });
    if (isName && goesOn) found.push(`${found.pop()} ${word}`);
    else if (isName) found.push(word);
    [goesOn, begins] = [isName && !/\p{P}$/u.test(word), /[.?!]$/u.test(word)];
  }
  return found;
}

// Whether a word that the reader has typed in place of another looks like a name: it has a capital or a figure where
// no sentence begins, or is of a language without capitals and spaces.
export function isRare(typed, { before, beginsSentence, spaced }) {
  const { letters } = fold(typed);
  if (letters === fold(before).letters) return false;
  if (!spaced) return [...letters].length >= SHORTEST - 1;
  const capitals = beginsSentence ? /^\P{L}*\p{L}.*[\p{Lu}\p{N}]/u : /[\p{Lu}\p{N}]/u;
  return [...letters].length >= SHORTEST && /\p{L}/u.test(typed) && capitals.test(typed);
}
