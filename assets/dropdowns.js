// A list of gradio's is closed once the focus has left it.
//
// gradio 6.17 opens the list at whatever key is pressed in its field, but a frame later, when Tab has moved the
// focus on: it then stays open for good. And a list that is open is itself a stop for Tab, since it scrolls, and
// takes the focus with it into nothing as it fades.
const isField = (node) => node instanceof Element && node.matches("input[role=listbox][aria-controls]");
const LATE = 100; // milliseconds, more than the frame that gradio waits for

window.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Tab" || !isField(event.target)) return;
    const list = document.getElementById(event.target.getAttribute("aria-controls"));
    if (list) list.tabIndex = -1;
    event.stopPropagation();
  },
  { capture: true },
);

// Other keys take the focus away too, such as that of the browser's address bar.
document.addEventListener("focusout", ({ target }) => {
  if (!isField(target)) return;
  setTimeout(() => {
    const isOpen = target.getAttribute("aria-expanded") === "true";
    if (isOpen && document.activeElement !== target) target.dispatchEvent(new FocusEvent("blur"));
  }, LATE);
});
