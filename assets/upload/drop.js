// Files that are dropped or pasted anywhere on the page. With Shift they are added to those that are there.
import { make } from "../shared/dom.js";
import { giveFiles } from "./file_field.js";

const TEXT_FILE = "#given-text-file"; // a zone of its own, for the text that is to be aligned
const GONE = 1000; // milliseconds without news of a drag; browsers send some every 350 ms
const FIELD = "input, textarea, select, [contenteditable]";
const ADDRESS = /^(https?:\/\/|www\.)\S+$/i;

export function listenToDrops({ events, i18n: { t } }) {
  const veil = make("div", "wl-veil");
  veil.append(make("p", "", t("drop_here")));
  veil.hidden = true;
  veil.setAttribute("aria-hidden", "true");
  const note = (key) => events.emit("note", { state: "note", key });
  const give = async (files, adds) => {
    if (!files.length) return note("drop_folder");
    if (!(await giveFiles(files, { adds }))) note("upload_busy");
  };

  let timer = 0;
  const cover = (isCovered) => {
    clearTimeout(timer);
    veil.hidden = !isCovered;
    if (isCovered) timer = setTimeout(() => cover(false), GONE); // not all browsers say that a drag has left
  };

  const drag = (event) => {
    if (!hasFiles(event.dataTransfer) || event.target.closest?.(TEXT_FILE)) return;
    event.preventDefault(); // else the browser would leave the page for the file
    event.stopPropagation();
    const isOpen = document.querySelector("dialog[open]");
    event.dataTransfer.dropEffect = isOpen ? "none" : "copy";
    if (!veil.isConnected) document.querySelector(".gradio-container .contain").append(veil);
    cover(!isOpen);
  };
  const drop = (event) => {
    cover(false);
    if (!hasFiles(event.dataTransfer) || event.target.closest?.(TEXT_FILE)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!document.querySelector("dialog[open]")) give(filesOf(event.dataTransfer), event.shiftKey);
  };
  for (const kind of ["dragenter", "dragover"]) document.addEventListener(kind, drag, { capture: true });
  document.addEventListener("drop", drop, { capture: true });
  document.addEventListener("dragleave", ({ relatedTarget }) => relatedTarget ?? cover(false), { capture: true });

  document.addEventListener("paste", (event) => {
    const { clipboardData: pasted, target } = event;
    const text = pasted.getData("text/plain").trim();
    const isTyped = target.closest?.(FIELD);
    if (pasted.files.length && !(isTyped && text)) {
      event.preventDefault();
      give([...pasted.files], false);
    } else if (!isTyped && ADDRESS.test(text)) note("pasted_address");
  });
}

const hasFiles = (given) => Boolean(given?.types.includes("Files"));

// Returns the files that were dropped; folders are left out.
function filesOf({ items, files }) {
  const isFolder = [...items].filter(({ kind }) => kind === "file")
    .map((item) => Boolean(item.webkitGetAsEntry?.()?.isDirectory));
  return [...files].filter((_, at) => !isFolder[at]);
}
