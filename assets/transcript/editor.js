// The commands by which a reader corrects a word, given its index. Each is one step of undo.
import { rareWords } from "../shared/vocabulary.js";
import { Edits, placeOf } from "./edits.js";
import { openField } from "./word_field.js";

const TYPED = "textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=file])";

export class Editor {
  constructor({ store, player, events, bands, review, i18n, selection, vocabulary }, { words, cursor, line }) {
    const given = { store, player, events, review, selection, vocabulary };
    Object.assign(this, given, { doc: store.doc, words, cursor, line, t: i18n.t });
    this.edits = new Edits(store.doc, { sure: bands.best });
    this.field = null; // the one that is open
    this.place = { word: null }; // where it stands
    events.on("closing", () => this.field?.settle(true));
    events.on("merging", (merging) => (merging.waits ||= this.field?.isOpen() ?? false));
    events.on("retimed", (changes) => (this.place.word = changes.get(this.place.word) ?? this.place.word));
    document.addEventListener("keydown", (event) => this.revert(event));
  }

  change(index) {
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
    this.type(index, word.text, this.t("edit_word"), typed);
  }

  // Offers a name that is put in place of another word for the next recording.
  learn(index, text) {
    const { segment, inside } = placeOf(this.doc, index);
    const of = { before: this.doc.words[index].text, beginsSentence: inside === 0, spaced: segment.spaced };
    for (const word of rareWords(text, of)) this.vocabulary.add(word);
  }

  insert(index) {
    const typed = (text) => this.apply(index, this.edits.insertAfter(index, text));
    this.type(index, "", this.t("insert_word"), typed);
  }

  remove(index) {
    this.apply(index, this.edits.remove(index));
  }

  join(index) {
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

  // Puts a field where a word stands, or after it if `initial` is empty. `typed` gets what the reader typed, and
  // whether Enter has ended it.
  type(index, initial, label, typed) {
    const place = { word: this.doc.words[index] };
    this.place = place;
    this.player.pause();
    this.field = openField({
      node: this.words.nodeAt(index),
      initial,
      label,
      done: (text, isEntered) => {
        if (this.doc.words[index] !== place.word) return; // it was deleted with its transcript
        if (text === null) this.cursor.move(index);
        else typed(text, isEntered);
      },
      next: (step) => {
        const next = this.selection.active + step;
        if (next >= 0 && next < this.doc.words.length) this.change(next);
      },
    });
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
