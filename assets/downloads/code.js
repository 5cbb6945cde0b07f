// Code that makes the same transcript from a program.
import { copyText, make, makeButton } from "../shared/dom.js";

const LANGUAGES = [["python", "Python"], ["javascript", "JavaScript"], ["curl", "curl"]];

export class CodeView {
  constructor({ store, events, i18n: { t } }) {
    this.doc = store.doc;
    this.box = make("pre", "wl-code-text");
    this.box.tabIndex = 0;
    this.box.setAttribute("aria-label", t("code"));
    this.box.setAttribute("role", "region");
    this.choices = LANGUAGES.map(([language, name]) => {
      const choice = makeButton(name, () => this.show(language));
      choice.dataset.language = language;
      return choice;
    });
    const label = t("copy_code");
    const copy = makeButton(label, () => copyText(copy, this.box.textContent, { done: t("copied"), label }));
    const bar = make("div", "wl-code-bar");
    bar.append(...this.choices, copy);
    this.node = make("details", "wl-code");
    this.node.append(make("summary", "", t("code")), bar, this.box);
    events.on("finished", () => this.show("python"));
  }

  show(language) {
    const { snippets } = this.doc.meta;
    this.node.hidden = !snippets;
    if (!snippets) return;
    const address = location.origin + (window.gradio_config.root_path ?? "");
    this.box.textContent = snippets[language].replaceAll("{address}", address);
    for (const choice of this.choices)
      choice.setAttribute("aria-pressed", String(choice.dataset.language === language));
  }
}
