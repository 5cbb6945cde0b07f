// Says whether the models are loaded, or that the server cannot be reached. Value: {state, key, more?}.
import { make } from "./shared/dom.js";

export function show({ i18n: { t }, events }, { element, props, watch }) {
  const line = make("p");
  line.setAttribute("role", "status");
  element.querySelector(".wl-ready").append(line);
  let isReached = true;
  const update = () => {
    const { state, key, more } = isReached ? props.value : { state: "failed", key: "ready_lost" };
    line.className = `wl-is-${state}`;
    line.textContent = more ? `${t(key)} · ${more}` : t(key);
  };
  watch("value", update);
  events.on("connection", (reached) => {
    isReached = reached;
    update();
  });
  update();
}
