// The dialog of one speaker: a name, a sample, and corrections of whom the words belong to.
import { clock } from "../shared/clock.js";
import { openDialog } from "../shared/dialog.js";
import { make, makeButton, uniqueId } from "../shared/dom.js";
import { keepName, keptNames } from "./kept_names.js";
import { assign, merge, rename } from "./speaker_edits.js";
import { freeLabel, mayChange, sampleOf, turnAt } from "./speakers.js";

const LONGEST_NAME = 200; // characters, as engine/text/validation.py

// index   of a word of the turn at which the reader has opened the dialog; null if it was at none
// closed  called once it has been closed
export function openSpeaker(app, { id, index = null, closed }) {
  const { store, speakers, player, selection, i18n: { t } } = app;
  const focus = index ?? selection.active;
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
    run(name === speaker.name ? null : rename(store.doc, { id, name, focus }));
  });
  const seconds = clock(speaker.seconds);
  const facts = make("p", "wl-quiet", t("speaker_facts", { seconds, count: speaker.words }));
  const keep = () => run(rename(store.doc, { id, name: "", focus }));
  const sample = sampleOf(store.doc, id);
  const hear = makeButton(t("speaker_hear"), () => player.playSpan(sample));
  const parts = [facts, ...(speaker.doubtful ? [doubtRow(speakers.doubtOf(speaker), t("speaker_keep"), keep)] : [])];
  parts.push(hear, form, ...corrections(app, { speaker, index, focus, run }));
  const close = makeButton(t("close"), () => dialog.close());
  dialog = openDialog([speakers.badge(speaker), make("bdi", "", speakers.nameOf(speaker))], [...parts, close], () => {
    if (!player.isLooping()) player.endSpan();
    closed();
  });
  field.focus();
  field.select();
}

// Returns why a voice is in doubt, and a button that says that it is somebody.
function doubtRow(doubt, action, keep) {
  const row = make("div", "wl-speaker-row wl-speaker-doubt");
  row.append(make("p", "wl-quiet", doubt), makeButton(action, keep));
  return row;
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
function corrections({ store, speakers, constants, i18n: { t } }, { speaker, index, focus, run }) {
  const { doc } = store;
  const rules = constants.paragraphs;
  if (mayChange(doc)) return [make("p", "wl-quiet", t("speaker_wait"))];
  const others = speakers.list.filter(({ id }) => id !== speaker.id);
  const options = others.map((other) => [other.id, speakers.nameOf(other)]);
  const give = (id) => run(assign(doc, { ...turnAt(doc, index), speaker: id || freeLabel(doc) }, rules));
  const join = (into) => run(merge(doc, { from: speaker.id, into, focus }, rules));
  const turn = () => choiceField(t("speaker_turn"), [...options, ["", t("speaker_new")]], t("speaker_give"), give);
  const fields = index === null ? [] : [turn()];
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
