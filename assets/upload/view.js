// The reader's choice whether a recording is transcribed as soon as it is there. While one waits, it says so.
import { make } from "../shared/dom.js";

export function show({ autostart, events, i18n: { t } }, { element }) {
  const box = Object.assign(make("input"), { type: "checkbox", checked: autostart.isOn, id: "autostart-box" });
  const label = make("label", "wl-autostart-label");
  const says = make("span", "", t("autostart"));
  says.setAttribute("aria-live", "polite");
  label.append(box, says);
  events.on("waits", () => (says.textContent = t(autostart.waits ? "autostart_waits" : "autostart")));
  box.addEventListener("change", () => (autostart.isOn = box.checked));
  element.querySelector(".wl-autostart").append(label);
}
