// The rows of the table. Only those in sight are in the page: thousands stay as light as twenty.
import { make, makeButton } from "../shared/dom.js";
import { COLUMNS, findRows } from "./rows.js";

const ROW = 36; // pixels, as the style sheet has it
const HEIGHT = 560; // pixels, while the list has no height of its own
const SPARE = 8; // rows drawn above and below what is in sight

// cursor  index of the selected word, -1 for none
// sorted  called when the reader asks for another order
export class RowList {
  constructor({ doc, bands, i18n: { t, exact }, cursor, sorted }) {
    Object.assign(this, { doc, bands, t, exact, cursor });
    this.shown = []; // indices of words, in the order of the rows
    this.order = { column: "start", up: true };
    this.node = make("div", "wl-rows");
    this.table = make("table", "wl-table");
    this.table.setAttribute("aria-label", t("tab_words"));
    this.cells = this.head(sorted); // of the head, by the column
    this.body = this.table.createTBody();
    this.node.append(this.table);
    this.node.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()), { passive: true });
  }

  head(sorted) {
    const row = this.table.createTHead().insertRow();
    const cells = {};
    for (const column of Object.keys(COLUMNS)) {
      const sort = () => {
        this.order = { column, up: this.order.column === column ? !this.order.up : true };
        this.node.scrollTop = 0; // the first of the new order is what was asked for
        sorted();
      };
      cells[column] = make("th");
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
    this.draw();
    return this.shown.length;
  }

  draw() {
    const { node, body, shown } = this;
    const height = node.clientHeight || HEIGHT;
    const first = Math.max(0, Math.floor(node.scrollTop / ROW) - SPARE);
    const last = Math.min(shown.length, first + Math.ceil(height / ROW) + 2 * SPARE);
    const focused = body.contains(document.activeElement) ? this.cursor : -1;
    const rows = Array.from({ length: last - first }, (_, at) => this.row(first + at));
    body.replaceChildren(spacer(first), ...rows, spacer(shown.length - last));
    if (focused >= 0) this.focus(focused);
  }

  row(place) {
    const word = this.doc.words[this.shown[place]];
    const isSelected = word.index === this.cursor;
    const row = make("tr", isSelected ? "wl-row wl-selected" : "wl-row");
    row.dataset.index = word.index;
    row.setAttribute("aria-rowindex", place + 2);
    row.tabIndex = isSelected || (this.cursor < 0 && place === 0) ? 0 : -1;
    const name = make("td");
    name.append(make("bdi", `wl-sample wl-${this.bands.shownAs(word)}`, word.text));
    const numbers = [this.exact(word.start), this.exact(word.end), `${Math.round(100 * word.probability)} %`];
    const timing = make("td", "", this.t(`timing_${word.timing}`));
    row.append(name, ...numbers.map((text) => make("td", "wl-number", text)), timing);
    return row;
  }

  rowOf(index) {
    return this.body.querySelector(`[data-index="${index}"]`);
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
    const { node } = this;
    const place = this.shown.indexOf(index);
    const [top, bottom] = [place * ROW, (place + 2) * ROW];
    if (place >= 0 && top < node.scrollTop) node.scrollTop = top;
    else if (place >= 0 && bottom > node.scrollTop + node.clientHeight) node.scrollTop = bottom - node.clientHeight;
    this.draw();
  }

  light(index) {
    this.body.querySelector(".wl-lit-row")?.classList.remove("wl-lit-row");
    this.rowOf(index)?.classList.add("wl-lit-row");
  }
}

function spacer(rows) {
  const row = make("tr", "wl-spacer");
  row.setAttribute("aria-hidden", "true");
  row.style.blockSize = `${rows * ROW}px`;
  return row;
}
