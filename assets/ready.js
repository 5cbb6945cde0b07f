// Says whether the models are loaded. Value: {state, text}.
const line = document.createElement("p");
line.setAttribute("role", "status");
element.querySelector(".wl-ready").append(line);

function show({ state, text }) {
  line.className = `wl-is-${state}`;
  line.textContent = text;
}

watch("value", () => show(props.value));
show(props.value);
