// The recordings of one click; a click on one shows it, finished or at work. Emits "batch": the tokens of those that
// have a transcript.
import { make, makeButton } from "./shared/dom.js";

const FINISHED = ["done", "stopped"];

export function show(app, { element, props }) {
  const view = new Batch(app, element.querySelector(".wl-queue"));
  // The component's value, which goes with the next click: what has a transcript is not transcribed again.
  const note = (items) => (props.value = items.map(({ run }) => run).filter(Boolean));
  app.events.on("items", (items) => {
    note(items);
    view.update(items);
  });
  for (const kind of ["opened", "forgotten"]) app.events.on(kind, () => view.markShown());
  note(app.runs.items);
  view.update(app.runs.items);
}

class Batch {
  constructor({ store, kept, events, i18n }, root) {
    Object.assign(this, { store, kept, events, i18n, root, t: i18n.t });
    this.items = [];
    this.last = "[]"; // JSON of the items that are shown
  }

  // Drawing the same again would take the focus from its reader. A single recording is no batch.
  update(given) {
    const items = given.length > 1 ? given : [];
    const json = JSON.stringify(items);
    if (json === this.last) return;
    this.last = json;
    this.items = JSON.parse(json);
    this.draw();
  }

  draw() {
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
}
