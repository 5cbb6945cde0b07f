// Keeps corrections that could not reach the server in this browser, and takes them into the transcript when it is
// opened again, even after the page was closed meanwhile.
import { mergeVersion } from "./shared_edits.js";
import { exportSpeakers } from "../speakers/speakers.js";
import { translationOf } from "../translation/sentences.js";

const MOST_AGE = 30 * 24 * 3600 * 1000; // milliseconds; the transcript may be gone by then

const OTHER = { mine: "theirs", theirs: "mine" };

export class Unsent {
  // choose  as in autosave.js
  // user    the login, so that people who share a browser do not get each other's
  constructor({ events, storage, user, choose }) {
    Object.assign(this, { storage, choose, prefix: `wordlight_unsent_${user}_` });
    events.on("deleted", (run) => this.forget(run));
    this.clear();
  }

  // Keeps the corrections of a document, with what they started from, if the browser has room for them.
  keep(document) {
    const { run, base, segments } = document;
    const [speakers, translation] = [exportSpeakers(document), translationOf(document)];
    const kept = { at: Date.now(), base, segments, speakers, translation };
    try {
      this.storage.setItem(this.prefix + run, JSON.stringify(kept));
    } catch {
      this.forget(run); // an older version of the corrections would come back
    }
  }

  forget(run) {
    try {
      this.storage.removeItem(this.prefix + run);
    } catch {
      // The browser keeps nothing.
    }
  }

  // Takes corrections that were kept into a document that has just come from the server, as an edit of it. Where
  // somebody has corrected the same place since, the reader is asked. Returns "none", or as mergeStored does.
  async bringBack(document) {
    const kept = document.edits ? null : this.read(document.run);
    if (!kept || !document.base) return "none";
    const { base } = document;
    document.base = kept.base;
    // The merge takes what is kept as the version of somebody else.
    const choose = async (place) => OTHER[await this.choose({ ...place, mine: place.theirs, theirs: place.mine })];
    const outcome = await mergeVersion(document, { ...kept, revision: base.revision }, choose);
    document.base = base;
    if (outcome === "merged") Object.assign(document, { edits: document.edits + 1, unsaved: true });
    return outcome;
  }

  read(run) {
    try {
      return JSON.parse(this.storage.getItem(this.prefix + run));
    } catch {
      return null; // the browser keeps nothing, or something else wrote it
    }
  }

  // Forgets what is too old.
  clear() {
    for (const key of Object.keys(this.storage).filter((name) => name.startsWith(this.prefix))) {
      const run = key.slice(this.prefix.length);
      if (!(Date.now() - this.read(run)?.at < MOST_AGE)) this.forget(run);
    }
  }
}
