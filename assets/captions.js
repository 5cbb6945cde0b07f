// The recording with its subtitles as the browser's own captions, cut as the limits below say.
const root = element.querySelector(".wl-captions");
const video = make("video", "wl-media wl-captioned");
video.controls = true;
video.preload = "metadata";
video.playsInline = true;
video.setAttribute("aria-label", say("tab_captions"));
// Browsers draw captions over a picture alone; for a recording without one, the same cues are written here.
const written = make("p", "wl-caption");
written.dir = "auto";
const screen = make("div", "wl-screen");
screen.append(video, written);
const note = make("p", "wl-quiet", say("captions_note"));
const nothing = make("p", "wl-quiet", say("captions_empty"));
root.append(nothing);

let stale = true;
let track = null;
let address = null;
let asked = 0; // an answer that a later question has overtaken is not shown

async function refresh() {
  if (!stale || !root.clientHeight || !doc.meta || !wordlight.ask) return;
  stale = false;
  const turn = (asked += 1);
  const made = await wordlight.ask("export", {
    document: wordlight.exported(),
    format: "vtt",
    limits: wordlight.limits?.() ?? {},
  });
  if (turn !== asked) return;
  if (made.error) return root.replaceChildren(make("p", "wl-quiet", made.error));
  if (video.getAttribute("src") !== wordlight.media) video.src = wordlight.media;
  if (address) URL.revokeObjectURL(address);
  address = URL.createObjectURL(new Blob([made.text], { type: "text/vtt" }));
  track?.remove();
  track = Object.assign(make("track"), { kind: "captions", label: say("tab_transcript"), src: address, default: true });
  track.srclang = wordlight.languageTag(doc.meta.transcript.language ?? "en");
  video.append(track);
  track.track.addEventListener("cuechange", write);
  show();
  root.replaceChildren(screen, note);
}

const soundAlone = () => video.readyState > 0 && video.videoWidth === 0;

function show() {
  screen.classList.toggle("wl-sound-alone", soundAlone());
  if (track) track.track.mode = soundAlone() ? "hidden" : "showing";
  write();
}

function write() {
  const cues = soundAlone() && track ? [...(track.track.activeCues ?? [])] : [];
  written.textContent = cues.map((cue) => cue.getCueAsHTML().textContent).join("\n");
}

function outdated() {
  stale = true;
  refresh();
}

// Where the reader was listening, or else at the first word, so that a caption is in sight before anything
// plays; who has heard the last word begins anew.
function place() {
  const [first, last] = [doc.words[0], doc.words.at(-1)];
  const at = wordlight.position();
  video.currentTime = at && at < (last?.end ?? Infinity) ? at : first ? (first.start + first.end) / 2 : 0;
}

video.addEventListener("loadedmetadata", () => {
  show();
  place();
});
video.addEventListener("play", () => wordlight.pause());
for (const kind of ["finished", "edited", "limits"]) wordlight.on(kind, outdated);
for (const kind of ["opened", "forgotten"])
  wordlight.on(kind, () => {
    asked += 1;
    video.pause();
    video.removeAttribute("src");
    root.replaceChildren(nothing);
    stale = true;
  });
wordlight.on("play", () => video.pause());
new ResizeObserver(() => {
  const seen = root.clientHeight > 0;
  if (!seen) video.pause();
  document.getElementById("player")?.classList.toggle("wl-away", seen && root.contains(video)); // one player is enough
  refresh();
}).observe(root);
