// How long the transcript is kept with its edits, the link to it, its end, and code that does the same; and
// what became of work that a reload cut short.
const keeping = make("div", "wl-keeping");
const until = make("p", "wl-quiet");
const link = make("button", "wl-button", say("copy_link"));
link.id = "copy-link";
const end = make("button", "wl-button wl-danger", say("delete_now"));
end.id = "delete-now";
const actions = make("span", "wl-keeping-actions");
actions.append(link, end);
keeping.append(until, actions);
const code = codeView();
root.append(code, keeping);

const address = () => wordlight.addressWith(doc.run);
const kept = (url) => history.replaceState(history.state, "", url);

function finished({ kept_until: time, snippets, token }) {
  showUntil(time);
  code.hidden = !snippets;
  showCode("python", snippets);
  sessionStorage.removeItem("wordlight_run");
  if (token) kept(address()); // a reload shows it again
}

function showUntil(time) {
  actions.style.display = time === null ? "none" : ""; // its own display outweighs `hidden`
  if (time === null) return (until.textContent = say("not_kept_full"));
  until.textContent = say("kept_until", { time: wordlight.timeOfDay(time) });
}

async function copied(button, text, key) {
  await navigator.clipboard.writeText(text);
  button.textContent = say("copied");
  setTimeout(() => (button.textContent = say(key)), 2000);
}

// Deletes the recording that is shown, and that alone.
async function forget() {
  if (!wordlight.leave(forget, "unsaved_deleted")) return;
  const { run, name } = doc;
  clearTimeout(waiting);
  await turn; // else what is on its way would bring it back
  if (failed(await wordlight.ask("forget", { tokens: [run] }))) return keepSoon();
  wordlight.forget(run);
  if (doc.run) return; // another was chosen meanwhile
  if (!recalling) wordlight.follow(null);
  wordlight.emit("note", { state: "note", key: "deleted", values: { name } });
  kept(wordlight.addressWith(null));
}

function codeView() {
  const fold = make("details", "wl-code");
  const box = make("pre", "wl-code-text");
  box.tabIndex = 0;
  box.setAttribute("aria-label", say("code"));
  box.setAttribute("role", "region");
  const bar = make("div", "wl-code-bar");
  for (const [language, name] of [["python", "Python"], ["javascript", "JavaScript"], ["curl", "curl"]]) {
    const choice = make("button", "wl-button", name);
    choice.dataset.language = language;
    choice.addEventListener("click", () => showCode(language, doc.meta.snippets));
    bar.append(choice);
  }
  const copy = make("button", "wl-button", say("copy_code"));
  copy.addEventListener("click", () => copied(copy, box.textContent, "copy_code"));
  bar.append(copy);
  fold.append(make("summary", "", say("code")), bar, box);
  return fold;
}

function showCode(language, snippets) {
  if (!snippets) return;
  code.querySelector("pre").textContent = snippets[language].replaceAll("{address}", location.origin + (window.gradio_config.root_path ?? ""));
  for (const choice of code.querySelectorAll("[data-language]"))
    choice.setAttribute("aria-pressed", String(choice.dataset.language === language));
}

// -- edits, which go where the transcript is kept, so that a reload and the link show them

const PAUSE = 800; // milliseconds after an edit: who types on is not sent letter by letter
let waiting = 0;
let turn = Promise.resolve();

function keepSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(keepEdits, PAUSE);
}

// One after the other. Where the server cannot be reached, the browser warns before these edits go.
const keepEdits = () => (turn = turn.then(sendEdits).catch(() => {}));

async function sendEdits() {
  for (const edited of wordlight.unkept().filter(({ meta }) => meta?.token)) {
    const { run, edits, meta } = edited; // once the answer is there, `edited` may be another transcript
    const by_hand = edited.words.filter((word) => word.edited).map(({ index }) => index);
    const { segments } = wordlight.exported(edited);
    const made = await wordlight.ask("revise", { token: run, segments, by_hand });
    if (made.error && run === doc.run) until.textContent = made.error;
    if (made.error) continue;
    // Meanwhile it may have been put by, or taken up again.
    for (const it of wordlight.unkept()) if (it.run === run) it.kept = edits;
    meta.kept_until = made.kept_until;
    meta.transcript.coverage = made.coverage;
    if (run !== doc.run) continue;
    showUntil(made.kept_until);
    wordlight.emit("coverage");
  }
}

wordlight.keep = keepEdits;

// -- what is kept

const nameOf = (path) => path.split("/").at(-1);

wordlight.documentOf = ({ media, message }) =>
  message && {
    name: nameOf(media),
    transcript: message.meta.transcript,
    segments: wordlight.exported({ segments: message.segments.map(wordlight.segmentOf), meta: message.meta }).segments,
  };

let recalling = 0; // how many are on their way

// Shows a kept transcript; returns its state, or "gone", "working", "unreachable"; says what failed.
wordlight.recall = async (token) => {
  wordlight.stay(); // at once: the next may begin before the answer
  recalling += 1;
  const { error, state, media, message } = await wordlight.ask("recall", { token });
  recalling -= 1;
  if (!message && !doc.run) wordlight.follow(null); // there is nothing to stay at
  if (failed({ error })) return "unreachable";
  if (!message) return state ?? "gone";
  wordlight.receive({ media: { path: media, orig_name: nameOf(media) }, message: JSON.stringify(message) }, true);
  return state;
};

async function resume() {
  await comeBack();
  wordlight.emit("resumed"); // what was to be shown again is there, or is not to be had
}

async function comeBack() {
  const { interrupted } = wordlight;
  const asked = wordlight.tokenInAddress();
  sessionStorage.removeItem("wordlight_run");
  if (interrupted) return explain(interrupted);
  await recallLinked(asked);
}

async function recallLinked(token) {
  const key = { gone: "link_gone", unreachable: "unreachable" }[token && (await wordlight.recall(token))];
  if (key) wordlight.emit("note", { state: "note", key });
}

async function explain({ run, name }) {
  const before = doc.run;
  let begun = false; // the reader has begun something new
  wordlight.on("starting", () => (begun = true));
  const state = await wordlight.outcome(run);
  if (begun || doc.run !== before) return;
  const shown = state === "gone" ? state : await wordlight.recall(run);
  if (shown === "unreachable") return wordlight.emit("note", { state: "note", key: shown });
  const heard = shown === "gone" ? "" : wordlight.clock(doc.meta.heard);
  wordlight.emit("note", { state: "note", key: `reload_${shown}`, values: { name, heard } });
}

link.addEventListener("click", async () => {
  await keepEdits();
  copied(link, address(), "copy_link");
});
end.addEventListener("click", forget);
// A link put into the address of the open page loads nothing anew, for it differs behind the # alone.
window.addEventListener("hashchange", () => {
  const token = wordlight.tokenInAddress();
  if (token !== doc.run) recallLinked(token);
});
wordlight.on("finished", finished);
for (const kind of ["edited", "finished"]) wordlight.on(kind, () => wordlight.unkept().length && keepSoon());
wordlight.emit("serving");
resume();
