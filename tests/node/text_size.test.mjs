// How large the words are written: in steps, within bounds, and as the browser remembers.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createEvents } from "../../assets/shared/events.js";
import { SIZES, TextSize } from "../../assets/transcript/text_size.js";

function made(kept) {
  const held = new Map(kept === undefined ? [] : [["wordlight_text_size", kept]]);
  const storage = { getItem: (key) => held.get(key) ?? null, setItem: (key, value) => held.set(key, value) };
  const seen = [];
  const style = { setProperty: (name, value) => seen.push(`${name}: ${value}`) };
  return { size: new TextSize({ events: createEvents(), storage, style }), seen, held };
}

test("it goes up and down in steps, stays within bounds, and is kept", () => {
  const { size, seen, held } = made();
  for (let press = 0; press < 9; press += 1) size.change(1);
  assert.equal(size.size, SIZES.at(-1));
  assert.equal(size.next(1), null);
  assert.deepEqual([seen[0], seen.at(-1)], ["--wl-text-size: 1", `--wl-text-size: ${SIZES.at(-1)}`]);
  assert.equal(made(held.get("wordlight_text_size")).size.size, SIZES.at(-1));
  for (let press = 0; press < 9; press += 1) size.change(-1);
  assert.equal(size.size, SIZES[0]);
});

test("what is no size of ours, or cannot be read, is the usual one", () => {
  assert.equal(made("17").size.size, 1);
  assert.equal(made("").size.size, 1);
  const storage = { getItem: () => assert.fail(), setItem: () => assert.fail() };
  const size = new TextSize({ events: createEvents(), storage, style: { setProperty() {} } });
  size.change(1);
  assert.equal(size.size, 1.15);
});
