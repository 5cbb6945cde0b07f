// A recording by the page: its words come while one speaks, and at its end the whole is transcribed as a file is.
import { giveFiles } from "../upload/file_field.js";
import { LiveWords } from "./live_words.js";
import { Microphone, isSupported } from "./microphone.js";
import { PART_SECONDS, peakOf, wavOf } from "./wav.js";

const ALIVE = "wordlight-recording-"; // of the lock that the tab holds in which a recording goes on
const ENDED = ["done", "stopped"]; // states of a transcription that the server has stored

// Emits "live" when its state, its length or what is kept has changed.
export class Recorder {
  constructor({ server, events, sound, autostart, player, i18n, user }) {
    Object.assign(this, { server, events, sound, autostart, player, t: i18n.t, user });
    this.words = new LiveWords({ server, events, sound });
    this.state = "idle"; // or "opening", "recording", "paused" and "ending"
    this.recording = null; // see KeptSound
    this.level = 0; // the loudest of the last part, 0 to 1
    this.chosen = null; // a recording that was left, with which the reader goes on
    this.problem = ""; // the key of the sentence that says why there is no recording
    events.on("items", (items) => this.follow(items));
    events.on("deleted", (run) => this.forgetRun(run));
  }

  get isSupported() {
    return isSupported();
  }

  get isRecording() {
    return this.state !== "idle";
  }

  get canStop() {
    return ["recording", "paused"].includes(this.state);
  }

  get seconds() {
    return (this.recording?.parts ?? 0) * PART_SECONDS;
  }

  // Begins with what the form has chosen; the words of a text that is aligned are known.
  begin(task, language, model) {
    const options = task === "align" ? null : { task, language, ...(model && { model }) };
    return this.record(options);
  }

  // Records on if the reader has chosen a recording that was left; else another one begins.
  //
  // options  of the words that come meanwhile; null if none are to come
  async record(options) {
    const kept = this.chosen;
    this.chosen = null;
    if (this.isRecording) return;
    this.turn("opening");
    this.player.pause(); // else it would be recorded too
    this.microphone = new Microphone({ take: (part) => this.take(part), ended: () => this.stop() });
    this.writing = Promise.resolve();
    try {
      await this.microphone.open();
    } catch {
      this.microphone.close();
      this.problem = "live_denied";
      this.turn("idle");
      return;
    }
    this.problem = "";
    const { user } = this;
    const fresh = { id: crypto.randomUUID(), user, began: Date.now(), parts: 0, name: fileName(this.t("live_name")) };
    this.recording = kept ? { ...kept, run: undefined } : fresh;
    this.holdLock();
    await this.sound.note(this.recording);
    this.turn("recording");
    this.events.emit("source", "microphone");
    this.words.clear();
    if (options) this.words.begin(this.recording.id, options, this.recording.parts);
    else this.events.emit("live_words", this.words);
  }

  take(part) {
    if (!["recording", "ending"].includes(this.state)) return;
    const { recording } = this;
    const number = recording.parts;
    recording.parts += 1;
    this.level = peakOf(part);
    this.writing = this.writing.then(async () => {
      await this.sound.add(recording.id, number, part);
      this.words.grow(number + 1);
    });
    this.events.emit("live");
  }

  pause() {
    this.level = 0;
    this.words.end();
    this.turn("paused");
  }

  goOn() {
    this.words.goOn();
    this.turn("recording");
  }

  // Ends the recording and hands it over to be transcribed.
  async stop() {
    if (!this.canStop) return;
    const isPaused = this.state === "paused";
    this.turn("ending");
    if (isPaused) this.microphone.take = () => {};
    await this.microphone.close();
    await this.writing;
    this.words.close();
    const { recording } = this;
    await this.sound.note(recording);
    await this.transcribe(recording);
    this.release();
    this.turn("idle");
  }

  // Puts a recording into the form as a file, and starts.
  async transcribe(recording) {
    const { id, name } = recording;
    const file = new File([wavOf(await this.sound.read(id))], name, { type: "audio/wav" });
    this.autostart.startsNext();
    this.given = recording;
    if (await giveFiles([file], { adds: false })) return;
    this.given = null;
    this.events.emit("note", { state: "note", key: "upload_busy" });
  }

  // The server has a recording once it is transcribed; until then it stays here too.
  async follow(items) {
    const { given } = this;
    const item = given && items.find(({ run, name }) => run && name === given.name);
    if (item) {
      this.given = null;
      await this.sound.note({ ...given, run: item.run });
      this.events.emit("live");
    }
    const ended = items.filter(({ state }) => ENDED.includes(state)).map(({ run }) => run);
    if (ended.length) for (const run of ended) await this.forgetRun(run);
  }

  async forgetRun(run) {
    const kept = run ? (await this.sound.recordings()).find((recording) => recording.run === run) : null;
    if (kept) await this.remove(kept.id);
  }

  async remove(id) {
    await this.sound.remove(id);
    this.events.emit("live");
  }

  // Returns the recordings that were never transcribed, as after a reload or without a server.
  async left() {
    const found = [];
    for (const recording of await this.sound.recordings()) {
      const isHeld = [this.recording?.id, this.given?.id].includes(recording.id);
      if (isHeld || recording.user !== this.user) continue;
      if ((await isAlive(recording.id)) || (await this.isAtWork(recording))) continue;
      const parts = await this.sound.count(recording.id);
      if (parts) found.push({ ...recording, parts });
      else await this.sound.remove(recording.id);
    }
    return found;
  }

  async isAtWork({ id, run }) {
    if (!run) return false;
    const { state, lost } = await this.server.ask("recall", { token: run, brief: true });
    if (ENDED.includes(state) || state === "left") await this.sound.remove(id);
    return Boolean(lost) || !["failed", "gone", "unstarted"].includes(state);
  }

  turn(state) {
    this.state = state;
    document.documentElement.dataset.recording = this.isRecording ? "on" : "off";
    this.events.emit("live");
  }

  // Other tabs see by it that the recording has not been left.
  holdLock() {
    navigator.locks?.request(`${ALIVE}${this.recording.id}`, () => new Promise((resolve) => (this.unlock = resolve)));
  }

  release() {
    this.unlock?.();
    [this.recording, this.level] = [null, 0];
  }
}

const isAlive = async (id) =>
  (await navigator.locks?.request(`${ALIVE}${id}`, { ifAvailable: true }, (lock) => lock === null)) ?? false;

// Returns the name of the file: what it is, and when it began.
function fileName(what) {
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
  return `${what} ${day} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}.wav`;
}
