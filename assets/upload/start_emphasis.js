// Whether Transcribe is the button that calls. Once what the form holds has been transcribed, it steps back, so that
// the page has one main thing to do; it calls again when something in the form is another, or the work has failed.

// The root of the document says which it is (page.css).
export function emphasiseStart(app) {
  const { dataset } = document.documentElement;
  let touched = false;
  // The browser's own account, `navigator.userActivation`, counts what is done elsewhere on the page and by programs.
  const note = ({ isTrusted, target }) => (touched ||= isTrusted && Boolean(target.closest?.("#inputs")));
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, note, { capture: true });
  const isTouched = () => touched;
  return new StartEmphasis({ ...app, isTouched }, (isDone) => (dataset.start = isDone ? "again" : "first"));
}

// isTouched  returns whether the reader has done anything in the form yet
// draw       called with whether a click would only do again what has been done
export class StartEmphasis {
  constructor({ store, events, runs, restart, live, isTouched }, draw) {
    Object.assign(this, { doc: store.doc, runs, restart, live, isTouched, draw: () => draw(this.isDone()) });
    this.held = ""; // what the form holds, as JSON; "" as long as nothing in it has changed
    this.begun = ""; // what it held when a transcription was last begun
    this.arrived = null; // the language of a restart that the form has shown already
    this.wasBusy = false;
    this.hasFailed = false;
    events.on("form", (values) => this.note(values));
    events.on("busy", () => this.noteWork());
    events.on("state", (state) => (this.hasFailed = state === "failed"));
    for (const kind of ["busy", "state", "opened", "finished", "forgotten", "live"]) events.on(kind, () => this.draw());
    this.draw();
  }

  // values  the language, the files, what was recorded, then all else that the form holds
  note(values) {
    const [language, files, recorded] = values;
    // Lists say what they hold as they get their choices, one after the other.
    const isLoading = !this.isTouched() && !files?.length && !recorded;
    this.held = JSON.stringify(values);
    if (isLoading) this.begun = this.held;
    // The page has put it there, since the reader has changed the language of what is at work. What changes after that
    // is the reader's.
    if (language !== this.arrived) this.arrived = null;
    if (this.runs.busy && language === this.restart.language && !this.arrived) {
      this.begun = this.held;
      this.arrived = language;
    }
    this.draw();
  }

  noteWork() {
    const { busy } = this.runs;
    if (busy && !this.wasBusy) this.begun = this.held;
    this.wasBusy = busy;
  }

  isDone() {
    return Boolean(this.doc.run) && !this.hasFailed && !this.live.isRecording && this.held === this.begun;
  }
}
