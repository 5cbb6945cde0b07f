import { make } from "../shared/dom.js";

const MIN_SIZE = 4; // letters

// Opens a text field at a word's element: in its place, or after it if `initial` is empty.
//
// done  called once with what was typed, or with null if the reader gave up, and whether Enter has ended it
// next  called with 1 or -1 after `done` if the reader goes on to a neighbouring word
//
// Returns {settle, isOpen}: settle closes the field and keeps what was typed, or not.
export function openField({ node, initial, label, done, next }) {
  const field = make("input", "wl-field");
  field.value = initial;
  field.size = Math.max(MIN_SIZE, initial.length + 2);
  field.setAttribute("aria-label", label);
  field.spellcheck = true;
  field.dir = "auto";
  let settled = false;
  const settle = (keep, isEntered = false) => {
    if (settled) return;
    settled = true;
    const typed = field.value;
    field.remove();
    node.hidden = false;
    done(keep ? typed : null, isEntered);
  };
  field.addEventListener("keydown", (event) => pressKey(event, settle, next));
  field.addEventListener("input", () => (field.size = Math.max(MIN_SIZE, field.value.length + 2)));
  field.addEventListener("blur", () => settle(true));
  node.hidden = Boolean(initial);
  node.after(field);
  field.focus();
  field.select();
  return { settle, isOpen: () => !settled };
}

function pressKey(event, settle, next) {
  event.stopPropagation();
  if (event.isComposing) return;
  if (event.key === "Enter") settle(true, true);
  else if (event.key === "Escape") settle(false);
  else if (event.key === "Tab") {
    settle(true);
    next(event.shiftKey ? -1 : 1);
  } else return;
  event.preventDefault();
}
