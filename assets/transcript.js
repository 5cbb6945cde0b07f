// The player and the words. Messages append to what is there: nothing is drawn twice, so that a reader's
// place and selection survive. Text from a recording only ever goes through textContent.
//
// Value: {media: {url, orig_name} | null, message: JSON of engine.views.transcript_message} or null.
const texts = props.texts;
const root = element.querySelector(".wl-transcript");
const make = (tag, className, text = "") =>
  Object.assign(document.createElement(tag), { className, textContent: text });

const [TEXT, START, END, PROBABILITY, BAND, TIMING] = [0, 1, 2, 3, 4, 5];
const DOUBTS = new Set(["doubtful", "unsure"]);
const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|ogv|3gp|wmv|flv|ts)$/i;
const TOLERANCE = 0.005; // seconds; players round the times that they are sent to
const READING = 4000; // milliseconds after a reader's own scroll in which playing does not move the page

const player = make("div", "wl-player");
const about = make("p", "wl-about", texts.empty);
const page = make("div", "wl-page");
page.setAttribute("role", "group");
page.setAttribute("aria-label", texts.transcript);
page.title = "";
const help = make("p", "wl-help", texts.help);
help.id = `wl-help-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
page.setAttribute("aria-describedby", help.id);
root.append(player, about, page, legend(), help);

let run = null;
let shown = 0; // segments
let words = []; // [{node, data}] in the order of their starts
let paragraph = null;
let media = null;
let mediaUrl = null;
let active = -1; // the word that Tab leads to
let lit = -1; // the word that is heard
let scrolledAt = -Infinity;

function receive(value) {
  root.classList.toggle("wl-is-empty", !value);
  if (!value) return;
  const message = JSON.parse(value.message);
  if (message.run !== run) clear(message.run);
  if (value.media) load(value.media);
  append(message);
  if (message.done && words.length === 0) say(texts.silence);
}

function clear(newRun) {
  run = newRun;
  shown = 0;
  words = [];
  paragraph = null;
  active = lit = -1;
  page.replaceChildren();
  page.scrollTop = 0;
  say(texts.help);
}

function append({ from, segments }) {
  if (from > shown) return; // something was missed; the last message has it all
  const fresh = segments.slice(shown - from);
  const fragment = document.createDocumentFragment();
  for (const segment of fresh) appendSegment(segment, fragment);
  page.append(fragment);
  shown += fresh.length;
  if (active < 0 && words.length) activate(0);
}

function appendSegment(segment, fragment) {
  if (segment.words.length === 0) return;
  if (segment.paragraph || !paragraph) {
    paragraph = make("p", "wl-paragraph");
    paragraph.dir = "auto";
    paragraph.lang = segment.lang;
    const block = make("div", "wl-block");
    const time = make("span", "wl-time", clock(segment.words[0][START]));
    time.setAttribute("aria-hidden", "true");
    block.append(time, paragraph);
    fragment.append(block);
  }
  for (const data of segment.words) appendWord(data, segment.spaced);
}

function appendWord(data, spaced) {
  if (spaced && paragraph.childNodes.length) paragraph.append(" ");
  const node = make("span", `wl-word wl-${data[BAND]}`, data[TEXT]);
  if (data[TIMING] === "interpolated") node.classList.add("wl-interpolated");
  node.tabIndex = -1;
  node.dataset.word = words.length;
  paragraph.append(node);
  words.push({ node, data });
}

// -- the player

function load({ url, orig_name: name }) {
  if (url === mediaUrl) return;
  mediaUrl = url;
  use(VIDEO.test(name || url) ? "video" : "audio");
}

function use(kind) {
  media?.pause();
  media = make(kind, "wl-media");
  media.controls = true;
  media.preload = "metadata";
  media.playsInline = true;
  media.setAttribute("aria-label", texts.player);
  media.addEventListener("error", () => player.replaceChildren(make("p", "wl-unplayable", texts.unplayable)));
  media.addEventListener("play", () => requestAnimationFrame(follow));
  media.addEventListener("seeked", light);
  media.addEventListener("loadedmetadata", (event) => {
    if (kind === "video" && event.target.videoWidth === 0) use("audio"); // sound alone in a video's wrapping
  });
  media.src = mediaUrl;
  player.replaceChildren(media);
}

function hear(index) {
  activate(index);
  if (!media) return;
  media.currentTime = words[index].data[START];
  media.play().catch(() => {}); // a recording that cannot be played has said so already
}

function follow() {
  light();
  if (!media.paused && !media.ended) requestAnimationFrame(follow);
}

function light() {
  const index = wordAt(media.currentTime);
  if (index === lit) return;
  words[lit]?.node.classList.remove("wl-lit");
  lit = index;
  if (lit < 0) return;
  words[lit].node.classList.add("wl-lit");
  describe(words[lit].data);
  if (!media.paused && performance.now() - scrolledAt > READING) bringIntoView(words[lit].node);
}

// Returns the index of the word that is heard at a time, -1 between words. Starts never go back.
function wordAt(time) {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle].data[START] <= time + TOLERANCE) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time < words[low - 1].data[END] ? low - 1 : -1;
}

// Scrolls the transcript alone; scrollIntoView would move the whole page.
function bringIntoView(node) {
  const [word, frame] = [node.getBoundingClientRect(), page.getBoundingClientRect()];
  const margin = Math.min(72, frame.height / 4);
  if (word.top < frame.top + margin) page.scrollTop += word.top - frame.top - margin;
  else if (word.bottom > frame.bottom - margin) page.scrollTop += word.bottom - frame.bottom + margin;
}

// -- words under the pointer and the keyboard

function activate(index) {
  if (words[active]) words[active].node.tabIndex = -1;
  active = index;
  words[active].node.tabIndex = 0;
}

function move(index) {
  if (index < 0 || index >= words.length) return;
  activate(index);
  words[index].node.focus({ preventScroll: true });
  bringIntoView(words[index].node);
}

function nextDoubtful(step) {
  for (let index = active + step; index >= 0 && index < words.length; index += step)
    if (DOUBTS.has(words[index].data[BAND])) return move(index);
}

function press(event) {
  const index = indexOf(event.target);
  if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const forward = getComputedStyle(event.target).direction === "rtl" ? -1 : 1;
  const act = {
    Enter: () => hear(index),
    " ": () => media && (media.paused ? media.play().catch(() => {}) : media.pause()),
    ArrowRight: () => move(index + forward),
    ArrowLeft: () => move(index - forward),
    Home: () => move(0),
    End: () => move(words.length - 1),
    n: () => nextDoubtful(1),
    p: () => nextDoubtful(-1),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function indexOf(target) {
  const node = target.closest?.(".wl-word");
  return node ? Number(node.dataset.word) : -1;
}

function inform(event) {
  const index = indexOf(event.target);
  if (index < 0) return;
  words[index].node.title = describe(words[index].data);
}

function describe(data) {
  const times = `${data[START].toFixed(2)}–${data[END].toFixed(2)} s`;
  const confidence = `${Math.round(100 * data[PROBABILITY])} % ${texts.confidence}`;
  const sentence = `${times} · ${confidence} · ${texts.timings[data[TIMING]]}`;
  const word = make("bdi", "wl-about-word", data[TEXT]);
  about.replaceChildren(word, ` ${sentence}`);
  return sentence;
}

function say(sentence) {
  about.textContent = sentence;
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [hours, minutes, rest] = parts.map((part) => String(part).padStart(2, "0"));
  return parts[0] ? `${parts[0]}:${minutes}:${rest}` : `${Number(minutes)}:${rest}`;
}

function legend() {
  const list = make("ul", "wl-legend");
  list.setAttribute("aria-label", texts.legend);
  for (const [band, name] of Object.entries(texts.bands)) list.append(sample(`wl-${band}`, name));
  list.append(sample("wl-interpolated", texts.interpolated));
  return list;
}

function sample(className, name) {
  const item = make("li", "");
  item.append(make("span", `wl-sample ${className}`, name));
  return item;
}

page.addEventListener("click", (event) => {
  const index = indexOf(event.target);
  // Dragging over words selects them; that is not a wish to hear one.
  if (index >= 0 && String(window.getSelection()) === "") hear(index);
});
page.addEventListener("keydown", press);
page.addEventListener("pointerover", inform);
page.addEventListener("focusin", inform);
for (const kind of ["wheel", "touchmove"])
  page.addEventListener(kind, () => (scrolledAt = performance.now()), { passive: true });

watch("value", () => receive(props.value));
receive(props.value);
