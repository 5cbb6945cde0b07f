// The words as a table. Only the rows in sight are in the page: thousands stay as light as twenty.
const root = element.querySelector(".wl-words");
const ROW = 36; // pixels, as the style sheet has it
const COLUMNS = {
  word: ({ text }) => text.toLocaleLowerCase(),
  start: ({ start }) => start,
  end: ({ end }) => end,
  confidence: ({ probability }) => probability,
  timing: ({ timing }) => timing,
};

let shown = []; // indices of words, in the order of the rows
let sorted = { column: "start", up: true };
let cursor = wordlight.active; // index of the selected word

const search = make("input", "wl-search");
search.type = "search";
search.placeholder = say("search_words");
search.setAttribute("aria-label", say("search_words"));
const count = make("span", "wl-count");
count.setAttribute("role", "status");
const copy = make("button", "wl-button", say("copy_table"));
const take = make("button", "wl-button", say("table_csv"));
take.id = "download-table";
const bar = make("div", "wl-words-bar");
bar.append(search, count, copy, take);

const frame = make("div", "wl-rows");
const table = make("table", "wl-table");
table.setAttribute("aria-label", say("tab_words"));
const head = table.createTHead().insertRow();
const buttons = {};
for (const column of Object.keys(COLUMNS)) {
  const cell = make("th");
  cell.scope = "col";
  buttons[column] = make("button", "wl-sort", say(`column_${column}`));
  buttons[column].addEventListener("click", () => sort(column));
  cell.append(buttons[column]);
  head.append(cell);
}
const body = table.createTBody();
frame.append(table);
root.append(bar, frame);

function sort(column) {
  sorted = { column, up: sorted.column === column ? !sorted.up : true };
  frame.scrollTop = 0; // the first of the new order is what was asked for
  refresh();
}

function refresh() {
  const wanted = search.value.trim().toLocaleLowerCase();
  const value = COLUMNS[sorted.column];
  const order = sorted.up ? 1 : -1;
  shown = doc.words.filter(({ text }) => text.toLocaleLowerCase().includes(wanted)).map(({ index }) => index);
  if (sorted.column !== "start" || !sorted.up)
    shown.sort((a, b) => order * compare(value(doc.words[a]), value(doc.words[b])) || a - b);
  for (const [column, { parentElement }] of Object.entries(buttons)) {
    if (column === sorted.column) parentElement.setAttribute("aria-sort", sorted.up ? "ascending" : "descending");
    else parentElement.removeAttribute("aria-sort");
  }
  table.setAttribute("aria-rowcount", shown.length + 1);
  count.textContent = say("words_shown", { count: shown.length.toLocaleString(wordlight.locale) });
  draw();
}

const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);

function draw() {
  const height = frame.clientHeight || 560;
  const first = Math.max(0, Math.floor(frame.scrollTop / ROW) - 8);
  const last = Math.min(shown.length, first + Math.ceil(height / ROW) + 16);
  const focused = body.contains(document.activeElement) ? cursor : -1;
  body.replaceChildren(spacer(first), ...range(first, last).map(rowAt), spacer(shown.length - last));
  if (focused >= 0) body.querySelector(`[data-index="${focused}"]`)?.focus({ preventScroll: true });
}

const range = (first, last) => Array.from({ length: last - first }, (_, at) => first + at);

function spacer(rows) {
  const row = make("tr", "wl-spacer");
  row.setAttribute("aria-hidden", "true");
  row.style.blockSize = `${rows * ROW}px`;
  return row;
}

function rowAt(place) {
  const word = doc.words[shown[place]];
  const row = make("tr", word.index === cursor ? "wl-row wl-selected" : "wl-row");
  row.dataset.index = word.index;
  row.setAttribute("aria-rowindex", place + 2);
  row.tabIndex = word.index === cursor || (cursor < 0 && place === 0) ? 0 : -1;
  const name = make("td");
  name.append(make("bdi", `wl-sample wl-${word.band}`, word.text));
  const cells = [word.start.toFixed(2), word.end.toFixed(2), `${Math.round(100 * word.probability)} %`];
  row.append(name, ...cells.map((text) => make("td", "wl-number", text)), make("td", "", say(`timing_${word.timing}`)));
  return row;
}

function select(index, play) {
  cursor = index;
  wordlight.emit("point", index);
  if (play) wordlight.hear(doc.words[index].start);
}

function showCursor(index) {
  cursor = index;
  const place = shown.indexOf(index);
  const [top, bottom] = [place * ROW, (place + 2) * ROW];
  if (place >= 0 && top < frame.scrollTop) frame.scrollTop = top;
  else if (place >= 0 && bottom > frame.scrollTop + frame.clientHeight) frame.scrollTop = bottom - frame.clientHeight;
  draw();
}

function press(event) {
  const row = event.target.closest(".wl-row");
  if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
  const index = Number(row.dataset.index);
  const step = (by) => {
    const next = shown[Math.min(shown.length - 1, Math.max(0, shown.indexOf(index) + by))];
    select(next, false);
    body.querySelector(`[data-index="${next}"]`)?.focus({ preventScroll: true });
  };
  const act = {
    Enter: () => select(index, true),
    " ": wordlight.toggle,
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    PageDown: () => step(12),
    PageUp: () => step(-12),
    Home: () => step(-shown.length),
    End: () => step(shown.length),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

// The rows as they are sorted and searched, under a head. What a spreadsheet would take for a formula is marked
// as text, as the server's files have it (engine/export/writers.py).
const FIELDS = ["text", "start", "end", "probability", "timing"];
const asText = (value) => (typeof value === "string" && /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : String(value));
const shownRows = () => [["word", ...FIELDS.slice(1)], ...shown.map((index) => FIELDS.map((it) => asText(doc.words[index][it])))];

// A field in quotation marks is read in the clipboard too, so that one that begins with a mark has to be quoted.
function written(mark, lineEnd) {
  const special = new RegExp(`["${mark}\r\n]`);
  const quoted = (value) => (special.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return shownRows().map((row) => row.map(quoted).join(mark)).join(lineEnd);
}

async function copyTable() {
  await navigator.clipboard.writeText(written("\t", "\n"));
  copy.textContent = say("copied");
  setTimeout(() => (copy.textContent = say("copy_table")), 2000);
}

// The mark in front tells spreadsheets that this is UTF-8.
function takeTable() {
  const name = doc.name.replace(/\.[^.]*$/, "") || "transcript";
  const parts = ["\ufeff", written(",", "\r\n"), "\r\n"];
  wordlight.save(`${name}.words.csv`, new Blob(parts, { type: "text/csv;charset=utf-8" }));
}

body.addEventListener("click", ({ target }) => {
  const row = target.closest(".wl-row");
  if (row) select(Number(row.dataset.index), true);
});
body.addEventListener("keydown", press);
frame.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
search.addEventListener("input", () => {
  frame.scrollTop = 0;
  refresh();
});
copy.addEventListener("click", copyTable);
take.addEventListener("click", takeTable);

// While words stream in, a table that nobody sees is not drawn.
const visible = () => frame.clientHeight > 0;
for (const kind of ["opened", "appended", "edited", "forgotten"]) wordlight.on(kind, () => visible() && refresh());
wordlight.on("opened", () => (cursor = -1));
wordlight.on("active", (index) => (visible() ? showCursor(index) : (cursor = index)));
wordlight.on("lit", ({ index }) => {
  body.querySelector(".wl-lit-row")?.classList.remove("wl-lit-row");
  body.querySelector(`[data-index="${index}"]`)?.classList.add("wl-lit-row");
});
new ResizeObserver(() => {
  if (!visible()) return;
  refresh();
  if (cursor >= 0) showCursor(cursor);
}).observe(frame);
refresh();
