// How long the transcript is kept with its edits, the link to it, and its end.
import { linkTo, showInAddress, tokenInAddress } from "../shared/address.js";
import { clock } from "../shared/clock.js";
import { copyText, make, makeButton } from "../shared/dom.js";
import { showLinked } from "./resume.js";

export class Retention {
  constructor(app) {
    Object.assign(this, { app, doc: app.store.doc, t: app.i18n.t });
    this.until = make("p", "wl-quiet");
    this.link = makeButton(this.t("copy_link"), () => this.copyLink());
    this.link.id = "copy-link";
    this.linkAt = makeButton("", () => this.copyLinkAt());
    this.linkAt.id = "copy-link-at";
    this.linkAt.hidden = true;
    const end = makeButton(this.t("delete_now"), () => this.forget(), "wl-button wl-danger");
    end.id = "delete-now";
    this.actions = make("span", "wl-keeping-actions");
    this.actions.append(this.link, this.linkAt, end);
    this.node = make("div", "wl-keeping");
    this.node.append(this.until, this.actions);
    app.events.on("active", (index) => this.offerPlace(index));
    app.events.on("opened", () => (this.linkAt.hidden = true));
    app.events.on("finished", (meta) => this.finished(meta));
    app.events.on("kept", (kept) => this.kept(kept));
    app.events.on("undeleted", ({ entry, wasShown }) => {
      app.recent.restore(entry);
      if (wasShown) showLinked(app, entry.run);
    });
    // A link put into the address of the open page, and Back, load nothing anew: they differ behind the # alone.
    window.addEventListener("hashchange", () => {
      const token = tokenInAddress();
      if (token !== this.doc.run) showLinked(app, token);
    });
  }

  finished({ kept_until: until, token }) {
    this.show(until);
    if (token) showInAddress(this.doc.run); // a reload shows it again
  }

  kept({ run, until, error, key }) {
    if (run !== this.doc.run) return;
    if (error || key) this.until.textContent = error ?? this.t(key);
    else this.show(until);
  }

  // until  seconds since 1970, null if it is not kept
  show(until) {
    this.actions.style.display = until === null ? "none" : ""; // its own display outweighs `hidden`
    const isKept = until !== null;
    this.until.textContent = isKept
      ? this.t("kept_until", { time: this.app.i18n.timeOfDay(until) })
      : this.t("not_kept_full");
  }

  async copyLink() {
    await this.app.autosave.flush();
    copyText(this.link, linkTo(this.doc.run), { done: this.t("copied"), label: this.t("copy_link") });
  }

  // Offers the link that opens at a word.
  offerPlace(index) {
    this.at = this.doc.words[index].start;
    this.linkAt.hidden = index === 0;
    this.linkAt.textContent = this.t("copy_link_at", { time: clock(this.at) });
  }

  async copyLinkAt() {
    await this.app.autosave.flush();
    const words = { done: this.t("copied"), label: this.t("copy_link_at", { time: clock(this.at) }) };
    copyText(this.linkAt, linkTo(this.doc.run, this.at), words);
  }

  // Deletes the recording that is shown, and that alone.
  forget() {
    const { deletion, recent, mayLeave } = this.app;
    if (!mayLeave(() => this.forget(), "unsaved_deleted")) return;
    const { run, name } = this.doc;
    deletion.delete({ date: Date.now(), ...recent.entries().find((entry) => entry.run === run), run, name });
  }
}
