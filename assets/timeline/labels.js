// The words' texts on the chart: of the word under the pointer and, in a close view, of all below their row.
import { exactSpan } from "../shared/clock.js";
import { wordAt } from "../shared/document.js";
import { make } from "../shared/dom.js";
import { textMeasure } from "./chart.js";

const ROOM = 24; // pixels a word from which on their texts are written
const GAP = 6; // pixels between two texts
const REACH = 2; // pixels beside a word that count as the word

export class Labels {
  constructor({ store, i18n }, chart) {
    Object.assign(this, { doc: store.doc, chart, exact: i18n.exact });
    this.label = make("div", "wl-plot-label");
    this.label.hidden = true;
    this.texts = make("div", "wl-plot-texts");
    this.texts.setAttribute("aria-hidden", "true");
    chart.node.addEventListener("pointermove", ({ clientX }) => this.describe(clientX));
    chart.node.addEventListener("pointerleave", () => (this.label.hidden = true));
  }

  // Puts the labels on a chart that is drawn, over another node.
  attach(node) {
    this.label.hidden = true;
    if (!this.chart.node.contains(this.texts)) this.chart.node.append(node, this.texts, this.label);
    setTimeout(() => this.write()); // in a task of its own, as a closer view is drawn
  }

  // Writes the texts. Of words that would overlap, the first is written.
  write() {
    const { axis } = this.chart;
    if (!axis) return;
    const { range: [from, to], _length: length, _offset: left } = axis;
    const inside = this.doc.words.filter(({ start, end }) => end > from && start < to);
    if (inside.length * ROOM > length) return this.texts.replaceChildren();
    const widthOf = textMeasure();
    let free = 0; // pixels from the left
    const written = [];
    for (const { start, text } of inside) {
      const [at, width] = [Math.max(0, axis.d2p(start)), widthOf(text)];
      if (at < free || at + width > length) continue;
      free = at + width + GAP;
      const node = make("bdi", "", text);
      node.style.insetInlineStart = `${left + at}px`;
      written.push(node);
    }
    this.texts.style.insetBlockStart = `${this.chart.heightOf("timeline_words") + 7}px`;
    this.texts.replaceChildren(...written);
  }

  // Labels the word at a place of the window.
  describe(clientX) {
    const { chart: { axis }, label, doc } = this;
    if (!axis) return;
    const inside = this.chart.pixelsInside(clientX);
    const [time, reach] = [axis.p2d(inside), axis.p2d(REACH) - axis.p2d(0)]; // seconds
    const near = [time, time - reach, time + reach].map((at) => wordAt(doc.words, at));
    const index = near.find((found) => found >= 0);
    label.hidden = index === undefined || inside < 0 || inside > axis._length;
    if (label.hidden) return;
    const word = doc.words[index];
    label.replaceChildren(make("bdi", "", word.text), ` ${exactSpan(word, this.exact)}`);
    label.style.insetInlineStart = `${axis._offset + inside}px`;
    label.style.insetBlockStart = `${this.chart.heightOf("timeline_words") - 42}px`;
    label.style.transform = `translateX(-${(100 * inside) / axis._length}%)`; // within the plot at either end
  }
}
