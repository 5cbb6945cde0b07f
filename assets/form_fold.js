// Folds the form away once there is a result, and brings it back by one click.
//
// In a narrow window the form stands above the words and folds by itself: at the click that starts a transcription, or
// when a link is opened. In a wide one it stands beside them; only the reader folds it, and the browser remembers that.
import { tokenInAddress } from "./shared/address.js";
import { makeButton } from "./shared/dom.js";

const NARROW = "(max-width: 1000px)"; // as in the style sheets
const KEY = "wordlight_form";

export function show(app, { element }) {
  const fold = new FormFold(app, element.querySelector(".wl-fold"));
  const { events } = app;
  events.on("opened", () => fold.offer(true));
  events.on("forgotten", () => fold.offer(false));
  events.on("state", (state) => fold.offer(state === "working" || Boolean(app.store.doc.run)));
  events.on("source", () => (fold.started = false));
  events.on("incoming", () => !fold.started && fold.isFolded() && fold.toggle());
  events.on("resumed", () => fold.offer(app.runs.busy || Boolean(app.store.doc.run)));
  document.addEventListener("click", ({ target }) => fold.noteStart(target.closest?.(".wl-starts")));
  fold.narrow.addEventListener("change", () => fold.draw());
}

class FormFold {
  constructor({ i18n: { t } }, root) {
    Object.assign(this, { t, root });
    this.narrow = window.matchMedia(NARROW);
    this.chosen = null; // whether the reader has folded it in this narrow window; null leaves it to the window
    this.started = false; // whether a click has started a transcription since the last recording began to come
    this.button = makeButton("", () => this.toggle(), "wl-button");
    this.button.id = "fold-form";
    root.append(this.button);
    this.offer(Boolean(tokenInAddress())); // a link leads to words: the form is never in their way
  }

  // isThere  whether there is a result, or work at one, in whose way the form may be
  offer(isThere) {
    this.isThere = isThere;
    if (!isThere) this.chosen = null;
    this.draw();
  }

  // A click has started a transcription. Folding with the click moves nothing that the reader is looking at.
  noteStart(button) {
    if (!button) return;
    const hasSource = document.querySelector("#file a[href], #microphone .waveform-container");
    if (button.id === "start" && !hasSource) return;
    this.started = true;
    this.chosen = null;
    this.offer(true);
    if (this.isFolded()) this.button.focus({ preventScroll: true });
  }

  isFolded() {
    if (!this.isThere) return false;
    return this.narrow.matches ? this.chosen ?? true : localStorage.getItem(KEY) === "folded";
  }

  toggle() {
    const folded = !this.isFolded();
    if (this.narrow.matches) this.chosen = folded;
    else localStorage.setItem(KEY, folded ? "folded" : "open");
    this.draw();
    if (!folded) document.getElementById("inputs").scrollIntoView({ block: "nearest" });
  }

  draw() {
    const folded = this.isFolded();
    this.root.hidden = !this.isThere;
    document.documentElement.dataset.form = folded ? "folded" : "open"; // as page/document.py does before
    this.button.textContent = this.t(folded ? "form_open" : "form_fold");
    this.button.setAttribute("aria-expanded", String(!folded));
  }
}
