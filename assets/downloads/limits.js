// The limits of subtitles as fields, how files name the speakers, and which texts have times.
import { make } from "../shared/dom.js";

export class LimitFields {
  constructor({ events, constants, subtitles, speakers, i18n }) {
    const { t } = i18n;
    this.t = t;
    this.naming = choices(constants.speaker_names, (value) => t(`choice_names_${value}`));
    this.names = labelled(this.naming, t("names_label"));
    this.timing = choices(constants.paragraph_times, (value) => t(`choice_times_${value}`));
    this.timing.id = "paragraph-times";
    this.times = labelled(this.timing, t("times_label"));
    for (const field of [this.names, this.times]) field.classList.add("wl-names");
    const refresh = () => (this.names.hidden = !speakers.list.length);
    for (const kind of ["opened", "speakers", "edited", "finished", "forgotten"]) events.on(kind, refresh);
    refresh();
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
    const change = () => {
      subtitles.limits = this.values();
      events.emit("limits");
    };
    for (const part of [fields, this.names, this.times]) part.addEventListener("change", change);
    this.node = make("details", "wl-limits");
    this.node.append(make("summary", "", t("limits")), fields);
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
    const written = { speaker_names: this.naming.value, paragraph_times: this.timing.value };
    return { preset: value, ...Object.fromEntries(numbers), ...written };
  }

  // Returns what is wrong, and goes to the field; "" if nothing is. A file with other limits than the fields
  // show is not made: it would be found out only later.
  refusal() {
    const wrong = this.numbers.find(({ validity }) => !validity.valid);
    if (!wrong) return "";
    const { name, min, max, step } = wrong;
    this.node.open = true;
    wrong.focus();
    return this.t("limit_refused", { name: this.t(`limit_${name}`), min, max, step });
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
