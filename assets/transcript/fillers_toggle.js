// The switch above the words that shows or hides fillers, words that are said again, and the marks of unclear speech.
import { make } from "../shared/dom.js";
import { unclearStretches } from "../shared/fillers.js";

const KINDS = ["opened", "appended", "relabelled", "edited", "finished", "coverage", "forgotten", "fillers"];

export function fillersToggle({ store: { doc }, events, fillers, i18n: { t } }) {
  const box = Object.assign(make("input"), { type: "checkbox", id: "show-fillers" });
  const label = make("label", "wl-fillers wl-switch");
  label.title = t("fillers_about");
  label.append(box, make("span", "", t("fillers_show")));
  box.addEventListener("change", () => fillers.show(box.checked));
  const refresh = () => {
    box.checked = fillers.areShown;
    label.hidden = !doc.words.some(({ disfluency }) => disfluency) && !unclearStretches(doc).length;
  };
  for (const kind of KINDS) events.on(kind, refresh);
  refresh();
  return label;
}
