// The dialog of one speaker: a name, a sample, and corrections of whom the words belong to.
import { clock } from "../shared/clock.js";
import { make, makeButton, uniqueId } from "../shared/dom.js";
import { keepName, keptNames } from "./kept_names.js";
import { assign, merge, rename } from "./speaker_edits.js";
import { freeLabel, mayChange, sampleOf, turnAt } from "./speakers.js";

const LONGEST_NAME = 200; // characters, as engine/text/validation.py

// Opens a dialog in the page; `closed` is called once it has been closed.
export function openDialog(title, parts, closed = () => {}) {
  const dialog = make("dialog", "wl-dialog wl-speaker-dialog");
  const heading = make("h2");
  heading.id = uniqueId("wl-title");
  heading.append(...title);
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.append(heading, ...parts);
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed();
  });
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  document.querySelector(".gradio-container .contain").append(dialog); // below it, the style sheets apply in full
  dialog.showModal();
  return dialog;
}

// index   of a word of the turn at which the reader has opened the dialog
// closed  called once it has been closed
export function openSpeaker(app, { id, index, closed }) {
  const { store, speakers, player, i18n: { t } } = app;
  const speaker = speakers.get(id);
  const form = make("form");
  let dialog = null;
  const run = (edit) => {
    dialog.close();
    if (edit) store.edit(edit);
  };
  const { field, label, names } = nameField(speaker, speakers.nameOf(speaker), t);
  const save = makeButton(t("speaker_save"), () => {}, "wl-button wl-primary"); // submits
  form.append(label, names, save);
  form.className = "wl-speaker-row";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = field.value.trim();
    keepName(name);
    run(name === speaker.name ? null : rename(store.doc, { id, name, focus: index }));
  });
  const seconds = clock(speaker.seconds);
  const facts = make("p", "wl-quiet", t("speaker_facts", { seconds, count: speaker.words }));
  const near = speakers.get(speaker.near);
  const doubt = near ? t("speaker_near", { name: speakers.nameOf(near) }) : t("speaker_doubtful");
  const sample = sampleOf(store.doc, id);
  const hear = makeButton(t("speaker_hear"), () => player.playSpan(sample));
  const parts = [facts, ...(speaker.doubtful ? [make("p", "wl-quiet", doubt)] : []), hear, form];
  parts.push(...corrections(app, { speaker, index, run }));
  const close = makeButton(t("close"), () => dialog.close());
  dialog = openDialog([speakers.badge(speaker), make("bdi", "", speakers.nameOf(speaker))], [...parts, close], () => {
    player.endSpan();
    closed();
  });
  field.focus();
  field.select();
}

function nameField(speaker, shown, t) {
  const label = make("label", "wl-speaker-field");
  const field = make("input", "wl-search");
  Object.assign(field, { value: speaker.name, placeholder: shown, maxLength: LONGEST_NAME, autocomplete: "off" });
  field.dir = "auto";
  const names = make("datalist");
  names.id = uniqueId("wl-names");
  names.append(...keptNames().map((name) => Object.assign(make("option"), { value: name })));
  field.setAttribute("list", names.id);
  label.append(make("span", "", t("speaker_name")), field);
  return { field, label, names };
}

// Returns lists of speakers to whom this one's words, or those of the turn, are given.
function corrections({ store, speakers, constants, i18n: { t } }, { speaker, index, run }) {
  const { doc } = store;
  const rules = constants.paragraphs;
  if (mayChange(doc)) return [make("p", "wl-quiet", t("speaker_wait"))];
  const others = speakers.list.filter(({ id }) => id !== speaker.id);
  const options = others.map((other) => [other.id, speakers.nameOf(other)]);
  const turn = turnAt(doc, index);
  const give = (id) => run(assign(doc, { ...turn, speaker: id || freeLabel(doc) }, rules));
  const join = (into) => run(merge(doc, { from: speaker.id, into, focus: index }, rules));
  const fields = [choiceField(t("speaker_turn"), [...options, ["", t("speaker_new")]], t("speaker_give"), give)];
  if (others.length) fields.push(choiceField(t("speaker_merge"), options, t("speaker_join"), join, speaker.near));
  return fields;
}

function choiceField(label, options, action, act, chosen = null) {
  const field = make("label", "wl-speaker-field");
  const select = make("select");
  select.append(...options.map(([value, name]) => Object.assign(make("option", "", name), { value })));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
  field.append(make("span", "", label), select);
  const row = make("div", "wl-speaker-row");
  row.append(field, makeButton(action, () => act(select.value)));
  return row;
}
