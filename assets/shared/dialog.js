// The dialog that views open over the page.
import { make, uniqueId } from "./dom.js";

// Opens a dialog in the page; `closed` is called once it has been closed.
export function openDialog(title, parts, closed = () => {}) {
  const dialog = make("dialog", "wl-dialog wl-speaker-dialog");
  const heading = make("h2");
  heading.id = uniqueId("wl-title");
  heading.append(...title);
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.append(heading, ...parts);
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed();
  });
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  document.querySelector(".gradio-container .contain").append(dialog); // below it, the style sheets apply in full
  dialog.showModal();
  return dialog;
}
