// Small tools for the page's elements. Text from a recording only ever goes through textContent.
export const make = (tag, className = "", content = "") =>
  Object.assign(document.createElement(tag), { className, textContent: content });

export function makeButton(label, act, className = "wl-button") {
  const button = make("button", className, label);
  button.addEventListener("click", act);
  return button;
}

// Returns an id for an element that another one refers to.
export const uniqueId = (name) => `${name}-${crypto.getRandomValues(new Uint32Array(1))[0]}`;

// Saves a file to the reader's device.
export function saveFile(name, blob) {
  const link = Object.assign(make("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// Copies a text and says so on the button for two seconds.
export async function copyText(button, text, { done, label }) {
  await navigator.clipboard.writeText(text);
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
