// The line above the words: what the word under the pointer is, or a sentence for the reader.
import { isBookmarked } from "../bookmarks/passages.js";
import { exactSpan } from "../shared/clock.js";
import { make } from "../shared/dom.js";

export class WordLine {
  constructor({ speakers, i18n }) {
    Object.assign(this, { speakers, i18n });
    this.node = make("p", "wl-about");
  }

  announce(sentence) {
    this.node.textContent = sentence;
  }

  describe(word) {
    const speaker = this.speakers.get(word.speaker);
    const name = speaker ? [" · ", make("bdi", "", this.speakers.nameOf(speaker))] : [];
    const doubt = this.speakers.doubtful.has(word.index) ? [` · ${this.speakers.doubtOf(speaker)}`] : [];
    this.node.replaceChildren(...wordFacts(word, this.i18n), ...name, ...doubt);
  }
}

// Returns a word's text, times, confidence and the source of its times, to be put into an element.
export function wordFacts(word, { t, exact }) {
  const confidence = t("confidence_of", { percent: Math.round(100 * word.probability) });
  const sure = word.edited ? [t("by_hand")] : [confidence, ...(word.checked ? [t("band_checked")] : [])];
  const kind = word.disfluency ? [t(`word_${word.disfluency}`)] : [];
  const note = isBookmarked(word) ? [noteFact(word.bookmark, t)] : [];
  const text = make("bdi", "wl-about-word", word.text);
  return [text, ` ${[exactSpan(word, exact), ...note, ...kind, ...sure, t(`timing_${word.timing}`)].join(" · ")}`];
}

const noteFact = (note, t) => (note ? t("bookmark_noted", { note }) : t("band_bookmark"));
