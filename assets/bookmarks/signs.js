// The sign behind each bookmarked passage: it has the passage's note, and a click opens the field for that.
import { make, makeIcon } from "../shared/dom.js";
import { passagesOf } from "./passages.js";

const LAST = "wl-bookmark-last"; // the word that ends a passage

export const RIBBON = "M7 4h10v16l-5-4-5 4z"; // an outline, 24 units wide

export class BookmarkSigns {
  // open  called with a word of the passage whose note the reader wants to write
  constructor({ store, i18n: { t } }, { words, open }) {
    Object.assign(this, { doc: store.doc, t, words, open });
    this.signs = new Map(); // the last word of a passage -> its sign
  }

  // Draws the signs of the document. Those that stay keep their elements, and with them the focus and an open field.
  draw() {
    const known = this.signs;
    const passages = passagesOf(this.doc.words);
    if (!passages.length && !known.size) return;
    this.signs = new Map();
    for (const node of this.words.node.querySelectorAll(`.${LAST}`)) node.classList.remove(LAST);
    for (const { last, note } of passages) {
      const [word, node] = [this.doc.words[last], this.words.drawnNode(last)];
      if (!node) continue;
      const sign = known.get(word) ?? this.make(word);
      this.fill(sign, note);
      place(sign, node);
      node.classList.add(LAST);
      this.signs.set(word, sign);
    }
    for (const [word, sign] of known) if (!this.signs.has(word)) sign.remove();
  }

  // Words have other times, old word -> new word: their signs stay.
  follow(changes) {
    for (const [before, word] of changes) {
      const sign = this.signs.get(before);
      if (!sign) continue;
      this.signs.delete(before);
      this.signs.set(word, sign);
      sign.button.bookmarked = word;
    }
  }

  // Returns the button of the sign of a passage; undefined if it is not drawn.
  buttonOf({ last }) {
    return this.signs.get(this.doc.words[last])?.button;
  }

  make(word) {
    const sign = make("span", "wl-bookmark-sign");
    sign.button = make("button");
    sign.button.type = "button";
    sign.button.bookmarked = word;
    sign.button.addEventListener("click", () => this.open(sign.button.bookmarked));
    sign.append(sign.button);
    return sign;
  }

  fill({ button }, note) {
    const about = note ? this.t("bookmark_noted", { note }) : this.t("bookmark_bare");
    if (button.title === about) return;
    button.title = about;
    button.setAttribute("aria-label", about);
    button.replaceChildren(makeIcon(RIBBON), ...(note ? [make("bdi", "", note)] : []));
  }
}

// A mark of unclear speech stands right behind its word, the sign behind that.
function place(sign, node) {
  const { nextSibling } = node;
  const before = nextSibling?.classList?.contains("wl-unclear") ? nextSibling : node;
  if (before.nextSibling !== sign) before.after(sign);
}
