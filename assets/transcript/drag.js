// Selects the words that the mouse is drawn over. Browsers do so by themselves, but for Chromium if the mouse goes down
// on the outer half of a word's first letter: the caret then stands before the word, which gets the focus.

export function selectByDragging(words) {
  let from = null; // the index of the word on which the mouse went down
  words.node.addEventListener("pointerdown", ({ pointerType, button, target }) => {
    from = pointerType === "mouse" && button === 0 ? target.word?.index ?? null : null;
  });
  words.node.addEventListener("pointermove", ({ buttons, target }) => {
    const to = target.word?.index;
    if (from === null || buttons !== 1 || to === undefined || to === from) return;
    if (window.getSelection().isCollapsed) words.select(Math.min(from, to), Math.max(from, to));
  });
}
