// The word that the keyboard is on, and the word that is playing: moving between words and keeping them in view.
import { isBox, sightEnd, sightOf } from "../shared/sight.js";
import { turnStarts } from "../speakers/speakers.js";

const LOOKS = 8; // frames in which a word that was scrolled to is kept in view
const LEAST_SIGHT = 120; // pixels of the words: if the reader sees less of them, the page is scrolled to them
const EDGE = 8; // pixels below a word that the window was scrolled to
const SAME_LINE = 4; // pixels between the tops of words that stand in one line

const topOf = (node) => node.getBoundingClientRect().top;

export class Cursor {
  constructor({ store, events, player, follow, selection, speakers, fillers, i18n }, { words, line, head }) {
    Object.assign(this, { doc: store.doc, events, player, follow, selection, speakers, fillers, words, line });
    this.t = i18n.t;
    this.page = words.node;
    this.head = head; // what stands above the words, and over them once the window has scrolled
    this.playing = -1; // the index of the word that is lit
    this.held = null; // the word that was last held in its place, {node, top} in pixels of the window
  }

  clear() {
    // An edit keeps nodes whose words it leaves alone, under other indices.
    for (const node of this.page.querySelectorAll(".wl-word[tabindex='0']")) node.tabIndex = -1;
    this.selection.active = -1;
  }

  // Puts the cursor on the first word, so that Tab leads into the words.
  start() {
    if (this.selection.active < 0 && this.doc.words.length) this.activate(0);
  }

  activate(index) {
    const before = this.words.drawnNode(this.selection.active);
    if (before) before.tabIndex = -1;
    this.selection.active = index;
    this.words.nodeAt(index).tabIndex = 0;
    this.events.emit("active", index);
  }

  // Goes to a word. What was selected before is out of the reader's mind, and must not be deleted in its place.
  move(index) {
    if (index < 0 || index >= this.doc.words.length) return;
    if (!window.getSelection().isCollapsed) window.getSelection().removeAllRanges();
    this.activate(index);
    this.words.nodeAt(index).focus({ preventScroll: true });
    if (this.page.clientHeight && !sightOf(this.page, LEAST_SIGHT)) this.page.scrollIntoView({ block: "nearest" });
    this.bringAboveBar(this.words.nodeAt(index));
  }

  // Goes on by one word from an index, past those that are not shown.
  step(index, by) {
    this.move(this.shownFrom(index + by, by));
  }

  // Goes on by one word from an index, and selects the words between it and the one where the selection began.
  extend(index, by) {
    const { first, last } = this.words.rangeAt(index);
    const next = this.shownFrom(index + by, by);
    if (next < 0 || next >= this.doc.words.length) return;
    const [from, to] = [index === first ? last : first, next].sort((one, other) => one - other);
    this.move(next);
    this.words.select(from, to);
  }

  selectAll() {
    const [first, last] = [this.shownFrom(0, 1), this.shownFrom(this.doc.words.length - 1, -1)];
    if (first <= last) this.words.select(first, last);
  }

  // Returns the index of the first word that is shown, from one on; one that there is not if there is none.
  shownFrom(index, by) {
    let found = index;
    while (found >= 0 && found < this.doc.words.length && !this.words.isShown(found)) found += by;
    return found;
  }

  // Goes to where a speaker begins next, 1, or began before, -1, and has the recording go there too.
  nextTurn(id, by) {
    const speaker = this.speakers.get(id);
    if (!speaker) return;
    const { active } = this.selection;
    const starts = turnStarts(this.doc, id);
    const index = by > 0 ? starts.find((start) => start > active) : starts.findLast((start) => start < active);
    const name = this.speakers.nameOf(speaker);
    if (index === undefined) return this.line.announce(this.t(by > 0 ? "no_next_turn" : "no_previous_turn", { name }));
    if (!this.words.isShown(index)) this.speakers.showOnly(null);
    this.move(this.shownFrom(index, 1)); // a turn may begin with a filler that is hidden
    this.player.seek(this.doc.words[index].start);
  }

  focus() {
    if (this.selection.active >= 0) this.move(this.selection.active);
  }

  // The words that are shown are others: Tab leads to one of them.
  showOnly(id) {
    this.words.showOnly(id);
    this.stayInSight();
  }

  stayInSight() {
    const { active } = this.selection;
    if (active >= 0 && !this.words.isShown(active)) this.activate(this.shownNear(active));
  }

  // Returns the index of the word that is shown next to one, after it or else before it.
  shownNear(index) {
    const after = this.shownFrom(index, 1);
    return after < this.doc.words.length ? after : this.shownFrom(index, -1);
  }

  // After an edit: goes to a word, or to the page if the last word has gone and the focus with it.
  goTo(index) {
    this.clear();
    if (index >= 0) this.move(this.shownNear(index));
    else this.page.focus({ preventScroll: true });
  }

  // Another view points at a word.
  point(index) {
    this.reveal(index);
    this.activate(index);
    this.bringPageIntoSight();
    this.bringAboveBar(this.words.nodeAt(index));
  }

  // Has a word shown, whatever the reader has hidden.
  reveal(index) {
    if (this.words.isShown(index)) return;
    this.speakers.showOnly(null);
    if (this.fillers.hides(this.doc.words[index])) this.fillers.show(true);
  }

  play(index) {
    this.activate(index);
    this.follow.resume();
    this.player.playFrom(this.doc.words[index].start);
  }

  // Goes to the word that stands closest in the line above or below.
  moveLine(node, step) {
    const from = node.getBoundingClientRect();
    const middle = (from.left + from.right) / 2;
    let best = null;
    for (let index = node.word.index + step; index >= 0 && index < this.doc.words.length; index += step) {
      if (!this.words.isShown(index)) continue;
      const box = this.words.nodeAt(index).getBoundingClientRect();
      if (Math.abs(box.top - from.top) < SAME_LINE) continue;
      if (best && Math.abs(box.top - best.top) >= SAME_LINE) break;
      const distance = Math.abs((box.left + box.right) / 2 - middle);
      if (!best || distance < best.distance) best = { index, distance, top: box.top };
    }
    if (best) this.move(best.index);
  }

  // Lights the word that is playing.
  light({ index, playing }) {
    this.playing = index;
    this.page.querySelector(".wl-lit")?.classList.remove("wl-lit");
    const node = index >= 0 ? this.words.drawnNode(index) : null;
    if (!node) return;
    node.classList.add("wl-lit");
    this.line.describe(this.doc.words[index]);
    if (playing && this.follow.isOn()) this.bringIntoView(node);
  }

  // The reader scrolls: what plays elsewhere no longer moves the page.
  noteScroll() {
    if (this.player.isPlaying()) this.follow.stray();
  }

  // Goes to the word that is playing, if the reader wants to follow again.
  catchUp() {
    const node = this.follow.isOn() && this.words.drawnNode(this.playing);
    if (node) this.bringIntoView(node);
  }

  // The page is shown again, or has another size; another tab may have moved the cursor meanwhile.
  returnToView() {
    const node = this.words.drawnNode(this.selection.active);
    if (node && this.page.clientHeight) this.bringIntoView(node);
  }

  // The words are below what the reader sees, as on a phone under the fields of a search: those stay in sight.
  bringPageIntoSight() {
    const { top, height } = this.page.getBoundingClientRect();
    const hidden = top + Math.min(LEAST_SIGHT, height) - sightEnd();
    if (this.page.clientHeight && hidden > 0) window.scrollBy(0, hidden);
  }

  // Brings a word into view that the reader goes to. The last words cannot leave the foot of their page: if the bar
  // at the window's foot covers that, the window is scrolled.
  bringAboveBar(node) {
    this.bringIntoView(node);
    const hidden = node.getBoundingClientRect().bottom + EDGE - sightEnd();
    if (node.getClientRects().length && hidden > 0) window.scrollBy(0, hidden);
  }

  // Has something done that moves the words, and keeps the first one that the reader sees in its place.
  holdPlace(act) {
    const { top } = this.frame();
    const isSeen = (node) => node.getBoundingClientRect().bottom > top + EDGE;
    const isScrolled = this.page.clientHeight && (isBox(this.page) || this.page.getBoundingClientRect().top < top);
    const block = isScrolled ? this.words.blocks.find((each) => !each.node.hidden && isSeen(each.node)) : null;
    const first = block ? [...block.node.querySelectorAll(".wl-word")].find(isSeen) : null;
    // Another word may be the first one now. The one that was held stays the one, as long as it is where it was.
    const isHeld = first && this.held?.node.isConnected && Math.abs(topOf(this.held.node) - this.held.top) <= 1;
    const word = isHeld ? this.held.node : first;
    if (word) this.held = { node: word, top: isHeld ? this.held.top : topOf(word) };
    act();
    if (word) this.holdAt(word, this.held.top);
  }

  // Paragraphs above get their true height only in the next frames.
  holdAt(node, top, looks = LOOKS) {
    const scroller = isBox(this.page) ? this.page : document.scrollingElement;
    scroller.scrollTop += node.getBoundingClientRect().top - top;
    if (looks) requestAnimationFrame(() => this.holdAt(node, top, looks - 1));
  }

  // Returns the words' part of the window, {top, bottom} in pixels from its top.
  frame() {
    const { page } = this;
    if (isBox(page)) return sightOf(page, LEAST_SIGHT) ?? page.getBoundingClientRect();
    return { top: Math.max(0, this.head.getBoundingClientRect().bottom), bottom: sightEnd() };
  }

  // Scrolls the words alone if they are a box; scrollIntoView would move the whole page. Paragraphs that come into
  // sight only then get their true height, which may push the word on, so it looks again for a few frames.
  bringIntoView(node, looks = LOOKS) {
    if (!node.getClientRects().length) return; // its paragraph is not shown
    const scroller = isBox(this.page) ? this.page : document.scrollingElement;
    const [word, frame] = [node.getBoundingClientRect(), this.frame()];
    const margin = Math.min(72, (frame.bottom - frame.top) / 4);
    const before = scroller.scrollTop;
    if (word.top < frame.top + margin) scroller.scrollTop += word.top - frame.top - margin;
    else if (word.bottom > frame.bottom - margin) scroller.scrollTop += word.bottom - frame.bottom + margin;
    const moved = scroller.scrollTop !== before || looks < LOOKS;
    if (moved && looks) requestAnimationFrame(() => this.bringIntoView(node, looks - 1));
  }
}
