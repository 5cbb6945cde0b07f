// The player: a recording's picture, or its sound, of which nothing is seen: the bar at the page's foot controls both
// (assets/dock/). Emits "play", "time" (seconds) and "lit" {index, playing}, the
// word that is playing. Where the browser cannot play the recording, or has another length of it than the transcript,
// the server's copy is played: its times are the transcript's, and every place in it is found exactly.
import { fileAddress } from "../shared/address.js";
import { wordAt } from "../shared/document.js";
import { make } from "../shared/dom.js";
import { isOffFrom } from "./lengths.js";

const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ogv|3gp|wmv|flv|ts)$/i;

export function show(app, { element }) {
  const view = new PlayerView(app, element.querySelector(".wl-player"));
  app.events.on("opened", () => view.load());
  app.events.on("finished", (meta) => view.offerCopy(meta));
  app.events.on("forgotten", () => view.clear());
}

class PlayerView {
  constructor({ store, player, events, i18n }, root) {
    Object.assign(this, { store, player, events, root, t: i18n.t });
    this.url = null;
    this.copy = null; // the address of the server's copy
    this.seconds = 0; // of the transcript
    this.lit = -1; // the index of the word that is playing
  }

  // Another transcript of the same recording may be of another track, with a copy of its own.
  load() {
    const { media } = this.store;
    if (!media || (media === this.url && !this.copy)) return;
    this.url = media;
    this.copy = null;
    this.use(VIDEO.test(media) ? "video" : "audio");
  }

  offerCopy({ copy, state, transcript }) {
    if (!copy) return;
    this.copy = fileAddress(copy);
    this.seconds = state === "done" ? transcript.duration : 0;
    this.preferCopy();
  }

  // Plays the copy from the same place on, if the recording is not playable or has another length.
  preferCopy() {
    const { own: media } = this.player;
    if (!this.copy || !media || this.isCopy(media)) return;
    const isVideo = media.tagName === "VIDEO";
    if (!media.error && !isOffFrom(this.seconds, media.duration, isVideo)) return;
    const { currentTime, paused } = media;
    this.use("audio", this.copy);
    this.player.own.currentTime = currentTime;
    if (!paused) this.player.play();
  }

  isCopy(media) {
    return this.copy !== null && media.src === new URL(this.copy, document.baseURI).href;
  }

  use(kind, url = this.url) {
    const media = make(kind, "wl-media");
    this.player.use(media);
    media.controls = kind === "video"; // for the whole screen
    media.preload = "metadata";
    media.playsInline = true;
    media.setAttribute("aria-label", this.t("player"));
    media.addEventListener("error", () => this.takeError(media));
    media.addEventListener("playing", () => media === this.player.own && this.sayNothing());
    media.addEventListener("play", () => {
      this.events.emit("play");
      requestAnimationFrame(() => this.follow());
    });
    media.addEventListener("seeked", () => this.light());
    media.addEventListener("loadedmetadata", () => {
      if (kind === "video" && media.videoWidth === 0) this.use("audio"); // sound alone in a video's container
    });
    media.addEventListener("durationchange", () => media === this.player.own && this.preferCopy());
    media.src = url;
    this.root.replaceChildren(media);
    this.root.classList.toggle("wl-has-picture", kind === "video");
  }

  // What has played before can be played: a connection was lost, or the sound device went. That leaves the element
  // useless, so that another one takes its place, which the reader starts.
  takeError(media) {
    if (media !== this.player.own) return;
    if (this.copy && !this.isCopy(media)) this.preferCopy();
    else if (media.played.length) this.renew(media);
    else this.sayWhy(media);
  }

  async sayWhy({ src }) {
    const said = make("p", "wl-unplayable");
    this.root.replaceChildren(said);
    const isThere = await fetch(src, { method: "HEAD" }).then(({ ok }) => ok, () => true);
    said.textContent = this.t(isThere ? "unplayable" : "sound_gone");
  }

  sayNothing() {
    this.root.querySelector(".wl-unplayable")?.remove();
  }

  renew({ tagName, src, currentTime }) {
    this.use(tagName.toLowerCase(), src);
    this.player.own.currentTime = currentTime;
    this.root.append(make("p", "wl-unplayable", this.t("playing_broke_off")));
  }

  follow() {
    const { own: media } = this.player;
    this.light();
    if (media && !media.paused && !media.ended) requestAnimationFrame(() => this.follow());
  }

  // A recording that is deleted while it plays has no time.
  light() {
    const { own: media } = this.player;
    if (!media) return;
    const index = wordAt(this.store.doc.words, media.currentTime);
    this.events.emit("time", media.currentTime);
    if (index === this.lit) return;
    this.lit = index;
    this.events.emit("lit", { index, playing: !media.paused });
  }

  clear() {
    this.player.use(null);
    this.url = this.copy = null;
    this.root.replaceChildren();
    this.root.classList.remove("wl-has-picture");
  }
}
