// Begins the transcription at work again, in another language. The server has the recording.
import { showInAddress } from "../shared/address.js";

const PAUSE = 100; // milliseconds between two looks at what is being stopped

export class Restart {
  constructor({ events, runs, server, store, autosave }) {
    Object.assign(this, { events, runs, server, store, autosave });
    this.language = ""; // of the last change; gradio's list takes it from here, see page/app.py
  }

  // Whether the language can be changed now: that of one recording, once the server is at it.
  isOffered() {
    const { busy, stopping, items } = this.runs;
    return busy && !stopping && items.length === 1 && items[0].aligns === false;
  }

  // Returns whether the transcription has begun again. One that has been corrected stays beside the new one.
  async begin(language) {
    const { runs, events } = this;
    runs.restarting = true;
    try {
      return await this.replace(language);
    } finally {
      runs.restarting = false;
      events.emit("busy");
    }
  }

  async replace(language) {
    const { runs, store, autosave, events, server } = this;
    const [{ run, name }] = runs.items;
    await runs.stop();
    if (!(await this.ended(run))) return false;
    await autosave.flush(); // corrections of what was at work could not be sent before
    const keep = store.unkept().some((edited) => edited.run === run);
    const answer = await server.ask("transcribe_again", { token: run, language, keep });
    events.emit("problem", answer.error ?? "");
    if (answer.error || runs.busy) return false;
    this.language = language;
    store.begin();
    showInAddress(answer.run, !answer.kept); // Back leads to the corrected one
    if (!answer.kept) store.forget(run);
    runs.begin([{ name, run: answer.run }]);
    return true;
  }

  // Waits until a run has ended; returns false if it goes on, or another has taken its place.
  async ended(run) {
    const { runs } = this;
    while (runs.busy && runs.stopping) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    return !runs.busy && runs.items[0]?.run === run;
  }
}
