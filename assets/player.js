// The player: a recording's sound or picture, and which word is heard. Value: messages as for the transcript.
const root = element.querySelector(".wl-player");
const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ogv|3gp|wmv|flv|ts)$/i;

let media = null;
let url = null;

function load() {
  if (!wordlight.media || wordlight.media === url) return;
  url = wordlight.media;
  use(VIDEO.test(url) ? "video" : "audio");
}

function use(kind) {
  media?.pause();
  media = make(kind, "wl-media");
  media.controls = true;
  media.preload = "metadata";
  media.playsInline = true;
  media.setAttribute("aria-label", say("player"));
  media.addEventListener("error", ({ target }) => target === media && root.replaceChildren(make("p", "wl-unplayable", say("unplayable"))));
  media.addEventListener("play", () => {
    wordlight.emit("play");
    requestAnimationFrame(follow);
  });
  media.addEventListener("seeked", light);
  media.addEventListener("loadedmetadata", ({ target }) => {
    if (kind === "video" && target.videoWidth === 0) use("audio"); // sound alone in a video's wrapping
  });
  media.src = url;
  root.replaceChildren(media);
  root.classList.toggle("wl-has-picture", kind === "video");
}

function follow() {
  light();
  if (media && !media.paused && !media.ended) requestAnimationFrame(follow);
}

// What is deleted while it plays has no time.
function light() {
  if (!media) return;
  const index = wordlight.wordAt(media.currentTime);
  wordlight.emit("time", media.currentTime);
  if (index === wordlight.lit) return;
  wordlight.lit = index;
  wordlight.emit("lit", { index, playing: !media.paused });
}

// A recording that cannot be played has said so already.
const play = () => media?.play().catch(() => {});

wordlight.hear = (time) => {
  if (!media) return;
  media.currentTime = time;
  play();
};
wordlight.seek = (time) => media && (media.currentTime = time);
wordlight.toggle = () => (media?.paused ? play() : media?.pause());
wordlight.pause = () => media?.pause();
wordlight.position = () => media?.currentTime ?? 0; // seconds
wordlight.on("opened", load);
wordlight.on("forgotten", () => {
  media?.pause();
  [media, url] = [null, null];
  root.replaceChildren();
  root.classList.remove("wl-has-picture");
});
