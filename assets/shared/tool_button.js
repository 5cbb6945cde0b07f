import { make, makeIcon } from "./dom.js";

// Returns a button that is a picture: its label, and its key if the reader has keys, are in the texts as tool_<name>.
export function toolButton({ name, outline, act }, { t, touch }) {
  const button = make("button", "wl-tool");
  button.type = "button";
  button.append(makeIcon(outline));
  nameTool(button, name, { t, touch });
  button.addEventListener("pointerdown", (event) => event.preventDefault()); // the word keeps the focus
  button.addEventListener("click", act);
  return button;
}

export function nameTool(button, name, i18n) {
  button.title = toolTitle(name, i18n);
  button.setAttribute("aria-label", i18n.t(`tool_${name}`));
}

// Returns what a tool does, with its key if the reader has keys.
export const toolTitle = (name, { t, touch }) =>
  touch ? t(`tool_${name}`) : `${t(`tool_${name}`)} (${t(`tool_${name}_key`)})`;
