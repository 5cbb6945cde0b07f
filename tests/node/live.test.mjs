// Sound of the microphone as parts, and as the file that they make.
import assert from "node:assert/strict";
import { test } from "node:test";

import { RATE, peakOf, wavOf } from "../../assets/live/wav.js";

test("parts make a WAV file of one channel at 16 kHz", async () => {
  const parts = [Int16Array.of(1, -2, 3).buffer, Int16Array.of(-32768).buffer];
  const bytes = Buffer.from(await wavOf(parts).arrayBuffer());
  assert.equal(bytes.length, 44 + 8);
  assert.equal(bytes.toString("latin1", 0, 4) + bytes.toString("latin1", 8, 16), "RIFFWAVEfmt ");
  assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
  assert.deepEqual([20, 22, 32, 34].map((at) => bytes.readUInt16LE(at)), [1, 1, 2, 16]);
  assert.deepEqual([24, 28].map((at) => bytes.readUInt32LE(at)), [RATE, 2 * RATE]);
  assert.equal(bytes.toString("latin1", 36, 40), "data");
  assert.equal(bytes.readUInt32LE(40), 8);
  assert.deepEqual([44, 46, 48, 50].map((at) => bytes.readInt16LE(at)), [1, -2, 3, -32768]);
});

test("the loudest sample of a part counts, whatever its sign", () => {
  assert.equal(peakOf(Int16Array.of(8192, -16384, 0).buffer), 0.5);
  assert.equal(peakOf(new ArrayBuffer(0)), 0);
});
