// The subtitles of the document beside their picture: the list, and what the rules find.
import { make } from "../shared/dom.js";
import { CueList } from "./list.js";
import { LintReport } from "./report.js";

export class CuePane {
  // go  called with a time to show the picture of
  constructor(app, { go }) {
    const { store, server, subtitles, i18n } = app;
    Object.assign(this, { store, server, subtitles, shown: i18n.shownSpeaker });
    this.turn = 0; // an answer that a later question has overtaken is not shown
    this.list = new CueList(app, { go });
    this.report = new LintReport(app, { jump: (at) => this.list.jump(at) });
    this.node = make("div", "wl-cue-pane");
    this.node.append(this.report.node, this.list.node);
  }

  async refresh() {
    const turn = (this.turn += 1);
    const asked = { document: this.store.exported(), limits: this.subtitles.limits, shown: this.shown };
    const answer = await this.server.ask("subtitles", asked);
    if (turn !== this.turn || answer.error) return;
    this.list.show(answer);
    this.report.show(answer);
  }

  light(time) {
    this.list.light(time);
  }

  clear() {
    this.turn += 1;
    this.list.clear();
    this.report.node.hidden = true;
  }
}
