// The list of bookmarks above the words: each entry leads to its passage and plays it.
import { clock } from "../shared/clock.js";
import { make, makeButton, makeIcon, uniqueId } from "../shared/dom.js";
import { passagesOf } from "./passages.js";
import { RIBBON } from "./signs.js";

const MOST_LETTERS = 60; // of a passage that are shown
const KINDS = ["opened", "appended", "relabelled", "edited", "retimed", "finished", "forgotten"];

// Outlines, 24 units wide.
const NOTE = "M4 20l1-4L16 5l3 3L8 19l-4 1zM14 7l3 3";
const REMOVE = "M6 6l12 12M18 6L6 18";

export class BookmarkList {
  constructor(app, { bookmarker, editor }) {
    const { store, events, i18n } = app;
    Object.assign(this, { doc: store.doc, i18n, t: i18n.t, bookmarker, editor });
    this.shown = "[]"; // what the entries show, as JSON
    this.list = make("ul", "wl-line-list wl-bookmarks");
    this.list.id = uniqueId("wl-bookmarks");
    this.list.setAttribute("aria-label", this.t("bookmarks"));
    this.toggle = makeButton("", () => this.open(this.list.hidden), "wl-line-toggle wl-bookmarks-toggle");
    this.toggle.type = "button";
    this.count = make("span", "wl-bookmarks-count");
    this.number = make("span", "wl-bookmarks-number"); // all that a narrow window has room for
    this.number.setAttribute("aria-hidden", "true");
    this.toggle.append(makeIcon(RIBBON), this.count, this.number);
    this.toggle.setAttribute("aria-controls", this.list.id);
    this.said = make("span", "wl-hidden");
    this.said.setAttribute("role", "status");
    this.open(false);
    for (const kind of KINDS) events.on(kind, () => this.refresh());
    for (const kind of ["opened", "forgotten"]) events.on(kind, () => this.open(false));
    events.on("bookmarked", (sentence) => (this.said.textContent = sentence));
    this.refresh();
  }

  open(isOpen) {
    this.list.hidden = !isOpen;
    this.toggle.setAttribute("aria-expanded", String(isOpen));
  }

  refresh() {
    const passages = passagesOf(this.doc.words);
    this.toggle.hidden = !passages.length;
    if (!passages.length) this.open(false);
    const entries = passages.map((passage) => this.entryOf(passage));
    const shown = JSON.stringify(entries);
    if (shown === this.shown) return;
    this.shown = shown;
    this.count.textContent = this.t("bookmarks_count", { count: passages.length });
    this.number.textContent = this.i18n.number(passages.length);
    this.list.replaceChildren(...entries.map((entry) => this.row(entry)));
  }

  entryOf({ first, last, note }) {
    const text = this.editor.textOf({ first, last });
    const excerpt = text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS).trimEnd()}…` : text;
    return { first, last, note, excerpt, time: clock(this.doc.words[first].start) };
  }

  row({ first, last, note, excerpt, time }) {
    const go = makeButton("", () => this.bookmarker.go({ first, last }), "wl-bookmark-go");
    go.type = "button";
    go.title = this.t("bookmark_go");
    const written = note ? [make("bdi", "wl-bookmark-text", note)] : [];
    go.append(make("span", "wl-bookmark-time", time), " ", make("bdi", "", excerpt), " ", ...written);
    const row = make("li", "wl-bookmark-row");
    row.append(
      go,
      this.tool(NOTE, "bookmark_write", { excerpt, act: () => this.bookmarker.note({ first, last }) }),
      this.tool(REMOVE, "bookmark_remove", { excerpt, act: () => this.bookmarker.remove(first) }),
    );
    return row;
  }

  tool(outline, key, { excerpt, act }) {
    const button = makeButton("", act, "wl-tool");
    button.type = "button";
    button.append(makeIcon(outline));
    button.title = this.t(key, { text: excerpt });
    button.setAttribute("aria-label", button.title);
    return button;
  }
}
