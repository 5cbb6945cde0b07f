// When the player takes the server's copy of a recording.
import assert from "node:assert/strict";
import { test } from "node:test";

import { isOffFrom } from "../../assets/player/lengths.js";

test("a length within a second is the same", () => {
  for (const player of [10, 10.9, 9.1]) assert.equal(isOffFrom(10, player, false), false);
  for (const player of [11.1, 8.9, 0, Infinity]) assert.equal(isOffFrom(10, player, false), true);
});

test("a picture may outlast its sound, but not end before it or have no length", () => {
  assert.equal(isOffFrom(10, 15, true), false);
  assert.equal(isOffFrom(10, 8, true), true);
  assert.equal(isOffFrom(10, Infinity, true), true);
});

test("a length that is not known yet, or of a run that was stopped, says nothing", () => {
  assert.equal(isOffFrom(10, NaN, false), false);
  assert.equal(isOffFrom(0, 10, false), false);
});
