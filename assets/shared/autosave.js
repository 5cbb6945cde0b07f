// Sends edits to the server, which keeps the transcript, so that a reload and the link show them.
//
// Each save names the revision that it starts from. If another page has saved meanwhile, the server answers with its
// version instead, and this page merges both and saves again.
import { sameItems } from "../transcript/paragraphs.js";
import { exportDocument, handwritten, isHereOnly } from "./document.js";
import { baseOf, mergeStored, storedSegments } from "./shared_edits.js";

const PAUSE = 800; // milliseconds after an edit: what is typed on is not sent letter by letter
// Milliseconds between two saves while stretches are translated: each save sends the whole transcript.
const STRETCH_PAUSE = 20_000;

export class Autosave {
  // choose  returns "mine" or "theirs" for a place that two readers have changed, or null
  // unsent  has what could not be sent, see unsent.js
  constructor({ store, server, events, unsent, choose = async () => null, selection = { active: -1 } }) {
    Object.assign(this, { store, server, events, unsent, choose, selection });
    this.timer = 0;
    this.stretchTimer = 0;
    this.turn = Promise.resolve();
    events.on("edited", () => this.schedule());
    events.on("translated", (goesOn) => (goesOn ? this.scheduleStretches() : this.schedule()));
    events.on("finished", () => this.bringBack());
    events.on("retimed", () => this.flush()); // at once: no letters follow
    events.on("connection", (isReached) => isReached && this.schedule());
  }

  // Takes in what an earlier page could not send, and sends it.
  async bringBack() {
    const { doc } = this.store;
    const { run } = doc;
    const before = [...doc.segments];
    const outcome = await this.unsent.bringBack(doc);
    if (outcome === "put off") this.events.emit("kept", { run, key: "conflict_open" });
    if (outcome === "merged" && doc.run === run) {
      this.announceMerged();
      // The reader may have preferred the other version wherever both differ.
      if (Object.keys(doc.names).length || !sameItems(before, doc.segments))
        this.events.emit("note", { state: "note", key: "unsent_taken" });
    }
    this.schedule();
  }

  announceMerged() {
    for (const kind of ["relabelled", "speakers", "coverage", "translated"]) this.events.emit(kind);
  }

  schedule() {
    if (!this.store.unkept().length) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE);
  }

  scheduleStretches() {
    const flush = () => {
      this.stretchTimer = 0;
      this.flush();
    };
    this.stretchTimer ||= setTimeout(flush, STRETCH_PAUSE);
  }

  // Sends what is not kept, one request after the other. If the server cannot be reached, the edits stay unkept until
  // it can, and this browser has them, even if the page is closed.
  flush() {
    this.turn = this.turn.then(() => this.send()).catch(() => {});
    return this.turn;
  }

  // Waits until nothing is on its way, and sends nothing more by itself until the next edit.
  async pause() {
    clearTimeout(this.timer);
    await this.turn;
  }

  // Has this browser keep what the server does not have yet, and sends it: the page may be closed now. What the server
  // has deleted is not kept: nothing brings it back.
  secure() {
    const isSent = (document) => document.meta?.token && !isHereOnly(document);
    for (const document of this.store.unkept().filter(isSent)) this.unsent.keep(document);
    if (this.server.isReached()) this.flush(); // else once it is
  }

  // The server keeps a transcript longer.
  prolong(run, until) {
    const document = this.documentOf(run);
    if (!document?.meta || document.edits > document.kept) return; // a save will say
    document.meta.kept_until = until;
    this.events.emit("kept", { run, until });
  }

  // The server has deleted a transcript: this page alone has it, and asks before it is closed.
  lose(run) {
    const document = this.documentOf(run);
    if (!document?.meta || isHereOnly(document)) return;
    document.meta.kept_until = null;
    this.turn = this.turn.then(() => this.sendOne(document)).catch(() => {}); // the answer says so
  }

  // Takes in what another page has saved if the server has a later revision than a document.
  compare(run, revision) {
    const isOlder = () => revision > (this.documentOf(run)?.base?.revision ?? Infinity);
    // Behind what is on its way, which may bring the same.
    this.turn = this.turn.then(() => isOlder() && this.sendOne(this.documentOf(run))).catch(() => {});
    return this.turn;
  }

  async send() {
    for (const edited of this.store.unkept().filter(({ meta }) => meta?.token)) await this.sendOne(edited);
  }

  documentOf(run) {
    return this.store.documents().find((each) => each.run === run);
  }

  // Emits "kept" {run, until}, {run, error} or {run, key}, and "coverage" if that of the document that is shown may
  // have changed.
  async sendOne(edited) {
    const { run, edits, meta, segments, base } = edited; // later, `edited` may be another transcript
    const sent = exportDocument(edited);
    const written = handwritten(edited.words);
    const { speakers, translation = null } = sent.transcript;
    const revision = base?.revision ?? 0;
    const asked = { token: run, revision, segments: sent.segments, ...written, speakers, translation };
    const shown = [...segments]; // what is sent, also if it is edited meanwhile
    const answer = await this.server.ask("revise", asked);
    if (answer.error) {
      if (answer.lost || answer.code === "storage_full") this.unsent.keep(edited);
      return this.events.emit("kept", answer.lost ? { run, key: "unkept" } : { run, error: answer.error });
    }
    const document = this.documentOf(run);
    if (answer.stale) return document && this.merge(document, answer.stale);
    if (document) {
      const normal = answer.segments ? storedSegments({ segments: answer.segments, ...written }) : shown;
      document.base = baseOf(normal, sent.transcript, answer.revision);
      document.kept = edits;
      if (document.edits === edits) this.unsent.forget(run);
    }
    meta.kept_until = answer.kept_until;
    Object.assign(meta.transcript, { coverage: answer.coverage, ...answer.warned });
    this.events.emit("kept", { run, until: answer.kept_until });
    if (run === this.store.doc.run) this.events.emit("coverage");
  }

  // Merges the server's version into a document, and saves both. While the reader is typing, it waits.
  async merge(document, theirs) {
    const merging = { waits: false };
    const isShown = document === this.store.doc;
    if (isShown) this.events.emit("merging", merging);
    const { selection, store } = this;
    const active = isShown ? document.words[selection.active] : null;
    const outcome = merging.waits ? "waits" : await mergeStored(document, theirs, this.choose);
    // The next edit asks again.
    if (outcome === "put off") return this.events.emit("kept", { run: document.run, key: "conflict_open" });
    if (outcome === "merged") {
      if (isShown) {
        if (active) selection.active = store.doc.words[active.index] === active ? active.index : -1;
        this.announceMerged();
      }
    }
    this.schedule();
  }
}
