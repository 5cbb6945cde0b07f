// Starts a transcription once its recording is there, unless the reader has chosen otherwise in this browser.
const KEY = "wordlight_autostart";
const TAKEN_IN = 100; // milliseconds after which gradio sends a new recording with a click

// Listens to "source" with "file" (files have come) or "microphone" (it records), "listed" (the server has looked at
// the files) and "recorded" (what the microphone has heard is there). Emits "incoming" if it leaves a recording to the
// reader.
export class Autostart {
  constructor({ events, storage }) {
    Object.assign(this, { events, storage });
    this.source = ""; // of a recording that is on its way: "file" or "microphone"
    this.goesOn = false; // whether the recording was ended in order to be transcribed
    events.on("source", (kind) => (this.source = kind));
    events.on("listed", () => this.source === "file" && this.arrive());
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
      const start = document.getElementById("start");
      if (starts && !start.disabled && !lacksText()) start.click();
      else this.events.emit("incoming");
    }, TAKEN_IN);
  }
}

// The text that is to be aligned comes from the reader too.
const lacksText = () => document.querySelector("#given-text:not(.hidden) textarea")?.value.trim() === "";
