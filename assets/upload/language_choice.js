// The list by which the reader changes the language while a transcription is at work: it begins again.
import { make } from "../shared/dom.js";

const WITHOUT_NAME = ["auto", "mixed"];

export class LanguageChoice {
  // changed  called once a transcription has begun in another language
  constructor({ restart, constants, i18n }, changed) {
    Object.assign(this, { restart, changed, i18n, codes: constants.languages });
    this.node = make("select", "wl-change-language");
    this.node.setAttribute("aria-label", i18n.t("change_language"));
    this.node.hidden = true;
    this.node.append(option("", i18n.t("change_language")));
    this.node.addEventListener("focus", () => this.fill(), { once: true });
    this.node.addEventListener("change", () => this.choose(this.node.value));
  }

  // There are a hundred languages: they come once the reader looks for one.
  fill() {
    const { t, languageName, locale } = this.i18n;
    const named = this.codes.map((code) => [code, languageName(code)]);
    named.sort(([, one], [, other]) => one.localeCompare(other, locale));
    const first = WITHOUT_NAME.map((code) => [code, t(`choice_language_${code}`)]);
    this.node.append(...[...first, ...named].map(([code, name]) => option(code, name)));
  }

  async choose(language) {
    this.node.value = "";
    if (!language || !this.restart.isOffered()) return;
    const begun = this.restart.begin(language);
    this.draw();
    if (await begun) this.changed();
  }

  draw() {
    this.node.hidden = !this.restart.isOffered();
  }
}

const option = (value, name) => Object.assign(make("option", "", name), { value });
