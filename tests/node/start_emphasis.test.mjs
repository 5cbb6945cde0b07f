// Transcribe calls as long as there is something to do that has not been done.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createEvents } from "../../assets/shared/events.js";
import { StartEmphasis } from "../../assets/upload/start_emphasis.js";

function page(run = null, isTouched = true) {
  const events = createEvents();
  const app = { events, store: { doc: { run } }, runs: { busy: false }, restart: { language: "" }, live: {} };
  app.isTouched = () => isTouched;
  const seen = [];
  const emphasis = new StartEmphasis(app, (isDone) => seen.push(isDone));
  const works = (busy) => {
    app.runs.busy = busy;
    events.emit("busy");
  };
  const transcribes = () => {
    works(true);
    app.store.doc.run = "run";
    events.emit("finished");
    works(false);
    return seen.at(-1);
  };
  const holds = (...values) => {
    events.emit("form", values);
    return seen.at(-1);
  };
  return { app, events, emphasis, works, transcribes, holds, isDone: () => seen.at(-1) };
}

test("it steps back after a run, and calls again when the form is another", () => {
  const { holds, transcribes } = page();
  assert.equal(holds("auto", "a.mp3"), false);
  assert.equal(transcribes(), true);
  assert.equal(holds("de", "a.mp3"), false);
  assert.equal(holds("auto", "a.mp3"), true, "as it was");
  assert.equal(holds("auto", "b.mp3"), false);
  assert.equal(transcribes(), true);
});

test("behind a link there is nothing to do until something is chosen", () => {
  const { holds, isDone } = page("run");
  assert.equal(isDone(), true);
  assert.equal(holds("auto", "a.mp3"), false);
  const loading = page("run", false);
  assert.equal(loading.holds("auto", null, null, ""), true, "what the page itself fills in");
  assert.equal(loading.holds("auto", [], null, "base"), true, "and what it fills in after that");
  assert.equal(loading.holds("auto", "a.mp3"), false);
});

test("what was changed while it worked is still to be done, but not the page's own change", () => {
  const { app, holds, works, events, isDone } = page();
  holds("auto", "a.mp3");
  works(true);
  app.store.doc.run = "run";
  assert.equal(holds("auto", "b.mp3"), false);
  works(false);
  assert.equal(isDone(), false);
  works(true);
  app.restart.language = "de";
  events.emit("finished");
  assert.equal(holds("de", "b.mp3"), true);
});

test("a failure and a recording that goes on leave it as it was", () => {
  const { app, events, holds, transcribes, isDone } = page();
  holds("auto", "a.mp3");
  transcribes();
  events.emit("state", "failed");
  assert.equal(isDone(), false);
  events.emit("state", "idle");
  assert.equal(isDone(), true);
  app.live.isRecording = true;
  events.emit("live");
  assert.equal(isDone(), false);
});

test("what changes after the language of a restart has been put there is the reader's", () => {
  const { app, holds, works, isDone } = page("run");
  holds("auto", "a.mp3");
  works(true);
  app.restart.language = "de";
  assert.equal(holds("de", "a.mp3"), true);
  assert.equal(holds("de", "a.mp3", "medical words"), false);
  works(false);
  assert.equal(isDone(), false);
});
