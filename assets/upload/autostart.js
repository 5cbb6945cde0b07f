// Starts a transcription once its recording is there, unless the reader has chosen otherwise in this browser. While
// another is at work, the recording waits for its end.
const KEY = "wordlight_autostart";
const TAKEN_IN = 100; // milliseconds after which gradio sends a new recording with a click
const LOOKS = 100; // for gradio's button, which follows the end of a run
const PAUSE = 50; // milliseconds between two of them

// Listens to "source" with "file" (files have come) or "microphone" (it records), "listed" (the server has looked at
// the files), "recorded" (what the microphone has heard is there) and "busy". Emits "incoming" if it leaves a recording
// to the reader or to a later moment, and "waits" when `waits` has changed.
export class Autostart {
  constructor({ events, storage, runs }) {
    Object.assign(this, { events, storage, runs });
    this.waits = false; // whether a recording is there that starts at the end of the run
    this.source = ""; // of a recording that is on its way: "file" or "microphone"
    this.goesOn = false; // whether the recording was ended in order to be transcribed
    events.on("source", (kind) => (this.source = kind));
    events.on("listed", () => (this.source === "file" ? this.arrive() : hasFiles() || this.wait(false)));
    events.on("busy", () => this.waits && this.isFree() && this.follow());
    events.on("recorded", (recording) => recording && this.source === "microphone" && this.arrive());
  }

  get isOn() {
    try {
      return this.storage.getItem(KEY) !== "off";
    } catch {
      return false; // the browser keeps nothing: it could not be turned off
    }
  }

  set isOn(isOn) {
    try {
      this.storage.setItem(KEY, isOn ? "on" : "off");
    } catch {
      // the browser keeps nothing, and asks again at the next visit
    }
    if (!isOn) this.wait(false);
  }

  // Has the next recording that comes be transcribed, whatever the reader has chosen.
  startsNext() {
    this.goesOn = true;
  }

  // Ends the recording that is going on, and transcribes it.
  endRecording() {
    this.goesOn = true;
    const buttons = [...document.querySelectorAll("#microphone :is(.stop-button, .stop-button-paused)")];
    buttons.find((button) => button.checkVisibility())?.click();
    this.events.emit("note", { state: "note", key: "recording" });
  }

  arrive() {
    const starts = this.isOn || this.goesOn;
    [this.source, this.goesOn] = ["", false]; // a part that is cut out of the recording later does not start again
    setTimeout(() => {
      if (starts && !lacksText() && this.press()) return;
      this.wait(starts && !this.isFree());
      this.events.emit("incoming");
    }, TAKEN_IN);
  }

  // Whether nothing is at work, nor about to begin again in another language.
  isFree() {
    return !this.runs.busy && !this.runs.restarting;
  }

  wait(waits) {
    if (waits === this.waits) return;
    this.waits = waits;
    this.events.emit("waits");
  }

  // Starts what has waited for the end of a run.
  async follow() {
    this.wait(false);
    for (let look = 0; look < LOOKS && this.isFree(); look += 1) {
      if (lacksText() || this.press()) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  // Presses the button that starts; returns whether it could be pressed.
  press() {
    const start = document.getElementById("start");
    if (!this.isFree() || start.disabled) return false;
    start.click();
    return true;
  }
}

const hasFiles = () => Boolean(document.querySelector("#file a[href]"));

// The text that is to be aligned comes from the reader too.
const lacksText = () => document.querySelector("#given-text:not(.hidden) textarea")?.value.trim() === "";
