// Small tools for the page's elements. Text from a recording only ever goes through textContent.
import { bytesOf } from "./base64.js";

export const make = (tag, className = "", content = "") =>
  Object.assign(document.createElement(tag), { className, textContent: content });

export function makeButton(label, act, className = "wl-button") {
  const button = make("button", className, label);
  button.addEventListener("click", act);
  return button;
}

// Returns a picture of an outline, 24 units wide; a label beside it says the same.
export function makeIcon(outline) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", outline);
  svg.append(path);
  return svg;
}

// Returns an id for an element that another one refers to.
export const uniqueId = (name) => `${name}-${crypto.getRandomValues(new Uint32Array(1))[0]}`;

// Saves a file to the reader's device.
export function saveFile(name, blob) {
  const link = Object.assign(make("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// Saves a file that the server has made: {name, type, text or base64}.
export function saveMade({ name, type, text, base64 }) {
  saveFile(name, new Blob([base64 ? bytesOf(base64) : text], { type }));
}

// Copies a text and says so on the button for two seconds.
export async function copyText(button, text, words) {
  await navigator.clipboard.writeText(text);
  say(button, words);
}

// Copies a text that is on its way, a promise of it; says so on the button, but nothing if there is no text. Safari
// writes only within a click, to which a promise in the clipboard's item still belongs.
export async function copyLater(button, coming, words) {
  const blob = coming.then((text) => {
    if (text === undefined) throw new Error("there is no text");
    return new Blob([text], { type: "text/plain" });
  });
  try {
    if (window.ClipboardItem) await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    else await navigator.clipboard.writeText(await (await blob).text());
  } catch {
    return; // refused by the server, which has been said, or by the browser
  }
  say(button, words);
}

// Says on a button for two seconds that it has worked.
function say(button, { done, label }) {
  button.textContent = done;
  setTimeout(() => (button.textContent = label), 2000);
}

// Runs the action that a table of keys has for a key press; returns whether there is one.
export function runKey(event, actions) {
  const act = actions[event.key];
  if (!act) return false;
  event.preventDefault();
  act();
  return true;
}
