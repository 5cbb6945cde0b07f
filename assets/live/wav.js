// Sound as the live interface takes it and as a file: 16-bit samples, one channel.
export const RATE = 16_000; // samples a second
export const PART_SECONDS = 0.25; // of one part, as it is sent and kept

const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;

// Returns the parts, each a buffer of samples, as a WAV file.
export function wavOf(parts) {
  const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  const letters = (at, text) => [...text].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  letters(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + bytes, true);
  letters(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // bytes of the format
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channel
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * SAMPLE_BYTES, true);
  view.setUint16(32, SAMPLE_BYTES, true);
  view.setUint16(34, 8 * SAMPLE_BYTES, true);
  letters(36, "data");
  view.setUint32(40, bytes, true);
  return new Blob([view.buffer, ...parts], { type: "audio/wav" });
}

// Returns the loudest of some samples, 0 to 1.
export const peakOf = (part) =>
  new Int16Array(part).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 32_768;
