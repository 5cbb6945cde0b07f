// Asks about the transcript on the page once its reader comes back to it, does something or listens: what another
// reader has corrected is shown, the transcript is kept longer, and one that is gone is told of. An idle page asks
// nothing, so that it keeps no server awake.
const PAUSE = 10_000; // milliseconds from one question to the next
const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel"]; // of a reader

export class OtherReaders {
  constructor({ store, server, events, autosave, now = () => performance.now() }) {
    Object.assign(this, { store, server, autosave, now });
    this.asked = -Infinity; // when it asked last, in milliseconds
    events.on("opened", () => (this.asked = this.now()));
    events.on("lit", ({ playing }) => playing && this.look());
  }

  // Listens to a window's reader.
  watch(window) {
    for (const sign of SIGNS) window.addEventListener(sign, () => this.look(), { passive: true, capture: true });
    window.addEventListener("focus", () => this.look(true));
    window.document.addEventListener("visibilitychange", () => window.document.hidden || this.look(true));
  }

  // Asks for the stored revision, and takes in another one. `isBack`: the reader has been away.
  async look(isBack = false) {
    const { run, meta, base } = this.store.doc;
    if (!meta?.token || !base || (!isBack && this.now() - this.asked < PAUSE)) return;
    this.asked = this.now();
    const answer = await this.server.ask("recall", { token: run, brief: true, read: true });
    if (answer.state === "gone") return this.autosave.lose(run);
    if (answer.revision === undefined) return;
    this.autosave.prolong(run, answer.kept_until);
    await this.autosave.compare(run, answer.revision);
  }
}
