// The words. What arrives is appended: nothing is drawn twice, so that a reader's place and selection
// survive. Text from a recording only ever goes through textContent.
//
// Value: {media: {path, orig_name} | null, message: JSON of page.messages.transcript_message} or null.
const root = element.querySelector(".wl-transcript");
const SLICE = 8; // milliseconds of drawing at a time; the browser's own work on the words comes on top
const LOOKS = 8; // frames in which a word that was scrolled to is kept in view
const READING = 4000; // milliseconds after a reader's own scroll in which playing does not move the page

const about = make("p", "wl-about");
const page = make("div", "wl-page");
page.setAttribute("role", "group");
page.tabIndex = -1;
page.setAttribute("aria-label", say("transcript"));
const help = make("p", "wl-hidden", say("help"));
help.id = `wl-help-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
page.setAttribute("aria-describedby", help.id);
root.classList.add("wl-is-empty");
root.append(about, page, legend(), help);

const nodes = new WeakMap(); // word -> its element; the element's `word` leads back
let blocks = []; // [{node, paragraph, segments}], a paragraph each
let drawn = 0; // segments
let drawing = 0;
let scrolledAt = -Infinity;

// -- drawing

function opened() {
  clearTimeout(drawing);
  drawing = 0;
  blocks = [];
  drawn = 0;
  wordlight.active = -1;
  page.replaceChildren();
  page.scrollTop = 0;
  root.classList.remove("wl-is-empty");
  tell(""); // there is no word yet that could be heard
}

function appended() {
  if (!drawn) tell(say("help"));
  drawing ||= setTimeout(draw); // after what else the message sets off
}

function draw() {
  drawing = 0;
  const until = performance.now() + SLICE;
  const fragment = document.createDocumentFragment();
  while (drawn < doc.segments.length && performance.now() < until) drawSegment(doc.segments[drawn++], fragment);
  page.append(fragment);
  if (wordlight.active < 0 && doc.words.length) activate(0);
  if (drawn < doc.segments.length) drawing = setTimeout(draw);
}

function drawSegment(segment, fragment) {
  if (segment.paragraph || !blocks.length) {
    blocks.push(blockOf(segment));
    fragment.append(blocks.at(-1).node);
  }
  fill(blocks.at(-1), segment);
}

function blockOf(segment) {
  const node = make("div", "wl-block");
  const margin = make("div", "wl-margin");
  const time = make("span", "wl-time", wordlight.clock(segment.words[0].start));
  time.setAttribute("aria-hidden", "true");
  margin.append(time);
  if (segment.speaker) margin.append(make("span", "wl-speaker", segment.speaker));
  const paragraph = make("p", "wl-paragraph");
  paragraph.dir = "auto";
  paragraph.lang = segment.lang;
  node.append(margin, paragraph);
  return { node, paragraph, segments: [] };
}

function fill(block, segment) {
  block.segments.push(segment);
  for (const word of segment.words) {
    if (segment.spaced && block.paragraph.childNodes.length) block.paragraph.append(" ");
    block.paragraph.append(nodeOf(word));
  }
}

function nodeOf(word) {
  const node = make("span", `wl-word wl-${word.band}`, word.text);
  if (word.timing === "interpolated") node.classList.add("wl-interpolated");
  if (word.edited) node.classList.add("wl-edited");
  node.tabIndex = -1;
  node.word = word;
  nodes.set(word, node);
  return node;
}

// After an edit: paragraphs whose segments are the same stay as they are, the others are drawn anew.
function edited(focus) {
  clearTimeout(drawing);
  drawing = 0;
  const known = new Map(blocks.map((block) => [block.segments[0], block]));
  blocks = groups().map((segments) => {
    const block = known.get(segments[0]);
    if (block && same(block.segments, segments)) return block;
    const fresh = blockOf(segments[0]);
    segments.forEach((segment) => fill(fresh, segment));
    return fresh;
  });
  drawn = doc.segments.length;
  const kept = new Set(blocks.map((block) => block.node));
  for (const node of [...page.children]) if (!kept.has(node)) node.remove();
  blocks.forEach(({ node }, at) => page.children[at] !== node && page.insertBefore(node, page.children[at] ?? null));
  wordlight.active = -1;
  if (focus >= 0) move(focus);
  else page.focus({ preventScroll: true }); // the last word has gone, and the focus with it
}

function groups() {
  const found = [];
  for (const segment of doc.segments)
    if (segment.paragraph || !found.length) found.push([segment]);
    else found.at(-1).push(segment);
  return found;
}

const same = (some, others) => some.length === others.length && some.every((item, at) => item === others[at]);

// -- words under the pointer and the keyboard

function nodeAt(index) {
  const word = doc.words[index];
  if (word && !nodes.has(word)) while (drawn < doc.segments.length) draw(); // asked for before its turn
  return nodes.get(word);
}

function activate(index) {
  const before = nodes.get(doc.words[wordlight.active]);
  if (before) before.tabIndex = -1;
  wordlight.active = index;
  nodeAt(index).tabIndex = 0;
  wordlight.emit("active", index);
}

function move(index) {
  if (index < 0 || index >= doc.words.length) return;
  activate(index);
  nodeAt(index).focus({ preventScroll: true });
  bringIntoView(nodeAt(index));
}

function hear(index) {
  activate(index);
  wordlight.hear(doc.words[index].start);
}

// Goes to the next word to check; says so where there is none.
function nextDoubtful(step) {
  for (let index = wordlight.active + step; index >= 0 && index < doc.words.length; index += step)
    if (wordlight.isMarked(doc.words[index])) return move(index);
  tell(say(step > 0 ? "no_next_doubt" : "no_previous_doubt"));
}

function lightUp({ index, playing }) {
  root.querySelector(".wl-lit")?.classList.remove("wl-lit");
  const node = index >= 0 ? nodes.get(doc.words[index]) : null;
  if (!node) return;
  node.classList.add("wl-lit");
  describe(doc.words[index]);
  if (playing && performance.now() - scrolledAt > READING) bringIntoView(node);
}

// Scrolls the transcript alone; scrollIntoView would move the whole page. Paragraphs that come into sight
// only then get their true height, which may push the word on: so it looks again, a few frames long.
function bringIntoView(node, looks = LOOKS) {
  const [word, frame] = [node.getBoundingClientRect(), page.getBoundingClientRect()];
  const margin = Math.min(72, frame.height / 4);
  const before = page.scrollTop;
  if (word.top < frame.top + margin) page.scrollTop += word.top - frame.top - margin;
  else if (word.bottom > frame.bottom - margin) page.scrollTop += word.bottom - frame.bottom + margin;
  const moved = page.scrollTop !== before || looks < LOOKS;
  if (moved && looks) requestAnimationFrame(() => bringIntoView(node, looks - 1));
}

function press(event) {
  const word = event.target.word;
  if (!word || event.altKey) return;
  const act = !event.ctrlKey && !event.metaKey && keys(event, word.index)[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function keys({ target, shiftKey }, index) {
  const forward = getComputedStyle(target).direction === "rtl" ? -1 : 1;
  return {
    Enter: shiftKey ? () => commands.paragraph(index) : () => hear(index),
    " ": wordlight.toggle,
    ArrowRight: () => move(index + forward),
    ArrowLeft: () => move(index - forward),
    ArrowDown: () => moveLine(target, 1),
    ArrowUp: () => moveLine(target, -1),
    Home: () => move(0),
    End: () => move(doc.words.length - 1),
    n: () => nextDoubtful(1),
    p: () => nextDoubtful(-1),
    "?": showKeys,
    F2: () => commands.change(index),
    e: () => commands.change(index),
    i: () => commands.insert(index),
    j: () => commands.join(index),
    Delete: () => commands.remove(index),
    Backspace: shiftKey ? () => commands.unite(index) : () => commands.remove(index),
  };
}

// To the word that stands closest above or below.
function moveLine(node, step) {
  const from = node.getBoundingClientRect();
  const middle = (from.left + from.right) / 2;
  let best = null;
  for (let index = node.word.index + step; index >= 0 && index < doc.words.length; index += step) {
    const box = nodeAt(index).getBoundingClientRect();
    if (Math.abs(box.top - from.top) < 4) continue;
    if (best && Math.abs(box.top - best.top) >= 4) break;
    const distance = Math.abs((box.left + box.right) / 2 - middle);
    if (!best || distance < best.distance) best = { index, distance, top: box.top };
  }
  if (best) move(best.index);
}

function inform({ target }) {
  if (target.word) describe(target.word);
}

function describe(word) {
  const times = `${word.start.toFixed(2)}–${word.end.toFixed(2)} s`;
  const percent = Math.round(100 * word.probability);
  const sure = word.edited ? say("by_hand") : say("confidence_of", { percent });
  const text = make("bdi", "wl-about-word", word.text);
  about.replaceChildren(text, ` ${times} · ${sure} · ${say(`timing_${word.timing}`)}`);
}

function tell(sentence) {
  about.textContent = sentence;
}

function legend() {
  const list = make("ul", "wl-legend");
  list.setAttribute("aria-label", say("legend"));
  for (const band of [...constants.bands, "interpolated"]) {
    const item = make("li");
    item.append(make("span", `wl-sample wl-${band}`, say(`band_${band}`)));
    list.append(item);
  }
  return list;
}

page.addEventListener("click", ({ target }) => {
  // Dragging over words selects them; that is not a wish to hear one.
  if (target.word && String(window.getSelection()) === "") hear(target.word.index);
});
page.addEventListener("dblclick", ({ target }) => target.word && commands.change(target.word.index));
page.addEventListener("keydown", press);
page.addEventListener("pointerover", inform);
page.addEventListener("focusin", inform);
for (const kind of ["wheel", "touchmove"])
  page.addEventListener(kind, () => (scrolledAt = performance.now()), { passive: true });

wordlight.on("opened", opened);
wordlight.on("appended", appended);
wordlight.on("edited", edited);
wordlight.on("lit", lightUp);
wordlight.on("point", (index) => {
  activate(index);
  bringIntoView(nodeAt(index));
});
new ResizeObserver(() => {
  const node = nodes.get(doc.words[wordlight.active]);
  if (node && page.clientHeight) bringIntoView(node); // another tab has moved on meanwhile
}).observe(page);
wordlight.on("state", (state) => {
  root.classList.toggle("wl-is-working", state === "working");
  root.classList.toggle("wl-is-empty", state !== "working" && !doc.run);
  if (!doc.run) tell("");
});
// Where it was stopped, or its reader took every word out, there may be words to be found.
wordlight.on("finished", ({ state, by_hand }) => {
  const whole = state !== "stopped" && state !== "left" && !by_hand;
  if (whole && doc.words.length === 0) tell(say("silence"));
});
wordlight.on("forgotten", () => {
  opened();
  root.classList.add("wl-is-empty");
  tell("");
});
