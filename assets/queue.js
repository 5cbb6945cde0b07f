// The recordings of a batch; a finished one is shown at a click. Value: [{name, state, token?, error?}].
const root = element.querySelector(".wl-queue");

let last = "";

// Every step of the work repeats the batch; drawn anew each time, it would take the focus from its reader.
function show(items) {
  const asked = JSON.stringify(items);
  if (asked === last) return;
  last = asked;
  root.replaceChildren();
  wordlight.batch = (items || []).filter(({ token }) => token).map(({ token }) => token);
  wordlight.emit("batch", wordlight.batch);
  if (!items?.length) return;
  const list = make("ol", "wl-queue-list");
  list.setAttribute("aria-label", say("queue"));
  list.append(...items.map(row));
  root.append(list);
}

function row({ name, state, token, error, code }) {
  const item = make("li", `wl-queue-item wl-is-${state}`);
  const label = token ? make("button", "wl-queue-name", name) : make("span", "wl-queue-name", name);
  if (token) label.addEventListener("click", () => wordlight.recall(token));
  item.append(label, make("span", "wl-queue-state", wordlight.meaning(code) ?? error ?? say(`queue_${state}`)));
  return item;
}

watch("value", () => show(props.value));
show(props.value);
