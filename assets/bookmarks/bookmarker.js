// The commands of bookmarks: the reader marks a passage, writes a note at it, and comes back to it.
import { openField } from "../transcript/word_field.js";
import { bookmarkWords, removePassage, toggleBookmark, writeNote } from "./bookmark_edits.js";
import { isBookmarked, passageAt, passagesOf } from "./passages.js";

export class Bookmarker {
  constructor(app, { words, cursor, editor, reviewer, signs, line }) {
    const { store, events, player, selection, constants, i18n } = app;
    Object.assign(this, { store, doc: store.doc, events, player, selection, t: i18n.t, most: constants.longest_note });
    Object.assign(this, { words, cursor, editor, reviewer, signs, line });
    this.commands = {
      toggle: () => this.toggle(),
      note: () => this.note(),
      next: () => this.step(1),
      previous: () => this.step(-1),
    };
    events.on("bookmark", (name) => this.commands[name]());
  }

  // Returns the words that a command is about, {first, last}: those that are selected, or else the word that the
  // keyboard is on. If the focus is elsewhere, it is the word that is heard.
  target() {
    const { word, bookmarked } = document.activeElement ?? {};
    const focused = word ?? bookmarked; // of a sign, a word of its passage
    const heard = this.player.isPlaying() ? this.cursor.playing : -1;
    const index = focused?.index ?? (heard >= 0 ? heard : this.selection.active);
    return index < 0 ? null : this.words.rangeAt(index);
  }

  // Bookmarks the target, or takes its bookmark away.
  toggle(range = this.target()) {
    if (!range) return;
    this.store.edit(toggleBookmark(this.doc, range));
    this.announce(range.first);
  }

  // The same for the selected words, or else the word that the cursor is on, whatever is heard.
  toggleActive() {
    const { active } = this.selection;
    if (active >= 0) this.toggle(this.words.rangeAt(active));
  }

  remove(index) {
    const edit = removePassage(this.doc, index);
    if (!edit) return;
    this.store.edit(edit);
    this.announce(index);
  }

  announce(index) {
    this.say(isBookmarked(this.doc.words[index]) ? "bookmark_made" : "bookmark_gone");
  }

  // Shows the sentence of a key above the words, and has screen readers read it.
  say(key) {
    const sentence = this.t(key);
    this.line.announce(sentence);
    this.events.emit("bookmarked", sentence);
  }

  // Opens a field for the note of a bookmark, which is made if there is none yet.
  note(range = this.target()) {
    if (!range) return;
    if (!this.words.node.clientHeight) return void this.reviewer.openWords(() => this.note(range));
    const edit = bookmarkWords(this.doc, range);
    if (edit) this.store.edit(edit);
    this.type(passageAt(this.doc.words, range.first));
  }

  noteOf({ index }) {
    this.note({ first: index, last: index });
  }

  type(passage) {
    const { run } = this.doc;
    const { first } = passage;
    this.cursor.reveal(first);
    this.cursor.move(first);
    const button = this.signs.buttonOf(passage);
    if (!button) return; // the words are still being drawn
    if (!this.player.isLooping()) this.player.pause(); // what is repeated is heard while the note is typed
    this.editor.field = openField({
      node: button,
      initial: passage.note,
      label: this.t("bookmark_note"),
      hint: this.t("bookmark_hint"),
      most: this.most,
      isKept: true,
      done: (text, isEntered, isLeft) => {
        if (this.doc.run !== run) return; // it was deleted with its transcript
        const note = text?.trim().replace(/\s+/gu, " ");
        const edit = text === null ? null : writeNote(this.doc, first, note);
        if (edit) this.store.edit(edit);
        if (edit && isLeft) this.say("bookmark_kept");
        if (!edit && (isEntered || isLeft)) this.cursor.move(first);
      },
      next: () => this.cursor.focus(),
      stop: () => this.editor.stopLoop(),
    });
  }

  // Goes to the next passage, 1, or the one before, -1, past the end to the first; says so if there is none.
  step(by) {
    const { active } = this.selection;
    const passages = passagesOf(this.doc.words);
    if (!passages.length) return this.line.announce(this.t("bookmark_none"));
    // The cursor waits on the first word before the reader has gone anywhere: that word is not yet behind.
    const isBehind = active > 0 || this.words.drawnNode(active) === document.activeElement;
    const least = isBehind ? active + 1 : active;
    const next = passages.find(({ first }) => first >= least) ?? passages[0];
    return this.go(by > 0 ? next : passages.findLast(({ last }) => last < active) ?? passages.at(-1));
  }

  // Goes to a passage and plays from there on.
  go({ first, last }) {
    if (!this.words.node.clientHeight) return void this.reviewer.openWords(() => this.go({ first, last }));
    const shown = this.cursor.shownFrom(first, 1); // a passage may begin with a filler that is hidden
    const index = shown <= last ? shown : first;
    this.cursor.reveal(index);
    this.cursor.move(index);
    return this.cursor.play(index);
  }
}
