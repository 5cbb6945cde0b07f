// What is going on: progress, a note or an error card. Value: see StatusView. Emits "state" when it changes.
import { clock } from "./shared/clock.js";
import { make } from "./shared/dom.js";
import { LanguageChoice } from "./upload/language_choice.js";

// Up to this width the words stand under the buttons, out of sight when one of those is pressed.
const NARROW = "(max-width: 1000px)";

export function show(app, { element, props, trigger, watch }) {
  const view = new RunStatus(app, element.querySelector(".wl-status"));
  const language = new LanguageChoice(app, () => trigger("submit")); // gradio sets its field, see page/app.py
  view.row.append(language.node); // beside what a screen reader is told
  watch("value", () => {
    view.show(props.value);
    if (props.value?.items) app.runs.begin(props.value.items);
  });
  app.events.on("status", (value) => view.show(value));
  app.events.on("busy", () => trigger("input")); // gradio's buttons follow, see page/app.py
  for (const kind of ["items", "busy"]) app.events.on(kind, () => language.draw());
  app.events.on("connection", (isThere) => view.showConnection(isThere));
  app.events.on("source", () => view.answer());
  app.events.on("note", (value) => view.note(value));
}

class RunStatus {
  constructor({ events, i18n }, root) {
    Object.assign(this, { events, root, i18n, t: i18n.t });
    this.state = "idle";
    this.key = ""; // of the sentence that is shown
    this.name = make("p", "wl-status-name"); // of the file that an error is about
    this.name.dir = "auto";
    this.title = make("p", "wl-status-text");
    this.detail = make("p", "wl-status-detail");
    this.words = make("div", "wl-status-words");
    this.words.append(this.name, this.title, this.detail);
    this.bar = make("div", "wl-bar");
    this.fill = make("div", "wl-bar-fill");
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-label", this.t("progress"));
    this.bar.setAttribute("aria-valuemin", "0");
    this.bar.setAttribute("aria-valuemax", "100");
    this.bar.append(this.fill);
    this.bar.hidden = true;
    this.row = make("div", "wl-status-row");
    this.row.append(this.words);
    root.append(this.row, this.bar);
    root.className = "wl-status wl-is-idle";
  }

  show(value) {
    const { state, key, values, part = null, progress, name } = value ?? { state: "idle" };
    this.root.className = `wl-status wl-is-${state}`;
    // A screen reader reads an alert at once, a status when its user pauses.
    this.words.setAttribute("role", state === "failed" ? "alert" : "status");
    this.name.textContent = state === "failed" ? name ?? "" : "";
    const [title, more] = this.engineText(value ?? {});
    this.title.textContent = key ? this.t(key, timed(values)) : title;
    this.detail.textContent =
      key && state === "failed" ? this.t(`${key}_hint`) : progress ? this.progressText(progress) : more;
    this.showPart(state === "working", part);
    this.announceState(state);
    [this.state, this.key] = [state, key];
  }

  // Says that the server cannot be reached, while it goes on.
  showConnection(isThere) {
    if (!isThere && this.state === "working") this.detail.textContent = this.t("reconnecting");
  }

  announceState(state) {
    if (state === this.state) return;
    this.events.emit("state", state);
    const atTop = state === "working" && window.matchMedia(NARROW).matches;
    if (state !== "idle") this.root.scrollIntoView({ block: atTop ? "start" : "nearest" });
  }

  // A note does not hide that something is at work.
  note(value) {
    if (this.state !== "working") this.show(value);
  }

  // A recording that arrives answers an error of the one before, or the note that there was none.
  answer() {
    if (this.state === "failed" || this.key === "recording") this.show({ state: "idle" });
  }

  // Returns an error's sentence and hint, in the engine's own words if they are not known in the reader's language.
  engineText({ code, text = "", detail = "", values = {} }) {
    const translated = this.i18n.errorText(code);
    return translated ? [translated, this.i18n.errorHint(code, values)] : [text, detail];
  }

  progressText({ done, total, left }) {
    const far = this.t("progress_of", { done: clock(done), total: clock(total) });
    return left === null ? far : `${far} · ${this.timeLeft(left)}`;
  }

  timeLeft(seconds) {
    if (seconds >= 90) return this.t("left_minutes", { count: Math.round(seconds / 60) });
    if (seconds >= 8) return this.t("left_seconds", { count: 5 * Math.round(seconds / 5) });
    return this.t("left_little");
  }

  // part  0 to 1, null if unknown
  showPart(working, part) {
    const { bar, fill } = this;
    bar.hidden = !working;
    bar.classList.toggle("wl-is-unknown", part === null);
    fill.style.inlineSize = part === null ? "" : `${100 * part}%`;
    if (part === null) bar.removeAttribute("aria-valuenow");
    else bar.setAttribute("aria-valuenow", String(Math.round(100 * part)));
  }
}

// Writes a time among the values of a sentence as a clock shows it.
const timed = (values) => (values?.heard === undefined ? values : { ...values, heard: clock(values.heard) });
