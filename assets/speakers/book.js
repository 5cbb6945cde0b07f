// The speakers of the document that is shown, as the views show them; kept up to date.
import { make } from "../shared/dom.js";
import { doubtfulTurns, speakersOf } from "./speakers.js";

const KINDS = ["opened", "appended", "relabelled", "edited", "speakers", "forgotten"];

export class SpeakerBook {
  constructor({ store, events, i18n }) {
    Object.assign(this, { doc: store.doc, t: i18n.t });
    this.refresh();
    for (const kind of KINDS) events.on(kind, () => this.refresh());
  }

  refresh() {
    this.list = speakersOf(this.doc);
    this.byId = new Map(this.list.map((speaker) => [speaker.id, speaker]));
    this.doubtful = doubtfulTurns(this.doc, this.list); // indices of words
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

  // Returns the coloured letters of a speaker; the name beside them says the same.
  badge({ initials, colour }) {
    const badge = make("span", `wl-badge wl-voice-${colour}`, initials);
    badge.setAttribute("aria-hidden", "true");
    return badge;
  }
}
