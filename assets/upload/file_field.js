// gradio's zone for files (gradio 6.17), filled by the page's own scripts.
const PATIENCE = 40; // looks for the zone that gradio draws once the last files are gone
const PAUSE = 50; // milliseconds between two looks

const zone = () => document.getElementById("file");
const input = () => zone()?.querySelector("input[type=file]");
export const isFilled = () => Boolean(zone()?.querySelector("a[href]"));

// Hands files to the zone, as if the reader had chosen them there; returns whether it takes them.
//
// adds  keeps the files that are there; else the new ones take their place
export async function giveFiles(files, { adds }) {
  document.querySelector("#source [role=tab][aria-selected=false]:first-of-type")?.click();
  if (!adds && isFilled()) await empty();
  const field = input();
  if (!field || zone().querySelector(".uploading")) return false;
  const given = new DataTransfer();
  for (const file of files) given.items.add(file);
  field.files = given.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

async function empty() {
  zone().querySelector(".icon-button-wrapper > button:last-of-type").click();
  for (let look = 0; look < PATIENCE && (isFilled() || !input()); look += 1) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
