// The limits of subtitles as fields; how files name the speakers, which texts have times, and which words they have.
import { make } from "../shared/dom.js";

export class LimitFields {
  constructor({ events, constants, subtitles, speakers, fillers, i18n: { t } }) {
    Object.assign(this, { t, events, subtitles, fillers });
    this.makeTextFields(constants, speakers);
    this.numbers = constants.limits.map((limit) =>
      Object.assign(make("input"), { type: "number", ...limit, required: true }),
    );
    this.presets = constants.presets; // the fields' values by the name of the preset
    this.preset = Object.assign(make("select"), { name: "preset" });
    const named = (name) => Object.assign(make("option", "", t(`preset_${name}`)), { value: name });
    this.preset.append(...Object.keys(this.presets).map(named));
    this.preset.addEventListener("change", () => this.takePreset());
    const fields = make("div", "wl-limit-fields");
    const all = [this.preset, ...this.numbers];
    fields.append(...all.map((field) => labelled(field, t(`limit_${field.name}`))));
    for (const part of [fields, this.texts]) part.addEventListener("change", () => this.change());
    this.node = make("details", "wl-limits");
    this.node.append(make("summary", "", t("limits")), fields);
    subtitles.limits = this.values();
  }

  // Makes the fields of all texts, not of subtitles alone.
  makeTextFields(constants, speakers) {
    const { t, events, fillers } = this;
    const field = (id, values, text, label) => {
      const select = Object.assign(choices(values, (value) => t(`choice_${text}_${value}`)), { id });
      return { select, node: labelled(select, t(label)) };
    };
    const names = field("speaker-names", constants.speaker_names, "names", "names_label");
    const times = field("paragraph-times", constants.paragraph_times, "times", "times_label");
    const filling = field("fillers", constants.fillers, "fillers", "fillers_label");
    const unclear = field("unclear", constants.unclear, "unclear", "unclear_label");
    this.selects = { speaker_names: names, paragraph_times: times, fillers: filling, unclear };
    this.texts = make("div", "wl-text-fields");
    for (const { node } of Object.values(this.selects)) {
      node.classList.add("wl-text-field");
      this.texts.append(node);
    }
    const refresh = () => (names.node.hidden = !speakers.list.length);
    for (const kind of ["opened", "speakers", "edited", "finished", "forgotten"]) events.on(kind, refresh);
    refresh();
    // Fillers are left out where the reader does not see them: it is one choice.
    const [kept, left] = constants.fillers;
    filling.select.value = fillers.areShown ? kept : left;
    filling.select.addEventListener("change", () => fillers.show(filling.select.value === kept));
    events.on("fillers", () => {
      filling.select.value = fillers.areShown ? kept : left;
      this.change();
    });
  }

  change() {
    this.subtitles.limits = this.values();
    this.events.emit("limits");
  }

  takePreset() {
    const values = this.presets[this.preset.value];
    for (const field of this.numbers) field.value = values[field.name];
  }

  // Returns the limits for the server: the preset, and the numbers that differ from it; null for a number that its
  // field refuses.
  values() {
    const values = this.presets[this.preset.value];
    const changed = this.numbers.filter((field) => field.valueAsNumber !== values[field.name]);
    const numbers = changed.map((field) => [field.name, field.validity.valid ? field.valueAsNumber : null]);
    const { value } = this.preset;
    const chosen = Object.entries(this.selects).map(([name, { select }]) => [name, select.value]);
    return { preset: value, ...Object.fromEntries([...numbers, ...chosen]) };
  }

  // Returns what is wrong, and goes to the field; "" if nothing is. A file with other limits than the fields
  // show is not made: it would be found out only later.
  refusal() {
    const wrong = this.numbers.find(({ validity }) => !validity.valid);
    if (!wrong) return "";
    const { name, min, max, step } = wrong;
    this.node.open = true;
    wrong.focus();
    const bounds = { min: Number(min), max: Number(max), step: Number(step) };
    return this.t("limit_refused", { name: this.t(`limit_${name}`), ...bounds });
  }
}

function choices(values, nameOf) {
  const select = make("select");
  select.append(...values.map((value) => Object.assign(make("option", "", nameOf(value)), { value })));
  return select;
}

function labelled(field, name) {
  const label = make("label", `wl-limit wl-limit-${field.type}`);
  label.append(make("span", "", name), field);
  return label;
}
