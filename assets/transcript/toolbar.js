// The row of buttons above the words.
import { isBookmarked } from "../bookmarks/passages.js";
import { make } from "../shared/dom.js";
import { toolButton } from "../shared/tool_button.js";

// Outlines, 24 units wide, by the command.
const ICONS = {
  change: "M4 20l1-4L16 5l3 3L8 19l-4 1zM14 7l3 3",
  insert: "M12 5v14M5 12h14",
  join: "M3 12h7M21 12h-7M7 8l4 4-4 4M17 8l-4 4 4 4",
  paragraph: "M10 12a4 4 0 0 1 0-8h8M14 4v16M18 4v16",
  unite: "M5 6h14M5 18h14M12 15v-6M9 12l3-3 3 3",
  speaker: "M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c0-4 3-6 7-6s7 2 7 6",
  loop: "M4 12V9a3 3 0 0 1 3-3h12M16 3l3 3-3 3M20 12v3a3 3 0 0 1-3 3H5M8 21l-3-3 3-3",
  bookmark: "M7 4h10v16l-5-4-5 4z",
  remove: "M6 7h12M9 7V4h6v3M8 7l1 13h6l1-13",
  part: "M12 4v10M8 10l4 4 4-4M5 16v3h14v-3",
  smaller: "M3 18l5-13 5 13M5 14h6M16 12h6",
  larger: "M3 18l5-13 5 13M5 14h6M16 12h6M19 9v6",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  redo: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  keys: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18v.5",
};
// Commands of the editor on the word that the keyboard is on. In a narrow window, a button shows the second ones.
const OFTEN = ["change"];
const SELDOM = ["insert", "join", "remove", "paragraph", "unite"];

export function toolbar(app, { editor, assigner, taker, bookmarker, openKeys }) {
  const { store, events, player, selection, speakers, i18n } = app;
  const { t } = i18n;
  const tool = (name, act) => toolButton({ name, outline: ICONS[name], act }, i18n);
  const onWord = (name) => tool(name, () => selection.active >= 0 && editor[name](selection.active));
  const bar = make("div", "wl-tools");
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", t("tools"));
  const [undo, redo] = [tool("undo", () => store.undo()), tool("redo", () => store.redo())];
  const bookmark = tool("bookmark", () => bookmarker.toggleActive());
  const speaker = tool("speaker", () => selection.active >= 0 && assigner.choose(selection.active));
  const loop = tool("loop", () => events.emit("loop"));
  const part = tool("part", () => taker.open());
  const seldom = toolGroup([bookmark, ...SELDOM.map(onWord), part]);
  seldom.classList.add("wl-tools-seldom");
  const groups = [
    toolGroup(OFTEN.map(onWord)),
    seldom,
    toolGroup([speaker, loop]),
    toolGroup([undo, redo]),
    sizeGroup(app),
    toolGroup([moreButton(bar, i18n), ...(i18n.touch ? [] : [tool("keys", openKeys)])]),
  ];
  bar.append(...groups);
  const showBookmark = () => {
    const word = store.doc.words[selection.active];
    bookmark.setAttribute("aria-pressed", String(Boolean(word && isBookmarked(word))));
  };
  events.on("active", showBookmark);
  const refresh = () => {
    const { doc } = store;
    undo.disabled = !doc.past.length;
    redo.disabled = !doc.future.length;
    part.disabled = !doc.meta;
    showBookmark();
    speaker.disabled = !speakers.list.length; // it has its place before, so that no other tool moves
    // The place of the tools is kept, so that the words need not move when the first of them come.
    bar.classList.toggle("wl-is-wordless", !doc.words.length && !doc.past.length && !doc.future.length);
  };
  for (const kind of ["opened", "appended", "relabelled", "speakers", "edited", "finished"]) events.on(kind, refresh);
  const showLoop = () => {
    loop.disabled = !player.isReady();
    loop.setAttribute("aria-pressed", String(player.isLooping()));
  };
  events.on("player", showLoop);
  showLoop();
  refresh();
  return bar;
}

// Returns the button that shows the tools that a narrow window has no room for.
function moreButton(bar, i18n) {
  const show = () => {
    const isShown = bar.classList.toggle("wl-shows-all");
    button.setAttribute("aria-expanded", String(isShown));
  };
  const button = toolButton({ name: "more", outline: ICONS.more, act: show }, i18n);
  button.title = i18n.t("tool_more"); // no key does the same
  button.classList.add("wl-tools-more");
  button.setAttribute("aria-expanded", "false");
  return button;
}

// Returns the tools that write the words larger and smaller.
function sizeGroup({ events, textSize, i18n }) {
  const tool = (name, step) => toolButton({ name, outline: ICONS[name], act: () => events.emit("resize", step) }, i18n);
  const [smaller, larger] = [tool("smaller", -1), tool("larger", 1)];
  const refresh = () => {
    smaller.disabled = textSize.next(-1) === null;
    larger.disabled = textSize.next(1) === null;
  };
  events.on("text_size", refresh);
  refresh();
  const group = toolGroup([smaller, larger]);
  group.classList.add("wl-tools-size");
  return group;
}

function toolGroup(parts) {
  const group = make("span", "wl-tool-group");
  group.append(...parts);
  return group;
}
