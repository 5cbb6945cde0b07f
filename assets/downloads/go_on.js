// The button that goes on with a transcription that was stopped, from where it was stopped.
import { clock } from "../shared/clock.js";
import { makeButton } from "../shared/dom.js";

export class GoOn {
  constructor(app) {
    Object.assign(this, { app, doc: app.store.doc, t: app.i18n.t });
    this.node = makeButton("", () => this.goOn(), "wl-button wl-primary wl-go-on");
    this.node.id = "go-on";
    this.node.hidden = true;
    const { events } = app;
    for (const kind of ["opened", "forgotten", "finished", "busy"]) events.on(kind, () => this.draw());
  }

  draw() {
    const { meta } = this.doc;
    this.node.hidden = !meta?.resumable || this.app.runs.busy;
    if (!this.node.hidden) this.node.textContent = this.t("go_on", { time: clock(meta.heard ?? 0) });
  }

  async goOn() {
    const { store, server, autosave, runs, events } = this.app;
    const { run, name } = this.doc;
    await autosave.flush(); // what was corrected so far is the start of what comes
    const isKept = !store.unkept().includes(this.doc);
    const { error = "" } = isKept ? await server.ask("go_on", { token: run }) : { error: this.t("unreachable") };
    events.emit("problem", error);
    if (error || this.doc.run !== run) return;
    store.goOn();
    runs.begin([{ name, run }]);
  }
}
