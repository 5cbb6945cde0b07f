// The limits of subtitles, as fields.
import { make } from "../shared/dom.js";

export class LimitFields {
  constructor({ events, constants, subtitles, i18n }) {
    const { t } = i18n;
    this.t = t;
    this.numbers = constants.limits.map((limit) =>
      Object.assign(make("input"), { type: "number", ...limit, required: true }),
    );
    this.presets = constants.presets; // the fields' values by the name of the preset
    this.preset = Object.assign(make("select"), { name: "preset" });
    const named = (name) => Object.assign(make("option", "", t(`preset_${name}`)), { value: name });
    this.preset.append(...Object.keys(this.presets).map(named));
    this.preset.addEventListener("change", () => this.takePreset());
    const fields = make("div", "wl-limit-fields");
    fields.append(...[this.preset, ...this.numbers].map((field) => labelled(field, t(`limit_${field.name}`))));
    fields.addEventListener("change", () => {
      subtitles.limits = this.values();
      events.emit("limits");
    });
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
    return { preset: this.preset.value, ...Object.fromEntries(numbers) };
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

function labelled(field, name) {
  const label = make("label", `wl-limit wl-limit-${field.type}`);
  label.append(make("span", "", name), field);
  return label;
}
