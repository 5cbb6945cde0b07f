// What is known of the transcript that is shown, its edits included, and of which recording it is.
import { make, makeButton } from "./shared/dom.js";
import { openTab } from "./shared/gradio_parts.js";

export function show(app, { element }) {
  const view = new SummaryView(app, element.querySelector(".wl-summary"));
  const { events } = app;
  events.on("state", (state) => {
    view.failed = state === "failed";
    view.draw();
  });
  for (const kind of ["opened", "forgotten"]) events.on(kind, () => view.root.replaceChildren());
  for (const kind of ["finished", "edited", "coverage", "renamed"]) events.on(kind, () => view.draw());
}

class SummaryView {
  constructor({ store, review, i18n }, root) {
    Object.assign(this, { doc: store.doc, review, i18n, root, t: i18n.t });
    this.failed = false; // another recording, of which the card above tells
  }

  draw() {
    const { doc, t } = this;
    if (!doc.meta) return;
    const name = make("p", "wl-name", this.failed ? t("still_shown", { name: doc.name }) : doc.name);
    name.title = doc.name;
    name.dir = "auto";
    const list = make("dl", "wl-facts");
    list.setAttribute("aria-label", t("facts"));
    for (const [key, value] of this.facts()) list.append(this.fact(key, value));
    const mismatches = doc.meta.transcript.coverage?.length;
    if (mismatches) list.append(this.fact("again", this.leadToTimeline(mismatches)));
    this.root.replaceChildren(...(doc.name ? [name] : []), list);
  }

  // value  a text or an element
  fact(key, value) {
    const fact = make("div", `wl-fact wl-fact-${key}`);
    const shown = make("dd");
    shown.append(value);
    fact.append(make("dt", "", this.t(`fact_${key}`)), shown);
    return fact;
  }

  // Returns the facts as [key, text]. Words and doubts are counted as they stand.
  facts() {
    const { words, meta } = this.doc;
    const marked = this.review.count(words);
    return meta.facts.flatMap(([key, value]) => {
      if (key === "doubtful") return [];
      if (key === "language") return [[key, this.i18n.languageName(value)]];
      if (key !== "words") return [[key, value]];
      const counted = [key, words.length.toLocaleString("en")];
      return marked ? [counted, ["doubtful", marked.toLocaleString("en")]] : [counted];
    });
  }

  // Readers of the words alone learn from it that some may be missing.
  leadToTimeline(count) {
    const open = () => openTab("views", this.t("tab_timeline"));
    return makeButton(this.t("stretches", { count }), open, "wl-lead");
  }
}
