// Edges of words come to rest where it is quiet, if that is near and known.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createEvents } from "../../assets/shared/events.js";
import { applyEdit } from "../../assets/shared/history.js";
import { quietestNear } from "../../assets/transcript/quiet_places.js";
import { TimeNudger } from "../../assets/transcript/time_nudger.js";
import { documentOf, segment, word } from "./support.mjs";

// A second of levels at 50 a second: loud, but for what is given by the middle of its point.
function soundWith(quiet, rate = 50) {
  const levels = new Uint8Array(rate).fill(200);
  for (const [time, level] of Object.entries(quiet)) levels[Math.floor(Number(time) * rate)] = level;
  return { rate, peaks: Buffer.from(levels).toString("base64") };
}
const near = (...given) => Number(quietestNear(...given).toFixed(3));

test("an edge goes to the quietest point within 40 ms, and no further", () => {
  const sound = soundWith({ 0.49: 90, 0.53: 20, 0.57: 5 });
  assert.equal(near(sound, 0.505), 0.53);
  assert.equal(near(sound, 0.54), 0.57);
  assert.equal(near(sound, 0.3), 0.3, "nothing is quieter there");
});

test("of equal points the nearest one, and none if it is as quiet already", () => {
  const sound = soundWith({ 0.47: 10, 0.53: 10 });
  assert.equal(near(sound, 0.505), 0.53);
  assert.equal(near(sound, 0.495), 0.47);
  assert.equal(near(sound, 0.535), 0.535);
});

test("nothing is moved beyond its bounds, nor by levels that are too coarse or missing", () => {
  const sound = soundWith({ 0.53: 10 });
  assert.equal(near(sound, 0.51, { max: 0.52 }), 0.51);
  assert.equal(near(sound, 0.55, { min: 0.54 }), 0.55);
  assert.equal(near(soundWith({ 0.53: 10 }, 20), 0.51), 0.51);
  for (const none of [null, undefined, { rate: 50, peaks: "" }]) assert.equal(near(none, 0.51), 0.51);
  assert.equal(near(sound, 0.999), 0.999);
});

function nudged(sound) {
  const doc = documentOf(segment([word("light", 0.2, 0.5), word("word", 0.8, 0.9)]));
  doc.meta = { transcript: { duration: 1 }, sound };
  const store = { doc, edit: (edit) => applyEdit(doc, edit) };
  const nudger = new TimeNudger({ store, events: createEvents(), player: { playSpan() {} } });
  const press = (key, edge = "end") => {
    nudger.keys(0, edge)[key]();
    return Number(nudger.times(0)[edge].toFixed(3));
  };
  return { doc, nudger, press };
}

test("keys to the side go on from quiet place to quiet place, and never stand still", () => {
  const { nudger, press, doc } = nudged(soundWith({ 0.55: 10, 0.49: 60 }));
  assert.deepEqual([press("ArrowRight"), press("ArrowRight")], [0.55, 0.57]);
  assert.equal(press("ArrowLeft"), 0.55);
  assert.equal(press("ArrowLeft"), 0.49);
  nudger.settle();
  assert.equal(doc.words[0].end, 0.49);
});

test("keys up and down move it exactly", () => {
  const { nudger, press, doc } = nudged(soundWith({ 0.51: 10 }));
  assert.deepEqual([press("ArrowUp"), press("ArrowUp"), press("ArrowDown")], [0.505, 0.51, 0.505]);
  nudger.settle();
  assert.equal(doc.words[0].end, 0.505);
  assert.equal(press("ArrowDown", "start"), 0.195);
  nudger.settle();
});
