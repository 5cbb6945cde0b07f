// Sends edits to the server, which keeps the transcript, so that a reload and the link show them.
import { exportDocument } from "./document.js";

const PAUSE = 800; // milliseconds after an edit: what is typed on is not sent letter by letter

export class Autosave {
  constructor({ store, server, events }) {
    Object.assign(this, { store, server, events });
    this.timer = 0;
    this.turn = Promise.resolve();
    for (const kind of ["edited", "finished"]) events.on(kind, () => this.schedule());
  }

  schedule() {
    if (!this.store.unkept().length) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE);
  }

  // Sends what is not kept, one request after the other. If the server cannot be reached, the edits stay
  // unkept and the browser warns before they go.
  flush() {
    this.turn = this.turn.then(() => this.send()).catch(() => {});
    return this.turn;
  }

  // Waits until nothing is on its way, and sends nothing more by itself until the next edit.
  async pause() {
    clearTimeout(this.timer);
    await this.turn;
  }

  // Emits "kept" {run, until} or {run, error} for each document, and "coverage" if that of the document that is
  // shown may have changed.
  async send() {
    for (const edited of this.store.unkept().filter(({ meta }) => meta?.token)) {
      const { run, edits, meta } = edited; // once the answer is there, `edited` may be another transcript
      const by_hand = edited.words.filter((word) => word.edited).map(({ index }) => index);
      const { segments, transcript } = exportDocument(edited);
      const asked = { token: run, segments, by_hand, speakers: transcript.speakers };
      const { error, kept_until: until, coverage } = await this.server.ask("revise", asked);
      if (error) {
        this.events.emit("kept", { run, error });
        continue;
      }
      // Meanwhile the document may have been stashed, or opened again.
      for (const unkept of this.store.unkept()) if (unkept.run === run) unkept.kept = edits;
      meta.kept_until = until;
      meta.transcript.coverage = coverage;
      this.events.emit("kept", { run, until });
      if (run === this.store.doc.run) this.events.emit("coverage");
    }
  }
}
