// The words of a recording that is going on, from WS /v1/live (docs/live.md). The sound is kept elsewhere: if the
// connection is lost, another one begins after the last words that are final.
import { PART_SECONDS } from "./wav.js";

const RETRIES = [1, 2, 4, 8, 15, 30]; // seconds before each further try without an answer between them
const AT_ONCE = 40; // parts that are read and sent together
const WAITING_BYTES = 2 ** 21; // that may wait in the browser before more is read
const PAUSE = 200; // milliseconds between two looks at what waits

// Emits "live_words" when the segments or the provisional text have changed, and "live_connection" with whether words
// come at present.
export class LiveWords {
  // sound  has the parts of the recording, see KeptSound
  constructor({ server, events, sound }) {
    Object.assign(this, { server, events, sound });
    this.clear();
  }

  clear() {
    this.close();
    Object.assign(this, { id: null, options: null, segments: [], provisional: "" });
    Object.assign(this, { known: 0, sent: 0, final: 0, tries: 0 }); // parts that are kept, sent, and have final words
  }

  // options  of the transcription: language, task and model
  begin(id, options, known) {
    this.clear();
    Object.assign(this, { id, options, known });
    this.connect();
  }

  async connect() {
    const { id } = this;
    const { ticket = "" } = await this.server.ask("live_ticket", {});
    if (this.id !== id || this.socket) return;
    const socket = new WebSocket(address());
    Object.assign(this, { socket, isOpen: false, isOver: false, first: this.final, sent: this.final });
    socket.addEventListener("open", () => {
      if (this.socket !== socket) return;
      socket.send(JSON.stringify({ type: "start", format: "pcm", ticket, ...this.options }));
      this.isOpen = true;
      this.pump();
    });
    socket.addEventListener("message", ({ data }) => this.socket === socket && this.take(JSON.parse(data)));
    socket.addEventListener("close", () => this.socket === socket && this.lost());
  }

  // So many parts of the recording are kept now.
  grow(known) {
    this.known = known;
    this.pump();
  }

  async pump() {
    const { socket, id } = this;
    if (this.pumping === socket || !this.isOpen) return;
    this.pumping = socket;
    while (this.socket === socket && !this.isOver && this.sent < this.known) {
      const parts = await this.sound.read(id, this.sent, Math.min(AT_ONCE, this.known - this.sent));
      if (this.socket !== socket || !parts.length) break;
      for (const part of parts) socket.send(part);
      this.sent += parts.length;
      while (socket.bufferedAmount > WAITING_BYTES) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    if (this.pumping === socket) this.pumping = null;
  }

  take(message) {
    const { type } = message;
    if (type === "error") this.retry = message.retry_after ?? 0;
    if (type === "provisional") this.provisional = message.text;
    if (type === "result") this.final = this.sent;
    if (type === "update") {
      this.tries = 0;
      this.events.emit("live_connection", true);
      if (!message.segments?.length) return;
      this.add(message.segments);
    }
    if (["provisional", "update"].includes(type)) this.events.emit("live_words", this);
  }

  add(segments) {
    const begins = this.first * PART_SECONDS; // the server counts from there
    for (const { start, end, ...segment } of segments)
      this.segments.push({ ...segment, start: start + begins, end: end + begins });
    this.provisional = "";
    this.final = Math.min(this.sent, Math.floor(this.segments.at(-1).end / PART_SECONDS));
  }

  // Ends the sound, so that the last words become final; `connect` goes on.
  end() {
    if (!this.isOpen) return;
    this.isOver = true;
    this.socket.send(JSON.stringify({ type: "end" }));
  }

  goOn() {
    if (this.isOpen && !this.isOver) return;
    this.close();
    this.connect();
  }

  lost() {
    const wasOver = this.isOver;
    Object.assign(this, { socket: null, isOpen: false, provisional: "" });
    this.events.emit("live_words", this);
    if (wasOver) return;
    this.events.emit("live_connection", false);
    const seconds = Math.max(this.retry ?? 0, RETRIES[this.tries] ?? 0);
    this.retry = 0;
    this.tries += 1;
    if (seconds) this.timer = setTimeout(() => this.connect(), 1000 * seconds);
  }

  close() {
    clearTimeout(this.timer);
    const { socket } = this;
    Object.assign(this, { socket: null, isOpen: false, isOver: false, pumping: null, retry: 0 });
    socket?.close();
  }
}

function address() {
  const url = new URL(`${window.gradio_config.root}/v1/live`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = url.hash = "";
  return url.href;
}
