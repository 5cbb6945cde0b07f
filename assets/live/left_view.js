// Recordings that were left before the server had them, as by a reload: the reader transcribes them or goes on.
import { clock } from "../shared/clock.js";
import { make, makeButton, saveFile } from "../shared/dom.js";
import { PART_SECONDS, wavOf } from "./wav.js";

export function show(app, { element, trigger }) {
  if (!app.live.isSupported) return;
  const view = new LeftView(app, element.querySelector(".wl-left"), () => trigger("submit"));
  let state = app.live.state;
  app.events.on("live", () => {
    if (state === app.live.state && app.live.isRecording) return; // the recording has grown
    state = app.live.state;
    view.draw();
  });
  app.server.whenConnected(() => view.draw());
}

class LeftView {
  // goOn  has gradio pass its fields on with the recording that is `chosen`
  constructor({ live, i18n }, root, goOn) {
    Object.assign(this, { live, i18n, t: i18n.t, root, goOn });
  }

  async draw() {
    const drawing = (this.drawing = Symbol("drawing"));
    const { live, root } = this;
    const found = live.isRecording ? [] : await live.left();
    if (this.drawing === drawing) root.replaceChildren(...found.map((recording) => this.row(recording)));
  }

  row(recording) {
    const { live, t } = this;
    const row = make("div", "wl-left-recording");
    const values = { time: clock(recording.parts * PART_SECONDS), began: this.i18n.timeOfDay(recording.began / 1000) };
    const transcribe = makeButton(t("left_transcribe"), () => live.transcribe(recording), "wl-button wl-primary");
    const goOn = makeButton(t("left_go_on"), () => {
      live.chosen = recording;
      this.goOn();
    });
    const save = makeButton(t("left_save"), async () =>
      saveFile(recording.name, wavOf(await live.sound.read(recording.id))),
    );
    const remove = makeButton(t("left_delete"), () => live.remove(recording.id), "wl-button wl-danger");
    const buttons = make("div", "wl-left-buttons");
    buttons.append(transcribe, goOn, save, remove);
    row.append(make("p", "", t("left_recording", values)), buttons);
    return row;
  }
}
