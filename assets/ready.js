// Says whether the models are loaded. Value: {state, key, more?}.
const line = make("p");
line.setAttribute("role", "status");
element.querySelector(".wl-ready").append(line);

function show({ state, key, more }) {
  line.className = `wl-is-${state}`;
  line.textContent = more ? `${say(key)} · ${more}` : say(key);
}

// Sentences that stand in gradio's own parts as they are.
for (const node of document.querySelectorAll(".wl-says")) node.textContent = say(node.dataset.key);
document.documentElement.lang = wordlight.locale;
// gradio measures its tabs on a hidden copy of them, to whose buttons Tab would lead.
setTimeout(() => document.querySelectorAll(".tab-container.visually-hidden").forEach((copy) => (copy.inert = true)), 500);

watch("value", () => show(props.value));
show(props.value);
