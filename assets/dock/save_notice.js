// Says, in sight wherever the reader is, that corrections are not on the server, and why.
import { make } from "../shared/dom.js";

export class SaveNotice {
  constructor({ store, events, i18n }) {
    this.node = make("p", "wl-save-notice");
    this.node.setAttribute("role", "alert");
    this.node.hidden = true;
    events.on("kept", ({ run, error, key }) => {
      if (run !== store.doc.run) return;
      this.node.hidden = !error && !key;
      this.node.textContent = error ?? (key ? i18n.t(key) : "");
    });
    for (const kind of ["opened", "forgotten"]) events.on(kind, () => (this.node.hidden = true));
  }
}
