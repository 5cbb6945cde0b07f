// The transcriptions that this page follows: those of one click, in their order.
//
// The server is at work whether a page follows it or not. The page asks again and again, each time with what it has
// got, and shows what the answer brings (page/following.py). So a lost connection or a reload loses nothing.
import { showInAddress, tokenInAddress } from "./address.js";
import { readSession, writeSession } from "./session.js";

const PAUSE = 60; // milliseconds between an answer and the next question
const RETRY = 700; // milliseconds after a question without an answer
const PATIENCE = 15_000; // milliseconds after which an answer is lost; the server takes ten seconds at most

// The state of an item by that of its transcription.
const ENDED = {
  done: "done", stopped: "stopped", left: "stopped", failed: "failed", unstarted: "unstarted", gone: "deleted",
};
export const AT_WORK = ["waiting", "working"];
const isAtWork = ({ run, state }) => Boolean(run) && AT_WORK.includes(state);

// Emits "items" {name, run, state, aligns?, token?, error?, code?} of each transcription, "status" (StatusView), and
// "busy" once something begins or ends.
export class Runs {
  constructor({ server, store, events, i18n }) {
    Object.assign(this, { server, store, events, t: i18n.t, errorText: i18n.errorText });
    this.items = [];
    this.round = 0; // counts what was begun: answers to questions of an earlier round come too late
    this.busy = false;
    this.stopping = false;
    this.restarting = false; // while one is stopped in order to begin again, see upload/restart.js
    events.on("deleted", (run) => this.mark(run, { state: "deleted", token: null }));
  }

  // Follows what a click has begun: {name, run} of each recording, with the state and token of those that are done.
  begin(items) {
    return this.work(items.map((item) => ({ state: "waiting", ...item })));
  }

  // Follows a single transcription.
  attach(run, name) {
    if (this.busy && this.items.some((item) => item.run === run && isAtWork(item))) return null;
    return this.begin([{ run, name }]);
  }

  // Follows what this tab followed before it was reloaded, if that has not ended or is shown; returns whether it does.
  restore() {
    const items = readSession("batch") ?? [];
    const known = items.some((item) => isAtWork(item) || (item.run && item.run === tokenInAddress()));
    if (!known || this.items.length) return false;
    this.work(items.map((item) => (ENDED[item.state] && !item.token ? { ...item, state: lostState(item) } : item)));
    this.check(this.round);
    return items.some(isAtWork);
  }

  // Finds out which finished transcriptions the server still has.
  async check(round) {
    for (const { run } of this.items.filter(({ token }) => token)) {
      const { state } = await this.server.ask("recall", { token: run, brief: true });
      if (round !== this.round) return;
      if (state === "gone") this.mark(run, { state: "deleted", token: null });
    }
  }

  async work(items) {
    const round = (this.round += 1);
    [this.items, this.stopping] = [items, false];
    this.announce();
    if (!items.some(isAtWork)) return;
    this.setBusy(true);
    let outcome = { state: "idle" };
    for (const item of items) {
      if (isAtWork(item)) outcome = await this.follow(item, round);
      if (round !== this.round) return;
    }
    this.setBusy(false);
    this.events.emit("status", this.summary(outcome));
  }

  // Shows a transcription until it has ended; returns the status that says how, null if another round has begun.
  async follow(item, round) {
    let [version, labels] = [null, 0];
    while (round === this.round) {
      const asked = { token: item.run, version, labels, words: this.store.wordsOf(item.run) };
      const answer = await this.server.ask("follow", asked, PATIENCE);
      if (round !== this.round) return null;
      if (answer.lost) {
        await this.pause(RETRY);
        continue;
      }
      if (answer.error) return this.end(item, { state: "failed", failure: { message: answer.error } });
      const isNews = answer.version !== version;
      ({ version, labels } = answer);
      this.show(item, answer);
      if (!AT_WORK.includes(answer.state)) return this.end(item, answer);
      await this.pause(isNews ? PAUSE : RETRY); // a server that is about to end answers at once, without news
    }
    return null;
  }

  show(item, { state, status, message, media, name, resumable }) {
    if (status) this.events.emit("status", status);
    const changes = { ...(AT_WORK.includes(state) && { state }), ...(name && !item.name && { name }) };
    if (status) changes.aligns = status.aligns ?? false;
    if (Object.entries(changes).some(([field, value]) => item[field] !== value)) this.mark(item.run, changes);
    if (!message) return;
    if (message.meta) message.meta.resumable = resumable;
    const advances = this.items.some(({ run }) => run === tokenInAddress());
    this.store.receive({ media: { path: media, orig_name: name ?? item.name }, message });
    if (this.store.doc.run === item.run && message.meta?.token !== null) showInAddress(item.run, advances);
  }

  end(item, { state, message, failure }) {
    const token = message?.meta.token;
    const { code, message: error = "", hint = "" } = failure ?? {};
    const said = failure && { error: `${error} ${hint}`.trim(), code };
    const change = { state: ENDED[state], ...(token && { token }), ...said };
    this.mark(item.run, change);
    if (state === "failed") return failureCard(failure, item.name);
    if (token === null) return { state: "note", key: "not_kept_full" };
    if (state === "done") return { state: "idle" };
    if (!message && this.items.length === 1) return this.endWordless(item);
    const heard = message?.meta.heard ?? 0;
    return { state: "note", key: state === "left" ? "left_alone" : "stopped", values: { name: item.name, heard } };
  }

  // The server keeps neither the run nor its recording.
  endWordless(item) {
    this.store.forget(item.run);
    return { state: "note", key: "stopped_wordless" };
  }

  summary(outcome) {
    if (this.items.length === 1 || outcome.key === "stopped" || outcome.key === "left_alone") return outcome;
    const failed = this.items.filter(({ state }) => state === "failed").length;
    return { state: "note", key: "batch_done", values: { done: this.items.length - failed, failed } };
  }

  // Stops all that is at work; what has been found stays.
  async stop() {
    this.stopping = true;
    const tokens = this.items.filter(isAtWork).map(({ run }) => run);
    const { error = "" } = await this.server.ask("halt", { tokens });
    this.events.emit("problem", error);
    if (!error) return;
    this.stopping = false;
    this.events.emit("busy");
  }

  // Returns what gradio's buttons show: Transcribe, Stop, and so many examples (page/app.py).
  buttons(examples) {
    const update = (props) => ({ __type__: "update", ...props });
    const { busy, stopping } = this;
    return [
      update({ interactive: !busy }),
      update({ visible: busy, interactive: !stopping, value: this.t(stopping ? "stopping" : "stop") }),
      ...Array.from({ length: examples }, () => update({ interactive: !busy })),
    ];
  }

  setBusy(busy) {
    this.busy = busy;
    this.events.emit("busy");
  }

  mark(run, change) {
    if (!this.items.some((item) => item.run === run)) return;
    for (const item of this.items) if (item.run === run) Object.assign(item, change);
    this.announce();
  }

  announce() {
    writeSession("batch", this.items);
    this.events.emit("items", this.items);
  }

  // Waits so many milliseconds, or until the browser is online again.
  async pause(milliseconds) {
    await new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
      window.addEventListener("online", resolve, { once: true });
    });
  }
}

// Returns the status that says why a recording could not be transcribed.
export function failureCard({ code, message: text = "", hint: detail = "", values } = {}, name) {
  const said = code === "internal" ? { key: "broken" } : { text, detail, code, values };
  return { state: "failed", name, ...said };
}

// The state of an item that this page alone had, once it is reloaded.
const lostState = ({ state }) => (state === "done" || state === "stopped" ? "deleted" : state);
