// Whether the page goes along with the word that is playing. A reader who scrolls while it plays has gone somewhere
// else: the page stays there until the reader plays a word, or says to follow again. Emits "follow".
export class Follow {
  constructor({ events }) {
    Object.assign(this, { events, wanted: true, strayed: false });
    events.on("opened", () => this.resume());
  }

  isOn() {
    return this.wanted && !this.strayed;
  }

  toggle() {
    this.set({ wanted: !this.isOn(), strayed: false });
  }

  stray() {
    this.set({ strayed: true });
  }

  resume() {
    this.set({ strayed: false });
  }

  set(state) {
    const before = this.isOn();
    Object.assign(this, state);
    if (this.isOn() !== before) this.events.emit("follow");
  }
}
