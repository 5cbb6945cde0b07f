// Has the recording of the transcript that is shown translated into English, stretch by stretch.
//
// One request is on its way at a time. A stretch that arrives stands in the document at once, so that the work can be
// stopped at any time, and goes on from there, also after a reload.
import { translationOf, withStretch } from "./sentences.js";
import { isLeft, nextStretch } from "./stretches.js";

const ENGLISH = "en";

export class Translator {
  // most  seconds of sound that one request may ask for, about
  //
  // Emits "translating" when the state of the work changes.
  constructor({ store, server, events, most }) {
    Object.assign(this, { store, server, events, most });
    this.isAsking = false;
    this.reset();
    for (const kind of ["opened", "forgotten"]) events.on(kind, () => this.reset());
    events.on("connection", (isReached) => isReached && this.isLost && this.start());
  }

  reset() {
    this.isWorking = false;
    this.isLost = false; // whether the server could not be reached
    this.problem = ""; // why the work has ended early
    this.removed = null; // the translation that the reader has taken away, until there is another
    this.events.emit("translating");
  }

  // Whether the transcript that is shown can be translated: one of another language than English, with its sound.
  canTranslate() {
    const { meta, media, segments } = this.store.doc;
    if (!meta?.token || !media || meta.translates === false || meta.options?.task === "translate") return false;
    return segments.some(({ language }) => language && language !== ENGLISH);
  }

  // Returns the seconds of the recording that are translated, and all that there are to translate.
  progress() {
    const { doc } = this.store;
    const total = doc.words.at(-1)?.end ?? 0;
    return { done: Math.min(this.until(), total), total };
  }

  // Whether something is left to be translated.
  isPartial() {
    return isLeft(this.store.doc, this.until());
  }

  next() {
    const { doc } = this.store;
    return nextStretch(doc, this.until(), this.most);
  }

  until() {
    return translationOf(this.store.doc)?.until ?? 0;
  }

  // Begins, or goes on where the work has ended.
  start() {
    if (this.isWorking || !this.canTranslate()) return;
    Object.assign(this, { isWorking: true, isLost: false, problem: "", removed: null });
    this.store.keepShowing();
    this.events.emit("translating");
    if (!this.isAsking) this.work();
  }

  // Ends the work. The stretch that is on its way is still taken in.
  stop() {
    Object.assign(this, { isWorking: false, isLost: false });
    this.events.emit("translating");
  }

  async work() {
    this.isAsking = true;
    while (this.isWorking && (await this.ask()));
    this.isAsking = false;
  }

  // Asks for the next stretch; returns whether there may be another one.
  async ask() {
    const { doc } = this.store;
    const { run } = doc;
    const stretch = this.next();
    if (!stretch) return this.end({});
    const { start, end } = stretch;
    const reached = this.until();
    const { error, lost, segments } = await this.server.ask("english", { token: run, start, end });
    // Another transcript is shown, or this one's words go on; work that may have begun meanwhile is of that.
    if (doc.run !== run || !doc.meta) return true;
    if (error) return this.end({ error, lost });
    // It may have been removed meanwhile, or another reader may have come further.
    if (this.until() === reached) this.take(stretch, segments ?? []);
    return true;
  }

  take(stretch, sentences) {
    const { doc } = this.store;
    const made = withStretch(translationOf(doc), stretch, sentences);
    this.store.translate(made, this.isWorking && isLeft(doc, made.until));
  }

  end({ error = "", lost = false }) {
    Object.assign(this, { isWorking: false, isLost: lost, problem: error });
    this.events.emit("translating");
    return false;
  }

  // Takes the translation away, until `putBack`.
  remove() {
    const removed = translationOf(this.store.doc);
    this.stop();
    this.removed = removed;
    this.store.translate(null);
  }

  putBack() {
    const { removed } = this;
    this.removed = null;
    this.store.translate(removed);
  }
}
