// The browser's list of recent transcripts.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { RecentList } from "../../assets/recent/list.js";
import { createEvents } from "../../assets/shared/events.js";

let events;
let storage;
let list;

const memory = (values = new Map()) => ({
  getItem: (key) => values.get(key) ?? null,
  setItem: (key, value) => values.set(key, value),
});
const META = { token: "a", state: "done", kept_until: 99, transcript: { duration: 12 }, shown_as: "a.wav" };
const runs = () => list.entries().map(({ run, state }) => `${run} ${state}`);

beforeEach(() => {
  [events, storage] = [createEvents(), memory()];
  list = new RecentList({ events, storage, user: "" });
});

test("what is begun comes first and takes its state from the work", () => {
  events.emit("items", [{ run: "a", name: "a.wav", state: "waiting" }, { run: "b", name: "b.wav", state: "waiting" }]);
  events.emit("items", [{ run: "a", name: "a.wav", state: "done" }, { run: "b", name: "b.wav", state: "working" }]);
  assert.deepEqual(runs(), ["b working", "a done"]);
});

test("what is opened is added with its length and its end", () => {
  events.emit("finished", META);
  const [{ name, seconds, until }] = list.entries();
  assert.deepEqual([name, seconds, until], ["a.wav", 12, 99]);
  events.emit("kept", { run: "a", until: 120 });
  events.emit("renamed", { run: "a", name: "Talk" });
  events.emit("finished", META);
  assert.deepEqual(list.entries().map((entry) => [entry.name, entry.until]), [["Talk", 99]]);
});

test("what the server no longer has leaves the list, as does what is deleted", () => {
  events.emit("items", ["a", "b", "c"].map((run) => ({ run, name: run, state: "done" })));
  list.update({ a: { state: "gone" }, b: { state: "left", kept_until: 7 } });
  assert.deepEqual(runs(), ["c done", "b stopped"]);
  const [kept] = list.entries();
  events.emit("deleted", "c");
  assert.deepEqual(runs(), ["b stopped"]);
  list.restore(kept);
  assert.deepEqual(runs().sort(), ["b stopped", "c done"]);
});

test("what was stopped before its first word is not listed", () => {
  const emit = (...states) => events.emit("items", states.map((state, at) => ({ run: `r${at}`, name: "x", state })));
  emit("working", "waiting");
  emit("unstarted", "stopped");
  assert.deepEqual(runs(), ["r1 stopped"]);
  list.update({ r1: { state: "unstarted" } });
  assert.deepEqual(runs(), []);
});

test("each login has a list of its own, and fifty fit", () => {
  for (let at = 0; at < 60; at += 1) events.emit("items", [{ run: `r${at}`, name: "x", state: "done" }]);
  assert.equal(list.entries().length, 50);
  assert.equal(list.entries()[0].run, "r59");
  assert.deepEqual(new RecentList({ events: createEvents(), storage, user: "ann" }).entries(), []);
});

test("a browser that keeps nothing, or something else, has an empty list", () => {
  const broken = { getItem: () => "{", setItem: () => assert.fail() };
  assert.deepEqual(new RecentList({ events: createEvents(), storage: broken, user: "" }).entries(), []);
  const full = { getItem: () => null, setItem: () => { throw new Error("full"); } };
  const other = new RecentList({ events: createEvents(), storage: full, user: "" });
  other.finish(META);
  assert.deepEqual(other.entries(), []);
});
