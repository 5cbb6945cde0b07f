// What a reader does with the translation: the button above the words that begins it and opens the panel, and in the
// panel the switch that shows it, how far it is, how to stop it and go on, its subtitles, and how to remove it.
import { clock } from "../shared/clock.js";
import { make, makeButton, makeIcon, saveMade, uniqueId } from "../shared/dom.js";
import { isBox } from "../shared/sight.js";
import { translationOf } from "./sentences.js";

// Letters of two scripts, as an outline 24 units wide.
const LETTERS = "M3 6h10M8 4v2M11 6c-1 4-4 7-7 8M5 9c1 3 4 5 7 6M12 20l4.5-11L21 20M13.6 16h5.8";
const FILES = ["srt", "vtt"];
const KINDS = ["opened", "appended", "relabelled", "edited", "finished", "forgotten", "translated", "translating"];

export class TranslationPanel {
  // column  shows the translation, see column.js
  constructor(app, { column }) {
    const { store, translator, events, i18n } = app;
    Object.assign(this, { app, store, doc: store.doc, translator, column, i18n, t: i18n.t });
    this.wasWorking = false;
    this.makeToggle();
    this.makePanel();
    this.said = make("span", "wl-hidden");
    this.said.setAttribute("role", "status");
    this.open(false);
    for (const kind of KINDS) events.on(kind, () => this.refresh());
    for (const kind of ["opened", "forgotten"]) events.on(kind, () => this.open(false));
    this.refresh();
  }

  makeToggle() {
    this.toggle = makeButton("", () => this.press(), "wl-line-toggle wl-english-toggle");
    this.toggle.type = "button";
    this.label = make("span", "wl-english-label");
    this.short = make("span", "wl-english-short", this.t("english")); // all that a narrow window has room for
    this.toggle.append(makeIcon(LETTERS), this.label, this.short);
  }

  makePanel() {
    const { t } = this;
    this.panel = make("div", "wl-line-list wl-english-panel");
    this.panel.id = uniqueId("wl-english");
    this.panel.setAttribute("role", "group");
    this.panel.setAttribute("aria-label", t("english_title"));
    this.toggle.setAttribute("aria-controls", this.panel.id);
    this.box = Object.assign(make("input"), { type: "checkbox", id: "show-english", checked: true });
    this.box.addEventListener("change", () => this.column.show(this.box.checked));
    this.shown = make("label", "wl-switch wl-english-shown");
    this.shown.append(this.box, make("span", "", t("english_show")));
    this.report = make("p", "wl-english-report");
    this.bar = make("div", "wl-bar wl-english-progress");
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-label", t("english_progress"));
    this.fill = make("div", "wl-bar-fill");
    this.bar.append(this.fill);
    this.problem = make("p", "wl-problem");
    this.problem.setAttribute("role", "alert");
    this.go = makeButton("", () => this.steer());
    this.files = FILES.map((format) => {
      const button = makeButton(t(`format_${format}`), () => this.take(format));
      button.id = `english-${format}`;
      button.title = t("english_file", { format: t(`format_${format}`) });
      button.setAttribute("aria-label", button.title);
      return button;
    });
    this.remove = makeButton(t("english_remove"), () => this.takeAway());
    this.buttons = make("div", "wl-english-buttons");
    this.buttons.append(this.go, ...this.files, this.remove);
    this.panel.append(this.shown, this.report, this.bar, this.problem, this.buttons);
  }

  open(isOpen) {
    this.panel.hidden = !isOpen;
    this.toggle.setAttribute("aria-expanded", String(isOpen));
  }

  // The first press begins. In a small window the panel then stays closed: it would cover what the reader waits for.
  press() {
    if (this.isThere()) return this.open(this.panel.hidden);
    this.translator.start();
    return this.open(isBox(this.column.words.node));
  }

  // Whether there is a translation, or what has become of one.
  isThere() {
    const { isWorking, removed, problem } = this.translator;
    return Boolean(translationOf(this.doc) || isWorking || removed || problem);
  }

  // Stops, goes on, or takes the removal back.
  steer() {
    const { translator } = this;
    if (translator.isWorking) translator.stop();
    else if (translator.removed) translator.putBack();
    else translator.start();
  }

  takeAway() {
    this.translator.remove();
    this.go.focus({ preventScroll: true }); // it now takes the removal back
  }

  async take(format) {
    const { store, app } = this;
    const asked = { document: store.exported(), format, limits: app.subtitles.limits, translated: true };
    const made = await app.server.ask("export", asked);
    this.problem.textContent = made.error ?? "";
    if (!made.error) saveMade(made);
  }

  refresh() {
    const { translator, t } = this;
    const translation = translationOf(this.doc);
    const { isWorking, removed, problem } = translator;
    const isThere = this.isThere();
    const canTranslate = translator.canTranslate();
    this.toggle.hidden = !isThere && !canTranslate;
    if (this.toggle.hidden) this.open(false);
    this.toggle.classList.toggle("wl-is-new", !isThere);
    const name = this.nameOf(isThere);
    if (this.label.textContent !== name) this.label.textContent = name;
    this.toggle.setAttribute("aria-label", name);
    this.toggle.title = isThere ? t("english_title") : name;
    const isPartial = isWorking || (isThere && !removed && canTranslate && translator.isPartial());
    const isHeld = document.activeElement === this.go;
    this.shown.hidden = !translation;
    this.bar.hidden = !isWorking;
    this.drawBar();
    this.report.textContent = this.reportOf(isPartial);
    if (problem && this.problem.textContent !== problem) this.open(true);
    this.problem.textContent = problem;
    this.go.hidden = !isPartial && !removed;
    this.go.textContent = t(isWorking ? "stop" : removed ? "undo" : "english_go_on");
    for (const button of [...this.files, this.remove]) button.hidden = !translation;
    if (isHeld && this.go.hidden) this.toggle.focus({ preventScroll: true });
    this.announce();
  }

  nameOf(isThere) {
    if (!isThere) return this.t("english_make");
    if (!this.translator.isWorking) return this.t("english");
    return this.t("english_percent", { percent: Math.floor(100 * this.part()) });
  }

  drawBar() {
    const percent = Math.floor(100 * this.part());
    this.fill.style.inlineSize = `${percent}%`;
    this.bar.setAttribute("aria-valuenow", String(percent));
  }

  part() {
    const { done, total } = this.translator.progress();
    return total ? done / total : 0;
  }

  reportOf(isPartial) {
    const { done, total } = this.translator.progress();
    if (this.translator.removed) return this.t("english_removed");
    if (isPartial) return this.t("english_until", { done: clock(done), total: clock(total) });
    return this.t("english_done");
  }

  // Says when the work begins and ends, and nothing in between.
  announce() {
    const { isWorking, removed, problem } = this.translator;
    if (isWorking && !this.wasWorking) this.said.textContent = this.t("english_begun");
    if (!isWorking && this.wasWorking && !problem) this.said.textContent = this.report.textContent;
    if (removed) this.said.textContent = this.report.textContent;
    this.wasWorking = isWorking;
  }
}
