// Times as the page writes them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, clockSpan, exactSpan } from "../../assets/shared/clock.js";

test("a clock cuts off and shows hours only if there are any", () => {
  const shown = [0, 9.99, 59.999, 60, 61.5, 600, 3599.9, 3600, 3661, 36_000].map(clock);
  assert.deepEqual(shown, [
    "0:00", "0:09", "0:59", "1:00", "1:01", "10:00", "59:59", "1:00:00", "1:01:01", "10:00:00",
  ]);
});

test("a span within one second is one time", () => {
  assert.equal(clockSpan(61.1, 61.9), "1:01");
  assert.equal(clockSpan(61.1, 62), "1:01–1:02");
  assert.equal(exactSpan({ start: 1, end: 2.345 }, (time) => time.toFixed(2)), "1.00–2.35 s");
});
