// Correcting the words where they stand. Times of new words come from their neighbours.
const SHORTEST = 0.06; // seconds of a pause that an inserted word can have for itself

// -- what an edit does to the document; each is one step of undo

function placeOf(index) {
  let rest = index;
  const at = doc.segments.findIndex(({ words }) => (rest < words.length ? true : ((rest -= words.length), false)));
  return { at, segment: doc.segments[at], inside: rest };
}

const byHand = (word, changes) => ({ ...word, probability: 1, band: constants.bands[0], score: null, edited: true, ...changes });

// Shares a stretch of time among texts, by their letters.
function share(texts, start, end, like) {
  const letters = texts.map((text) => [...text].length);
  const all = letters.reduce((sum, count) => sum + count, 0);
  let [at, done] = [start, 0];
  return texts.map((text, number) => {
    done += letters[number];
    const until = number === texts.length - 1 ? end : round(start + ((end - start) * done) / all);
    const word = byHand(like, { text, start: at, end: until, timing: "interpolated" });
    at = until;
    return word;
  });
}

const round = (seconds) => Math.round(seconds * 1000) / 1000;

function replaceWords(index, count, words, focus) {
  const { at, segment, inside } = placeOf(index);
  const left = [...segment.words.slice(0, inside), ...words, ...segment.words.slice(inside + count)];
  if (left.length) return wordlight.edit(at, 1, [{ ...segment, words: left }], focus);
  const next = doc.segments[at + 1];
  const heir = next && segment.paragraph && !next.paragraph; // a paragraph outlives its first segment
  if (heir) wordlight.edit(at, 2, [{ ...next, paragraph: true, chosen: true }], focus);
  else wordlight.edit(at, 1, [], focus);
}

function retype(index, text) {
  const word = doc.words[index];
  const texts = text.split(/\s+/u).filter(Boolean);
  if (texts.join(" ") === word.text) return commands.back(index);
  if (!texts.length) return commands.remove(index);
  const words = texts.length === 1 ? [byHand(word, { text: texts[0] })] : share(texts, word.start, word.end, word);
  replaceWords(index, 1, words, index + words.length - 1);
}

// The words after `index` take the pause that follows it, or part of its time where there is none.
function insertAfter(index, text) {
  const texts = text.split(/\s+/u).filter(Boolean);
  if (!texts.length) return commands.back(index);
  const word = doc.words[index];
  const next = doc.words[index + 1];
  const free = Math.min(next ? next.start : doc.meta?.transcript.duration ?? word.end, word.end + 0.4 * texts.length);
  if (free - word.end >= SHORTEST * texts.length)
    return replaceWords(index, 1, [word, ...share(texts, word.end, free, word)], index + texts.length);
  const [kept, ...added] = share([word.text, ...texts], word.start, Math.max(word.start, word.end), word);
  const shortened = { ...word, end: kept.end };
  replaceWords(index, 1, [shortened, ...added], index + texts.length);
}

function joinNext(index) {
  const [word, next] = [doc.words[index], doc.words[index + 1]];
  if (!next) return tell(say("no_next_word"));
  const { at, segment, inside } = placeOf(index);
  const joined = byHand(word, {
    text: word.text + next.text,
    end: Math.max(word.end, next.end),
    timing: word.timing === next.timing ? word.timing : "interpolated",
  });
  if (inside + 1 < segment.words.length) return replaceWords(index, 2, [joined], index);
  const follower = doc.segments[at + 1];
  const mine = { ...segment, words: [...segment.words.slice(0, inside), joined] };
  const rest = follower.words.slice(1);
  wordlight.edit(at, 2, rest.length ? [mine, { ...follower, words: rest }] : [mine], index);
}

function beginParagraph(index) {
  const { at, segment, inside } = placeOf(index);
  if (index === 0 || (inside === 0 && segment.paragraph)) return commands.back(index);
  const second = { ...segment, words: segment.words.slice(inside), paragraph: true, chosen: true };
  if (inside === 0) return wordlight.edit(at, 1, [second], index);
  wordlight.edit(at, 1, [{ ...segment, words: segment.words.slice(0, inside) }, second], index);
}

function uniteParagraph(index) {
  let { at } = placeOf(index);
  while (at > 0 && !doc.segments[at].paragraph) at -= 1;
  if (at === 0) return tell(say("no_previous_paragraph"));
  wordlight.edit(at, 1, [{ ...doc.segments[at], paragraph: false, chosen: true }], index);
}

// -- typing

let settleField = () => {}; // the open one's, with what was typed into it
wordlight.on("closing", () => settleField());

// Puts a field where the word stands, or after it; `done` is given what was typed.
function type(index, initial, label, done) {
  const node = nodeAt(index);
  const word = doc.words[index];
  const field = make("input", "wl-field");
  field.value = initial;
  field.size = Math.max(4, initial.length + 2);
  field.setAttribute("aria-label", label);
  field.spellcheck = true;
  field.dir = "auto";
  let settled = false;
  const settle = (keep) => {
    if (settled) return;
    settled = true;
    const typed = field.value;
    field.remove();
    node.hidden = false;
    if (doc.words[index] !== word) return; // it was deleted with its transcript
    if (keep) done(typed);
    else move(index);
  };
  settleField = () => settle(true);
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter") settle(true);
    else if (event.key === "Escape") settle(false);
    else if (event.key === "Tab") {
      settle(true);
      const next = wordlight.active + (event.shiftKey ? -1 : 1);
      if (next >= 0 && next < doc.words.length) commands.change(next);
    } else return;
    event.preventDefault();
  });
  field.addEventListener("input", () => (field.size = Math.max(4, field.value.length + 2)));
  field.addEventListener("blur", () => settle(true));
  wordlight.pause();
  node.hidden = Boolean(initial);
  node.after(field);
  field.focus();
  field.select();
}

const commands = {
  change: (index) => type(index, doc.words[index].text, say("edit_word"), (text) => retype(index, text)),
  insert: (index) => type(index, "", say("insert_word"), (text) => insertAfter(index, text)),
  remove: (index) => replaceWords(index, 1, [], index),
  join: joinNext,
  paragraph: beginParagraph,
  unite: uniteParagraph,
  back: (index) => move(index),
};

const TYPED = "textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=file])";

// Undo and redo, wherever the focus is: but for text fields, which have their own, and dialogs.
function revert(event) {
  const { key, shiftKey, altKey, ctrlKey, metaKey, target } = event;
  if (altKey || !(ctrlKey || metaKey) || target.closest?.(`${TYPED}, dialog`)) return;
  const letter = key.toLowerCase();
  if (letter !== "z" && letter !== "y") return;
  event.preventDefault();
  if (letter === "z" && !shiftKey) wordlight.undo();
  else wordlight.redo();
}

// -- the row of buttons

const ICONS = {
  previous: "M15 6l-6 6 6 6",
  next: "M9 6l6 6-6 6",
  change: "M4 20l1-4L16 5l3 3L8 19l-4 1zM14 7l3 3",
  insert: "M12 5v14M5 12h14",
  join: "M3 12h7M21 12h-7M7 8l4 4-4 4M17 8l-4 4 4 4",
  paragraph: "M10 12a4 4 0 0 1 0-8h8M14 4v16M18 4v16",
  unite: "M5 6h14M5 18h14M12 15v-6M9 12l3-3 3 3",
  remove: "M6 7h12M9 7V4h6v3M8 7l1 13h6l1-13",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  redo: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6",
  keys: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18v.5",
};

function button(name, act) {
  const made = make("button", "wl-tool");
  made.type = "button";
  const label = say(`tool_${name}`);
  made.title = wordlight.touch ? label : `${label} (${say(`tool_${name}_key`)})`;
  made.setAttribute("aria-label", label);
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  icon.append(path);
  made.append(icon);
  made.addEventListener("pointerdown", (event) => event.preventDefault()); // the word keeps the focus
  made.addEventListener("click", act);
  return made;
}

function toolbar() {
  const bar = make("div", "wl-tools");
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", say("tools"));
  const onWord = (name) => button(name, () => wordlight.active >= 0 && commands[name](wordlight.active));
  const groups = [
    [button("previous", () => nextDoubtful(-1)), button("next", () => nextDoubtful(1))],
    ["change", "insert", "join", "remove", "paragraph", "unite"].map(onWord),
    [button("undo", wordlight.undo), button("redo", wordlight.redo)],
    wordlight.touch ? [] : [button("keys", showKeys)],
  ];
  const doubts = make("span", "wl-doubts");
  groups.forEach((buttons, number) => {
    const group = make("span", "wl-tool-group");
    group.append(...buttons);
    if (number === 0) group.append(doubts);
    bar.append(group);
  });
  const [undo, redo] = groups[2];
  const refresh = () => {
    undo.disabled = !doc.past.length;
    redo.disabled = !doc.future.length;
    const count = doc.words.filter(wordlight.isMarked).length;
    doubts.textContent = doc.words.length ? say("to_check", { count }) : "";
    // Their place is kept, so that the words need not move when the first of them come.
    bar.classList.toggle("wl-is-wordless", !doc.words.length && !doc.past.length && !doc.future.length);
  };
  for (const kind of ["opened", "appended", "edited"]) wordlight.on(kind, refresh);
  refresh();
  return bar;
}

function showKeys() {
  const dialog = make("dialog", "wl-dialog");
  dialog.setAttribute("aria-label", say("keys_title"));
  const list = make("dl", "wl-keys");
  for (const line of say("keys_list").split("\n")) {
    const [key, meaning] = line.split(" = ");
    const row = make("div");
    row.append(make("dt", "", key), make("dd", "", meaning));
    list.append(row);
  }
  const close = make("button", "wl-button wl-primary", say("close"));
  close.addEventListener("click", () => dialog.close());
  dialog.append(make("h2", "", say("keys_title")), list, close);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (wordlight.active >= 0) move(wordlight.active);
  });
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  root.append(dialog);
  dialog.showModal();
}

root.prepend(toolbar());
document.addEventListener("keydown", revert);
watch("value", () => wordlight.receive(props.value));
wordlight.receive(props.value);
