// Whether the reader sees fillers, words that are said again, and the marks of speech without words. The choice holds
// for files too, and is remembered in this browser.
const KEY = "wordlight_fillers";
const LETTERS = /^[^\p{L}\p{M}]+|[^\p{L}\p{M}]+$/gu; // what is around them

// hesitations  words that are fillers whatever stands beside them, by language
//
// Emits "fillers" when the choice changes.
export class Fillers {
  constructor({ events, storage, hesitations = {} }) {
    Object.assign(this, { events, storage, hesitations });
    this.areShown = this.remembered() !== "hidden";
  }

  remembered() {
    try {
      return this.storage.getItem(KEY);
    } catch {
      return null; // the browser keeps nothing
    }
  }

  show(areShown) {
    if (areShown === this.areShown) return;
    this.areShown = areShown;
    try {
      this.storage.setItem(KEY, areShown ? "shown" : "hidden");
    } catch {
      // the browser keeps nothing: the choice holds until the page is closed
    }
    this.events.emit("fillers");
  }

  // Whether a word is out of sight.
  hides({ disfluency }) {
    return !this.areShown && Boolean(disfluency);
  }

  // Returns a word's text as the reader sees it.
  textOf({ text, fluent }) {
    return (!this.areShown && fluent) || text;
  }

  // Returns what a word that the reader has typed is; undefined for most.
  kindOf(text, language) {
    const plain = text.replace(LETTERS, "").toLowerCase();
    return this.hesitations[language]?.includes(plain) ? "filler" : undefined;
  }
}

// Returns the stretches of speech without words that are still to be written down.
export function unclearStretches({ meta, words }) {
  const found = meta?.transcript.coverage?.filter(({ kind }) => kind === "speech_without_words") ?? [];
  const typed = words.filter(({ edited }) => edited);
  return found.filter(({ start, end }) => !typed.some((word) => word.end > start && word.start < end));
}
