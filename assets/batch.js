// The recordings of a batch; a click shows one, finished or at work. Value: see QueueView. Emits "batch": the
// tokens of those that have a transcript.
import { tokenInAddress } from "./shared/address.js";
import { make, makeButton } from "./shared/dom.js";
import { runState } from "./shared/run_state.js";
import { readSession, writeSession } from "./shared/session.js";

const FINISHED = ["done", "stopped"];

// A finished item without a token was not kept: it is lost with the page that had it.
const isLost = ({ state, token }) => FINISHED.includes(state) && !token;

export function show(app, { element, props, watch }) {
  const view = new Batch(app, element.querySelector(".wl-queue"));
  app.server.whenConnected(() => view.restore());
  app.events.on("deleted", (run) => view.markDeleted(run));
  for (const kind of ["opened", "forgotten"]) app.events.on(kind, () => view.markShown());
  watch("value", () => view.update(props.value));
  view.update(props.value);
}

class Batch {
  constructor({ store, server, kept, events, i18n, interrupted }, root) {
    Object.assign(this, { store, server, kept, events, i18n, interrupted, root, t: i18n.t });
    this.deleted = new Set(); // runs; the server repeats their old state
    this.items = [];
    this.last = "[]"; // JSON of the value that is shown
  }

  // Every step of the work repeats the batch. Drawing it each time would take the focus from its reader.
  update(value) {
    const json = JSON.stringify(value);
    if (!value || json === this.last) return;
    this.last = json;
    this.items = JSON.parse(json);
    this.draw();
  }

  markDeleted(run) {
    this.deleted.add(run);
    this.draw();
  }

  draw() {
    this.items = this.items.map((item) =>
      this.deleted.has(item.run) ? { ...item, state: "deleted", token: null } : item,
    );
    writeSession("batch", this.items);
    const tokens = this.items.map(({ token, run, state }) => token ?? (FINISHED.includes(state) ? run : null));
    this.events.emit("batch", tokens.filter(Boolean));
    this.root.replaceChildren();
    if (!this.items.length) return;
    const list = make("ol", "wl-queue-list");
    list.setAttribute("aria-label", this.t("queue"));
    list.append(...this.items.map((item) => this.row(item)));
    this.root.append(list);
    this.markShown();
  }

  row({ name, state, run, token, error, code }) {
    const item = make("li", `wl-queue-item wl-is-${state}`);
    item.append(make("span", "wl-queue-name", name));
    item.append(make("span", "wl-queue-state", this.i18n.errorText(code) ?? error ?? this.t(`queue_${state}`)));
    const act = this.opener({ state, run, token });
    if (!act) return item;
    const open = makeButton(this.t("queue_open"), act, "wl-button wl-queue-open");
    open.setAttribute("aria-label", `${this.t("queue_open")}: ${name}`);
    item.append(open);
    return item;
  }

  // Returns what shows an item's transcript, null if it has none.
  opener({ state, run, token }) {
    if (token) return () => this.kept.show(token);
    if (FINISHED.includes(state)) return () => this.store.reopen(run);
    return state === "working" ? () => this.store.followRunning(run) : null;
  }

  // Marks the item that is shown.
  markShown() {
    const { run } = this.store.doc;
    for (const [at, item] of [...this.root.querySelectorAll(".wl-queue-item")].entries()) {
      if (run !== null && run === this.items[at].run) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
  }

  // After a reload, shows the batch again with what the server still has of it. Items that were waiting are
  // not begun.
  async restore() {
    const before = readSession("batch") ?? [];
    const shown = [this.interrupted?.run, tokenInAddress()];
    if (!before.some(({ run }) => run && shown.includes(run))) return;
    const json = (this.last = JSON.stringify(before));
    this.items = before.map(afterReload);
    this.draw();
    for (const [at, item] of this.items.entries()) {
      const asks = item.token || item.state === "working";
      const state = asks ? await runState(this.server, item.run) : null;
      if (this.last !== json) return; // a new batch has begun
      if (asks) this.items[at] = { ...item, ...foundState(item, state) };
    }
    this.draw();
  }
}

function afterReload(item) {
  if (item.state === "waiting") return { ...item, state: "unstarted" };
  return isLost(item) ? { ...item, state: "deleted" } : item;
}

function foundState({ run, token }, state) {
  if (state === "gone") return { token: null, state: token ? "deleted" : "unstarted" };
  return { token: run, state: state === "done" ? "done" : "stopped" };
}
