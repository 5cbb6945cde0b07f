// Plays and pauses, goes to a time, and says how fast and whether the page follows.
import { LEAP } from "../player/player.js";
import { SPEEDS } from "../player/speed.js";
import { clock } from "../shared/clock.js";
import { make, makeButton, makeIcon } from "../shared/dom.js";
import { nameTool, toolButton, toolTitle } from "../shared/tool_button.js";
import { SeekMarks } from "./seek_marks.js";

// Outlines, 24 units wide.
const PLAY = "M8 5l11 7-11 7z";
const PAUSE = "M8 5v14M16 5v14";
const BACK = "M4 12a8 8 0 1 0 2.5-5.8M4 3v4.5h4.5";
const FORWARD = "M20 12a8 8 0 1 1-2.5-5.8M20 3v4.5h-4.5";

export class PlayBar {
  constructor(app) {
    const { store, player, follow, i18n } = app;
    Object.assign(this, { doc: store.doc, player, follow, i18n, t: i18n.t });
    this.marks = new SeekMarks(app);
    this.shown = null; // whether the button shows a pause
    this.isHeld = false; // whether the reader holds the slider
    this.node = make("div", "wl-play");
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", this.t("player"));
    this.toggle = toolButton({ name: "play", outline: PLAY, act: () => player.toggle() }, i18n);
    this.toggle.classList.add("wl-play-toggle");
    const back = this.leap("back", BACK, -LEAP);
    const forward = this.leap("forward", FORWARD, LEAP);
    this.time = make("span", "wl-play-time");
    this.seek = this.makeSlider();
    this.speed = this.makeSpeed();
    this.following = makeButton(this.t("follow"), () => follow.toggle(), "wl-button wl-follow");
    this.following.type = "button";
    this.following.title = toolTitle("follow", i18n);
    this.following.addEventListener("pointerdown", (event) => event.preventDefault());
    const place = make("div", "wl-seek-place");
    place.append(this.marks.node, this.seek);
    this.node.append(back, this.toggle, forward, this.time, place, this.speed, this.following);
  }

  // The number in the arrow is that of its seconds.
  leap(name, outline, seconds) {
    const button = toolButton({ name, outline, act: () => this.player.step(seconds) }, this.i18n);
    button.classList.add(`wl-play-${name}`);
    button.append(make("span", "wl-leap", String(LEAP)));
    return button;
  }

  makeSlider() {
    const slider = make("input", "wl-seek");
    Object.assign(slider, { type: "range", min: 0, step: "any", value: 0 });
    slider.setAttribute("aria-label", this.t("position"));
    slider.title = this.t("seek_marks");
    slider.addEventListener("input", () => this.player.seek(Number(slider.value)));
    slider.addEventListener("pointerdown", () => (this.isHeld = true));
    for (const kind of ["pointerup", "pointercancel"]) slider.addEventListener(kind, () => (this.isHeld = false));
    return slider;
  }

  makeSpeed() {
    const select = make("select", "wl-speed");
    select.setAttribute("aria-label", this.t("speed"));
    const option = (speed) => Object.assign(make("option", "", `${this.i18n.number(speed)}×`), { value: speed });
    const options = SPEEDS.map(option);
    select.append(...options);
    select.addEventListener("change", () => this.player.setSpeed(Number(select.value)));
    return select;
  }

  draw() {
    const { player, follow } = this;
    this.node.hidden = !player.isReady();
    if (this.node.hidden) return;
    this.drawToggle(player.isPlaying());
    const [at, end] = [player.position(), this.duration()];
    const [now, whole] = [clock(at), clock(end)];
    this.time.textContent = `${now} / ${whole}`;
    this.seek.max = end;
    this.marks.draw(end);
    if (!this.isHeld) this.seek.value = at;
    this.seek.style.setProperty("--wl-played", `${end ? (100 * Math.min(at, end)) / end : 0}%`);
    this.seek.setAttribute("aria-valuetext", this.t("progress_of", { done: now, total: whole }));
    this.speed.value = player.speed;
    this.following.setAttribute("aria-pressed", String(follow.isOn()));
  }

  drawToggle(isPlaying) {
    if (this.shown === isPlaying) return;
    this.shown = isPlaying;
    this.toggle.replaceChildren(makeIcon(isPlaying ? PAUSE : PLAY));
    this.toggle.classList.toggle("wl-is-playing", isPlaying);
    nameTool(this.toggle, isPlaying ? "pause" : "play", this.i18n);
  }

  // Returns seconds: the transcript's if the browser does not know them.
  duration() {
    const { duration } = this.player.media;
    return Number.isFinite(duration) ? duration : this.doc.meta?.transcript.duration ?? 0;
  }
}
