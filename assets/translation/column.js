// The translation beside the words: each paragraph's sentences at its height in a wide window, else below it.
import { make } from "../shared/dom.js";
import { paragraphsOf } from "../transcript/paragraphs.js";
import { sentencesBeside, translationOf } from "./sentences.js";

const LEAST_WIDTH = 760; // pixels of the words' page from which two columns can be read

export class TranslationColumn {
  constructor({ doc, words, cursor }) {
    Object.assign(this, { doc, words, cursor, isShown: true });
    new ResizeObserver(() => this.fit()).observe(words.node);
  }

  fit() {
    this.words.node.classList.toggle("wl-english-beside", this.words.node.clientWidth >= LEAST_WIDTH);
  }

  show(isShown) {
    this.isShown = isShown;
    this.refresh();
  }

  // Draws, and what the reader sees stays in its place.
  refresh() {
    this.cursor.holdPlace(() => this.draw());
  }

  draw() {
    const translation = this.isShown ? translationOf(this.doc) : null;
    const { node, blocks } = this.words;
    if (!translation && !node.classList.contains("wl-has-english")) return;
    node.classList.toggle("wl-has-english", Boolean(translation));
    // All paragraphs, of which the last ones may not be drawn yet.
    const beside = sentencesBeside(translation, paragraphsOf(this.doc.segments).map(spanOf));
    blocks.forEach((block, at) => put(block.node, beside[at] ?? [], translation?.language));
  }
}

const spanOf = (segments) => {
  const words = segments.flatMap((segment) => segment.words);
  return { start: words[0].start, end: words.reduce((latest, { end }) => Math.max(latest, end), 0) };
};

// Puts sentences into a paragraph's block; what stays the same is not touched, so that what is selected in it stays.
function put(block, sentences, language) {
  const known = block.querySelector(".wl-english");
  const text = sentences.map((sentence) => sentence.text).join(" ");
  if (!text) return known?.remove();
  if (known?.textContent === text) return;
  const node = known ?? Object.assign(make("p", "wl-english"), { lang: language, dir: "ltr" });
  node.textContent = text;
  if (!known) block.append(node);
}
