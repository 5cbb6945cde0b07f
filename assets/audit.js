// Where speech and words disagree, below the timeline: to be heard, and to be transcribed once more.
let rows = new Map(); // stretch -> its row; one that stays a stretch keeps what was chosen and said there
let mended = null; // {change, start, count}: words that a second try has put in, while that is the last edit
let takenBack = null; // seconds: where words were taken out again; its stretch gets the focus once it is listed
const done = make("p", "wl-audit-done");
const told = make("span");
told.setAttribute("role", "status");
const undo = make("button", "wl-button", say("undo"));
done.append(told, undo);
undo.addEventListener("click", () => {
  takenBack = mended.start;
  wordlight.undo();
  wordlight.keep(); // the list follows what the server finds
});

function listAudit() {
  const focused = document.activeElement;
  const ours = audit.contains(focused) || (takenBack !== null && focused === document.body);
  const stretches = doc.meta.transcript.coverage ?? [];
  const known = rows;
  rows = new Map();
  for (const stretch of stretches) {
    const key = JSON.stringify(stretch);
    rows.set(key, known.get(key) ?? stretchRow(stretch));
  }
  const list = make("ul");
  list.append(...rows.values());
  audit.replaceChildren(make("h2", "", say("audit")), done, ...(stretches.length ? [list] : []), ...limits());
  tellMended();
  if (ours) putFocus(focused);
  takenBack = null;
}

// The list is drawn anew while somebody uses it: the focus stays, or goes to what takes the place of its row.
function putFocus(focused) {
  const back = takenBack !== null && [...rows.values()].find(({ stretch }) => stretch.end > takenBack);
  const target = back ? back.querySelector("button") : audit.contains(focused) ? focused : undo;
  target.focus({ preventScroll: true });
}

// What the list does not say: that all is well, or how far that is known.
function limits() {
  const { checked = Infinity, state } = doc.meta; // seconds; null where no speech was looked for
  const said = [!rows.size && "audit_none", (state === "stopped" || state === "left") && "audit_until"];
  const keys = checked === null ? ["audit_unchecked"] : said.filter(Boolean);
  return keys.map((key) => make("p", "wl-quiet", say(key, { time: wordlight.clock(checked) })));
}

function tellMended() {
  if (doc.past.at(-1) !== mended?.change) mended = null;
  const { start, count } = mended ?? {};
  told.textContent = mended ? `${wordlight.clock(start)} · ${say("audit_found", { count })}` : "";
  undo.hidden = !mended;
}

function stretchRow(stretch) {
  const { kind, start, end } = stretch;
  const item = Object.assign(make("li"), { stretch });
  const count = doc.words.filter((word) => word.start >= start - 0.01 && word.end <= end + 0.01).length;
  const what = say(`audit_${kind}`, { seconds: (end - start).toFixed(1), count });
  const text = make("span", "", `${wordlight.stretch(start, end)} · ${what}`);
  const hear = make("button", "wl-button", say("audit_hear"));
  hear.addEventListener("click", () => wordlight.hear(start));
  const spoken = doc.meta.transcript.language ?? "en";
  const language = choice("audit_again_in", [spoken, ...props.languages], wordlight.languageName);
  const sensitivity = choice("option_vad_sensitivity", ["high", "normal", "off"], sensitivityOf);
  const again = make("button", "wl-button", say("audit_again"));
  const said = make("span", "wl-quiet");
  said.setAttribute("role", "status");
  again.addEventListener("click", async () => {
    again.disabled = true;
    said.textContent = say("audit_working");
    const asked = { token: doc.run, start, end, language: language.value, vad_sensitivity: sensitivity.value };
    const found = await wordlight.ask("again", asked);
    again.disabled = false;
    if (doc.run !== asked.token) return;
    const words = found.segments?.reduce((sum, segment) => sum + segment.words.length, 0);
    said.textContent = found.error ?? (words ? "" : say("audit_nothing"));
    if (words) mend(found.segments.map(wordlight.segmentOf), stretch, words);
  });
  item.append(text, hear, language, sensitivity, again, said);
  return item;
}

function mend(segments, { start, end }, count) {
  spliceIn(segments, start, end);
  mended = { change: doc.past.at(-1), start, count };
  tellMended();
  if (!document.activeElement || document.activeElement === document.body) undo.focus({ preventScroll: true });
  wordlight.keep(); // the list follows what the server finds
}

const sensitivityOf = (value) => say(`choice_vad_sensitivity_${value}`);

// The first value is chosen. The others come once somebody looks for one: an hour may have many stretches,
// and there are a hundred languages.
function choice(label, [first, ...others], nameOf) {
  const option = (value) => Object.assign(make("option", "", nameOf(value)), { value });
  const select = make("select");
  select.setAttribute("aria-label", say(label));
  select.append(option(first));
  const fill = () => select.append(...others.filter((value) => value !== first).map(option));
  select.addEventListener("focus", fill, { once: true });
  return select;
}

// Puts segments in the place of whatever words lie in the stretch; one step of undo.
function spliceIn(segments, start, end) {
  const middle = (word) => (word.start + word.end) / 2;
  const touched = (segment) => middle(segment.words.at(-1)) >= start && middle(segment.words[0]) <= end;
  let at = doc.segments.findIndex(touched);
  let count = doc.segments.filter(touched).length;
  if (at < 0) {
    at = doc.segments.findIndex((segment) => segment.words[0].start >= end);
    if (at < 0) at = doc.segments.length;
    count = 0;
  }
  const old = doc.segments.slice(at, at + count);
  const part = (segment, keep) => ({ ...segment, words: segment.words.filter((word) => keep(middle(word))) });
  const before = old.map((segment) => part(segment, (time) => time < start)).filter(({ words }) => words.length);
  const after = old.map((segment) => part(segment, (time) => time > end)).filter(({ words }) => words.length);
  if (before.length) segments[0].paragraph = false;
  if (after.length && !before.length) after[0] = { ...after[0], paragraph: false };
  const focus = at < doc.segments.length ? doc.segments[at].words[0].index : doc.words.length;
  wordlight.edit(at, count, [...before, ...segments, ...after], focus);
}

wordlight.on("coverage", () => {
  if (doc.meta.sound && root.contains(audit)) listAudit();
});
wordlight.on("edited", tellMended);
for (const kind of ["opened", "forgotten"]) wordlight.on(kind, () => (rows = new Map()));
