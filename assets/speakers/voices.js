// Who speaks for how long, above the words: a bar with a part for each speaker, which opens a list of them, and a line
// that says whose words alone are shown.
import { make, makeButton, uniqueId } from "../shared/dom.js";
import { VoiceRow } from "./voice_row.js";
import { turnStarts } from "./speakers.js";

const FEWEST = 2; // speakers, below which there is nothing to compare
const KINDS = ["opened", "appended", "relabelled", "speakers", "edited", "retimed", "forgotten", "filtered"];

export class Voices {
  constructor(app, { cursor }) {
    Object.assign(this, { app, doc: app.store.doc, speakers: app.speakers, cursor, t: app.i18n.t });
    this.rows = new Map(); // by the speaker's label
    this.shares = make("span", "wl-shares");
    this.shares.setAttribute("aria-hidden", "true");
    this.count = make("span");
    this.toggle = makeButton("", () => this.open(this.list.hidden), "wl-line-toggle wl-voices-toggle");
    this.toggle.type = "button";
    this.toggle.append(this.shares, this.count);
    this.list = make("ul", "wl-line-list wl-voices");
    this.list.id = uniqueId("wl-voices");
    this.list.setAttribute("aria-label", this.t("speakers"));
    this.toggle.setAttribute("aria-controls", this.list.id);
    this.said = make("span");
    this.filter = make("p", "wl-filter");
    this.filter.setAttribute("role", "status");
    this.all = makeButton(this.t("speaker_all"), () => this.showAll());
    this.filter.append(this.said, this.all);
    this.open(false);
    for (const kind of KINDS) app.events.on(kind, () => this.refresh());
    for (const kind of ["opened", "forgotten"]) app.events.on(kind, () => this.open(false));
    this.refresh();
  }

  open(isOpen) {
    this.list.hidden = !isOpen;
    this.toggle.setAttribute("aria-expanded", String(isOpen));
  }

  refresh() {
    const { list } = this.speakers;
    const isShown = list.length >= FEWEST;
    this.toggle.hidden = !isShown;
    if (!isShown) this.open(false);
    this.drawShares(isShown ? list : []);
    this.drawRows(isShown ? list : []);
    this.drawFilter();
  }

  drawShares(list) {
    const look = JSON.stringify(list.map(({ colour, seconds }) => [colour, Math.round(seconds)]));
    if (this.shares.dataset.look === look) return;
    this.shares.dataset.look = look;
    this.count.textContent = this.t("speakers_count", { count: list.length });
    const parts = list.map(({ colour, seconds }) => {
      const part = make("span", `wl-share wl-voice-${colour}`);
      part.style.flexGrow = seconds.toFixed(2);
      return part;
    });
    this.shares.replaceChildren(...parts);
  }

  // Rows stay, so that the focus stays in them.
  drawRows(list) {
    const all = list.reduce((sum, { seconds }) => sum + seconds, 0);
    const known = this.rows;
    this.rows = new Map(list.map(({ id }) => [id, known.get(id) ?? new VoiceRow(this.app, this.rowParts(id))]));
    for (const [id, row] of known) if (!this.rows.has(id)) row.node.remove();
    list.forEach((speaker, at) => {
      const row = this.rows.get(speaker.id);
      row.fill(speaker, all ? speaker.seconds / all : 0);
      if (this.list.children[at] !== row.node) this.list.insertBefore(row.node, this.list.children[at] ?? null);
    });
  }

  rowParts(id) {
    const closed = () => (this.rows.get(id)?.name ?? this.toggle).focus({ preventScroll: true });
    return { id, jump: (step) => this.cursor.nextTurn(id, step), closed };
  }

  drawFilter() {
    const speaker = this.speakers.get(this.speakers.only);
    this.filter.hidden = !speaker;
    const count = speaker ? turnStarts(this.doc, speaker.id).length : 0;
    const said = speaker ? this.t("speaker_filtered", { name: this.speakers.nameOf(speaker), count }) : "";
    if (this.said.textContent !== said) this.said.textContent = said;
  }

  showAll() {
    this.speakers.showOnly(null);
    this.cursor.focus();
  }
}
