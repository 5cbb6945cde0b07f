// What is going on: a stage with its progress, a note, or an error card.
// Value: {state: "idle" | "working" | "note" | "failed", text, detail, part}.
const root = element.querySelector(".wl-status");
const make = (tag, className) => Object.assign(document.createElement(tag), { className });

const text = make("p", "wl-status-text");
const detail = make("p", "wl-status-detail");
const bar = make("div", "wl-bar");
const fill = make("div", "wl-bar-fill");
bar.setAttribute("role", "progressbar");
bar.setAttribute("aria-label", props.texts.progress);
bar.setAttribute("aria-valuemin", "0");
bar.setAttribute("aria-valuemax", "100");
bar.append(fill);
const words = make("div", "wl-status-words");
words.append(text, detail);
root.append(words, bar);

let shown = "idle";

function show(value) {
  const { state, text: sentence = "", detail: more = "", part = null } = value ?? { state: "idle" };
  root.className = `wl-status wl-is-${state}`;
  // An alert is read out at once, a status when the reader pauses.
  words.setAttribute("role", state === "failed" ? "alert" : "status");
  text.textContent = sentence;
  detail.textContent = more;
  showPart(state === "working", part);
  if (state !== shown && state !== "idle") root.scrollIntoView({ block: "nearest" });
  shown = state;
}

function showPart(working, part) {
  bar.hidden = !working;
  bar.classList.toggle("wl-is-unknown", part === null);
  fill.style.inlineSize = part === null ? "" : `${100 * part}%`;
  if (part === null) bar.removeAttribute("aria-valuenow");
  else bar.setAttribute("aria-valuenow", String(Math.round(100 * part)));
}

watch("value", () => show(props.value));
show(props.value);
