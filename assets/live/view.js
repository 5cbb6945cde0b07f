// The microphone: its buttons, how long it has recorded and how loud it is.
import { clock } from "../shared/clock.js";
import { make, makeButton } from "../shared/dom.js";

const QUIET = -50; // dB below the loudest at which the bar is empty; speech is at some -20

// Without what it needs, gradio's own recorder stands in its place (page/app.py).
export function show(app, { element, trigger }) {
  if (!app.live.isSupported) return;
  const view = new LiveView(app, () => trigger("submit")); // gradio passes its fields on, see page/app.py
  element.querySelector(".wl-live").append(view.node);
  app.events.on("live", () => view.draw());
  app.events.on("live_connection", (isThere) => view.showConnection(isThere));
  view.draw();
}

class LiveView {
  constructor({ live, i18n: { t } }, begin) {
    Object.assign(this, { live, t });
    this.record = makeButton(t("live_record"), begin, "wl-button wl-primary wl-record");
    this.pause = makeButton("", () => (live.state === "paused" ? live.goOn() : live.pause()));
    this.stop = makeButton(t("live_stop"), () => live.stop(), "wl-button wl-primary");
    this.time = make("span", "wl-live-time");
    this.level = make("span", "wl-live-level");
    this.level.append(make("span"));
    this.level.setAttribute("aria-hidden", "true");
    this.line = make("p", "wl-quiet");
    this.line.setAttribute("role", "status");
    const state = make("div", "wl-live-state");
    state.append(this.time, this.level);
    this.running = make("div", "wl-live-running");
    const buttons = make("div", "wl-live-buttons");
    buttons.append(this.pause, this.stop);
    this.running.append(state, buttons);
    this.node = make("div", "wl-live-recorder");
    this.node.append(this.record, this.running, this.line);
    this.isConnected = true;
  }

  draw() {
    const { live, t } = this;
    const { isRecording, state } = live;
    const hadFocus = this.node.contains(document.activeElement);
    this.record.hidden = isRecording;
    this.running.hidden = !isRecording;
    this.time.textContent = clock(live.seconds);
    this.level.firstChild.style.inlineSize = `${100 * loudness(live.level)}%`;
    this.pause.textContent = t(state === "paused" ? "live_go_on" : "live_pause");
    this.pause.disabled = this.stop.disabled = !live.canStop;
    if (!isRecording) this.isConnected = true;
    this.say(live.problem || (isRecording && !this.isConnected ? "live_offline" : "live_hint"));
    if (hadFocus && document.activeElement === document.body) (isRecording ? this.stop : this.record).focus();
  }

  showConnection(isThere) {
    this.isConnected = isThere;
    this.draw();
  }

  // A sentence that stays is not put again: it would be read again.
  say(key) {
    if (this.line.dataset.key === key) return;
    this.line.dataset.key = key;
    this.line.textContent = this.t(key);
  }
}

const loudness = (peak) => (peak ? Math.max(0, 1 - (20 * Math.log10(peak)) / QUIET) : 0);
