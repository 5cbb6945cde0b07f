// Deletes a transcript, and offers for five seconds to undo that. For every reader it is gone at once.
import { linkTo, replaceAddress } from "./address.js";
import { make, makeButton } from "./dom.js";

const SECONDS = 5; // the server waits a little longer

export class Deletion {
  constructor({ store, server, autosave, kept, events, i18n }) {
    Object.assign(this, { store, server, autosave, kept, events, t: i18n.t });
    this.offer = null; // the element that is shown
  }

  // entry  of the list of recent transcripts: {run, name, ...}
  async delete(entry) {
    const { store, server, autosave, events } = this;
    const { run, name } = entry;
    await autosave.flush(); // so that nothing is on its way later, and an undo brings the edits back too
    const { error = "" } = await server.ask("forget", { tokens: [run], undoable: true });
    events.emit("problem", error);
    if (error) return autosave.schedule();
    const wasShown = store.doc.run === run;
    store.forget(run);
    if (wasShown && !store.doc.run) {
      if (!this.kept.isPending()) store.followRunning(null); // else another was chosen meanwhile
      replaceAddress(linkTo(null));
    }
    events.emit("note", { state: "note", key: "deleted", values: { name } });
    this.offerUndo(entry, wasShown);
  }

  offerUndo(entry, wasShown) {
    this.offer?.remove();
    const offer = (this.offer = make("div", "wl-undo"));
    const button = makeButton(this.t("undo_delete"), () => this.undo(entry, wasShown, offer));
    button.id = "undo-delete";
    const countdown = make("span", "wl-countdown");
    countdown.setAttribute("aria-hidden", "true"); // else a screen reader would read each second
    button.append(countdown);
    offer.append(make("span", "", this.t("deleted", { name: entry.name })), button);
    document.querySelector(".gradio-container .contain").append(offer);
    const count = (left) => {
      if (!offer.isConnected) return;
      if (left === 0) return offer.remove();
      countdown.textContent = ` ${left}`;
      setTimeout(() => count(left - 1), 1000);
    };
    count(SECONDS);
  }

  async undo(entry, wasShown, offer) {
    offer.remove();
    const { error } = await this.server.ask("unforget", { tokens: [entry.run] });
    if (error) return this.events.emit("note", { state: "note", key: "", text: error });
    this.events.emit("undeleted", { entry, wasShown });
  }
}
