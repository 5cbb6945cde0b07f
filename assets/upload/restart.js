// Begins the transcription at work again, in another language.
const PAUSE = 100; // milliseconds between two looks at a button that gradio enables

export class Restart {
  constructor({ events, runs, server, store }) {
    Object.assign(this, { events, runs, server, store });
    this.language = ""; // that the form is to have; gradio takes it from here, see page/app.py
    this.hasForm = false; // whether the form still has the recording at work
    this.replaced = ""; // the run in whose place the next one comes
    const note = ({ target }) => {
      const button = target.closest?.(".wl-starts");
      if (button) this.hasForm = button.id === "start";
    };
    document.addEventListener("click", note);
    events.on("source", () => (this.hasForm = false)); // another recording takes its place there
    events.on("resumed", () => (this.hasForm = false));
    events.on("items", (items) => this.forget(items));
  }

  // Whether the language can be changed now: of one recording, which the form still has.
  isOffered() {
    const { busy, stopping, items } = this.runs;
    const isAlone = items.length === 1 && !document.querySelector("#given-text:not(.hidden)");
    return busy && !stopping && isAlone && this.hasForm && hasSource();
  }

  // change  has gradio set the form's language
  async begin(language, change) {
    const { run } = this.runs.items[0];
    this.language = language;
    await this.runs.stop();
    if (!(await this.canStart())) return;
    this.replaced = this.store.doc.run === run && this.store.doc.past.length ? "" : run; // corrections stay
    change();
  }

  // Starts, now that the form has the language.
  start() {
    document.getElementById("start").click();
  }

  // Waits until what was at work has ended; returns false if the server does not stop it.
  async canStart() {
    const { runs } = this;
    const start = document.getElementById("start");
    while (runs.busy || start.disabled) {
      if (runs.busy && !runs.stopping) return false;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    return true;
  }

  // Deletes the transcript in the other language once the new one has begun: both have one recording.
  async forget(items) {
    const run = this.replaced;
    if (!run || items.some((item) => item.run === run) || !items.some((item) => item.run)) return;
    this.replaced = "";
    const { error } = await this.server.ask("forget", { tokens: [run] });
    if (!error) this.store.forget(run);
  }
}

const hasSource = () => document.querySelector("#file a[href], #microphone .waveform-container") !== null;
