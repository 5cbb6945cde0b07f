import { make } from "../shared/dom.js";

// Explains the looks of words.
export function legend(bands, t) {
  const list = make("ul", "wl-legend");
  list.setAttribute("aria-label", t("legend"));
  for (const band of [...bands, "interpolated", "checked", "filler", "bookmark"]) {
    const item = make("li");
    item.append(make("span", `wl-sample wl-${band}`, t(`band_${band}`)));
    list.append(item);
  }
  return list;
}
