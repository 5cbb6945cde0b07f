// The commands of a review: the reader goes to a stop, hears it, accepts or corrects it, and so on to the last one.
import { openTab } from "../shared/gradio_parts.js";

const CONTEXT = 0.6; // seconds of sound before and after a stop, so that it is heard in its sentence

export class Reviewer {
  constructor({ store, events, player, review, selection, speakers, i18n }, { words, cursor, editor, line }) {
    Object.assign(this, { store, doc: store.doc, events, player, review, selection, speakers, t: i18n.t });
    Object.assign(this, { words, cursor, editor, line });
    this.marked = []; // the elements of the stop that the cursor is on
    this.heard = -1; // the index of the word whose stop is playing
    events.on("active", (index) => this.mark(index));
    events.on("player", () => this.describeHeard());
    for (const kind of ["opened", "forgotten"]) events.on(kind, () => this.leave());
  }

  // Runs a command of the review: "next", "previous", "hear", "plays", "accept" or "change".
  run(name) {
    const commands = {
      next: () => this.go(1),
      previous: () => this.go(-1),
      hear: () => this.hear(),
      plays: () => this.togglePlays(),
      accept: () => this.accept(),
      change: () => this.change(),
    };
    commands[name]();
  }

  // Goes to the next stop, 1, or the one before, -1, past the end to the first; says so if there is none.
  go(step, isOpen = this.words.node.clientHeight > 0) {
    if (!isOpen) return this.openWords(() => this.go(step, true));
    const stop = this.find(step);
    if (!stop) return this.finish();
    this.cursor.reveal(stop.first);
    this.cursor.move(stop.first);
    this.review.place = stop;
    if (this.review.plays) this.hear();
  }

  // Shows the words, on which another tab lies; gradio takes a frame for that.
  openWords(act) {
    openTab("views", this.t("tab_transcript"));
    requestAnimationFrame(() => requestAnimationFrame(act));
  }

  // Returns the next stop among the words that are shown, or else among all.
  find(step) {
    const { active } = this.selection;
    const all = this.review.stops(this.doc);
    const shown = all.filter(({ first }) => this.words.isShown(first));
    const stops = shown.length ? shown : all;
    // The cursor waits on the first word before the reader has gone anywhere: that word is not yet behind.
    const isThere = this.review.place !== null || this.words.drawnNode(active) === document.activeElement;
    if (step > 0) return stops.find(({ first }) => (isThere ? first > active : first >= active)) ?? stops[0];
    return stops.findLast(({ last }) => last < active) ?? stops.at(-1);
  }

  finish() {
    const { all } = this.review.progress(this.doc.words);
    this.leave();
    this.heard = -1; // what is said below stays
    this.player.endSpan();
    this.cursor.focus();
    this.line.announce(this.t(all ? "all_checked" : "nothing_to_check", { count: all }));
  }

  // Plays the stop that the cursor is on, or else its word.
  hear() {
    const index = this.selection.active;
    if (index < 0) return;
    const { first, last } = this.review.stopAt(this.doc, index) ?? { first: index, last: index };
    const { words } = this.doc;
    this.player.playSpan({ start: words[first].start - CONTEXT, end: words[last].end + CONTEXT });
    this.heard = index;
  }

  // Once a stop has been heard, the line above the words is about it again, and not about what was played after it.
  describeHeard() {
    const word = this.doc.words[this.heard];
    if (!word || this.player.isPlaying()) return;
    if (this.heard === this.selection.active) this.line.describe(word);
    this.heard = -1;
  }

  // Whether going to a stop plays it is the reader's choice.
  togglePlays() {
    this.review.plays = !this.review.plays;
    this.events.emit("reviewing");
  }

  // Says that the stop is right, and goes to the next one; without a stop, goes to the next one.
  accept() {
    const stop = this.review.stopAt(this.doc, this.selection.active);
    if (!stop) return this.go(1);
    const { speaker } = this.doc.words[stop.first];
    const isVoiceInDoubt = this.speakers.doubtful.has(stop.first);
    this.store.edit(this.editor.edits.accept(stop, isVoiceInDoubt ? speaker : null));
    this.go(1);
  }

  // Corrects the word that the cursor is on; a stop's correction leads to the next one.
  change() {
    const { active } = this.selection;
    if (active < 0) return;
    if (!this.words.node.clientHeight) return void this.openWords(() => this.change());
    this.review.place = this.review.stopAt(this.doc, active);
    this.editor.change(active);
  }

  // Shows what would be accepted at a word. The reader who goes elsewhere is not on the way through the stops.
  mark(index) {
    for (const node of this.marked) node.classList.remove("wl-stop");
    const stop = this.review.stopAt(this.doc, index);
    const { place } = this.review;
    if (place && (index < place.first || index > place.last)) this.leave();
    const indices = stop ? Array.from({ length: stop.last - stop.first + 1 }, (_, n) => stop.first + n) : [];
    this.marked = indices.map((at) => this.words.drawnNode(at)).filter(Boolean);
    for (const node of this.marked) node.classList.add("wl-stop");
  }

  leave() {
    this.review.place = null;
  }
}
