// The speakers of the document that is shown, as the views show them; kept up to date.
import { make } from "../shared/dom.js";
import { doubtfulTurns, speakersOf } from "./speakers.js";

const KINDS = ["opened", "appended", "relabelled", "edited", "retimed", "speakers", "forgotten"];

export class SpeakerBook {
  constructor({ store, events, i18n }) {
    Object.assign(this, { doc: store.doc, events, t: i18n.t });
    this.only = null; // the label of the speaker whose words alone are shown
    this.refresh();
    for (const kind of KINDS) events.on(kind, () => this.refresh());
    for (const kind of ["opened", "forgotten"]) events.on(kind, () => this.showOnly(null));
  }

  refresh() {
    this.list = speakersOf(this.doc);
    this.byId = new Map(this.list.map((speaker) => [speaker.id, speaker]));
    this.doubtful = doubtfulTurns(this.doc, this.list); // indices of words
    if (!this.byId.has(this.only)) this.showOnly(null);
  }

  // Shows the words of one speaker alone, null for all; emits "filtered".
  showOnly(id) {
    if (this.only === id) return;
    this.only = id;
    this.events.emit("filtered");
  }

  // Returns the speaker of a label, undefined without one.
  get(id) {
    return this.byId.get(id);
  }

  numbered(number) {
    return this.list.find((speaker) => speaker.number === number);
  }

  nameOf({ name, number }) {
    return name || this.t(this.doc.provisional ? "speaker_maybe" : "speaker_number", { number });
  }

  // Returns why a voice may be no person of its own.
  doubtOf({ near }) {
    const other = this.get(near);
    return other ? this.t("speaker_near", { name: this.nameOf(other) }) : this.t("speaker_doubtful");
  }

  // Returns the coloured letters of a speaker; the name beside them says the same.
  badge({ initials, colour }) {
    const badge = make("span", `wl-badge wl-voice-${colour}`, initials);
    badge.setAttribute("aria-hidden", "true");
    return badge;
  }
}
