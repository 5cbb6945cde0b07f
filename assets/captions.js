// The recording with its subtitles as the browser's own captions, cut by the limits below the downloads.
import { CuePane } from "./cues/view.js";
import { make } from "./shared/dom.js";

export function show(app, { element }) {
  const view = new CaptionsView(app, element.querySelector(".wl-captions"));
  const { events } = app;
  for (const kind of ["finished", "edited", "retimed", "limits"]) events.on(kind, () => view.outdated());
  for (const kind of ["opened", "forgotten"]) events.on(kind, () => view.clear());
  new ResizeObserver(() => view.appear()).observe(view.root);
}

class CaptionsView {
  constructor(app, root) {
    const { store, server, player, subtitles, i18n } = app;
    Object.assign(this, { store, doc: store.doc, server, player, subtitles, root });
    Object.assign(this, { t: i18n.t, languageTag: i18n.languageTag, shown: i18n.shownSpeaker });
    this.stale = true;
    this.track = null;
    this.address = null; // of the subtitles
    this.turn = 0; // an answer that a later question has overtaken is not shown
    this.video = this.makeVideo();
    // Browsers draw captions over a picture alone; for a recording without one, the same cues are written here.
    this.written = make("p", "wl-caption");
    this.written.dir = "auto";
    this.screen = make("div", "wl-screen");
    this.screen.append(this.video, this.written);
    this.note = make("p", "wl-quiet", this.t("captions_note"));
    this.cues = new CuePane(app, { go: (time) => (this.video.currentTime = time) });
    this.video.addEventListener("timeupdate", () => this.cues.light(this.video.currentTime));
    this.stage = make("div", "wl-stage");
    const picture = make("div");
    picture.append(this.screen, this.note);
    this.stage.append(picture, this.cues.node);
    this.empty = make("p", "wl-quiet", this.t("captions_empty"));
    root.append(this.empty);
  }

  makeVideo() {
    const video = make("video", "wl-media wl-captioned");
    video.preload = "metadata";
    video.playsInline = true;
    video.setAttribute("aria-label", this.t("tab_captions"));
    video.addEventListener("loadedmetadata", () => {
      this.show();
      this.goToReader();
    });
    return video;
  }

  outdated() {
    this.stale = true;
    this.refresh();
  }

  async refresh() {
    const { root, doc, video } = this;
    if (!this.stale || !root.clientHeight || !doc.meta || !this.server.isConnected()) return;
    this.stale = false;
    const turn = (this.turn += 1);
    const { store, subtitles, shown } = this;
    const asked = { document: store.exported(), format: "vtt", limits: subtitles.limits, shown };
    const [{ error, text }] = await Promise.all([this.server.ask("export", asked), this.cues.refresh()]);
    if (turn !== this.turn) return;
    if (error) return root.replaceChildren(make("p", "wl-quiet", error));
    const source = this.player.own?.getAttribute("src") ?? this.store.media; // may be the playable copy
    if (video.getAttribute("src") !== source) video.src = source;
    this.replaceTrack(text);
    this.show();
    if (!root.contains(this.stage)) root.replaceChildren(this.stage);
  }

  replaceTrack(text) {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
    this.track?.remove();
    const label = this.t("tab_transcript");
    this.track = Object.assign(make("track"), { kind: "captions", label, src: this.address, default: true });
    this.track.srclang = this.languageTag(this.doc.meta.transcript.language ?? "en");
    this.video.append(this.track);
    this.track.track.addEventListener("cuechange", () => this.write());
  }

  hasSoundAlone() {
    return this.video.readyState > 0 && this.video.videoWidth === 0;
  }

  show() {
    const alone = this.hasSoundAlone();
    this.screen.classList.toggle("wl-sound-alone", alone);
    this.video.controls = !alone; // for the whole screen; the bar at the page's foot plays either
    if (this.track) this.track.track.mode = alone ? "hidden" : "showing";
    this.write();
  }

  write() {
    const cues = this.hasSoundAlone() && this.track ? [...(this.track.track.activeCues ?? [])] : [];
    this.written.textContent = cues.map((cue) => cue.getCueAsHTML().textContent).join("\n");
  }

  // Goes to where the reader was listening, or to the first word, so that a caption is in sight before
  // anything plays. After the last word it begins anew.
  goToReader() {
    const [first, last] = [this.doc.words[0], this.doc.words.at(-1)];
    const at = this.player.own?.currentTime;
    if (at && at < (last?.end ?? Infinity)) this.video.currentTime = at;
    else this.video.currentTime = first ? (first.start + first.end) / 2 : 0;
  }

  clear() {
    this.turn += 1;
    this.player.giveBack(this.video, { goesOn: false });
    this.video.removeAttribute("src");
    this.cues.clear();
    this.root.replaceChildren(this.empty);
    this.stale = true;
  }

  // The view is shown or hidden, or has another size.
  appear() {
    const isSeen = this.root.clientHeight > 0 && this.root.contains(this.video); // one player is enough
    document.getElementById("player")?.classList.toggle("wl-away", isSeen);
    if (!isSeen) this.player.giveBack(this.video);
    else if (this.player.borrow(this.video) && this.video.readyState) this.goToReader();
    this.refresh();
  }
}
