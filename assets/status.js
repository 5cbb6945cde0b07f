// What is going on: a stage with its progress, a note, or an error card. Value: see StatusView.
const root = element.querySelector(".wl-status");
const source = make("p", "wl-status-name"); // of the file that an error is about
source.dir = "auto";
const text = make("p", "wl-status-text");
const detail = make("p", "wl-status-detail");
const bar = make("div", "wl-bar");
const fill = make("div", "wl-bar-fill");
bar.setAttribute("role", "progressbar");
bar.setAttribute("aria-label", say("progress"));
bar.setAttribute("aria-valuemin", "0");
bar.setAttribute("aria-valuemax", "100");
bar.append(fill);
const words = make("div", "wl-status-words");
words.append(source, text, detail);
root.append(words, bar);

// Below this the words stand under the buttons, out of sight when one of those is pressed.
const NARROW = window.matchMedia("(max-width: 1000px)");

let shown = "idle";
let noted = ""; // the key of what is shown

function show(value) {
  const { state, key, values, part = null, progress, run, name } = value ?? { state: "idle" };
  root.className = `wl-status wl-is-${state}`;
  // An alert is read out at once, a status when the reader pauses.
  words.setAttribute("role", state === "failed" ? "alert" : "status");
  source.textContent = state === "failed" ? name ?? "" : "";
  const [title, more] = engines(value ?? {});
  text.textContent = key ? say(key, values) : title;
  detail.textContent = key && state === "failed" ? say(`${key}_hint`) : progress ? howFar(progress) : more;
  showPart(state === "working", part);
  if (state !== shown) wordlight.emit("state", state);
  if (state !== shown && state !== "idle") root.scrollIntoView({ block: state === "working" && NARROW.matches ? "start" : "nearest" });
  [shown, noted] = [state, key];
  if (run) sessionStorage.setItem("wordlight_run", JSON.stringify({ run, name }));
  else if (state !== "working") sessionStorage.removeItem("wordlight_run");
}

// What the engine says, in its own words; below what they come to where the reader's language is another.
function engines({ code, text: sentence = "", detail: hint = "" }) {
  const meant = wordlight.meaning(code);
  return meant ? [meant, `${sentence} ${hint}`.trim()] : [sentence, hint];
}

function howFar({ done, total, left }) {
  const far = say("progress_of", { done: wordlight.clock(done), total: wordlight.clock(total) });
  if (left === null) return far;
  const rest =
    left >= 90
      ? say("left_minutes", { count: Math.round(left / 60) })
      : left >= 8
        ? say("left_seconds", { count: 5 * Math.round(left / 5) })
        : say("left_little");
  return `${far} · ${rest}`;
}

function showPart(working, part) {
  bar.hidden = !working;
  bar.classList.toggle("wl-is-unknown", part === null);
  fill.style.inlineSize = part === null ? "" : `${100 * part}%`;
  if (part === null) bar.removeAttribute("aria-valuenow");
  else bar.setAttribute("aria-valuenow", String(Math.round(100 * part)));
}

// A page that is loaded while another of its kind was at work first asks what became of that (sharing.js);
// the idle that it starts with must not wipe the note.
let begun = false;
watch("value", () => {
  begun = true;
  show(props.value);
});
// A recording that arrives answers what was wrong with the one before, or that there was none.
wordlight.on("source", () => (shown === "failed" || noted === "recording") && show({ state: "idle" }));
wordlight.on("note", (value) => !(begun && shown === "working") && show(value));
root.className = "wl-status wl-is-idle";
bar.hidden = true;
