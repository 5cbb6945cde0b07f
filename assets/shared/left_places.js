// Where a reader has left each transcript: the word that was chosen or heard last. This browser keeps it.
const KEY = "wordlight_places";
const MOST = 50; // transcripts
const WORTH = 30; // seconds from the beginning; what is nearer is in sight anyway

export class LeftPlaces {
  // user  the login, so that people who share a browser do not get each other's
  constructor({ store, events, storage, user }) {
    Object.assign(this, { doc: store.doc, storage, key: `${KEY}_${user}` });
    this.at = null; // seconds
    events.on("opened", () => (this.at = null));
    events.on("active", (index) => (this.at = this.doc.words[index].start));
    events.on("lit", ({ index, playing }) => {
      if (playing && index >= 0) this.at = this.doc.words[index].start;
    });
    events.on("closing", () => this.note());
  }

  // Notes the place of the transcript that is shown, as one leaves it.
  note() {
    const { run, meta } = this.doc;
    if (this.at === null || !meta?.token) return;
    const others = this.entries().filter(([token]) => token !== run);
    const places = this.at < WORTH ? others : [[run, this.at], ...others].slice(0, MOST);
    try {
      this.storage.setItem(this.key, JSON.stringify(places));
    } catch {
      // The browser keeps nothing.
    }
  }

  // Returns the seconds at which a transcript was left, null if that is not known.
  of(token) {
    return this.entries().find(([run]) => run === token)?.[1] ?? null;
  }

  entries() {
    try {
      return JSON.parse(this.storage.getItem(this.key)) ?? [];
    } catch {
      return []; // something else wrote it
    }
  }
}
