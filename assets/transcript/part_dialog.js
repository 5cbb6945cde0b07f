// The selected words as files or in the clipboard, with the times and the speakers of the recording. The server writes
// them, as it writes the files of the whole.
import { openDialog } from "../shared/dialog.js";
import { copyLater, make, makeButton, saveMade } from "../shared/dom.js";
import { sentencesAround } from "./looper.js";

const MOST_LETTERS = 240; // of the selection that are shown
const QUOTED = { paragraph_times: "on", speaker_names: "name" }; // what a copied text has, whatever files have

export class PartTaker {
  constructor(app, { words, cursor, editor }) {
    const { store, server, subtitles, selection, i18n } = app;
    Object.assign(this, { store, doc: store.doc, server, subtitles, selection, words, cursor, editor });
    Object.assign(this, { t: i18n.t, shown: i18n.shownSpeaker, formats: app.constants.formats });
    this.problem = make("p", "wl-problem");
    this.problem.setAttribute("role", "alert");
  }

  // Opens the dialog for the selected words, or else for the sentence that a word belongs to.
  open(index = this.selection.active) {
    if (index < 0 || !this.doc.meta) return; // the server writes files of what is finished
    const range = this.words.rangeAt(index);
    const { first, last } = range.first < range.last ? range : sentencesAround(this.doc, range);
    const text = this.editor.textOf({ first, last });
    const said = make("p", "wl-quiet wl-said", text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text);
    said.dir = "auto";
    this.problem.textContent = "";
    const close = makeButton(this.t("close"), () => dialog.close());
    const parts = [said, this.copyButton([first, last]), this.files([first, last]), this.problem, close];
    const dialog = openDialog([this.t("part_title")], parts, () => this.cursor.move(index));
  }

  copyButton(words) {
    const label = this.t("part_copy");
    const copy = makeButton(label, () => {
      const text = this.ask("txt", { words, limits: { ...this.subtitles.limits, ...QUOTED } });
      copyLater(copy, text.then((made) => made?.text), { done: this.t("copied"), label });
    }, "wl-button wl-primary");
    return copy;
  }

  files(words) {
    const row = make("div", "wl-dialog-row wl-part-files");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", this.t("downloads"));
    row.append(...this.formats.map((format) => {
      const button = makeButton(this.t(`format_${format}`), () => this.take(format, words));
      button.dataset.format = format;
      return button;
    }));
    return row;
  }

  async take(format, words) {
    const made = await this.ask(format, { words, limits: this.subtitles.limits });
    if (made) saveMade(made);
  }

  // Returns the server's answer, null if it refuses; the reader then sees why.
  async ask(format, asked) {
    const { store, shown } = this;
    const made = await this.server.ask("export", { document: store.exported(), format, shown, ...asked });
    this.problem.textContent = made.error ?? "";
    return made.error ? null : made;
  }
}
