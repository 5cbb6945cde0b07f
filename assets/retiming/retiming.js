// Has the words that the reader corrects timed by the sound, a moment after the correction.
//
// One request is on its way at a time. What the server refuses, as it does once the recording is deleted, is not
// reported: the words keep the times that they share, and look so.
import { correctedWords, questionFor, timesOf } from "./words.js";

const PAUSE = 40; // milliseconds after an edit: corrections that follow each other at once make one request

export class Retiming {
  // most  how many words one request may ask for
  constructor({ store, server, events, most }) {
    Object.assign(this, { store, server, events, most });
    this.pending = new Set(); // words of the document that are to be timed
    this.settled = new WeakSet(); // words of which the server has said all it knows
    this.isAsking = false;
    this.timer = 0;
    events.on("edited", () => this.note());
    events.on("finished", () => this.schedule());
    for (const kind of ["opened", "forgotten"]) events.on(kind, () => this.pending.clear());
  }

  // Notes the words of the last edit, also if that has been made again.
  note() {
    const edit = this.store.doc.past.at(-1);
    const words = edit ? correctedWords(edit, this.pending) : [];
    for (const word of words) if (!this.settled.has(word)) this.pending.add(word);
    this.schedule();
  }

  schedule() {
    clearTimeout(this.timer);
    if (this.pending.size && !this.isAsking) this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  // Asks for the pending words, and for further ones after the answer.
  async ask() {
    const { doc } = this.store;
    const question = questionFor(doc, this.pending, this.most);
    if (!question) return this.pending.clear(); // the edits have been undone
    const { run, meta } = doc;
    if (!meta?.token) return; // asked once the transcript is finished
    this.isAsking = true;
    const { error, words } = await this.server.ask("times", { token: run, ...question.asked });
    this.isAsking = false;
    if (doc.run !== run) return this.schedule();
    if (error) return; // asked once more with the next edit
    this.take(question, words ?? []);
    this.schedule();
  }

  // Takes in an answer. Words of segments that were edited meanwhile stay pending.
  take(question, found) {
    const { doc } = this.store;
    const current = new Set(doc.segments);
    const answered = question.segments.filter((segment) => current.has(segment)).flatMap(({ words }) => words);
    const changes = timesOf(doc, question, found);
    for (const word of answered) if (question.words.includes(word)) this.settle(word);
    for (const word of changes.values()) this.settle(word);
    if (changes.size) this.store.retime(changes);
  }

  settle(word) {
    this.pending.delete(word);
    this.settled.add(word);
  }
}
