// One speaker in the list above the words: name, share, a sample, the next turn, and the wish to see no one else.
import { clock } from "../shared/clock.js";
import { make, makeButton, makeIcon } from "../shared/dom.js";
import { openSpeaker } from "./speaker_dialog.js";
import { sampleOf } from "./speakers.js";

// Outlines, 24 units wide.
const HEAR = "M8 5l11 7-11 7z";
const PREVIOUS = "M15 6l-6 6 6 6";
const NEXT = "M9 6l6 6-6 6";

export class VoiceRow {
  // jump    called with 1 for the next turn, -1 for the one before
  // closed  called once the speaker's dialog has been closed
  constructor(app, { id, jump, closed }) {
    Object.assign(this, { app, id, t: app.i18n.t });
    this.hear = iconButton(HEAR, () => this.play());
    this.name = makeButton("", () => openSpeaker(app, { id, closed }), "wl-voice-name");
    this.fillNode = make("span", "wl-voice-fill");
    const track = make("span", "wl-voice-track");
    track.append(this.fillNode);
    this.facts = make("span", "wl-voice-facts");
    this.previous = iconButton(PREVIOUS, () => jump(-1));
    this.next = iconButton(NEXT, () => jump(1));
    this.only = makeButton(this.t("speaker_only"), () => this.toggle(), "wl-button wl-voice-only");
    this.node = make("li", "wl-voice");
    this.node.append(this.hear, this.name, track, this.facts, this.previous, this.next, this.only);
  }

  // share  of all that is said, 0 to 1
  fill(speaker, share) {
    const { speakers } = this.app;
    const [name, percent] = [speakers.nameOf(speaker), Math.round(100 * share)];
    const look = JSON.stringify([name, speaker.initials, speaker.colour, percent, speaker.doubtful]);
    this.only.setAttribute("aria-pressed", String(speakers.only === this.id));
    this.facts.textContent = `${clock(speaker.seconds)} · ${percent} %`;
    if (this.node.dataset.look === look) return;
    this.node.dataset.look = look;
    this.node.className = `wl-voice wl-voice-${speaker.colour}`;
    this.fillNode.style.inlineSize = `${percent}%`;
    this.name.replaceChildren(speakers.badge(speaker), make("bdi", "wl-speaker", name));
    if (speaker.doubtful) this.name.append(...doubtMark(speakers.doubtOf(speaker)));
    this.name.title = this.t("speaker_open", { name });
    const labels = [[this.hear, "speaker_hear_of"], [this.previous, "speaker_previous"], [this.next, "speaker_next"]];
    for (const [button, key] of [...labels, [this.only, "speaker_only_of"]])
      button.setAttribute("aria-label", this.t(key, { name }));
    for (const [button, key] of labels) button.title = this.t(key, { name });
  }

  // Plays a sample; stops it if it is playing.
  play() {
    const { player, store } = this.app;
    if (player.isPlayingSpan() && !player.isLooping()) player.endSpan();
    else player.playSpan(sampleOf(store.doc, this.id));
  }

  toggle() {
    const { speakers } = this.app;
    speakers.showOnly(speakers.only === this.id ? null : this.id);
  }
}

function doubtMark(doubt) {
  const mark = make("span", "wl-doubt-mark", "?");
  mark.setAttribute("aria-hidden", "true");
  return [mark, make("span", "wl-hidden", doubt)];
}

function iconButton(outline, act) {
  const button = makeButton("", act, "wl-tool");
  button.type = "button";
  button.append(makeIcon(outline));
  return button;
}
