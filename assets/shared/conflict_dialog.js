// Asks which of two versions of a place holds, that two readers have corrected at the same time.
import { make, makeButton, uniqueId } from "./dom.js";
import { clock } from "./clock.js";

// place  {mine, theirs}: segments, or names of a speaker as texts
//
// Returns "mine" or "theirs"; null if the reader puts it off.
export function askForVersion(t, { mine, theirs }) {
  return new Promise((resolve) => {
    const dialog = make("dialog", "wl-dialog wl-conflict");
    const title = make("h2", "", t("conflict_title"));
    title.id = uniqueId("wl-conflict");
    dialog.setAttribute("aria-labelledby", title.id);
    const choose = (chosen) => {
      resolve(chosen);
      dialog.close();
    };
    const choices = make("div", "wl-dialog-row");
    choices.append(
      makeButton(t("conflict_keep_mine"), () => choose("mine"), "wl-button wl-primary"),
      makeButton(t("conflict_take_theirs"), () => choose("theirs")),
    );
    dialog.append(title, make("p", "", t("conflict_text", { time: timeOf(mine) ?? timeOf(theirs) ?? "" })));
    dialog.append(version(t("conflict_mine"), mine), version(t("conflict_theirs"), theirs), choices);
    dialog.addEventListener("close", () => {
      resolve(null);
      dialog.remove();
    });
    document.querySelector(".gradio-container .contain").append(dialog);
    dialog.showModal();
  });
}

const timeOf = (segments) => (Array.isArray(segments) && segments.length ? clock(segments[0].words[0].start) : null);

function version(label, content) {
  const box = make("figure", "wl-version");
  const text = make("blockquote", "", Array.isArray(content) ? textOf(content) : content);
  text.dir = "auto";
  box.append(make("figcaption", "wl-quiet", label), text);
  return box;
}

const textOf = (segments) =>
  segments.map(({ words, spaced }) => words.map(({ text }) => text).join(spaced ? " " : "")).join(" ") || "—";
