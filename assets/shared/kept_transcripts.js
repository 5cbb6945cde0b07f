// Transcripts that the server keeps, shown again by their tokens.
import { fileName, showInAddress } from "./address.js";
import { exportDocument, parseSegment } from "./document.js";

export class KeptTranscripts {
  constructor({ store, server, events }) {
    Object.assign(this, { store, server, events });
    this.pending = 0; // answers that are on their way
  }

  isPending() {
    return this.pending > 0;
  }

  // Shows a transcript; returns its state (page/following.py), or "unreachable", and why it failed, if it did.
  async show(token) {
    const { store } = this;
    store.keepShowing(); // at once: the next run may begin before the answer
    this.pending += 1;
    const answer = await this.server.ask("recall", { token });
    const { error = "", state = "gone", media, name, message, resumable, failure } = answer;
    this.pending -= 1;
    if (!message && !store.doc.run) store.followRunning(null); // nothing is shown that could be kept
    this.events.emit("problem", error);
    if (error) return { state: "unreachable" };
    if (!message) return { state, failure };
    if (message.meta) message.meta.resumable = resumable;
    store.receive({ media: { path: media, orig_name: name ?? fileName(media) }, message }, true);
    if (store.doc.run === token) showInAddress(token);
    return { state, failure };
  }
}

// Returns a kept transcript, as `recall` answers it, in the form for files; undefined if there is none.
export const exportKept = ({ media, message }) =>
  message &&
  exportDocument({ name: fileName(media), segments: message.segments.map(parseSegment), meta: message.meta });
