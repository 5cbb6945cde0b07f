// The bar to find and replace phrases, above the words. It opens by Ctrl + F, by / and by its tool.
import { make, makeButton, makeIcon } from "../shared/dom.js";
import { isBox } from "../shared/sight.js";
import { Edits } from "../transcript/edits.js";
import { findPhrases } from "./phrases.js";
import { replacePhrases } from "./replacing.js";

const GLASS = "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20";
const FOUND = "wl-found";
const NOW = "wl-found-now";
const PAUSE = 200; // milliseconds after words that stream in

export class FindBar {
  constructor({ store, events, selection, bands, fillers, vocabulary, i18n: { t, touch } }, { words, cursor }) {
    Object.assign(this, { store, doc: store.doc, events, selection, vocabulary, t, words, cursor });
    this.edits = new Edits(store.doc, { sure: bands.best, fillers });
    this.matches = [];
    this.now = -1; // the place of the match that is shown
    this.made = ""; // how many all at once were replaced, until something else is sought or changes
    this.marked = []; // elements of words
    this.timer = 0;
    this.node = make("search", "wl-find");
    this.node.hidden = true;
    this.node.append(this.findRow(), this.replaceRow(), this.choiceRow());
    this.tool = iconButton("", t("find_open"), () => this.open());
    if (!touch) this.tool.title += ` (${t("find_open_key")})`;
    this.tool.append(makeIcon(GLASS));
    this.node.addEventListener("keydown", (event) => this.press(event));
    for (const kind of ["edited", "relabelled", "appended"]) events.on(kind, () => this.refreshSoon());
    for (const kind of ["opened", "forgotten"]) events.on(kind, () => this.close());
    document.addEventListener("keydown", (event) => this.summon(event));
  }

  findRow() {
    this.wanted = field(this.t("find"), () => this.search());
    this.count = make("span", "wl-count wl-find-count");
    this.count.setAttribute("role", "status");
    this.steps = [
      iconButton("‹", this.t("find_previous"), () => this.step(-1)),
      iconButton("›", this.t("find_next"), () => this.step(1)),
    ];
    const leave = iconButton("×", this.t("find_close"), () => this.leave());
    return row(this.wanted, this.count, ...this.steps, this.replaceSwitch(), leave);
  }

  // On a phone the words have the room of all but the first row until one wants to replace.
  replaceSwitch() {
    const node = iconButton("⇄", this.t("replace_with"), () => {
      node.setAttribute("aria-expanded", String(this.node.classList.toggle("wl-find-replaces")));
      this.text.focus();
    });
    node.classList.add("wl-find-switch");
    node.setAttribute("aria-expanded", "false");
    return node;
  }

  replaceRow() {
    this.text = field(this.t("replace_with"), () => this.draw());
    this.one = makeButton("", () => this.replaceOne());
    this.all = makeButton("", () => this.replaceAll());
    this.one.id = "replace-one";
    this.all.id = "replace-all";
    return row(this.text, this.one, this.all);
  }

  choiceRow() {
    [this.whole, this.remember] = [checkbox(), checkbox()];
    this.whole.addEventListener("change", () => this.search());
    const labels = [choice(this.whole, this.t("find_whole")), choice(this.remember, this.t("find_remember"))];
    const node = make("div", "wl-find-choices");
    node.append(...labels);
    return node;
  }

  // Opens the bar with the words that are selected, if there are some.
  open() {
    if (!this.doc.words.length) return;
    const selected = String(window.getSelection()).trim();
    const isInside = this.words.node.contains(window.getSelection().anchorNode);
    this.node.hidden = false;
    if (selected && isInside && !selected.includes("\n")) this.wanted.value = selected;
    this.wanted.focus();
    // In a small window the fields go to its top: below them is room for what is found and for a keyboard.
    if (!isBox(this.words.node)) this.node.parentElement.scrollIntoView({ block: "start" });
    this.wanted.select();
    this.search();
  }

  close() {
    this.node.hidden = true;
    this.matches = [];
    this.made = "";
    this.mark();
  }

  leave() {
    this.close();
    this.cursor.focus();
  }

  // Ctrl + F opens the bar while the words are in sight; a second one is the browser's.
  summon(event) {
    const { key, ctrlKey, metaKey, altKey, shiftKey, target } = event;
    if (event.defaultPrevented || altKey || shiftKey || !this.words.node.getClientRects().length) return;
    const isTyped = target.closest?.("input, textarea, select, [contenteditable], dialog");
    const isFind = (ctrlKey || metaKey) && key.toLowerCase() === "f" && !this.node.contains(target);
    const isSlash = key === "/" && !ctrlKey && !metaKey && !isTyped;
    if (!this.doc.words.length || !(isFind || isSlash) || target.closest?.("dialog")) return;
    event.preventDefault();
    this.open();
  }

  press(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    const { key, shiftKey, target } = event;
    if (key === "Escape") this.leave();
    else if (key === "Enter" && target === this.wanted) this.step(shiftKey ? -1 : 1);
    else if (key === "Enter" && target === this.text) this.replaceOne();
    else return;
    event.preventDefault();
  }

  // Finds what is wanted from the word on that the keyboard is on.
  search() {
    this.find();
    const from = Math.max(0, this.selection.active);
    const next = this.matches.findIndex(({ last }) => last >= from);
    this.goTo(next < 0 ? 0 : next);
  }

  find() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.made = "";
    this.matches = findPhrases(this.doc, this.wanted.value, { whole: this.whole.checked });
  }

  refreshSoon() {
    if (this.node.hidden) return;
    this.timer ||= setTimeout(() => {
      this.find();
      this.now = Math.min(this.now, this.matches.length - 1);
      this.mark();
    }, PAUSE);
  }

  step(by) {
    const { length } = this.matches;
    this.made = "";
    if (length) this.goTo((this.now + by + length) % length);
  }

  // Shows a match, without taking the focus.
  goTo(place) {
    this.now = this.matches.length ? place : -1;
    const match = this.matches[this.now];
    if (match) this.cursor.point(match.first);
    this.mark();
  }

  mark() {
    for (const node of this.marked) node.classList.remove(FOUND, NOW);
    this.marked = [];
    this.matches.forEach(({ first, last }, place) => {
      for (let index = first; index <= last; index += 1) {
        const node = this.words.nodeAt(index);
        node.classList.add(FOUND);
        if (place === this.now) node.classList.add(NOW);
        this.marked.push(node);
      }
    });
    this.draw();
  }

  draw() {
    const { matches: { length }, t } = this;
    const isAsked = this.wanted.value.trim() !== "";
    const found = length ? t("find_place", { place: this.now + 1, count: length }) : isAsked ? t("find_none") : "";
    this.count.textContent = this.made || found;
    const removes = this.text.value.trim() === "";
    this.one.textContent = t(removes ? "find_remove" : "find_replace");
    this.all.textContent = t(removes ? "find_remove_all" : "find_replace_all", { count: length });
    for (const button of [...this.steps, this.one, this.all]) button.disabled = !length;
    this.remember.disabled = removes;
  }

  replaceOne() {
    const match = this.matches[this.now];
    const next = match && this.replace([match]);
    if (!next) return;
    const isBehind = ({ first, from }) => first > next.index || (first === next.index && from >= next.offset);
    const place = this.matches.findIndex(isBehind);
    this.goTo(place < 0 ? 0 : place);
    this.keepFocus();
  }

  replaceAll() {
    const count = this.matches.length;
    const kind = this.text.value.trim() ? "find_replaced" : "find_removed";
    if (!this.replace(this.matches)) return;
    this.made = this.t(kind, { count });
    this.goTo(0);
    this.keepFocus();
  }

  // A button that can do nothing more has lost the focus, or is about to.
  keepFocus() {
    const { activeElement: focused } = document;
    if (focused.disabled || !this.node.contains(focused)) this.wanted.focus({ preventScroll: true });
  }

  // Makes one edit of the matches, and finds again; returns the place behind the first of them.
  replace(matches) {
    const text = this.text.value.trim();
    const made = replacePhrases(this.edits, matches, { wanted: this.wanted.value, text });
    if (!made) return null;
    const focused = document.activeElement;
    if (text && this.remember.checked) this.vocabulary.add(text);
    this.store.edit(made.edit);
    this.find();
    (this.node.contains(focused) ? focused : this.wanted).focus({ preventScroll: true });
    return made.next;
  }
}

function row(...parts) {
  const node = make("div", "wl-find-row");
  node.append(...parts);
  return node;
}

const checkbox = () => Object.assign(make("input"), { type: "checkbox" });

function choice(box, text) {
  const label = make("label", "wl-find-choice");
  label.append(box, make("span", "", text));
  return label;
}

function field(label, changed) {
  const node = Object.assign(make("input", "wl-search"), { type: "search", placeholder: label, dir: "auto" });
  node.setAttribute("aria-label", label);
  node.addEventListener("input", changed);
  return node;
}

function iconButton(sign, label, act) {
  const button = makeButton(sign, act, "wl-tool wl-find-tool");
  button.type = "button";
  button.title = label;
  button.setAttribute("aria-label", label);
  return button;
}
