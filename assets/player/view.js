// The player: a recording's sound or picture. Emits "play", "time" (seconds) and "lit" {index, playing}, the
// word that is playing.
import { wordAt } from "../shared/document.js";
import { make } from "../shared/dom.js";

const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ogv|3gp|wmv|flv|ts)$/i;

export function show(app, { element }) {
  const view = new PlayerView(app, element.querySelector(".wl-player"));
  app.events.on("opened", () => view.load());
  app.events.on("forgotten", () => view.clear());
}

class PlayerView {
  constructor({ store, player, events, i18n }, root) {
    Object.assign(this, { store, player, events, root, t: i18n.t });
    this.url = null;
    this.lit = -1; // the index of the word that is playing
  }

  load() {
    const { media } = this.store;
    if (!media || media === this.url) return;
    this.url = media;
    this.use(VIDEO.test(media) ? "video" : "audio");
  }

  use(kind) {
    const media = make(kind, "wl-media");
    this.player.use(media);
    media.controls = true;
    media.preload = "metadata";
    media.playsInline = true;
    media.setAttribute("aria-label", this.t("player"));
    media.addEventListener("error", () => this.sayUnplayable(media));
    media.addEventListener("play", () => {
      this.events.emit("play");
      requestAnimationFrame(() => this.follow());
    });
    media.addEventListener("seeked", () => this.light());
    media.addEventListener("loadedmetadata", () => {
      if (kind === "video" && media.videoWidth === 0) this.use("audio"); // sound alone in a video's container
    });
    media.src = this.url;
    this.root.replaceChildren(media);
    this.root.classList.toggle("wl-has-picture", kind === "video");
  }

  sayUnplayable(media) {
    if (media === this.player.media) this.root.replaceChildren(make("p", "wl-unplayable", this.t("unplayable")));
  }

  follow() {
    const { media } = this.player;
    this.light();
    if (media && !media.paused && !media.ended) requestAnimationFrame(() => this.follow());
  }

  // A recording that is deleted while it plays has no time.
  light() {
    const { media } = this.player;
    if (!media) return;
    const index = wordAt(this.store.doc.words, media.currentTime);
    this.events.emit("time", media.currentTime);
    if (index === this.lit) return;
    this.lit = index;
    this.events.emit("lit", { index, playing: !media.paused });
  }

  clear() {
    this.player.use(null);
    this.url = null;
    this.root.replaceChildren();
    this.root.classList.remove("wl-has-picture");
  }
}
