// The heading of the transcript that is shown: its name, which can be changed there, and what is known of it, edits
// included, in one line. What a reader needs less often is behind a sign at its end.
import { make, makeButton, makeIcon } from "./shared/dom.js";
import { openTab } from "./shared/gradio_parts.js";
import { giveName, openNameField } from "./shared/rename.js";
import { progressText } from "./shared/review.js";
import { scrollToPart } from "./shared/sight.js";

const PEN = "M4 20l1-4L16 5l3 3L8 19l-4 1zM14 7l3 3";
const LETTER_I = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 7.5v.5"; // in a circle
// What is told by other facts.
const TOLD = ["bare"]; // speech without words, see engine/text/notices.py
const FIRST = ["language", "duration", "words"]; // facts in the line; the others are about the work

export function show(app, { element }) {
  const view = new SummaryView(app, element.querySelector(".wl-summary"));
  const { events } = app;
  events.on("state", (state) => {
    view.failed = state === "failed";
    view.draw();
  });
  for (const kind of ["opened", "forgotten"])
    events.on(kind, () => {
      view.renaming = false;
      view.root.replaceChildren();
    });
  for (const kind of ["finished", "edited", "coverage", "renamed", "fillers"]) events.on(kind, () => view.draw());
}

class SummaryView {
  constructor(app, root) {
    const { store, review, i18n } = app;
    Object.assign(this, { app, doc: store.doc, review, i18n, root, t: i18n.t });
    this.failed = false; // another recording, of which the card above tells
    this.renaming = false;
  }

  draw() {
    const { doc, t } = this;
    if (!doc.meta || this.renaming) return; // drawing would take the field away
    const opened = this.root.querySelector(".wl-more")?.open ?? false;
    const list = make("dl", "wl-facts");
    list.setAttribute("aria-label", t("facts"));
    const facts = this.facts();
    for (const [key, value] of facts.filter(([name]) => FIRST.includes(name))) list.append(this.fact(key, value));
    const progress = this.review.progress(doc.words);
    if (progress.left) list.append(this.fact("doubtful", this.leadToReview(progress)));
    const mismatches = doc.meta.transcript.coverage?.length;
    if (mismatches) list.append(this.fact("again", this.leadToTimeline(mismatches)));
    const notes = this.countNotes();
    if (notes) list.append(this.fact("notes", this.leadToNotes(notes)));
    const line = make("div", "wl-fact-line");
    line.append(list, this.leadToDownloads(), this.more(facts.filter(([name]) => !FIRST.includes(name)), opened));
    this.root.replaceChildren(...(doc.name ? [this.heading()] : []), line);
  }

  heading() {
    const { doc, t } = this;
    const row = make("div", "wl-heading");
    const name = make("h2", "wl-name", this.failed ? t("still_shown", { name: doc.name }) : doc.name);
    name.title = doc.name;
    name.dir = "auto";
    name.addEventListener("dblclick", () => this.rename());
    const pen = makeButton("", () => this.rename(), "wl-tool wl-rename");
    pen.append(makeIcon(PEN));
    pen.title = t("rename");
    pen.setAttribute("aria-label", t("rename"));
    pen.hidden = !doc.meta.token; // the server keeps the name
    row.append(name, pen);
    return row;
  }

  rename() {
    const { run, name, meta } = this.doc;
    if (this.renaming || !meta.token) return;
    this.renaming = true;
    const done = async (typed) => {
      if (typed) await giveName(this.app, run, typed);
      this.renaming = false;
      this.draw();
      this.root.querySelector(".wl-rename")?.focus();
    };
    openNameField(this.root.querySelector(".wl-name"), { name, label: this.t("recent_name"), done });
  }

  // value  a text or an element
  fact(key, value) {
    const fact = make("div", `wl-fact wl-fact-${key}`);
    const shown = make("dd");
    shown.append(value);
    fact.append(make("dt", "", this.t(`fact_${key}`)), shown);
    return fact;
  }

  // Returns the facts as [key, text]. Words are counted as they stand.
  facts() {
    const { words, meta } = this.doc;
    const { number, withDigits, languageName } = this.i18n;
    return meta.facts.flatMap(([key, value]) => {
      if (key === "doubtful") return [];
      if (key === "language") return [[key, languageName(value)]];
      if (key === "speed") return [[key, withDigits(1)(Number(value))]];
      return [[key, key === "words" ? number(words.length) : value]];
    });
  }

  more(facts, opened) {
    const details = make("details", "wl-more");
    details.open = opened;
    const sign = make("summary");
    sign.append(makeIcon(LETTER_I));
    sign.title = this.t("facts_more");
    sign.setAttribute("aria-label", this.t("facts_more"));
    const list = make("dl", "wl-more-facts");
    list.append(...facts.map(([key, value]) => this.fact(key, value)));
    details.append(sign, list);
    details.hidden = !facts.length;
    return details;
  }

  // The one figure that asks for something; the bar at the page's foot says the same.
  leadToReview(progress) {
    const go = () => this.app.events.emit("command", "next");
    const button = makeButton(progressText(this.t, progress), go, "wl-lead wl-to-review");
    button.title = this.t("review_about");
    return button;
  }

  countNotes() {
    const { warnings = [], notices = [] } = this.doc.meta.transcript;
    return warnings.filter((_, at) => !TOLD.includes(notices[at]?.code)).length;
  }

  // What the engine warns of stands below the words, where it pushes none down; here readers learn that it is there.
  leadToNotes(count) {
    const go = () => {
      const list = document.querySelector(".wl-warnings");
      list.focus({ preventScroll: true });
      scrollToPart(list);
    };
    return makeButton(this.t("notes", { count }), go, "wl-lead");
  }

  // In a small window, where the files stand below all of the words.
  leadToDownloads() {
    const go = () => {
      const copy = document.getElementById("copy-text");
      copy.focus({ preventScroll: true });
      scrollToPart(copy);
    };
    return makeButton(this.t("downloads"), go, "wl-lead wl-to-downloads");
  }

  // Readers of the words alone learn from it that some may be missing.
  leadToTimeline(count) {
    const open = () => openTab("views", this.t("tab_timeline"));
    return makeButton(this.t("stretches", { count }), open, "wl-lead");
  }
}
