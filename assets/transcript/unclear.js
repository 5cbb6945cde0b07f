// Marks in the text where a voice has no word. A click plays the stretch and opens a field for what is heard.
import { make } from "../shared/dom.js";
import { exactSpan } from "../shared/clock.js";
import { unclearStretches } from "../shared/fillers.js";
import { openField } from "./word_field.js";
import { blockAt } from "./word_page.js";

const ALONE = "wl-unclear-alone"; // a paragraph without words
const CONTEXT = 0.3; // seconds of sound before and after a stretch

export class UnclearMarks {
  constructor({ store, player, i18n: { t, exact } }, { words, cursor, editor }) {
    Object.assign(this, { store, doc: store.doc, player, t, exact, words, cursor, editor });
    this.marks = new Map(); // stretch as JSON -> its element, in order
    this.index = -1; // of the word that the keyboard is on
  }

  // Draws the marks of the document. Those that stay keep their elements, and with them the focus and an open field.
  draw() {
    const known = this.marks;
    this.marks = new Map();
    const behind = new Map(); // index of a word -> the last mark behind it
    if (this.words.drawn === this.doc.segments.length)
      for (const stretch of unclearStretches(this.doc)) {
        const key = JSON.stringify(stretch);
        const mark = known.get(key) ?? this.markOf(stretch);
        if (this.place(mark, stretch, behind)) this.marks.set(key, mark);
      }
    for (const [key, mark] of known) if (!this.marks.has(key)) (mark.closest(`.${ALONE}`) ?? mark).remove();
    this.leadTo(this.index);
  }

  // Tab leads to the first mark after a word, or to the last one of all, and past the others.
  leadTo(index) {
    this.index = index;
    const word = this.doc.words[index];
    const marks = [...this.marks.values()];
    const reached = marks.find(({ start }) => !word || start >= word.start) ?? marks.at(-1);
    for (const mark of marks) mark.firstElementChild.tabIndex = mark === reached ? 0 : -1;
  }

  // Puts a mark after the last word that begins no later than its stretch, or before the first word; without any word,
  // into a paragraph of its own.
  place(mark, { start }, behind) {
    const { words, meta } = this.doc;
    if (!words.length) return this.placeAlone(mark, blockAt(start, meta.transcript.language ?? ""));
    const next = words.findIndex((word) => word.start > start);
    const index = (next < 0 ? words.length : next) - 1;
    const node = this.words.drawnNode(Math.max(index, 0));
    if (!node) return false;
    const before = behind.get(index) ?? (index < 0 ? null : node);
    if (!before && node.previousSibling !== mark) node.before(mark);
    if (before && before.nextSibling !== mark) before.after(mark);
    behind.set(index, mark);
    return true;
  }

  placeAlone(mark, { node, paragraph }) {
    if (mark.closest(`.${ALONE}`)?.isConnected) return true;
    node.classList.add(ALONE);
    paragraph.append(mark);
    this.words.node.append(node);
    return true;
  }

  markOf(stretch) {
    const mark = Object.assign(make("span", "wl-unclear"), { start: stretch.start });
    const button = make("button", "", this.t("unclear"));
    button.type = "button";
    button.title = this.t("unclear_about", { span: exactSpan(stretch, this.exact) });
    button.setAttribute("aria-label", button.title);
    button.addEventListener("click", () => this.open(stretch, button));
    mark.append(" ", button, " ");
    return mark;
  }

  open(stretch, button) {
    const { run } = this.doc;
    this.editor.field = openField({
      node: button,
      initial: "",
      label: this.t("unclear_type"),
      done: (text, isEntered) => {
        const edit = text && this.doc.run === run ? this.editor.edits.fill(stretch, text) : null;
        if (edit) this.store.edit(edit);
        else if (isEntered || text === null) button.focus({ preventScroll: true });
      },
      next: () => {},
    });
    this.player.playSpan({ start: stretch.start - CONTEXT, end: stretch.end + CONTEXT });
  }
}
