// The commands by which a reader corrects a word, given its index. Each is one step of undo.
import { replacePhrases } from "../find/replacing.js";
import { rareWords } from "../shared/vocabulary.js";
import { Edits, placeOf, splitTyped } from "./edits.js";
import { openField } from "./word_field.js";

const TYPED = "textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=file])";

export class Editor {
  constructor(app, { words, cursor, line }) {
    const { store, player, events, bands, review, i18n, selection, vocabulary, fillers } = app;
    const given = { store, player, events, review, selection, vocabulary, fillers };
    Object.assign(this, given, { doc: store.doc, words, cursor, line, t: i18n.t });
    this.edits = new Edits(store.doc, { sure: bands.best, fillers });
    this.field = null; // the one that is open
    this.place = { word: null }; // where it stands
    events.on("closing", () => this.field?.settle(true));
    events.on("merging", (merging) => (merging.waits ||= this.field?.isOpen() ?? false));
    events.on("retimed", (changes) => (this.place.word = changes.get(this.place.word) ?? this.place.word));
    document.addEventListener("keydown", (event) => this.revert(event));
  }

  // Corrects a word, or all that are selected.
  change(index) {
    const { first, last } = this.words.rangeAt(index);
    if (first < last) return this.changeAll({ first, last });
    const word = this.doc.words[index];
    const typed = (text, isEntered) => {
      const { place } = this.review;
      const goesOn = isEntered && place !== null && place.first <= index && index <= place.last;
      const isRight = isEntered && this.review.isMarked(word); // as it stands, if it was entered again
      const accepted = isRight ? this.edits.accept({ first: index, last: index }) : null;
      this.learn(index, text);
      this.apply(index, this.edits.retype(index, text) ?? accepted);
      if (goesOn) this.events.emit("command", "next");
    };
    return this.type(index, { initial: word.text, label: this.t("edit_word"), typed });
  }

  // Puts what is typed in the place of several words.
  changeAll({ first, last }) {
    const initial = this.textOf({ first, last });
    const typed = (text) => {
      this.learn(first, text, initial);
      this.apply(first, this.replaced({ first, last }, text));
    };
    this.type(first, { initial, label: this.t("edit_words"), typed, last });
  }

  // Returns an edit that puts a text in the place of several words; null if it is theirs.
  replaced({ first, last }, text) {
    if (splitTyped(text).join(" ") === splitTyped(this.textOf({ first, last })).join(" ")) return null;
    const match = { first, from: 0, last, to: this.doc.words[last].text.length };
    return replacePhrases(this.edits, [match], { wanted: "", text }).edit;
  }

  textOf({ first, last }) {
    const { segments } = this.doc;
    const inside = ({ index }) => index >= first && index <= last;
    const texts = segments.flatMap(({ words, spaced }) =>
      words.filter(inside).map(({ text }) => `${spaced ? " " : ""}${text}`),
    );
    return texts.join("").trim();
  }

  // Offers a name that is put in place of other words for the next recording.
  learn(index, text, before = this.doc.words[index].text) {
    const { segment, inside } = placeOf(this.doc, index);
    const of = { before, beginsSentence: inside === 0, spaced: segment.spaced };
    for (const word of rareWords(text, of)) if (!before.includes(word)) this.vocabulary.add(word);
  }

  insert(index) {
    const typed = (text) => this.apply(index, this.edits.insertAfter(index, text));
    this.type(index, { initial: "", label: this.t("insert_word"), typed });
  }

  // Deletes a word, or all that are selected.
  remove(index) {
    const { first, last } = this.words.rangeAt(index);
    this.apply(index, first < last ? this.replaced({ first, last }, "") : this.edits.remove(index));
  }

  join(index) {
    const next = this.doc.words[index + 1];
    if (next && this.fillers.hides(next)) return this.cursor.reveal(index + 1); // seen before it is joined
    const edit = this.edits.join(index);
    if (edit) this.store.edit(edit);
    else this.line.announce(this.t("no_next_word"));
  }

  paragraph(index) {
    this.apply(index, this.edits.beginParagraph(index));
  }

  unite(index) {
    const edit = this.edits.uniteParagraph(index);
    if (edit) this.store.edit(edit);
    else this.line.announce(this.t("no_previous_paragraph"));
  }

  // Makes an edit; without one, goes back to the word.
  apply(index, edit) {
    if (edit) this.store.edit(edit);
    else this.cursor.move(index);
  }

  // Puts a field where the words from an index to the `last` stand, or after the first if `initial` is empty. `typed`
  // gets what the reader typed, and whether Enter has ended it.
  type(index, { initial, label, typed, last = index }) {
    const place = { word: this.doc.words[index] };
    const others = this.doc.words.slice(index + 1, last + 1).map((word) => this.words.nodeAt(word.index));
    this.place = place;
    if (!this.player.isLooping()) this.player.pause(); // what is repeated is heard while it is typed
    this.line.describe(place.word); // and not what was heard last
    this.field = openField({
      node: this.words.nodeAt(index),
      others,
      initial,
      label,
      done: (text, isEntered) => {
        if (this.doc.words[index] !== place.word) return; // it was deleted with its transcript
        if (text === null) this.cursor.move(index);
        else typed(text, isEntered);
      },
      next: (step) => {
        const next = this.cursor.shownFrom(this.selection.active + step, step);
        if (next >= 0 && next < this.doc.words.length) this.change(next);
      },
      stop: () => this.stopLoop(),
    });
  }

  // Ends what is repeated; returns whether something was. In a field only Escape can: all else is typed.
  stopLoop() {
    const loops = this.player.isLooping();
    if (loops) this.player.pause();
    return loops;
  }

  // Undo and redo wherever the focus is, except in text fields, which have their own, and dialogs.
  revert(event) {
    const { key, shiftKey, altKey, ctrlKey, metaKey, target } = event;
    if (altKey || !(ctrlKey || metaKey) || target.closest?.(`${TYPED}, dialog`)) return;
    const letter = key.toLowerCase();
    if (letter !== "z" && letter !== "y") return;
    event.preventDefault();
    if (letter === "z" && !shiftKey) this.store.undo();
    else this.store.redo();
  }
}
