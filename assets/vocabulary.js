// Names and rare words from the reader's corrections, above the button that transcribes. What is chosen here goes with
// the next recording: the component's value, which gradio sends.
import { make, makeButton } from "./shared/dom.js";

export function show(app, { element, props }) {
  const view = new VocabularyView(app, element.querySelector(".wl-vocabulary"), props);
  app.events.on("vocabulary", () => view.draw());
  view.draw();
}

class VocabularyView {
  constructor({ vocabulary, i18n: { t } }, root, props) {
    Object.assign(this, { vocabulary, t, root, props });
    this.list = make("ul", "wl-vocabulary-list");
    this.title = make("p", "wl-quiet", t("vocabulary"));
    this.list.setAttribute("aria-label", t("vocabulary"));
    this.hint = make("p", "wl-vocabulary-hint");
    root.append(this.title, this.list, this.hint);
  }

  draw() {
    const entries = this.vocabulary.entries();
    const focused = document.activeElement?.closest?.(".wl-vocabulary button")?.dataset;
    const { word, action } = focused ?? {};
    this.root.hidden = !entries.length;
    this.list.replaceChildren(...entries.map((entry) => this.row(entry)));
    const used = this.vocabulary.used();
    this.hint.textContent = this.t(used.length ? "vocabulary_used" : "vocabulary_unused", { count: used.length });
    this.props.value = used;
    if (word) this.find(word, action)?.focus();
  }

  find(word, action) {
    const isIt = ({ dataset }) => dataset.word === word && dataset.action === action;
    const buttons = [...this.list.querySelectorAll("button")];
    return buttons.find(isIt) ?? buttons[0];
  }

  row({ text, used }) {
    const item = make("li", used ? "wl-vocabulary-item wl-is-used" : "wl-vocabulary-item");
    const use = makeButton(text, () => this.vocabulary.use(text, !used), "wl-vocabulary-word");
    use.setAttribute("aria-pressed", String(used));
    use.dir = "auto";
    const remove = makeButton("×", () => this.vocabulary.remove(text), "wl-vocabulary-remove");
    remove.setAttribute("aria-label", this.t("vocabulary_remove", { word: text }));
    remove.title = remove.getAttribute("aria-label");
    for (const [button, action] of [[use, "use"], [remove, "remove"]])
      Object.assign(button.dataset, { word: text, action });
    item.append(use, remove);
    return item;
  }
}
