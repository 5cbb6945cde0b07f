// Who speaks, at the beginning of each turn: initials and a name that lead to the speaker's dialog.
import { make } from "../shared/dom.js";

export class TurnLabels {
  constructor(speakers, t) {
    Object.assign(this, { speakers, t });
    this.places = []; // {label, segment} within paragraphs
    this.marks = []; // words of others within a sentence
    this.node = null; // what the labels are in
    this.index = -1; // of the word that the keyboard is on
    this.reached = null; // the label that Tab leads to
  }

  // Puts labels on the blocks at which the speaker changes, and takes the others away.
  draw(blocks) {
    let before = null;
    for (const { margin, segments } of blocks) {
      const { speaker } = segments[0];
      const shown = speaker && speaker !== before ? this.speakers.get(speaker) : null;
      before = segments.at(-1).speaker;
      this.put(margin, shown, segments[0]);
    }
    this.places = this.places.filter(({ label }) => label.isConnected);
    for (const { label, segment } of this.places) this.fill(label, this.speakers.get(segment.speaker), segment);
    this.marks = this.marks.filter((node) => node.isConnected);
    for (const node of this.marks) this.mark(node, false);
    this.node = blocks[0]?.node.parentNode ?? null;
    this.leadTo(this.index);
  }

  // Tab leads to the label of the turn in which a word stands, and past the hundreds of others.
  leadTo(index) {
    this.index = index;
    let label = null;
    for (const each of this.node?.querySelectorAll(".wl-turn:not([hidden])") ?? []) {
      if (each.wordIndex() > index) break;
      label = each;
    }
    if (this.reached === label) return;
    if (this.reached) this.reached.tabIndex = -1;
    if (label) label.tabIndex = 0;
    this.reached = label;
  }

  // Segments have been replaced by others with as many words: old segment -> new segment.
  follow(fresh) {
    for (const place of this.places) place.segment = fresh.get(place.segment) ?? place.segment;
  }

  put(margin, speaker, segment) {
    let label = margin.querySelector(".wl-turn");
    if (!speaker) return label?.remove();
    if (!label) {
      label = makeLabel("wl-turn");
      margin.append(label);
    }
    this.fill(label, speaker, segment);
  }

  // Returns a label within a paragraph: a person has put two turns into one.
  inline(segment) {
    const label = makeLabel("wl-turn wl-turn-inline");
    this.places.push({ label, segment });
    this.fill(label, this.speakers.get(segment.speaker), segment);
    return label;
  }

  fill(label, speaker, segment) {
    label.hidden = !speaker;
    if (!speaker) return;
    const name = this.speakers.nameOf(speaker);
    const { doc } = this.speakers;
    const doubtful = speaker.doubtful && !(doc.provisional && !speaker.name); // such a name has its question mark
    const look = JSON.stringify([speaker.id, speaker.initials, name, doubtful]);
    Object.assign(label, { speaker: speaker.id, wordIndex: () => segment.words[0].index });
    if (label.dataset.look === look) return;
    label.dataset.look = look;
    const doubt = doubtful ? this.t("speaker_doubtful") : "";
    label.classList.toggle("wl-turn-doubtful", doubtful);
    label.title = [this.t("speaker_open", { name }), doubt].filter(Boolean).join(" · ");
    label.replaceChildren(this.speakers.badge(speaker), make("bdi", "wl-speaker", name));
    if (doubt) label.append(make("span", "wl-doubt-mark", "?"), make("span", "wl-hidden", doubt));
  }

  // Marks a single word of somebody else within a sentence with its speaker's initials.
  mark(node, isNew = true) {
    if (isNew) this.marks.push(node);
    const speaker = this.speakers.get(node.word.speaker);
    node.classList.add("wl-other-voice");
    node.dataset.voice = speaker?.initials ?? "";
  }
}

const makeLabel = (className) => Object.assign(make("button", className), { type: "button", tabIndex: -1 });
