import { make } from "../shared/dom.js";

const MIN_SIZE = 4; // letters
const LINE = 48; // letters of a line of a field for several words

// Opens a text field at a word's element: in its place, or after it if `initial` is empty.
//
// others  elements of further words in whose place it stands
// hint  what an empty field says of itself
// most  letters that it takes; any number if it is left out
// isKept  whether Escape keeps what was typed, as Enter does; of a long text, the reader has no other copy
// done  called once with what was typed, or with null if the reader gave up, and whether Enter or Escape has ended it
// next  called with 1 or -1 after `done` if the reader goes on to a neighbouring word
// stop  called at Escape; returns whether that has stopped something else, so that the field stays
//
// Returns {settle, isOpen}: settle closes the field and keeps what was typed, or not.
export function openField({ node, others = [], initial, ...given }) {
  const { label, hint = "", most, isKept = false, done, next, stop = () => false } = given;
  const field = make(others.length ? "textarea" : "input", "wl-field");
  field.defaultValue = initial; // and the value: leaving.js asks if they differ
  field.placeholder = hint;
  if (most) field.maxLength = most;
  fit(field);
  field.setAttribute("aria-label", label);
  field.spellcheck = true;
  field.dir = "auto";
  let settled = false;
  const settle = (keep, isEntered = false, isLeft = false) => {
    if (settled) return;
    settled = true;
    const typed = field.value;
    field.remove();
    for (const hidden of [node, ...others]) hidden.hidden = false;
    done(keep ? typed : null, isEntered, isLeft);
  };
  // What a field is emptied of is not lost if it comes back.
  const leave = () => settle(isKept && field.value !== initial && field.value.trim() !== "", false, true);
  field.addEventListener("keydown", (event) => pressKey(event, { settle, leave, next, stop }));
  field.addEventListener("input", () => fit(field));
  field.addEventListener("blur", () => settle(true));
  node.hidden = Boolean(initial);
  for (const other of others) other.hidden = true;
  node.after(field);
  field.focus();
  field.select();
  return { settle, isOpen: () => !settled };
}

// Makes a field as large as what is typed. Browsers that size fields by their content need this for the first moment.
function fit(field) {
  const letters = field.value.length + 2;
  if (field instanceof HTMLInputElement) field.size = Math.max(MIN_SIZE, letters);
  else Object.assign(field, { cols: Math.min(letters, LINE), rows: Math.ceil(letters / LINE) });
}

function pressKey(event, { settle, leave, next, stop }) {
  event.stopPropagation();
  if (event.isComposing) return;
  if (event.key === "Enter") settle(true, true);
  else if (event.key === "Escape") stop() || leave();
  else if (event.key === "Tab") {
    settle(true);
    next(event.shiftKey ? -1 : 1);
  } else return;
  event.preventDefault();
}
