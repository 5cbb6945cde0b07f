// Where speech and words disagree, below the chart: to be heard, and to be transcribed once more.
import { clock } from "../shared/clock.js";
import { parseSegment } from "../shared/document.js";
import { make, makeButton } from "../shared/dom.js";
import { MismatchRow } from "./mismatch_row.js";
import { replaceSpan } from "./replace_span.js";

export class Mismatches {
  constructor(app, languages) {
    Object.assign(this, { app, languages, store: app.store, doc: app.store.doc, t: app.i18n.t });
    this.rows = new Map(); // mismatch -> its row; a row that stays keeps what was chosen and said there
    this.mended = null; // {change, start, count}: words that a second try has put in, while that is the last edit
    this.takenBack = null; // seconds: where words were taken out again; the row there gets the focus once it is listed
    this.node = make("div", "wl-audit");
    this.done = make("p", "wl-audit-done");
    this.report = make("span");
    this.report.setAttribute("role", "status");
    this.undo = makeButton(this.t("undo"), () => this.takeBack());
    this.done.append(this.report, this.undo);
  }

  list() {
    const known = this.rows;
    const focused = document.activeElement; // asked for now: a row that is moved loses the focus
    const isOurs = this.node.contains(focused) || (this.takenBack !== null && focused === document.body);
    const place = [...known.values()].findIndex(({ node }) => node.contains(focused));
    const found = this.doc.meta.transcript.coverage ?? [];
    this.rows = new Map();
    for (const mismatch of found) {
      const key = JSON.stringify(mismatch);
      this.rows.set(key, known.get(key) ?? this.rowOf(mismatch));
    }
    const list = make("ul");
    list.append(...[...this.rows.values()].map(({ node }) => node));
    const parts = [make("h2", "", this.t("audit")), this.done, ...(found.length ? [list] : []), ...this.limits()];
    this.node.replaceChildren(...parts);
    this.showMended();
    if (isOurs) this.putFocus(focused, place);
    this.takenBack = null;
  }

  rowOf(mismatch) {
    const mend = (segments, words) => this.mend(segments, mismatch, words);
    return new MismatchRow(this.app, { mismatch, languages: this.languages, mend });
  }

  // The list is drawn anew while the reader uses it: the focus stays, or goes to what takes the place of its row.
  putFocus(focused, place) {
    const rows = [...this.rows.values()];
    const isBack = ({ mismatch }) => this.takenBack !== null && mismatch.end > this.takenBack;
    const row = rows.find(isBack) ?? (this.undo.hidden ? rows[Math.min(Math.max(place, 0), rows.length - 1)] : null);
    const stays = this.takenBack === null && this.node.contains(focused);
    (stays ? focused : row?.playButton ?? this.undo).focus({ preventScroll: true });
  }

  // Returns sentences for what the list does not say: that all is well, or how far that is known.
  limits() {
    const { checked = Infinity, state } = this.doc.meta; // seconds; null if no speech was looked for
    const isPart = state === "stopped" || state === "left";
    const said = [!this.rows.size && "audit_none", isPart && "audit_until"];
    const keys = checked === null ? ["audit_unchecked"] : said.filter(Boolean);
    return keys.map((key) => make("p", "wl-quiet", this.t(key, { time: clock(checked) })));
  }

  // Says what a second try has put in, as long as that can be taken back.
  showMended() {
    if (this.doc.past.at(-1) !== this.mended?.change) this.mended = null;
    const { start, count } = this.mended ?? {};
    this.report.textContent = this.mended ? `${clock(start)} · ${this.t("audit_found", { count })}` : "";
    this.undo.hidden = !this.mended;
  }

  // Puts the segments of a second try in the place of a mismatch.
  mend(segments, mismatch, count) {
    this.store.edit(replaceSpan(this.doc, segments.map(parseSegment), mismatch));
    this.mended = { change: this.doc.past.at(-1), start: mismatch.start, count };
    this.showMended();
    if (!document.activeElement || document.activeElement === document.body) this.undo.focus({ preventScroll: true });
    this.app.autosave.flush(); // the list follows what the server finds
  }

  takeBack() {
    this.takenBack = this.mended.start;
    this.store.undo();
    this.app.autosave.flush();
  }

  // Forgets the rows of a document that is no longer shown.
  forget() {
    this.rows = new Map();
  }
}
