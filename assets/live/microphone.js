// The microphone, as parts of 16-bit samples at 16 kHz.
import { PART_SECONDS, RATE } from "./wav.js";

const NAME = "wordlight-samples";

// Runs in the thread of the sound, in a scope of its own. Browsers that cannot resample to the rate of the context
// leave the rate of the device; each sample is then the mean of those that it stands for.
const PROCESSOR = `registerProcessor("${NAME}", class extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate, length } }) {
    super();
    this.ratio = sampleRate / rate;
    this.need = this.ratio; // of the sample that is being made
    this.sum = 0;
    this.made = new Int16Array(length);
    this.count = 0;
    this.port.onmessage = () => {
      this.give();
      this.port.postMessage(null);
    };
  }

  give() {
    const part = this.made.slice(0, this.count).buffer;
    if (this.count) this.port.postMessage(part, [part]);
    this.count = 0;
  }

  process([[channel = []]]) {
    for (const value of channel) {
      for (let rest = 1; rest > 1e-9; ) {
        const part = Math.min(rest, this.need);
        this.sum += part * value;
        rest -= part;
        this.need -= part;
        if (this.need > 1e-9) continue;
        this.made[this.count++] = 32767 * Math.max(-1, Math.min(1, this.sum / this.ratio));
        [this.sum, this.need] = [0, this.ratio];
        if (this.count === this.made.length) this.give();
      }
    }
    return true;
  }
});`;

export const isSupported = () =>
  Boolean(navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode && window.indexedDB && window.WebSocket);

export class Microphone {
  // take   gets each part of samples, a buffer
  // ended  called if the device has gone
  constructor({ take, ended }) {
    Object.assign(this, { take, ended });
  }

  // Raises what the browser raises if it gives no microphone.
  async open() {
    const wanted = { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true };
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    for (const track of this.stream.getTracks()) track.addEventListener("ended", this.ended);
    const [context, source] = this.connect();
    this.context = context;
    const address = URL.createObjectURL(new Blob([PROCESSOR], { type: "text/javascript" }));
    await context.audioWorklet.addModule(address);
    URL.revokeObjectURL(address);
    this.node = new AudioWorkletNode(context, NAME, {
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: { rate: RATE, length: PART_SECONDS * RATE },
    });
    this.node.port.onmessage = ({ data }) => data && this.take(data);
    source.connect(this.node);
    this.node.connect(context.destination); // it gives silence; browsers run what leads somewhere
    await context.resume();
  }

  connect() {
    let context = new AudioContext({ sampleRate: RATE });
    try {
      return [context, context.createMediaStreamSource(this.stream)];
    } catch {
      context.close(); // Firefox takes a device at its own rate alone
      context = new AudioContext();
      return [context, context.createMediaStreamSource(this.stream)];
    }
  }

  // Gives the last part, and lets the device go.
  async close() {
    if (this.node) {
      await new Promise((resolve) => {
        this.node.port.onmessage = ({ data }) => (data ? this.take(data) : resolve());
        this.node.port.postMessage("end");
        setTimeout(resolve, 500); // the thread of the sound may have gone with the device
      });
    }
    for (const track of this.stream?.getTracks() ?? []) {
      track.removeEventListener("ended", this.ended);
      track.stop();
    }
    await this.context?.close();
  }
}
