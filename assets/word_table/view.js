// The words as a table that sorts and searches.
import { copyText, make, makeButton, runKey, saveFile } from "../shared/dom.js";
import { isBox } from "../shared/sight.js";
import { delimited } from "./rows.js";
import { RowList } from "./row_list.js";

const PAGE = 12; // rows

export function show(app, { element }) {
  const view = new WordTable(app, element.querySelector(".wl-words"));
  const { rows } = view;
  const { events } = app;
  // While words stream in, a table that is out of sight is not drawn.
  for (const kind of ["opened", "appended", "relabelled", "edited", "retimed", "speakers", "forgotten"])
    events.on(kind, () => rows.isVisible() && view.refresh());
  events.on("opened", () => (rows.cursor = -1));
  events.on("active", (index) => rows.goTo(index));
  events.on("lit", ({ index }) => rows.light(index));
  let width = 0; // pixels; the height changes with each search where the rows are no box
  new ResizeObserver(() => {
    const isSame = rows.node.clientWidth === width;
    width = rows.node.clientWidth;
    if (!rows.isVisible()) return;
    view.refresh();
    if (rows.cursor >= 0 && (!isSame || isBox(rows.node))) rows.goTo(rows.cursor);
  }).observe(rows.node);
  view.refresh();
}

class WordTable {
  constructor({ store, events, player, bands, review, selection, speakers, i18n }, root) {
    Object.assign(this, { doc: store.doc, events, player, speakers, i18n, t: i18n.t });
    // What the reader may want to look at alone, by its name.
    this.kinds = { all: () => true, marked: review.isMarked, guessed: ({ timing }) => timing === "interpolated" };
    const sorted = () => this.refresh();
    this.rows = new RowList({ doc: store.doc, bands, speakers, i18n, cursor: selection.active, sorted });
    this.search = make("input", "wl-search");
    this.search.type = "search";
    this.search.placeholder = this.t("search_words");
    this.search.setAttribute("aria-label", this.t("search_words"));
    this.search.addEventListener("input", () => {
      this.rows.goToTop();
      this.refresh();
    });
    this.which = this.makeChoice();
    this.count = make("span", "wl-count");
    this.count.setAttribute("role", "status");
    root.append(...this.bars(), this.rows.node);
    // The second of two clicks is told by its count: the first may have had the rows drawn anew.
    this.rows.body.addEventListener("click", ({ target, detail: clicks }) => {
      const row = target.closest(".wl-row");
      if (!row) return;
      if (clicks === 2) this.correct(Number(row.dataset.index));
      else this.select(Number(row.dataset.index), true);
    });
    this.rows.body.addEventListener("keydown", (event) => this.press(event));
  }

  makeChoice() {
    const names = { all: "words_all", marked: "fact_doubtful", guessed: "band_interpolated" };
    const option = (kind) => Object.assign(make("option", "", this.t(names[kind])), { value: kind });
    const select = make("select", "wl-words-which");
    select.setAttribute("aria-label", this.t("words_which"));
    select.append(...Object.keys(this.kinds).map(option));
    select.addEventListener("change", () => {
      this.rows.goToTop();
      this.refresh();
    });
    return select;
  }

  // The first stays in sight in a small window.
  bars() {
    const label = this.t("copy_table");
    const copy = makeButton(label, () =>
      copyText(copy, this.tableText("\t", "\n"), { done: this.t("copied"), label }),
    );
    const take = makeButton(this.t("table_csv"), () => this.saveTable());
    take.id = "download-table";
    const bars = [make("div", "wl-words-bar"), make("div", "wl-words-more")];
    bars[0].append(this.search, this.which);
    bars[1].append(this.count, copy, take);
    return bars;
  }

  refresh() {
    const shown = this.rows.find(this.search.value, this.kinds[this.which.value]);
    this.count.textContent = this.t("words_shown", { count: shown });
  }

  select(index, play) {
    this.rows.cursor = index;
    this.events.emit("point", index);
    if (play) this.player.playFrom(this.doc.words[index].start);
  }

  // Corrects a word where it stands, among the others.
  correct(index) {
    this.select(index, false);
    this.player.pause();
    this.events.emit("command", "change");
  }

  press(event) {
    const row = event.target.closest(".wl-row");
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const index = Number(row.dataset.index);
    const step = (by) => {
      const next = this.rows.neighbour(index, by);
      this.select(next, false);
      this.rows.focus(next);
    };
    const { length } = this.rows.shown;
    runKey(event, {
      Enter: () => this.select(index, true),
      " ": () => this.player.toggle(),
      e: () => this.correct(index),
      F2: () => this.correct(index),
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      PageDown: () => step(PAGE),
      PageUp: () => step(-PAGE),
      Home: () => step(-length),
      End: () => step(length),
    });
  }

  tableText(separator, lineEnd) {
    const nameOf = this.speakers.list.length ? (word) => this.rows.speakerOf(word) : null;
    return delimited(this.rows.shown.map((index) => this.doc.words[index]), separator, lineEnd, nameOf);
  }

  // The mark in front says to spreadsheets that this is UTF-8.
  saveTable() {
    const name = this.doc.name.replace(/\.[^.]*$/, "") || "transcript";
    const parts = ["\ufeff", this.tableText(",", "\r\n"), "\r\n"];
    saveFile(`${name}.words.csv`, new Blob(parts, { type: "text/csv;charset=utf-8" }));
  }
}
