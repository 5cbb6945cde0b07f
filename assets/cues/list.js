// The subtitles as a list beside the picture: their times, their reading speed, what the rules find, and tools for the
// one that is selected.
import { make, makeButton } from "../shared/dom.js";
import { EdgeStrip } from "./edges.js";
import { isChosen, mergeCue, moveEdge, resetCue, splitCue } from "./cue_edits.js";

// Returns a time to hundredths of a second, which `exact` writes.
const exactClock = (seconds, exact) => {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${exact(seconds - 60 * minutes).padStart(5, "0")}`;
};

export class CueList {
  // go  called with the time of a subtitle that the reader selects
  constructor({ store, i18n }, { go }) {
    Object.assign(this, { store, doc: store.doc, t: i18n.t, exact: i18n.exact, go });
    this.cues = [];
    this.faulty = new Set(); // numbers of subtitles with something to mend
    this.selected = -1;
    this.caret = -1; // the word before which the selected one is split
    this.focused = null; // what had the focus before the list was drawn anew
    this.node = make("ol", "wl-cues");
    this.node.setAttribute("aria-label", this.t("cue_list"));
    this.lit = null;
  }

  show({ cues, issues }) {
    this.focused = this.node.contains(document.activeElement) ? document.activeElement.dataset.tool : null;
    this.cues = cues;
    this.faulty = new Set(issues.filter((issue) => issue.has_room && !issue.advice).map(({ cue }) => cue - 1));
    if (this.selected >= cues.length) this.selected = -1;
    this.node.replaceChildren(...cues.map((_, at) => this.row(at)));
    this.drawTools();
    if (this.focused) this.node.querySelector(`[data-tool="${this.focused}"]`)?.focus({ preventScroll: true });
  }

  row(at) {
    const { start, end, text, cps, fast } = this.cues[at];
    const row = make("li", "wl-cue");
    row.classList.toggle("wl-is-faulty", this.faulty.has(at));
    const shown = (seconds) => exactClock(seconds, this.exact);
    const head = makeButton(`${shown(start)} – ${shown(end)}`, () => this.select(at, true), "wl-cue-time");
    const speed = make("span", fast ? "wl-cue-speed wl-is-fast" : "wl-cue-speed", this.t("cue_speed", { cps }));
    const said = make("bdi", "wl-cue-text", text);
    said.addEventListener("click", () => this.select(at, true));
    row.append(head, speed, said);
    return row;
  }

  select(at, seek) {
    this.selected = at;
    const { first, count } = this.cues[at];
    this.caret = first + Math.floor(count / 2);
    this.drawTools();
    this.node.children[at].scrollIntoView({ block: "nearest" });
    if (seek) this.go(this.cues[at].start);
  }

  // Selects a subtitle and gives it the focus.
  jump(at) {
    if (!this.cues[at]) return;
    this.select(at, true);
    this.node.children[at].querySelector("button").focus();
  }

  drawTools() {
    this.node.querySelector(".wl-cue-tools")?.remove();
    this.node.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const row = this.node.children[this.selected];
    if (!row) return;
    row.setAttribute("aria-current", "true");
    row.append(this.tools());
  }

  tools() {
    const { doc, cues, selected: at } = this;
    const box = make("div", "wl-cue-tools");
    const duration = doc.meta?.transcript.duration ?? 0;
    const moved = (edge, time) => this.edit(moveEdge(doc, { cues, at, edge, time }));
    const strip = new EdgeStrip({ t: this.t, exact: this.exact, cues, at, duration, moved });
    strip.handles.start.dataset.tool = "start";
    strip.handles.end.dataset.tool = "end";
    const split = this.tool("split", () => this.edit(splitCue(doc, { cues, at, index: this.caret })));
    split.disabled = cues[at].count < 2;
    const merge = this.tool("merge", () => this.edit(mergeCue(doc, { cues, at })));
    merge.disabled = mergeCue(doc, { cues, at }) === null;
    const reset = this.tool("reset", () => this.edit(resetCue(doc, { cues, at })));
    const { first, count } = cues[at];
    reset.hidden = !doc.words.slice(first, first + count).some(isChosen);
    const bar = make("div", "wl-cue-bar");
    bar.append(split, merge, reset);
    box.append(strip.node, this.words(), bar);
    return box;
  }

  tool(name, act) {
    const button = makeButton(this.t(`cue_${name}`), act);
    button.dataset.tool = name;
    return button;
  }

  // The words of the selected subtitle; a press chooses the one that a new subtitle begins with.
  words() {
    const { first, count } = this.cues[this.selected];
    const group = make("div", "wl-cue-words");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", this.t("cue_words"));
    const buttons = this.doc.words.slice(first, first + count).map(({ text, index }) => {
      const button = makeButton(text, () => this.putCaret(index), "wl-cue-word");
      button.dataset.index = index;
      button.disabled = index === first;
      button.setAttribute("aria-pressed", String(index === this.caret));
      return button;
    });
    group.append(...buttons);
    return group;
  }

  putCaret(index) {
    this.caret = index;
    for (const button of this.node.querySelectorAll(".wl-cue-word"))
      button.setAttribute("aria-pressed", String(Number(button.dataset.index) === index));
  }

  edit(edit) {
    if (edit) this.store.edit(edit);
  }

  // Marks the subtitle that is shown at a time.
  light(time) {
    const at = this.cues.findIndex(({ start, end }) => time >= start && time < end);
    const row = this.node.children[at] ?? null;
    if (row === this.lit) return;
    this.lit?.classList.remove("wl-is-lit");
    row?.classList.add("wl-is-lit");
    this.lit = row;
  }

  clear() {
    Object.assign(this, { cues: [], selected: -1, lit: null });
    this.node.replaceChildren();
  }
}
