// The transcripts that this browser has begun or opened lately, the latest first. The list is in the browser alone: no
// server has one.

const MOST = 50;

// Emits "recent" when the list has changed.
export class RecentList {
  // user  the login, so that people who share a browser do not see each other's
  constructor({ events, storage, user }) {
    Object.assign(this, { events, storage, key: `wordlight_recent_${user}` });
    events.on("items", (items) => this.note(items.filter(({ run }) => run)));
    events.on("finished", (meta) => this.finish(meta));
    events.on("kept", ({ run, until }) => until && this.change(run, { until }));
    events.on("renamed", ({ run, name }) => this.change(run, { name }));
    events.on("deleted", (run) => this.remove(run));
  }

  // Returns {run, name, date, state, seconds?, until?} of each: the date in milliseconds since 1970, `until` in
  // seconds.
  entries() {
    try {
      return JSON.parse(this.storage.getItem(this.key) ?? "[]");
    } catch {
      return []; // the browser keeps nothing, or something else wrote it
    }
  }

  // Notes the states of what this page follows.
  note(items) {
    const known = this.entries();
    const runs = new Map(items.map((item) => [item.run, item]));
    const updated = known.map((entry) => ({ ...entry, ...stateOf(runs.get(entry.run)) })).filter(isThere);
    const isKnown = new Set(known.map(({ run }) => run));
    const fresh = items.filter((item) => isThere(item) && item.state !== "deleted" && !isKnown.has(item.run));
    const added = fresh.map(({ run, name, state }) => ({ run, name, state, date: Date.now() }));
    this.write([...added.reverse(), ...updated]);
  }

  // Notes a transcript that is shown.
  finish({ token, state, kept_until: until, transcript, shown_as: name }) {
    if (!token) return;
    const known = this.entries();
    const made = { state: state === "left" ? "stopped" : state ?? "done", until, seconds: transcript.duration };
    const before = known.find(({ run }) => run === token);
    if (before) this.change(token, made);
    else this.write([{ run: token, name, date: Date.now(), ...made }, ...known]);
  }

  change(run, values) {
    this.write(this.entries().map((entry) => (entry.run === run ? { ...entry, ...values } : entry)));
  }

  remove(run) {
    this.write(this.entries().filter((entry) => entry.run !== run));
  }

  // Takes in what the server knows: {run: {state, kept_until}}. What is gone, or has no word, goes from the list too.
  update(states) {
    const found = this.entries().map((entry) => ({ ...entry, ...known(states[entry.run]) }));
    this.write(found.filter(isThere));
  }

  // Puts an entry back.
  restore(entry) {
    const others = this.entries().filter(({ run }) => run !== entry.run);
    this.write([...others, entry].sort((one, other) => other.date - one.date));
  }

  write(entries) {
    const text = JSON.stringify(entries.slice(0, MOST));
    if (text === JSON.stringify(this.entries())) return;
    try {
      this.storage.setItem(this.key, text);
    } catch {
      return; // the browser keeps nothing
    }
    this.events.emit("recent");
  }
}

// What was stopped before its first word cannot be opened.
const isThere = ({ state }) => state !== "gone" && state !== "unstarted";

const stateOf = (item) => (item && item.state !== "deleted" ? { state: item.state } : {});

const known = (answer) => {
  if (!answer) return {};
  const { state, kept_until: until } = answer;
  return { state: state === "left" ? "stopped" : state, ...(until && { until }) };
};
