// What a reader is asked or told before another transcription takes the place of the one that is shown.
const AGREE = { unsaved_text: "unsaved_start", unsaved_deleted: "unsaved_delete" };

// While it records, paused or not, gradio's part hides the button that begins.
const recording = () => document.querySelector("#microphone .record-button")?.style.display === "none";

// Asks a reader who has corrected. `proceed` is called once they agree; returns true where there is nothing to ask.
wordlight.leave = (proceed, why = "unsaved_text") => {
  if (!doc.unsaved) return true;
  const dialog = make("dialog", "wl-dialog");
  dialog.setAttribute("aria-label", say("unsaved_title"));
  const stay = make("button", "wl-button wl-primary", say("unsaved_keep"));
  const agree = make("button", "wl-button", say(AGREE[why]));
  const choices = make("div", "wl-dialog-row");
  choices.append(stay, agree);
  const told = make("p");
  const explain = (key) => (told.textContent = say(key, { time: wordlight.timeOfDay(doc.meta?.kept_until ?? 0) }));
  explain(why);
  dialog.append(make("h2", "", say("unsaved_title")), told, choices);
  stay.addEventListener("click", () => dialog.close());
  agree.addEventListener("click", () => {
    dialog.close();
    wordlight.giveWay();
    proceed();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.querySelector(".gradio-container .contain").append(dialog); // below it, the style sheets apply in full
  dialog.showModal();
  // What was typed a moment ago is sent at once, so that what is said of it is true.
  if (why === "unsaved_text") wordlight.keep().then(() => explain(wordlight.unkept().includes(doc) ? "unsaved_lost" : why));
  return false;
};

// Whatever begins a transcription carries the class; a click that is not agreed to goes no further.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.(".wl-starts");
    if (!button) return;
    if (recording() && button.id === "start") wordlight.emit("note", { state: "note", key: "recording" });
    else if (wordlight.leave(() => button.click())) return wordlight.begin();
    event.stopImmediatePropagation();
    event.preventDefault();
  },
  { capture: true },
);
