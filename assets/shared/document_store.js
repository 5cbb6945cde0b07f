// The document that is shown, and the others that the page has to remember.
//
// Messages of a run append to its document. Which run is shown depends on the reader: what is at work is
// followed until the reader has chosen or edited another.
import { blankDocument, exportDocument, isHereOnly, reindex } from "./document.js";
import { applyEdit, redoEdit, retimeWords, undoEdit } from "./history.js";
import { takeMessage } from "./messages.js";
import { baseOf, storedSegments } from "./shared_edits.js";

const HELD = 200; // milliseconds until held messages are tried again

// events     see events.js: "merging", "closing", "opened", "appended", "relabelled", "speakers", "finished", "edited",
//            "saved", "translated", "deleted", "forgotten"
// addressOf  returns the address of a file on the server
// rules      of paragraphs, see page/constants.py
export class DocumentStore {
  constructor({ events, addressOf, rules }) {
    this.doc = blankDocument(null, null); // always this object; opening another fills it anew
    this.drafts = new Map(); // run -> document left while edited or at work, or that is on no server
    this.media = null; // the address of the recording
    this.events = events;
    this.addressOf = addressOf;
    this.rules = rules;
    this.ended = new Set(); // runs of which all has arrived; each step of a batch repeats their last message
    this.following = true; // whether what is at work is shown
    this.discarding = false; // whether the reader has agreed that unsaved edits go
    this.held = []; // messages of the run that is shown, as they came, which wait until no word is being typed
    this.timer = 0;
  }

  // Takes in a transcript message: {media: {path, orig_name} | null, message}, the message as an object or as JSON.
  // asked  whether the reader asked for this transcript; what they have typed in another is then stashed
  receive(value, asked = false) {
    if (!value) return;
    const { doc } = this;
    const message = typeof value.message === "string" ? JSON.parse(value.message) : value.message;
    if (asked && message.run === doc.run && doc.meta) return;
    if (message.run !== doc.run && !asked) {
      if (this.ended.has(message.run)) return;
      if (!this.following) return this.stash(message, value.media);
    }
    if (message.run !== doc.run) this.open(message.run, value.media);
    if (this.mustWait(message)) this.hold(message);
    else this.take(message);
  }

  // Whether a message may draw words anew while the reader is typing in the place of one, or follows such a message.
  mustWait(message) {
    if (this.held.length) return true;
    const merging = { waits: false };
    if (message.turns || message.meta) this.events.emit("merging", merging);
    return merging.waits;
  }

  hold(message) {
    this.held.push(message);
    this.timer ||= setTimeout(() => this.takeHeld(), HELD);
  }

  takeHeld() {
    clearTimeout(this.timer);
    this.timer = 0;
    const messages = this.held.splice(0).filter(({ run }) => run === this.doc.run);
    for (const message of messages) {
      if (this.ended.has(message.run)) continue; // its last message has come twice
      if (this.mustWait(message)) this.hold(message);
      else this.take(message);
    }
  }

  take(message) {
    const { doc, events } = this;
    const { first, relabelled } = takeMessage(doc, message, this.rules);
    if (relabelled) events.emit("relabelled");
    else if (doc.segments.length > first) events.emit("appended", first);
    if (message.speakers || message.meta) events.emit("speakers");
    if (!message.meta) return;
    this.ended.add(message.run);
    finish(doc, message);
    events.emit("finished", { ...message.meta, shown_as: doc.name });
  }

  // Takes further words of a transcript that was stopped.
  goOn() {
    const { doc, events } = this;
    this.ended.delete(doc.run);
    Object.assign(doc, { meta: null, base: null, received: doc.words.length });
    this.following = true;
    events.emit("opened", { run: doc.run, media: doc.media });
    events.emit("appended", 0);
  }

  // Keeps a message of a run that is not shown. What the server has is dropped once it is finished.
  stash(message, media) {
    const draft = this.drafts.get(message.run) ?? blankDocument(message.run, media);
    takeMessage(draft, message, this.rules);
    if (message.meta) finish(draft, message);
    this.drafts.set(message.run, draft);
    if (!draft.meta) return;
    this.ended.add(message.run);
    if (!draft.unsaved && !isHereOnly(draft)) this.drafts.delete(message.run);
  }

  open(run, media) {
    const { doc, drafts, events } = this;
    events.emit("closing");
    this.takeHeld(); // nothing is being typed any more
    const isOurs = doc.unsaved || doc.edits > doc.kept || (doc.run && !doc.meta) || isHereOnly(doc);
    if (!this.discarding && isOurs) drafts.set(doc.run, { ...doc });
    this.discarding = false;
    Object.assign(doc, blankDocument(run, media), drafts.get(run));
    drafts.delete(run);
    if (doc.meta) doc.received = Infinity; // messages are older than the draft
    this.media = media ? this.addressOf(media.path) : null;
    reindex(doc);
    events.emit("opened", { run, media });
    if (doc.segments.length) events.emit("appended", 0);
    if (doc.meta) events.emit("finished", { ...doc.meta, shown_as: doc.name });
  }

  // Shows a finished transcript that this page alone has.
  reopen(run) {
    this.following = false;
    this.openDraft(run);
  }

  // Shows a run that is at work, and goes on with the next ones; null for whichever comes.
  followRunning(run) {
    this.following = true;
    this.openDraft(run);
  }

  // Returns how many words of a run have arrived.
  wordsOf(run) {
    const { received = 0 } = this.documents().find((document) => document.run === run) ?? {};
    return Number.isFinite(received) ? received : 0;
  }

  openDraft(run) {
    if (run !== this.doc.run && this.drafts.has(run)) this.open(run, this.drafts.get(run).media);
  }

  // The reader has chosen what to see: what is at work does not take its place.
  keepShowing() {
    this.following = false;
  }

  // A transcription begins.
  begin() {
    this.following = true;
    this.events.emit("starting");
  }

  // Forgets a deleted run. If it was shown, nothing takes its place but what is at work or is chosen next.
  forget(run) {
    this.drafts.delete(run);
    this.discarding = false;
    this.events.emit("deleted", run);
    if (run !== this.doc.run) return;
    Object.assign(this.doc, blankDocument(null, null));
    this.media = null;
    this.events.emit("forgotten");
  }

  // edit  {at, count, inserted, focus}, see history.js
  edit(edit) {
    applyEdit(this.doc, edit);
    this.announceEdit(edit.focus);
  }

  undo() {
    this.announceEdit(undoEdit(this.doc));
  }

  redo() {
    this.announceEdit(redoEdit(this.doc));
  }

  // Gives words the times that were found for them in the sound; see history.js. Emits "retimed" with them.
  retime(changes) {
    retimeWords(this.doc, changes);
    this.events.emit("retimed", changes);
  }

  // Puts another translation beside the words, null for none (translation/sentences.js). Undo leaves it as it is.
  // goesOn  whether a further stretch is to follow; "translated" is emitted with it
  translate(translation, goesOn = false) {
    this.doc.meta.transcript.translation = translation;
    this.doc.edits += 1;
    this.events.emit("translated", goesOn);
  }

  announceEdit(focus) {
    if (focus === null) return;
    this.following = false;
    this.events.emit("edited", Math.min(focus, this.doc.words.length - 1));
  }

  // Returns the document as the server reads it.
  exported() {
    return exportDocument(this.doc);
  }

  // The reader has downloaded the document as it stands.
  markSaved() {
    this.doc.unsaved = false;
    this.events.emit("saved");
  }

  // The reader has agreed that the edits of what is shown go.
  discardEdits() {
    this.discarding = true;
    this.doc.unsaved = false;
  }

  // Returns the documents with edits that the server does not have.
  unkept() {
    return this.documents().filter(({ edits, kept }) => edits > kept);
  }

  // Returns whether something is lost if this page is closed now.
  hasUnkept() {
    return this.unkept().length > 0 || this.documents().some(isHereOnly);
  }

  documents() {
    return [this.doc, ...this.drafts.values()];
  }
}

// Notes in a document that all of it is there, and what the server has.
function finish(document, { segments, meta }) {
  const isUntouched = document.edits === 0;
  const stored = isUntouched ? [...document.segments] : storedSegments({ ...meta, segments });
  document.meta = meta;
  document.base = baseOf(stored, meta.transcript, meta.revision ?? 0);
}
