// The list by which the reader changes the language while a transcription is at work: it begins again.
import { make } from "../shared/dom.js";

const WITHOUT_NAME = ["auto", "mixed"];

// change  has gradio set the form's language to the one of `restart`
export class LanguageChoice {
  constructor({ restart, constants, i18n }, change) {
    Object.assign(this, { restart, change, i18n, codes: Object.keys(constants.language_tags) });
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

  choose(language) {
    if (!language || !this.restart.isOffered()) return;
    this.node.value = "";
    this.restart.begin(language, this.change);
    this.draw();
  }

  draw() {
    this.node.hidden = !this.restart.isOffered();
  }
}

const option = (value, name) => Object.assign(make("option", "", name), { value });
