// The finished transcript of a sample, which the empty page shows. Its words are in the template, and its sound
// is fetched when it is first played. It is no document: nothing of it is edited, kept or downloaded.
import { fileAddress, tokenInAddress } from "./shared/address.js";
import { runKey } from "./shared/dom.js";
import { wordAt } from "./shared/document.js";
import { wordFacts } from "./transcript/word_line.js";

export function show(app, { element, props }) {
  const view = new ExampleView(app, element.querySelector(".wl-example"), fileAddress(props.sound));
  const { root, sound } = view;
  // The style sheet hides it once there is a transcript. A transcript that a link or a reload brings back is
  // on its way.
  root.hidden = Boolean(tokenInAddress());
  for (const kind of ["resumed", "forgotten"]) app.events.on(kind, () => (root.hidden = false));
  for (const kind of ["starting", "opened", "play"]) app.events.on(kind, () => sound.pause());
}

class ExampleView {
  constructor({ i18n }, root, address) {
    Object.assign(this, { i18n, t: i18n.t, root });
    this.nodes = [...root.querySelectorAll(".wl-example-word")];
    this.words = this.nodes.map(wordOf);
    this.button = root.querySelector(".wl-example-play");
    this.line = root.querySelector(".wl-example-word-about");
    this.sound = new Audio();
    this.sound.preload = "none";
    this.sound.src = address;
    this.lit = -1; // the index of the word that is playing
    this.listenToReader(root.querySelector(".wl-example-words"));
    this.listenToSound();
    this.showState();
    this.move(0, false);
  }

  listenToReader(group) {
    const { nodes } = this;
    const describe = ({ target }) => nodes.includes(target) && this.describe(nodes.indexOf(target));
    group.setAttribute("aria-label", this.t("sample_words"));
    group.addEventListener("click", ({ target }) => {
      // Dragging over words selects them; such a click plays nothing.
      if (nodes.includes(target) && String(window.getSelection()) === "") this.playFrom(nodes.indexOf(target));
    });
    group.addEventListener("keydown", (event) => this.press(event));
    group.addEventListener("pointerover", describe);
    group.addEventListener("focusin", describe);
    this.button.addEventListener("click", () => this.toggle());
  }

  listenToSound() {
    const { sound } = this;
    for (const kind of ["play", "pause", "ended"]) sound.addEventListener(kind, () => this.showState());
    sound.addEventListener("play", () => requestAnimationFrame(() => this.follow()));
    for (const kind of ["pause", "ended", "seeked"]) sound.addEventListener(kind, () => this.follow());
  }

  showState() {
    this.button.classList.toggle("wl-is-playing", !this.sound.paused);
    this.button.setAttribute("aria-label", this.t(this.sound.paused ? "sample_play" : "sample_pause"));
  }

  follow() {
    const { currentTime, paused, ended } = this.sound;
    this.light(wordAt(this.words, currentTime));
    if (!paused && !ended) requestAnimationFrame(() => this.follow());
  }

  light(index) {
    if (index === this.lit) return;
    this.nodes[this.lit]?.classList.remove("wl-lit");
    this.nodes[index]?.classList.add("wl-lit");
    this.lit = index;
    if (index >= 0) this.describe(index);
  }

  describe(index) {
    this.line.replaceChildren(...wordFacts(this.words[index], this.i18n));
  }

  play() {
    this.sound.play().catch(() => (this.line.textContent = this.t("unplayable")));
  }

  toggle() {
    if (this.sound.paused) this.play();
    else this.sound.pause();
  }

  playFrom(index) {
    this.move(index, false);
    this.sound.currentTime = this.words[index].start; // before there is any sound: where playing begins
    this.play();
  }

  move(index, focus = true) {
    const { nodes } = this;
    if (!nodes[index]) return;
    for (const node of nodes) node.tabIndex = -1;
    nodes[index].tabIndex = 0;
    if (focus) nodes[index].focus();
  }

  press(event) {
    const index = this.nodes.indexOf(event.target);
    if (index < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    runKey(event, {
      Enter: () => this.playFrom(index),
      " ": () => this.toggle(),
      ArrowRight: () => this.move(index + 1),
      ArrowLeft: () => this.move(index - 1),
      Home: () => this.move(0),
      End: () => this.move(this.nodes.length - 1),
    });
  }
}

const wordOf = ({ textContent: text, dataset: { start, end, probability, timing } }) => ({
  text, start: Number(start), end: Number(end), probability: Number(probability), timing,
});
