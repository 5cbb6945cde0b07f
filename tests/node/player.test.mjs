// How fast recordings are played, and whether the page follows the words.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Follow } from "../../assets/player/follow.js";
import { nextSpeed, SPEEDS } from "../../assets/player/speed.js";
import { createEvents } from "../../assets/shared/events.js";

test("speeds go from a half to two in quarters, and no further", () => {
  assert.deepEqual(SPEEDS, [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]);
  assert.deepEqual([nextSpeed(1, 1), nextSpeed(2, 1), nextSpeed(0.5, -1)], [1.25, 2, 0.5]);
});

test("a reader who scrolls is not pulled back until a word is played, or follow is pressed", () => {
  const events = createEvents();
  const seen = [];
  const follow = new Follow({ events });
  events.on("follow", () => seen.push(follow.isOn()));
  follow.stray();
  follow.stray();
  follow.resume();
  follow.stray();
  follow.toggle();
  assert.deepEqual(seen, [false, true, false, true]);
  follow.toggle();
  follow.resume();
  assert.equal(follow.isOn(), false, "the reader wants none");
  follow.toggle();
  assert.equal(follow.isOn(), true);
});
