// The transcript: its words, and their correction in place.
import { Bookmarker } from "../bookmarks/bookmarker.js";
import { BookmarkList } from "../bookmarks/list.js";
import { BookmarkSigns } from "../bookmarks/signs.js";
import { make, uniqueId } from "../shared/dom.js";
import { isBox } from "../shared/sight.js";
import { TranslationColumn } from "../translation/column.js";
import { TranslationPanel } from "../translation/panel.js";
import { FindBar } from "../find/bar.js";
import { Assigner } from "../speakers/assigner.js";
import { Voices } from "../speakers/voices.js";
import { Cursor } from "./cursor.js";
import { selectByMouse } from "./drag.js";
import { Editor } from "./editor.js";
import { pressKey } from "./keys.js";
import { showKeys } from "./keys_dialog.js";
import { legend } from "./legend.js";
import { Looper } from "./looper.js";
import { PartTaker } from "./part_dialog.js";
import { Reviewer } from "./reviewer.js";
import { toolbar } from "./toolbar.js";
import { fillersToggle } from "./fillers_toggle.js";
import { UnclearMarks } from "./unclear.js";
import { WordLine } from "./word_line.js";
import { WordPage } from "./word_page.js";

export function show(app, { element }) {
  const { store, i18n: { t } } = app;
  const root = element.querySelector(".wl-transcript");
  const line = new WordLine(app);
  const { speakers, bands, fillers } = app;
  const onDrawn = () => {
    cursor.start();
    drawMarks();
  };
  const words = new WordPage({ doc: store.doc, speakers, bands, fillers, t, onDrawn });
  const head = make("div", "wl-head"); // in sight above the words wherever the reader is in them
  const cursor = new Cursor(app, { words, line, head });
  const editor = new Editor(app, { words, cursor, line });
  const unclear = new UnclearMarks(app, { words, cursor, editor });
  const assigner = new Assigner(app, { words, cursor, line });
  const reviewer = new Reviewer(app, { words, cursor, editor, line });
  const signs = new BookmarkSigns(app, { words, open: (word) => bookmarker.noteOf(word) });
  const bookmarker = new Bookmarker(app, { words, cursor, editor, reviewer, signs, line });
  const help = make("p", "wl-hidden", t("help"));
  help.id = uniqueId("wl-help");
  words.node.setAttribute("aria-describedby", help.id);
  const looper = new Looper(app, { words });
  const taker = new PartTaker(app, { words, cursor, editor });
  const column = new TranslationColumn({ doc: store.doc, words, cursor });
  const drawMarks = () => {
    unclear.draw();
    signs.draw();
    column.draw();
  };
  const parts = { root, words, cursor, editor, assigner, reviewer, looper, taker, line, unclear, signs };
  Object.assign(parts, { drawMarks, nudger: app.nudger });
  const openKeys = () => showKeys({ t, closed: () => cursor.focus() });
  root.classList.add("wl-is-empty");
  const tools = toolbar(app, { editor, assigner, taker, bookmarker, openKeys });
  const find = new FindBar(app, { words, cursor });
  tools.lastChild.prepend(find.tool);
  const voices = new Voices(app, { cursor });
  const bookmarks = new BookmarkList(app, { bookmarker, editor });
  const above = make("div", "wl-line"); // of one height, whatever is in it
  const english = new TranslationPanel(app, { column });
  const toggles = [english.toggle, fillersToggle(app), bookmarks.toggle, voices.toggle];
  above.append(line.node, ...toggles, bookmarks.said, english.said);
  head.append(tools, find.node, above, english.panel, bookmarks.list, voices.list);
  root.append(head, voices.filter, words.node, legend(app.bands.all, t), help);
  listenToReader(parts, openKeys);
  listenToEvents(app, parts);
  listenToState(app, parts);
  listenToMarks(app.events, parts);
  for (const kind of ["translated", "finished"]) app.events.on(kind, () => column.refresh());
  app.events.on("keys", openKeys);
  app.events.on("resize", (step) => cursor.holdPlace(() => app.textSize.change(step)));
}

function listenToReader(parts, openKeys) {
  const { words, cursor, editor, line } = parts;
  const { node: page } = words;
  const describe = ({ target }) => target.word && line.describe(target.word);
  page.addEventListener("click", ({ target }) => {
    // Dragging over words selects them; such a click plays nothing.
    const word = target.word ?? (target.matches(".wl-time") ? firstWordAt(target, words.blocks) : null);
    if (word && String(window.getSelection()) === "") cursor.play(word.index);
  });
  selectByMouse(words, () => cursor.selection.active);
  page.addEventListener("dblclick", ({ target }) => target.word && editor.change(target.word.index));
  page.addEventListener("keydown", (event) => pressKey(event, { ...parts, openKeys }));
  page.addEventListener("pointerover", describe);
  page.addEventListener("focusin", describe);
  for (const kind of ["wheel", "touchmove"])
    page.addEventListener(kind, () => cursor.noteScroll(), { passive: true });
  let width = 0; // pixels; the height grows with each sentence where the page is no box
  new ResizeObserver(() => {
    if (page.clientWidth !== width || isBox(page)) cursor.returnToView();
    width = page.clientWidth;
  }).observe(page);
}

// Returns the first word of the paragraph beside which a time stands; null if it has none.
const firstWordAt = (time, blocks) =>
  blocks.find(({ margin }) => margin.contains(time))?.segments[0].words[0] ?? null;

function listenToMarks(events, { words, cursor, unclear, signs }) {
  for (const kind of ["coverage", "finished"]) events.on(kind, () => unclear.draw());
  events.on("retimed", (changes) => signs.follow(changes));
  events.on("fillers", () => {
    words.showFillers();
    cursor.stayInSight();
  });
}

// What comes while a run goes on has its place before, and keeps it at the run's end: nothing moves.
function listenToState({ store: { doc }, events }, { root, line }) {
  let isWorking = false;
  events.on("state", (state) => {
    isWorking = state === "working";
    root.classList.toggle("wl-is-working", isWorking);
    if (isWorking) root.classList.add("wl-keeps-places");
    root.classList.toggle("wl-is-empty", !isWorking && !doc.run);
    if (!doc.run) line.announce("");
  });
  events.on("opened", () => root.classList.toggle("wl-keeps-places", isWorking));
}

function listenToEvents({ store: { doc }, events, speakers, i18n: { t } }, parts) {
  const { root, words, cursor, reviewer, looper, line, unclear, drawMarks } = parts;
  const clear = () => {
    words.clear();
    cursor.clear();
    line.announce(""); // there is no word yet that could be heard
  };
  events.on("opened", () => {
    clear();
    root.classList.remove("wl-is-empty");
  });
  events.on("forgotten", () => {
    clear();
    root.classList.add("wl-is-empty");
  });
  events.on("appended", () => {
    if (!words.drawn) line.announce(t("help"));
    words.drawSoon();
  });
  events.on("relabelled", () => {
    const { active } = cursor.selection;
    const focused = words.node.contains(document.activeElement);
    words.redraw();
    drawMarks();
    cursor.clear();
    if (active >= 0 && active < doc.words.length) cursor.activate(active);
    else cursor.start();
    if (focused && !words.node.contains(document.activeElement)) cursor.focus();
  });
  events.on("speakers", () => words.labels.draw(words.blocks));
  events.on("filtered", () => cursor.showOnly(speakers.only));
  events.on("edited", (focus) => {
    words.redraw();
    drawMarks();
    cursor.goTo(focus);
  });
  events.on("retimed", (changes) => {
    words.retime(changes);
    const { word } = document.activeElement ?? {};
    if (word && words.drawnNode(word.index) === document.activeElement) line.describe(word);
  });
  events.on("lit", (lit) => cursor.light(lit));
  events.on("active", (index) => {
    words.labels.leadTo(index);
    unclear.leadTo(index);
  });
  events.on("follow", () => cursor.catchUp());
  events.on("command", (name) => reviewer.run(name));
  events.on("loop", () => looper.turn());
  events.on("words", () => reviewer.openWords(() => cursor.focus()));
  events.on("nudged", ({ word }) => line.describe(word));
  events.on("point", (index) => cursor.point(index));
  events.on("finished", ({ state, by_hand }) => {
    // After a stop, or if the reader deleted every word, there may be words to be found.
    const whole = state !== "stopped" && state !== "left" && !by_hand;
    if (whole && doc.words.length === 0) line.announce(t("silence"));
  });
}
