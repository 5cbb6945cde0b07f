// Selects words with the mouse: those that it is drawn over, and with Shift those from the active word to the one
// that is clicked. Browsers select letters, and not always all of them: the caret stands before a word if the mouse
// goes down on the outer half of its first letter, and behind it on the inner half.

export function selectByMouse(words, activeIndex) {
  let from = null; // the index of the word on which the mouse went down
  let since = -1; // the index of the word that was active before
  words.node.addEventListener(
    "pointerdown",
    ({ pointerType, button, target }) => {
      from = pointerType === "mouse" && button === 0 ? target.word?.index ?? null : null;
      since = activeIndex();
    },
    { capture: true },
  );
  words.node.addEventListener("pointermove", ({ buttons, shiftKey, target }) => {
    const to = target.word?.index;
    if (from === null || buttons !== 1 || shiftKey || to === undefined || to === from) return;
    const [first, last] = ordered(from, to);
    const selected = words.rangeAt(-1);
    if (selected.first < 0 || selected.first > first || selected.last < last) words.select(first, last);
  });
  words.node.addEventListener("click", ({ shiftKey, target }) => {
    if (shiftKey && from !== null && since >= 0 && target.word?.index === from) words.select(...ordered(since, from));
  });
  // What is selected under the mouse would be dragged away, and no word behind it could be selected.
  words.node.addEventListener("dragstart", (event) => {
    if (from !== null) event.preventDefault();
  });
}

const ordered = (one, other) => [Math.min(one, other), Math.max(one, other)];
