// The rows of the table. Only those in sight are in the page: thousands stay as light as twenty. They scroll in a box
// of their own; in a small window, the window scrolls (views.css).
import { make, makeButton } from "../shared/dom.js";
import { isBox, sightEnd } from "../shared/sight.js";
import { COLUMNS, findRows } from "./rows.js";

const ROW = 36; // pixels, as the style sheet has it
const HEIGHT = 560; // pixels, while the list has no height of its own
const SPARE = 8; // rows drawn above and below what is in sight

// cursor  index of the selected word, -1 for none
// sorted  called when the reader asks for another order
export class RowList {
  constructor({ doc, bands, speakers, i18n: { t, exact }, cursor, sorted }) {
    Object.assign(this, { doc, bands, speakers, t, exact, cursor });
    this.shown = []; // indices of words, in the order of the rows
    this.order = { column: "start", up: true };
    this.node = make("div", "wl-rows");
    this.table = make("table", "wl-table");
    this.table.setAttribute("aria-label", t("tab_words"));
    this.cells = this.head(sorted); // of the head, by the column
    this.body = this.table.createTBody();
    [this.above, this.below] = [spacer(), spacer()]; // in the place of the rows that are not drawn
    this.body.append(this.above, this.below);
    this.drawn = new Map(); // rows by the indices of their words
    this.lit = -1; // the index of the word that is heard
    this.node.append(this.table);
    const scrolled = () => requestAnimationFrame(() => this.draw());
    this.node.addEventListener("scroll", scrolled, { passive: true });
    const withWindow = () => this.isVisible() && !isBox(this.node) && scrolled();
    window.addEventListener("scroll", withWindow, { passive: true });
  }

  head(sorted) {
    const row = this.table.createTHead().insertRow();
    const cells = {};
    for (const column of Object.keys(COLUMNS)) {
      const sort = () => {
        this.order = { column, up: this.order.column === column ? !this.order.up : true };
        this.goToTop(); // the first of the new order is what was asked for
        sorted();
      };
      cells[column] = make("th", `wl-column-${column}`);
      cells[column].scope = "col";
      cells[column].append(makeButton(this.t(`column_${column}`), sort, "wl-sort"));
      row.append(cells[column]);
    }
    return cells;
  }

  isVisible() {
    return this.node.clientHeight > 0;
  }

  // Shows the words that hold the wanted text and are asked for; returns how many there are.
  find(wanted, isAsked) {
    this.shown = findRows(this.doc.words, { wanted, isAsked, ...this.order });
    for (const [column, cell] of Object.entries(this.cells)) {
      if (column === this.order.column) cell.setAttribute("aria-sort", this.order.up ? "ascending" : "descending");
      else cell.removeAttribute("aria-sort");
    }
    this.table.setAttribute("aria-rowcount", this.shown.length + 1);
    this.table.classList.toggle("wl-has-speakers", this.speakers.list.length > 0);
    this.draw(true);
    return this.shown.length;
  }

  // Returns what is in sight of the rows, {top, height} in pixels from the first one on.
  sight() {
    const { node } = this;
    if (!node.clientHeight || isBox(node)) return { top: node.scrollTop, height: node.clientHeight || HEIGHT };
    return { top: Math.max(0, -this.body.getBoundingClientRect().top), height: window.innerHeight };
  }

  goToTop() {
    const { node } = this;
    node.scrollTop = 0;
    if (!isBox(node) && node.getBoundingClientRect().top < 0) node.parentElement.scrollIntoView({ block: "start" });
  }

  // Rows that stay in sight stay as they are: one that is pressed while the table scrolls is still there when it is
  // let go, and the focus stays in it.
  //
  // isAnew  whether their words may have changed
  draw(isAnew = false) {
    const { body, shown, cursor } = this;
    const { top, height } = this.sight();
    const first = Math.min(shown.length, Math.max(0, Math.floor(top / ROW) - SPARE));
    const last = Math.min(shown.length, first + Math.ceil(height / ROW) + 2 * SPARE);
    const focused = body.contains(document.activeElement) ? cursor : -1;
    const kept = isAnew ? new Map() : this.drawn;
    const before = this.drawn;
    this.drawn = new Map(shown.slice(first, last).map((index) => [index, kept.get(index) ?? this.row(index)]));
    for (const [index, row] of before) if (this.drawn.get(index) !== row) row.remove();
    let above = this.above;
    let place = first;
    for (const [index, row] of this.drawn) {
      if (above.nextSibling !== row) above.after(row);
      this.mark(row, index, place);
      above = row;
      place += 1;
    }
    this.above.style.blockSize = `${first * ROW}px`;
    this.below.style.blockSize = `${(shown.length - last) * ROW}px`;
    if (focused >= 0 && !body.contains(document.activeElement)) this.focus(focused);
  }

  row(index) {
    const word = this.doc.words[index];
    const row = make("tr", "wl-row");
    row.dataset.index = index;
    const name = make("td");
    name.append(make("bdi", `wl-sample wl-${this.bands.shownAs(word)}`, word.text));
    const numbers = [this.exact(word.start), this.exact(word.end), `${Math.round(100 * word.probability)} %`];
    const speaker = make("td", "wl-column-speaker");
    speaker.append(make("bdi", "", this.speakerOf(word)));
    const timing = make("td", "", this.t(`timing_${word.timing}`));
    row.append(name, ...numbers.map((text) => make("td", "wl-number", text)), speaker, timing);
    return row;
  }

  speakerOf(word) {
    const speaker = this.speakers.get(word.speaker);
    return speaker ? this.speakers.nameOf(speaker) : "";
  }

  // Shows where a row stands, and whether its word is selected or heard.
  mark(row, index, place) {
    const isSelected = index === this.cursor;
    row.setAttribute("aria-rowindex", place + 2);
    row.classList.toggle("wl-selected", isSelected);
    row.classList.toggle("wl-lit-row", index === this.lit);
    row.tabIndex = isSelected || (this.cursor < 0 && place === 0) ? 0 : -1;
  }

  rowOf(index) {
    return this.drawn.get(index);
  }

  focus(index) {
    this.rowOf(index)?.focus({ preventScroll: true });
  }

  // Returns the word that stands some rows after another.
  neighbour(index, by) {
    const place = this.shown.indexOf(index) + by;
    return this.shown[Math.min(this.shown.length - 1, Math.max(0, place))];
  }

  // Selects a word, and scrolls to it if the table is in sight.
  goTo(index) {
    this.cursor = index;
    if (!this.isVisible()) return;
    const place = this.shown.indexOf(index);
    if (place >= 0 && isBox(this.node)) this.scrollBox(place);
    else if (place >= 0) this.scrollWindow(place);
    this.draw();
  }

  scrollBox(place) {
    const { node } = this;
    const [top, bottom] = [place * ROW, (place + 2) * ROW]; // the head covers the first row of the box
    if (top < node.scrollTop) node.scrollTop = top;
    else if (bottom > node.scrollTop + node.clientHeight) node.scrollTop = bottom - node.clientHeight;
  }

  scrollWindow(place) {
    const top = this.body.getBoundingClientRect().top + place * ROW;
    const covered = this.cells.word.getBoundingClientRect().bottom; // by the tools and the names of the columns
    if (top < covered) window.scrollBy(0, top - covered);
    else if (top + ROW > sightEnd()) window.scrollBy(0, top + ROW - sightEnd());
  }

  light(index) {
    this.rowOf(this.lit)?.classList.remove("wl-lit-row");
    this.lit = index;
    this.rowOf(index)?.classList.add("wl-lit-row");
  }
}

function spacer() {
  const row = make("tr", "wl-spacer");
  row.setAttribute("aria-hidden", "true");
  return row;
}
