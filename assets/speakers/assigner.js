// The commands by which a reader says who speaks: for the selected words, the active word, or a turn.
import { openAssign } from "./assign_dialog.js";
import { assign, splitFrom } from "./speaker_edits.js";
import { openSpeaker } from "./speaker_dialog.js";
import { freeLabel, mayChange, turnAt } from "./speakers.js";

const MOST_LETTERS = 120; // of a selection that are shown

export class Assigner {
  constructor(app, { words, cursor, line }) {
    Object.assign(this, { app, store: app.store, doc: app.store.doc, words, cursor, line, t: app.i18n.t });
    this.rules = app.constants.paragraphs;
    words.node.addEventListener("click", ({ target }) => {
      const label = target.closest(".wl-turn");
      if (label) this.openTurn(label);
    });
    words.node.addEventListener("keydown", (event) => this.pressOnTurn(event));
  }

  openTurn(label) {
    openSpeaker(this.app, { id: label.speaker, index: label.wordIndex(), closed: () => this.restore(label) });
  }

  // The focus goes back to the label, or to what has taken its place.
  restore(label) {
    if (label.isConnected) label.focus({ preventScroll: true });
    else this.cursor.focus();
  }

  // Keys on the label of a turn: its speaker is another.
  pressOnTurn(event) {
    const label = event.target.closest?.(".wl-turn");
    if (!label || event.altKey || event.ctrlKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
    event.preventDefault();
    this.giveTo(Number(event.key), turnAt(this.doc, label.wordIndex()));
  }

  // Gives the selected words, or else one, to the speaker with a number.
  give(number, index) {
    this.giveTo(number, this.words.rangeAt(index));
  }

  giveTo(number, { first, last }) {
    const speaker = this.app.speakers.numbered(number);
    if (this.isEarly()) return;
    if (!speaker) this.line.announce(this.t("no_such_speaker", { number }));
    else this.run(assign(this.doc, { first, last, speaker: speaker.id }, this.rules), first);
  }

  split(index) {
    if (!this.isEarly()) this.run(splitFrom(this.doc, index, this.rules), index);
  }

  // Opens the list of speakers for the selected words, or else for one.
  choose(index) {
    if (this.isEarly()) return;
    const { first, last } = this.words.rangeAt(index);
    const texts = this.doc.words.slice(first, last + 1).map(({ text }) => text).join(" ");
    openAssign(this.app, {
      text: texts.length > MOST_LETTERS ? `${texts.slice(0, MOST_LETTERS)}…` : texts,
      give: (id, isOnward) => {
        const end = isOnward ? turnAt(this.doc, last).last : last;
        this.run(assign(this.doc, { first, last: end, speaker: id ?? freeLabel(this.doc) }, this.rules), first);
      },
      closed: () => this.cursor.focus(),
    });
  }

  run(edit, index) {
    if (edit) this.store.edit(edit);
    else this.cursor.move(index);
  }

  // Whether labels may still change by themselves; says so.
  isEarly() {
    const early = mayChange(this.doc);
    if (early) this.line.announce(this.t("speaker_wait"));
    return early;
  }
}
