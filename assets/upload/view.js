// The reader's choice whether a recording is transcribed as soon as it is there.
import { make } from "../shared/dom.js";

export function show({ autostart, i18n: { t } }, { element }) {
  const box = Object.assign(make("input"), { type: "checkbox", checked: autostart.isOn, id: "autostart-box" });
  const label = make("label", "wl-autostart-label");
  label.append(box, make("span", "", t("autostart")));
  box.addEventListener("change", () => (autostart.isOn = box.checked));
  element.querySelector(".wl-autostart").append(label);
}
