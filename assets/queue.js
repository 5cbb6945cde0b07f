// The recordings of a batch; at a click one is shown, finished or at work. Value: [{name, state, run?, token?, error?}].
const root = element.querySelector(".wl-queue");

const deleted = new Set(); // runs; the server repeats what it has told of them
const FINISHED = ["done", "stopped"]; // one without a token was not kept: this page alone has it
let items = [];
let last = "[]";

// Every step of the work repeats the batch; drawn anew each time, it would take the focus from its reader.
function show(value) {
  const told = JSON.stringify(value);
  if (!value || told === last) return;
  last = told;
  items = JSON.parse(told);
  draw();
}

const asItStands = (item) => (deleted.has(item.run) ? { ...item, state: "deleted", token: null } : item);

function draw() {
  items = items.map(asItStands);
  sessionStorage.setItem("wordlight_batch", JSON.stringify(items));
  wordlight.batch = items.map(({ token, run, state }) => token ?? (FINISHED.includes(state) ? run : null)).filter(Boolean);
  wordlight.emit("batch", wordlight.batch);
  root.replaceChildren();
  if (!items.length) return;
  const list = make("ol", "wl-queue-list");
  list.setAttribute("aria-label", say("queue"));
  list.append(...items.map(row));
  root.append(list);
  mark();
}

function row({ name, state, run, token, error, code }) {
  const item = make("li", `wl-queue-item wl-is-${state}`);
  const here = FINISHED.includes(state) ? () => wordlight.reopen(run) : state === "working" && (() => wordlight.follow(run));
  const act = token ? () => wordlight.recall(token) : here;
  item.append(make("span", "wl-queue-name", name));
  item.append(make("span", "wl-queue-state", wordlight.meaning(code) ?? error ?? say(`queue_${state}`)));
  if (!act) return item;
  const open = make("button", "wl-button wl-queue-open", say("queue_open"));
  open.setAttribute("aria-label", `${say("queue_open")}: ${name}`);
  open.addEventListener("click", act);
  item.append(open);
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

// What the server did not keep is lost with the page that had it.
const isLost = ({ state, token }) => FINISHED.includes(state) && !token;

// After a reload, what the server still has of the batch is back, and what it had no time for is not begun.
async function restore() {
  const before = JSON.parse(sessionStorage.getItem("wordlight_batch") ?? "[]");
  const shown = [wordlight.interrupted?.run, wordlight.tokenInAddress()];
  if (!before.some(({ run }) => run && shown.includes(run))) return;
  const told = (last = JSON.stringify(before));
  items = before.map((item) => (item.state === "waiting" ? { ...item, state: "unstarted" } : isLost(item) ? { ...item, state: "deleted" } : item));
  draw();
  for (const [at, item] of items.entries()) {
    const asked = item.token || item.state === "working";
    const state = asked ? await wordlight.outcome(item.run) : null;
    if (last !== told) return; // a new batch has begun
    if (asked) items[at] = { ...item, ...became(item, state) };
  }
  draw();
}

function became({ run, token }, state) {
  if (state === "gone") return { token: null, state: token ? "deleted" : "unstarted" };
  return { token: run, state: state === "done" ? "done" : "stopped" };
}

if (wordlight.server) restore();
else wordlight.on("serving", restore);
wordlight.on("deleted", (run) => {
  deleted.add(run);
  draw();
});
for (const kind of ["opened", "forgotten"]) wordlight.on(kind, mark);
watch("value", () => show(props.value));
show(props.value);
