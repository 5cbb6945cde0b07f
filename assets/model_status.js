// Says whether the models are loaded. Value: {state, key, more?}.
import { make } from "./shared/dom.js";

export function show({ i18n: { t } }, { element, props, watch }) {
  const line = make("p");
  line.setAttribute("role", "status");
  element.querySelector(".wl-ready").append(line);
  const update = () => {
    const { state, key, more } = props.value;
    line.className = `wl-is-${state}`;
    line.textContent = more ? `${t(key)} · ${more}` : t(key);
  };
  watch("value", update);
  update();
}
