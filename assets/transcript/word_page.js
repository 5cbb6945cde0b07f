// Draws the words in paragraphs. What arrives is appended and nothing is drawn twice, so that a reader's place
// and selection survive.
import { isBookmarked } from "../bookmarks/passages.js";
import { clock } from "../shared/clock.js";
import { make } from "../shared/dom.js";
import { paragraphsOf, sameItems } from "./paragraphs.js";
import { TurnLabels } from "./turn_labels.js";

const SLICE = 8; // milliseconds of drawing at a time; the browser's own work on the words comes on top

// onDrawn  called after each slice
export class WordPage {
  constructor({ doc, speakers, bands, fillers, t, onDrawn }) {
    Object.assign(this, { doc, t, onDrawn, bands, fillers, labels: new TurnLabels(speakers, t) });
    this.nodes = new WeakMap(); // word -> its element; the element's `word` leads back
    this.blocks = []; // [{node, paragraph, segments}], one a paragraph
    this.drawn = 0; // segments
    this.only = null; // the label of the speaker whose words alone are shown
    this.timer = 0;
    this.node = make("div", "wl-page");
    this.node.setAttribute("role", "group");
    this.node.tabIndex = -1;
    this.node.setAttribute("aria-label", t("transcript"));
    this.node.classList.toggle("wl-fluent", !fillers.areShown);
  }

  clear() {
    this.stopDrawing();
    this.blocks = [];
    this.drawn = 0;
    this.node.replaceChildren();
    this.node.scrollTop = 0;
  }

  // Draws after what else the message sets off.
  drawSoon() {
    this.timer ||= setTimeout(() => this.draw());
  }

  stopDrawing() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  draw() {
    const { segments } = this.doc;
    this.timer = 0;
    const until = performance.now() + SLICE;
    const fragment = document.createDocumentFragment();
    while (this.drawn < segments.length && performance.now() < until)
      this.drawSegment(segments[this.drawn++], fragment);
    this.node.append(fragment);
    this.labels.draw(this.blocks);
    this.filterIfNeeded();
    this.onDrawn();
    if (this.drawn < segments.length) this.timer = setTimeout(() => this.draw());
  }

  drawSegment(segment, fragment) {
    if (segment.paragraph || !this.blocks.length) {
      this.blocks.push({ ...blockAt(segment.words[0].start, segment.lang), segments: [] });
      fragment.append(this.blocks.at(-1).node);
    }
    this.fill(this.blocks.at(-1), segment);
  }

  fill(block, segment) {
    const before = block.segments.at(-1);
    block.segments.push(segment);
    for (const word of segment.words) {
      if (segment.spaced && block.paragraph.childNodes.length) block.paragraph.append(" ");
      if (before && segment.speaker !== before.speaker && word === segment.words[0])
        block.paragraph.append(this.labels.inline(segment), " ");
      block.paragraph.append(this.wordNode(word));
      if (word.speaker && word.speaker !== segment.speaker) this.labels.mark(this.nodes.get(word));
    }
  }

  wordNode(word) {
    const node = make("span", `wl-word wl-${this.bands.shownAs(word)}`, this.fillers.textOf(word));
    if (word.timing === "interpolated") node.classList.add("wl-interpolated");
    if (word.edited) node.classList.add("wl-edited");
    else if (word.checked) node.classList.add("wl-checked");
    if (word.said === false) {
      node.classList.add("wl-unsaid");
      node.title = this.t("word_unsaid");
    }
    if (word.disfluency) {
      node.classList.add("wl-filler");
      node.title = this.t(`word_${word.disfluency}`);
    }
    if (isBookmarked(word)) node.classList.add("wl-bookmark");
    node.tabIndex = -1;
    node.word = word;
    this.nodes.set(word, node);
    return node;
  }

  // Draws what an edit has changed: paragraphs whose segments are the same stay as they are.
  redraw() {
    this.stopDrawing();
    const known = new Map(this.blocks.map((block) => [block.segments[0], block]));
    this.blocks = paragraphsOf(this.doc.segments).map((segments) => {
      const block = known.get(segments[0]);
      if (block && sameItems(block.segments, segments)) return block;
      const fresh = { ...blockAt(segments[0].words[0].start, segments[0].lang), segments: [] };
      segments.forEach((segment) => this.fill(fresh, segment));
      return fresh;
    });
    this.drawn = this.doc.segments.length;
    const page = this.node;
    const kept = new Set(this.blocks.map((block) => block.node));
    for (const node of [...page.children]) if (!kept.has(node)) node.remove();
    this.blocks.forEach(({ node }, at) => {
      if (page.children[at] !== node) page.insertBefore(node, page.children[at] ?? null);
    });
    this.labels.draw(this.blocks);
    this.filterIfNeeded();
  }

  // Shows other times of words, old word -> new word. Their elements stay, and with them the focus, an open field and
  // what is selected.
  retime(changes) {
    let first = 0;
    const fresh = new Map(); // old segment -> new segment
    for (const block of this.blocks) {
      const segments = this.doc.segments.slice(first, first + block.segments.length);
      block.segments.forEach((segment, at) => fresh.set(segment, segments[at]));
      block.segments = segments;
      first += segments.length;
      block.margin.querySelector(".wl-time").textContent = clock(block.segments[0].words[0].start);
    }
    for (const [before, word] of changes) {
      const node = this.nodes.get(before);
      if (!node) continue;
      node.word = word;
      node.classList.toggle("wl-interpolated", word.timing === "interpolated");
      this.nodes.set(word, node);
    }
    this.labels.follow(fresh);
    this.labels.draw(this.blocks);
  }

  // Shows the paragraphs alone in which a speaker says something, words of others there faintly; null for all.
  showOnly(id) {
    if (id === this.only) return;
    this.only = id;
    this.filter();
  }

  // Shows fillers or hides them, as the reader has chosen; what stands beside them is written accordingly.
  showFillers() {
    this.node.classList.toggle("wl-fluent", !this.fillers.areShown);
    for (const word of this.doc.words) {
      const node = word.fluent && this.nodes.get(word);
      if (node) node.textContent = this.fillers.textOf(word);
    }
    this.filter();
  }

  filterIfNeeded() {
    if (this.only !== null || !this.fillers.areShown) this.filter();
  }

  filter() {
    const { only } = this;
    for (const node of this.node.querySelectorAll(".wl-aside")) node.classList.remove("wl-aside");
    for (const { node, segments } of this.blocks) {
      const inside = segments.flatMap(({ words }) => words);
      const others = only === null ? [] : inside.filter(({ speaker }) => speaker !== only);
      node.hidden = inside.every((word) => (only !== null && word.speaker !== only) || this.fillers.hides(word));
      if (!node.hidden) for (const word of others) this.nodes.get(word).classList.add("wl-aside");
    }
  }

  // Whether the word with an index is among those that the reader wants to see.
  isShown(index) {
    if (this.fillers.hides(this.doc.words[index] ?? {})) return false;
    return this.only === null || !this.nodeAt(index)?.closest(".wl-block").hidden;
  }

  // Returns the element of a word by its index, drawn before its turn if need be; undefined if there is none.
  nodeAt(index) {
    const word = this.doc.words[index];
    if (word && !this.nodes.has(word)) while (this.drawn < this.doc.segments.length) this.draw();
    return this.nodes.get(word);
  }

  // Returns the words of which the reader has selected letters as {first, last}; the word with an index if there are
  // none.
  rangeAt(index) {
    const selection = window.getSelection();
    if (selection.isCollapsed || !this.node.contains(selection.anchorNode)) return { first: index, last: index };
    const near = this.doc.words.filter((word) => selection.containsNode(this.nodeAt(word.index), true));
    const inside = near.filter(({ index: at }) => holdsLetters(selection.getRangeAt(0), this.nodeAt(at).firstChild));
    return inside.length ? { first: inside[0].index, last: inside.at(-1).index } : { first: index, last: index };
  }

  // Selects the words from one index to another.
  select(first, last) {
    const [from, to] = [first, last].map((index) => this.nodeAt(index).firstChild);
    window.getSelection().setBaseAndExtent(from, 0, to, to.length);
  }

  // Returns the element of a word if it is drawn.
  drawnNode(index) {
    return this.nodes.get(this.doc.words[index]);
  }
}

// Whether letters of a text are in a range; a selection may end right before or behind them.
function holdsLetters(range, text) {
  const letters = document.createRange();
  letters.selectNodeContents(text);
  const [endsAfter, startsBefore] = [Range.START_TO_END, Range.END_TO_START];
  return range.compareBoundaryPoints(endsAfter, letters) > 0 && range.compareBoundaryPoints(startsBefore, letters) < 0;
}

// Returns an empty paragraph that begins at so many seconds, with its margin.
export function blockAt(start, lang) {
  const node = make("div", "wl-block");
  const margin = make("div", "wl-margin");
  const time = make("span", "wl-time", clock(start));
  time.setAttribute("aria-hidden", "true");
  margin.append(time);
  const paragraph = make("p", "wl-paragraph");
  paragraph.dir = "auto";
  paragraph.lang = lang;
  node.append(margin, paragraph);
  return { node, margin, paragraph };
}
