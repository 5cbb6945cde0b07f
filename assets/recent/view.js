// The list of recent transcripts: each can be opened, renamed and deleted.
import { clock } from "../shared/clock.js";
import { make, makeButton } from "../shared/dom.js";
import { giveName, openNameField } from "../shared/rename.js";
import { showLinked } from "../downloads/resume.js";
import { AT_WORK } from "../shared/runs.js";

const FAILED = "failed";

export function show(app, { element }) {
  const view = new RecentView(app, element.querySelector(".wl-recent"));
  for (const kind of ["recent", "opened", "forgotten"]) app.events.on(kind, () => view.draw());
  app.server.whenConnected(() => view.refresh());
  view.draw();
}

class RecentView {
  constructor(app, root) {
    Object.assign(this, { app, root, recent: app.recent, i18n: app.i18n, t: app.i18n.t });
    this.renaming = null; // the run whose name is being changed
    this.list = make("ol", "wl-recent-list");
    this.summary = make("summary");
    this.box = make("details", "wl-recent-box");
    this.box.append(this.summary, this.list);
    this.box.addEventListener("toggle", () => this.box.open && this.refresh());
    root.append(this.box);
  }

  // Asks the server which of them it still has.
  async refresh() {
    const tokens = this.recent.entries().map(({ run }) => run);
    if (!tokens.length) return;
    const { states } = await this.app.server.ask("states", { tokens });
    if (states) this.recent.update(states);
  }

  draw() {
    if (this.renaming !== null) return; // drawing would take the field away
    const entries = this.recent.entries();
    const focused = document.activeElement?.closest?.(".wl-recent-item")?.dataset.run;
    const action = document.activeElement?.dataset.action;
    this.summary.textContent = this.t("recent", { count: entries.length });
    this.root.hidden = !entries.length;
    if (!entries.length) delete document.documentElement.dataset.recent; // page/document.py keeps its room before
    this.list.replaceChildren(...entries.map((entry) => this.row(entry)));
    if (focused && action) this.find(focused, action)?.focus();
  }

  find(run, action) {
    return this.list.querySelector(`[data-run="${CSS.escape(run)}"] [data-action="${action}"]`);
  }

  row(entry) {
    const { run, name, state } = entry;
    const item = make("li", `wl-recent-item wl-is-${state}`);
    item.dataset.run = run;
    if (run === this.app.store.doc.run) item.setAttribute("aria-current", "true");
    const open = this.button("open", name, () => this.open(entry), "wl-recent-open");
    open.dir = "auto";
    const actions = make("span", "wl-recent-actions");
    const add = (action, label, act) =>
      actions.append(this.button(action, this.t(label), act, "wl-recent-action", name));
    if (!AT_WORK.includes(state) && state !== FAILED) add("rename", "recent_rename", () => this.rename(item, entry));
    if (!AT_WORK.includes(state)) add("delete", "recent_delete", () => this.remove(entry));
    item.append(open, make("span", "wl-recent-facts", this.facts(entry)), actions);
    return item;
  }

  button(action, label, act, look, name = "") {
    const button = makeButton(label, act, look);
    button.dataset.action = action;
    if (name) button.setAttribute("aria-label", `${label}: ${name}`);
    return button;
  }

  facts({ seconds, date, state, until }) {
    const day = new Date(date).toLocaleString(this.i18n.locale, { dateStyle: "short", timeStyle: "short" });
    const shown = [seconds === undefined ? "" : clock(seconds), day, this.t(`queue_${state}`)];
    if (until) shown.push(this.t("recent_until", { time: this.i18n.timeOfDay(until) }));
    return shown.filter(Boolean).join(" · ");
  }

  // What has failed takes no transcript's place: a card says why it failed.
  open(entry) {
    const { app } = this;
    if (entry.state === FAILED || app.mayLeave(() => this.open(entry))) showLinked(app, entry.run, entry.name);
  }

  rename(item, { run, name }) {
    this.renaming = run;
    const done = async (typed) => {
      this.renaming = null;
      if (typed) await giveName(this.app, run, typed);
      this.draw();
      this.find(run, "rename")?.focus();
    };
    openNameField(item.firstChild, { name, label: this.t("recent_name"), done });
  }

  remove(entry) {
    this.app.deletion.delete(entry);
  }
}
