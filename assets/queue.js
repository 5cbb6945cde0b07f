// The recordings of a batch; at a click one is shown, finished or at work. Value: [{name, state, run?, token?, error?}].
const root = element.querySelector(".wl-queue");

const deleted = new Set(); // runs; the server repeats what it has told of them
let items = [];
let last = "[]";

// Every step of the work repeats the batch; drawn anew each time, it would take the focus from its reader.
function show(value) {
  const told = JSON.stringify(value ?? []);
  if (told === last) return;
  last = told;
  items = JSON.parse(told);
  draw();
}

const asItStands = (item) => (deleted.has(item.run) ? { ...item, state: "deleted", token: null } : item);

function draw() {
  items = items.map(asItStands);
  wordlight.batch = items.filter(({ token }) => token).map(({ token }) => token);
  wordlight.emit("batch", wordlight.batch);
  root.replaceChildren();
  if (!items.length) return;
  const list = make("ol", "wl-queue-list");
  list.setAttribute("aria-label", say("queue"));
  list.append(...items.map(row));
  root.append(list);
  mark();
}

function row({ name, state, run, token, error }) {
  const item = make("li", `wl-queue-item wl-is-${state}`);
  const act = token ? () => wordlight.recall(token) : state === "working" && (() => wordlight.follow(run));
  const label = make(act ? "button" : "span", "wl-queue-name", name);
  if (act) label.addEventListener("click", act);
  item.append(label, make("span", "wl-queue-state", error ?? say(`queue_${state}`)));
  return item;
}

// Says which is shown.
function mark() {
  for (const [at, item] of [...root.querySelectorAll(".wl-queue-item")].entries()) {
    const shown = doc.run !== null && doc.run === items[at].run;
    if (shown) item.setAttribute("aria-current", "true");
    else item.removeAttribute("aria-current");
  }
}

wordlight.on("deleted", (run) => {
  deleted.add(run);
  draw();
});
for (const kind of ["opened", "forgotten"]) wordlight.on(kind, mark);
watch("value", () => show(props.value));
show(props.value);
