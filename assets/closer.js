// The timeline read closely: the words' texts under the pointer and, drawn near, below their row; and the keys.
const STEP = 5; // seconds that an arrow goes, or a twentieth of what is in view where that is less
const CLOSEST = 1; // seconds in view at least
const ROOM = 24; // pixels a word from which on their texts are written

const label = make("div", "wl-plot-label");
label.hidden = true;
const texts = make("div", "wl-plot-texts");
texts.setAttribute("aria-hidden", "true");
plot.tabIndex = 0;
plot.setAttribute("role", "slider");
plot.setAttribute("aria-describedby", help.id);

// -- the words' texts

// Called once plotly has drawn, at a new size too.
function drawnAnew() {
  label.hidden = true;
  if (!plot.contains(texts)) plot.append(now, texts, label);
  showNow(wordlight.position());
  setTimeout(writeWords); // in a task of its own, as what is drawn nearer is
}

// Of words that would overlap, the first is written.
function writeWords() {
  if (!axis()) return;
  const { range: [from, to], _length: length, _offset: left } = axis();
  const inside = doc.words.filter(({ start, end }) => end > from && start < to);
  if (inside.length * ROOM > length) return texts.replaceChildren();
  const pen = penOf(colour("--font") || "sans-serif");
  let free = 0; // pixels from the left
  const written = [];
  for (const { start, text } of inside) {
    const [at, width] = [Math.max(0, axis().d2p(start)), pen.measureText(text).width];
    if (at < free || at + width > length) continue;
    free = at + width + 6;
    const node = make("bdi", "", text);
    node.style.insetInlineStart = `${left + at}px`;
    written.push(node);
  }
  texts.style.insetBlockStart = `${heightOf("timeline_words") + 7}px`;
  texts.replaceChildren(...written);
}

const heightOf = (row) => plot._fullLayout.yaxis._offset + plot._fullLayout.yaxis.d2p(ROWS[row]); // pixels

function labelWord({ clientX }) {
  if (!axis()) return;
  const { _length: length, _offset: left } = axis();
  const inside = clientX - plot.getBoundingClientRect().left - left;
  const [time, reach] = [axis().p2d(inside), axis().p2d(2) - axis().p2d(0)]; // seconds; two pixels are near enough
  const index = [time, time - reach, time + reach].map((it) => wordlight.wordAt(it)).find((it) => it >= 0);
  label.hidden = index === undefined || inside < 0 || inside > length;
  if (label.hidden) return;
  const { text, start, end } = doc.words[index];
  label.replaceChildren(make("bdi", "", text), ` ${start.toFixed(2)}–${end.toFixed(2)} s`);
  label.style.insetInlineStart = `${left + inside}px`;
  label.style.insetBlockStart = `${heightOf("timeline_words") - 42}px`;
  label.style.transform = `translateX(-${(100 * inside) / length}%)`; // within the plot at either end
}

// -- the keys

function go(seconds) {
  const [from, to] = axis().range;
  const time = Math.min(doc.meta.transcript.duration, Math.max(0, wordlight.position() + seconds));
  wordlight.seek(time);
  tellPosition(time);
  if (time < from || time > to) look(to - from, time);
  else showNow(time);
}

// Draws so many seconds around a time.
function look(seconds, time) {
  const { duration } = doc.meta.transcript;
  const span = Math.min(duration, Math.max(CLOSEST, seconds));
  const from = Math.min(duration - span, Math.max(0, time - span / 2));
  return draw([from, from + span]);
}

function tellPosition(time) {
  const word = doc.words[wordlight.wordAt(time)]?.text ?? "";
  plot.setAttribute("aria-valuemin", "0");
  plot.setAttribute("aria-valuemax", doc.meta.transcript.duration.toFixed(1));
  plot.setAttribute("aria-valuenow", time.toFixed(1));
  plot.setAttribute("aria-valuetext", `${wordlight.clock(time)} ${word}`.trim());
}

function press(event) {
  if (!axis() || event.altKey || event.ctrlKey || event.metaKey) return;
  const [from, to] = axis().range;
  const step = Math.min(STEP, (to - from) / 20);
  const [closer, back] = [0.5, 2].map((factor) => () => look((to - from) * factor, wordlight.position()));
  const act = {
    ArrowRight: () => go(step),
    ArrowLeft: () => go(-step),
    Home: () => go(-Infinity),
    End: () => go(Infinity),
    Enter: () => wordlight.hear(wordlight.position()),
    " ": wordlight.toggle,
    "+": closer,
    "=": closer, // its key, without Shift
    "-": back,
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

plot.addEventListener("pointermove", labelWord);
plot.addEventListener("pointerleave", () => (label.hidden = true));
plot.addEventListener("keydown", press);
plot.addEventListener("focus", () => tellPosition(wordlight.position()));
