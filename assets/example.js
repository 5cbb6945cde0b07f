// The finished transcript of a sample that the empty page shows. Its words are in the template; the sound is
// fetched when somebody plays it. It is no document: nothing of it is edited, kept or downloaded.
const root = element.querySelector(".wl-example");
const nodes = [...root.querySelectorAll(".wl-example-word")];
const button = root.querySelector(".wl-example-play");
const about = root.querySelector(".wl-example-word-about");
const group = root.querySelector(".wl-example-words");
const words = nodes.map(({ textContent: text, dataset: { start, end, probability, timing } }) => ({
  text, start: Number(start), end: Number(end), probability: Number(probability), timing,
}));

const { root: base, api_prefix: api } = window.gradio_config;
const sound = new Audio();
sound.preload = "none";
sound.src = `${base}${api}/file=${props.sound.split("/").map(encodeURIComponent).join("/")}`;

let lit = -1;

function show() {
  button.classList.toggle("wl-is-playing", !sound.paused);
  button.setAttribute("aria-label", say(sound.paused ? "sample_play" : "sample_pause"));
}

function follow() {
  const time = sound.currentTime;
  light(words.findIndex(({ start, end }) => start <= time + 0.005 && time < end));
  if (!sound.paused && !sound.ended) requestAnimationFrame(follow);
}

function light(index) {
  if (index === lit) return;
  nodes[lit]?.classList.remove("wl-lit");
  nodes[index]?.classList.add("wl-lit");
  lit = index;
  if (index >= 0) describe(index);
}

function describe(index) {
  const { text, start, end, probability, timing } = words[index];
  const sure = say("confidence_of", { percent: Math.round(100 * probability) });
  const times = `${start.toFixed(2)}–${end.toFixed(2)} s`;
  about.replaceChildren(make("bdi", "wl-about-word", text), ` ${times} · ${sure} · ${say(`timing_${timing}`)}`);
}

const play = () => sound.play().catch(() => (about.textContent = say("unplayable")));
const toggle = () => (sound.paused ? play() : sound.pause());

function hear(index) {
  move(index, false);
  sound.currentTime = words[index].start; // before there is any sound: where playing begins
  play();
}

function move(index, focus = true) {
  if (!nodes[index]) return;
  for (const node of nodes) node.tabIndex = -1;
  nodes[index].tabIndex = 0;
  if (focus) nodes[index].focus();
}

function press(event) {
  const index = nodes.indexOf(event.target);
  if (index < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
  const act = {
    Enter: () => hear(index),
    " ": toggle,
    ArrowRight: () => move(index + 1),
    ArrowLeft: () => move(index - 1),
    Home: () => move(0),
    End: () => move(nodes.length - 1),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

const pointedAt = ({ target }) => nodes.includes(target) && describe(nodes.indexOf(target));
group.setAttribute("aria-label", say("sample_words"));
group.addEventListener("click", ({ target }) => {
  // Dragging over words selects them; that is not a wish to hear one.
  if (nodes.includes(target) && String(window.getSelection()) === "") hear(nodes.indexOf(target));
});
group.addEventListener("keydown", press);
group.addEventListener("pointerover", pointedAt);
group.addEventListener("focusin", pointedAt);
button.addEventListener("click", toggle);
for (const kind of ["play", "pause", "ended"]) sound.addEventListener(kind, show);
sound.addEventListener("play", () => requestAnimationFrame(follow));
for (const kind of ["pause", "ended", "seeked"]) sound.addEventListener(kind, follow);
show();
move(0, false);

// The style sheet hides it once there is a transcript. One that a link or a reload brings back is on its way.
root.hidden = Boolean(wordlight.interrupted || wordlight.tokenInAddress());
for (const kind of ["resumed", "forgotten"]) wordlight.on(kind, () => (root.hidden = false));
for (const kind of ["starting", "opened", "play"]) wordlight.on(kind, () => sound.pause());
