// Says whether the models are loaded. Value: {state, key, more?}.
const line = make("p");
line.setAttribute("role", "status");
element.querySelector(".wl-ready").append(line);

function show({ state, key, more }) {
  line.className = `wl-is-${state}`;
  line.textContent = more ? `${say(key)} · ${more}` : say(key);
}

// Once all parts are there: our sentences in gradio's own parts are put into the reader's language, and the
// hidden copy of its tabs on which gradio measures them is taken out of the way of Tab.
function settle() {
  for (const node of document.querySelectorAll(".wl-says")) node.textContent = say(node.dataset.key);
  for (const copy of document.querySelectorAll(".tab-container.visually-hidden")) copy.inert = true;
}

document.documentElement.lang = wordlight.locale;
document.documentElement.style.setProperty("--wl-choose", JSON.stringify(say("choose_files"))); // page.css
settle();
for (const wait of [100, 500, 2000]) setTimeout(settle, wait);

watch("value", () => show(props.value));
show(props.value);
