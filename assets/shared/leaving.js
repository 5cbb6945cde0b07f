// What a reader is asked before another transcription takes the place of unsaved edits.
import { make, makeButton } from "./dom.js";

const AGREE = { unsaved_text: "unsaved_start", unsaved_deleted: "unsaved_delete" };

// Returns a function mayLeave(proceed, why). It returns true if there are no unsaved edits; else it asks, and
// calls `proceed` once the reader agrees.
export function createLeaving({ store, autosave, i18n }) {
  const { t, timeOfDay } = i18n;
  return (proceed, why = "unsaved_text") => {
    const { doc } = store;
    if (!doc.unsaved) return true;
    const dialog = make("dialog", "wl-dialog");
    dialog.setAttribute("aria-label", t("unsaved_title"));
    const reason = make("p");
    const explain = (key) => (reason.textContent = t(key, { time: timeOfDay(doc.meta?.kept_until ?? 0) }));
    const agree = () => {
      dialog.close();
      store.discardEdits();
      proceed();
    };
    const choices = make("div", "wl-dialog-row");
    choices.append(
      makeButton(t("unsaved_keep"), () => dialog.close(), "wl-button wl-primary"),
      makeButton(t(AGREE[why]), agree),
    );
    explain(why);
    dialog.append(make("h2", "", t("unsaved_title")), reason, choices);
    dialog.addEventListener("close", () => dialog.remove());
    document.querySelector(".gradio-container .contain").append(dialog); // below it, the style sheets apply in full
    dialog.showModal();
    // Edits of a moment ago are sent at once, so that the sentence about them is true.
    const explainSaved = () => explain(store.unkept().includes(doc) ? "unsaved_lost" : why);
    if (why === "unsaved_text") autosave.flush().then(explainSaved);
    return false;
  };
}

// While it records, paused or not, gradio's component hides the button that begins.
const isRecording = () => document.querySelector("#microphone .record-button")?.style.display === "none";

// Whatever begins a transcription has the class wl-starts; a click that the reader does not agree to is stopped.
export function guardStarts({ store, autostart, live, mayLeave }) {
  const guard = (event) => {
    const button = event.target.closest?.(".wl-starts");
    if (!button) return;
    if (live.canStop) button.id === "start" && live.stop();
    else if (isRecording() && button.id === "start") autostart.endRecording();
    else if (mayLeave(() => button.click())) return store.begin();
    event.stopImmediatePropagation();
    event.preventDefault();
  };
  document.addEventListener("click", guard, { capture: true });
}

const FIELDS = ".wl-field"; // in which words are typed; one that loses the focus keeps what was typed (word_field.js)
const isTyping = () => [...document.querySelectorAll(FIELDS)].some(({ value, defaultValue }) => value !== defaultValue);

// The browser asks before a page is closed that alone has something. If the reader closes it all the same, or it is
// hidden, as phones do with a page before they end it, the browser keeps what is not on the server yet (unsent.js).
export function guardUnload({ store, live, autosave }) {
  const isUnfinished = () => store.hasUnkept() || live.isRecording || isTyping();
  window.addEventListener("beforeunload", (event) => isUnfinished() && event.preventDefault());
  window.addEventListener("pagehide", () => {
    document.activeElement?.matches(FIELDS) && document.activeElement.blur();
    autosave.secure();
  });
  document.addEventListener("visibilitychange", () => document.hidden && autosave.secure());
}
