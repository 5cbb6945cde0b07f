// Who speaks, at the beginning of each turn: initials and a name that lead to the speaker's dialog.
import { make } from "../shared/dom.js";

export class TurnLabels {
  constructor(speakers, t) {
    Object.assign(this, { speakers, t });
    this.places = []; // {label, segment} within paragraphs
    this.marks = []; // words of others within a sentence
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
  }

  // Segments have been replaced by others with as many words: old segment -> new segment.
  follow(fresh) {
    for (const place of this.places) place.segment = fresh.get(place.segment) ?? place.segment;
  }

  put(margin, speaker, segment) {
    let label = margin.querySelector(".wl-turn");
    if (!speaker) return label?.remove();
    if (!label) {
      label = make("button", "wl-turn");
      label.type = "button";
      margin.append(label);
    }
    this.fill(label, speaker, segment);
  }

  // Returns a label within a paragraph: a person has put two turns into one.
  inline(segment) {
    const label = make("button", "wl-turn wl-turn-inline");
    label.type = "button";
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
