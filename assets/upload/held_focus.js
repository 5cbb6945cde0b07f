// Keeps the keyboard's place in gradio's zone for files. The button that has opened the dialog is gone once files are
// there, and so is the one that removes a file once it has; without this, Tab would begin at the head of the page.
export function holdFocus({ events }) {
  let isIn = false; // whether the reader was in the zone last
  const note = ({ target }) => (isIn = Boolean(document.getElementById("file")?.contains(target)));
  for (const kind of ["focusin", "pointerdown"]) document.addEventListener(kind, note);
  events.on("listed", () => {
    if (!isIn || document.activeElement !== document.body) return;
    const zone = document.getElementById("file");
    (zone.querySelector("a[href]") ?? zone.querySelector("button"))?.focus({ preventScroll: true }); // a file's name
  });
}
