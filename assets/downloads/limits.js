// The limits of subtitles, as fields.
import { make } from "../shared/dom.js";

export class LimitFields {
  constructor({ events, constants, subtitles, i18n }) {
    const { t } = i18n;
    this.t = t;
    this.numbers = constants.limits.map((limit) =>
      Object.assign(make("input"), { type: "number", ...limit, required: true }),
    );
    this.oneWord = Object.assign(make("input"), { type: "checkbox", name: "one_word" });
    const fields = make("div", "wl-limit-fields");
    fields.append(...[...this.numbers, this.oneWord].map((field) => labelled(field, t(`limit_${field.name}`))));
    fields.addEventListener("change", () => {
      subtitles.limits = this.values();
      events.emit("limits");
    });
    this.node = make("details", "wl-limits");
    this.node.append(make("summary", "", t("limits")), fields);
  }

  // Returns the limits for the server; null for a number that its field refuses.
  values() {
    const limits = Object.fromEntries(
      this.numbers.map((field) => [field.name, field.validity.valid ? field.valueAsNumber : null]),
    );
    return this.oneWord.checked ? { ...limits, max_words: 1 } : limits;
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
