// The keys of the player, the review, the bookmarks, the loop and the size of the text, wherever the focus is but in
// fields.
import { nextSpeed } from "../player/speed.js";
import { LEAP } from "../player/player.js";
import { runKey } from "../shared/dom.js";

const FIELDS =
  "input:not([type=checkbox], [type=radio], [type=range], [type=file]), textarea, select, [contenteditable='true'], " +
  "[role=listbox], dialog";
// What the space bar presses.
const PRESSED =
  "button, a[href], summary, input:not([type=range]), video[controls], " +
  "[role=button], [role=tab], [role=checkbox], [role=radio], [role=option], [role=menuitem]";

export function listenToPageKeys({ store, player, follow, events }) {
  const back = () => player.step(-LEAP);
  const forward = () => player.step(LEAP);
  const command = (name) => () => events.emit("command", name);
  const bookmark = (name) => () => events.emit("bookmark", name);
  const hasWords = () => store.doc.words.length > 0;
  const ofPlayer = {
    " ": () => player.toggle(),
    "[": back,
    ",": back, // a key of its own on every keyboard
    "]": forward,
    ".": forward,
    "<": () => player.setSpeed(nextSpeed(player.speed, -1)),
    ">": () => player.setSpeed(nextSpeed(player.speed, 1)),
    f: () => follow.toggle(),
  };
  const ofReview = {
    n: command("next"),
    p: command("previous"),
    y: command("accept"),
    h: command("hear"),
    a: command("plays"),
    u: () => store.undo(),
    b: bookmark("toggle"),
    B: bookmark("note"),
    m: bookmark("next"),
    M: bookmark("previous"),
    "?": () => events.emit("keys"),
  };
  const ofBoth = { l: () => events.emit("loop") };
  const resize = (step) => () => events.emit("resize", step);
  const ofWords = { "+": resize(1), "=": resize(1), "-": resize(-1) };
  const ofLoop = { Escape: () => player.pause() };
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.defaultPrevented || event.isComposing || isCommand(event)) return;
    if (!(target instanceof Element) || target.closest(FIELDS) || document.querySelector("dialog[open]")) return;
    if (key === " " && target.closest(PRESSED)) return;
    const actions = {
      ...(player.isReady() && ofPlayer),
      ...(hasWords() && ofReview),
      ...(hasWords() && ofWords),
      ...(player.isReady() && hasWords() && ofBoth),
      ...(player.isLooping() && ofLoop),
    };
    runKey(event, actions);
  });
}

// Whether the key is one of the browser's or of the system's. With AltGr, some keyboards type brackets.
const isCommand = (event) =>
  event.metaKey || ((event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph"));
