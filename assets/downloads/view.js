// Files of the transcript as it stands now, edits included; the server writes them, the browser saves them.
// Below them: what the engine warns of, how files are written, code that does the same, how long all is kept, its end.
import { bytesOf } from "../shared/base64.js";
import { exportDocument, wordFrom } from "../shared/document.js";
import { copyLater, make, makeButton, saveFile, saveMade } from "../shared/dom.js";
import { exportKept } from "../shared/kept_transcripts.js";
import { CodeView } from "./code.js";
import { GoOn } from "./go_on.js";
import { LimitFields } from "./limits.js";
import { resume } from "./resume.js";
import { Retention } from "./retention.js";
import { placeOf, warningText } from "./warnings.js";

export function show(app, { element, props, server }) {
  const { events } = app;
  const view = new DownloadsView(app, element.querySelector(".wl-downloads"), props.formats);
  const code = new CodeView(app);
  view.root.append(code.node, new Retention(app).node);
  view.root.prepend(new GoOn(app).node);
  for (const kind of ["opened", "forgotten"]) events.on(kind, () => (view.root.hidden = true));
  events.on("edited", () => view.offerFiles());
  events.on("finished", ({ transcript }) => {
    view.warn(transcript);
    view.offerFiles();
    view.root.hidden = false;
  });
  events.on("coverage", () => view.warn(app.store.doc.meta.transcript));
  events.on("problem", (text) => (view.problem.textContent = text));
  events.on("batch", (tokens) => view.offerZip(tokens));
  app.server.connect(server);
  resume(app);
}

class DownloadsView {
  constructor(app, root, formats) {
    Object.assign(this, { app, store: app.store, root, t: app.i18n.t });
    this.batch = []; // tokens of its transcripts
    this.limits = new LimitFields(app);
    this.problem = make("p", "wl-problem");
    this.problem.setAttribute("role", "alert");
    this.zip = makeButton(this.t("download_zip"), () => this.takeAll(), "wl-button wl-zip");
    this.zip.id = "download-zip";
    this.zip.hidden = true;
    this.warnings = make("ul", "wl-warnings"); // here they push down neither words nor files
    this.warnings.setAttribute("aria-label", this.t("warnings"));
    this.warnings.tabIndex = -1; // the facts lead here
    root.hidden = true;
    root.append(this.buttons(formats), this.problem, this.warnings, this.limits.texts, this.limits.node);
  }

  buttons(formats) {
    const row = make("div", "wl-download-row");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", this.t("downloads"));
    row.append(make("p", "wl-quiet", this.t("downloads")));
    const copy = makeButton(this.t("copy_text"), () => this.copy(copy), "wl-button wl-primary");
    copy.id = "copy-text";
    row.append(copy);
    for (const format of formats) {
      const button = makeButton(this.t(`format_${format}`), () => this.take(format));
      button.id = `download-${format}`;
      row.append(button);
    }
    row.append(this.zip);
    return row;
  }

  warn({ warnings = [], notices }) {
    const given = { kinds: this.app.constants.notice_values, i18n: this.app.i18n };
    const texts = warnings.map((sentence, at) => warningText(sentence, notices?.[at], given));
    this.warnings.replaceChildren(...texts.map((text, at) => this.warningItem(text, notices?.[at])));
    this.warnings.hidden = !texts.length;
  }

  warningItem(text, notice) {
    const item = make("li", "", text);
    if (notice?.code === "other_language") {
      const start = () => document.getElementById("again-mixed").click();
      item.append(" ", makeButton(this.t("again_mixed"), start));
    }
    const place = placeOf(notice, this.app.constants.notice_values);
    if (place !== null) item.append(" ", makeButton(this.t("audit_hear"), () => this.hear(place)));
    return item;
  }

  // Plays from a time, and shows the word that is said then.
  hear(time) {
    const { words } = this.store.doc;
    if (words.length) this.app.events.emit("point", wordFrom(words, time));
    this.app.player.playFrom(time);
  }

  offerZip(tokens) {
    this.batch = tokens;
    this.zip.hidden = tokens.length < 2;
    this.offerFiles();
  }

  // A transcript without words makes no files; those of its batch may.
  offerFiles() {
    const isEmpty = !this.store.doc.words.length;
    this.root.classList.toggle("wl-is-empty", isEmpty && this.zip.hidden);
  }

  // Returns the server's answer with a file of what is shown; null if it refuses.
  make(format) {
    return this.ask("export", { document: this.store.exported(), format, ...this.choices() });
  }

  choices() {
    return { limits: this.limits.values(), shown: this.app.i18n.shownSpeaker };
  }

  async take(format) {
    if (this.isRefused()) return;
    const made = await this.make(format);
    if (!made) return;
    saveMade(made);
    this.store.markSaved();
  }

  // Copies the text as the file has it, with names and times as chosen.
  copy(button) {
    if (this.isRefused()) return;
    const text = this.make("txt").then((made) => made?.text);
    copyLater(button, text, { done: this.t("copied"), label: this.t("copy_text") });
  }

  // Takes every transcript of the batch: documents of this page as they stand, the others as the server has them.
  async takeAll() {
    if (this.isRefused()) return;
    const { doc, drafts } = this.store;
    const documents = [];
    for (const token of this.batch) {
      const here = token === doc.run ? doc : drafts.get(token);
      const kept = here ? null : await this.ask("recall", { token });
      if (!here && !kept) return;
      const found = here ? exportDocument(here) : exportKept(kept);
      if (found) documents.push(found);
    }
    const made = await this.ask("bundle", { documents, ...this.choices() });
    if (!made) return;
    saveFile(made.name, new Blob([bytesOf(made.zip)], { type: "application/zip" }));
    this.store.markSaved();
  }

  isRefused() {
    this.problem.textContent = this.limits.refusal();
    return this.problem.textContent !== "";
  }

  // Returns the server's answer, null if it refuses; the reader then sees why.
  async ask(name, asked) {
    const made = await this.app.server.ask(name, asked);
    this.problem.textContent = made.error ?? "";
    return made.error ? null : made;
  }
}
