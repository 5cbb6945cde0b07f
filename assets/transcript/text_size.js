// How large the words are written, as this browser's reader has chosen.
const KEY = "wordlight_text_size";

export const SIZES = [0.85, 1, 1.15, 1.3, 1.5, 1.75]; // times the usual size

// Emits "text_size" once it has changed; the root of the document has it as --wl-text-size (transcript.css).
export class TextSize {
  // style  of the document's root
  constructor({ events, storage, style }) {
    Object.assign(this, { events, storage, style });
    this.size = this.read();
    this.write();
  }

  // Returns the size that is one step larger, 1, or smaller, -1; null if there is none.
  next(step) {
    return SIZES[SIZES.indexOf(this.size) + step] ?? null;
  }

  // Writes the words one step larger, 1, or smaller, -1.
  change(step) {
    const size = this.next(step);
    if (size === null) return;
    this.size = size;
    this.write();
    try {
      this.storage.setItem(KEY, String(size));
    } catch {
      // the browser keeps nothing, and the words are as large as ever at the next visit
    }
    this.events.emit("text_size");
  }

  read() {
    try {
      const size = Number(this.storage.getItem(KEY));
      return SIZES.includes(size) ? size : 1;
    } catch {
      return 1;
    }
  }

  write() {
    this.style.setProperty("--wl-text-size", String(this.size));
  }
}
