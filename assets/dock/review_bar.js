// Leads through the words to check: how many are left, and the commands of the review (transcript/reviewer.js).
import { make, makeButton } from "../shared/dom.js";
import { progressText } from "../shared/review.js";
import { toolButton } from "../shared/tool_button.js";

// Outlines, 24 units wide, by the command.
const ICONS = {
  previous: "M15 6l-6 6 6 6",
  next: "M9 6l6 6-6 6",
  hear: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM16 8.5a5 5 0 0 1 0 7M18.5 6a8.5 8.5 0 0 1 0 12",
  plays: "M5 6l7 6-7 6zM14 6l7 6-7 6z",
  correct: "M4 20l1-4L16 5l3 3L8 19l-4 1zM14 7l3 3",
  accept: "M5 12.5l4.5 4.5L19 7.5",
};

export class ReviewBar {
  constructor({ store, events, review, selection, i18n }) {
    Object.assign(this, { doc: store.doc, events, review, selection, i18n, t: i18n.t });
    this.node = make("div", "wl-review");
    this.node.setAttribute("role", "group");
    this.node.setAttribute("aria-label", this.t("fact_doubtful"));
    this.count = makeButton("", () => this.command("next"), "wl-button wl-doubts");
    this.count.type = "button";
    this.count.title = this.t("review_about");
    this.count.addEventListener("pointerdown", (event) => event.preventDefault());
    this.hear = this.tool("hear", "hear");
    this.plays = toolButton({ name: "plays", outline: ICONS.plays, act: () => this.command("plays") }, i18n);
    this.correct = this.tool("correct", "change");
    this.accept = this.tool("accept", "accept");
    this.accept.classList.add("wl-accept");
    this.accept.append(make("span", "wl-accept-text", this.t("tool_accept")));
    this.previous = this.tool("previous", "previous");
    this.next = this.tool("next", "next");
    // What is left is said after each correction; a screen reader would else hear it with every word that streams in.
    this.said = make("span", "wl-hidden");
    this.said.setAttribute("role", "status");
    this.onStop = [this.previous, this.next, this.hear, this.plays, this.correct, this.accept];
    this.node.append(this.previous, this.count, this.next, this.hear, this.plays, this.correct, this.accept, this.said);
  }

  tool(name, command) {
    return toolButton({ name, outline: ICONS[name], act: () => this.command(command) }, this.i18n);
  }

  command(name) {
    this.events.emit("command", name);
  }

  draw() {
    const { doc, review } = this;
    const { left, all } = review.progress(doc.words);
    const isDone = left === 0;
    // While words stream in, none to check is no result yet.
    this.node.hidden = !doc.words.length || (isDone && !doc.meta);
    this.count.textContent = progressText(this.t, { left, all });
    this.count.disabled = isDone;
    this.node.classList.toggle("wl-is-done", isDone && all > 0);
    this.node.classList.toggle("wl-is-needless", all === 0);
    for (const button of this.onStop) button.hidden = isDone;
    const stop = review.stopAt(doc, this.selection.active);
    for (const button of [this.correct, this.accept]) button.disabled = !stop;
    this.plays.setAttribute("aria-pressed", String(review.plays));
  }

  announce() {
    this.said.textContent = progressText(this.t, this.review.progress(this.doc.words));
  }
}
