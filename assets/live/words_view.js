// The words of the recording that is going on, in the place of the transcript that comes at its end. Provisional ones
// are grey.
import { clock } from "../shared/clock.js";
import { make } from "../shared/dom.js";

const NEAR = 40; // pixels from the end within which a reader follows it

export function show(app, { element }) {
  const view = new SpokenView(app, element.querySelector(".wl-spoken"));
  const { events } = app;
  events.on("live", () => view.draw());
  events.on("live_words", (words) => view.showWords(words));
  for (const kind of ["opened", "forgotten"]) events.on(kind, () => view.end());
  events.on("state", (state) => state === "failed" && view.end());
}

class SpokenView {
  constructor({ live, bands, constants, i18n: { t } }, root) {
    Object.assign(this, { live, bands, t, root, pause: constants.paragraphs.pause });
    this.heading = make("h2", "wl-live-heading");
    this.text = make("div", "wl-live-text");
    this.text.setAttribute("role", "log"); // read as it grows
    this.text.tabIndex = 0; // it scrolls
    this.text.setAttribute("aria-label", t("live_title"));
    this.end();
    root.append(this.heading, this.text);
  }

  // What came while it was recorded goes once the transcript of the whole is there.
  end() {
    if (this.live.isRecording && this.live.state !== "ending") return;
    this.root.hidden = true;
    this.clear();
  }

  clear() {
    this.shown = 0; // segments
    this.provisional = make("span", "wl-live-provisional");
    this.provisional.setAttribute("aria-hidden", "true"); // it changes too often to be read
    this.paragraph = make("p");
    this.paragraph.append(this.provisional);
    this.text.replaceChildren(this.paragraph);
  }

  draw() {
    const { live, root } = this;
    const { state } = live;
    if (state === "recording" && root.hidden) {
      root.hidden = false;
      this.clear();
    }
    const key = { paused: "live_paused", ending: "live_ending", idle: "live_ending" }[state] ?? "live_title";
    this.heading.textContent = this.t(key, { time: clock(live.seconds) });
    if (live.seconds) this.length = clock(live.seconds);
    this.heading.classList.toggle("wl-is-recording", state === "recording");
    this.text.dataset.waiting = this.shown || this.provisional.textContent ? "" : this.t("live_waiting");
  }

  showWords({ segments, provisional }) {
    if (segments.length < this.shown) this.clear();
    const { text } = this;
    const follows = text.scrollHeight - text.scrollTop - text.clientHeight < NEAR;
    for (const [at, segment] of [...segments.entries()].slice(this.shown)) this.add(segment, segments[at - 1]);
    this.shown = segments.length;
    this.provisional.textContent = provisional;
    this.draw();
    if (follows) text.scrollTop = text.scrollHeight;
  }

  // Adds a segment, in a paragraph of its own after a pause. Words that are to be checked later are marked.
  add(segment, before) {
    if (before && segment.start - before.end > this.pause) {
      this.paragraph = make("p");
      this.text.append(this.paragraph);
    }
    const line = make("span");
    line.lang = segment.language ?? "";
    let rest = segment.text;
    for (const { word, probability } of segment.words) {
      const at = rest.indexOf(word.trim());
      if (at < 0) continue;
      const band = this.bands.of(probability);
      const isMarked = this.bands.isMarked({ band });
      line.append(rest.slice(0, at), make("span", isMarked ? `wl-${band}` : "", word.trim()));
      rest = rest.slice(at + word.trim().length);
    }
    line.append(`${rest} `);
    this.paragraph.append(line, this.provisional);
  }
}
