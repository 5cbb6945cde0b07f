// The line at the place that is playing. The view goes on with it.
import { clock } from "../shared/clock.js";
import { wordAt } from "../shared/document.js";
import { make } from "../shared/dom.js";

const JUMP = 1; // seconds that playing does not take from one call to the next
const AHEAD = 0.45; // of the view: a new view begins a little before the place that is playing

export class Playhead {
  constructor({ store, speakers, player }, chart) {
    Object.assign(this, { doc: store.doc, speakers, player, chart });
    this.node = make("div", "wl-now");
    this.node.hidden = true;
    this.last = { time: 0, view: "", inside: true }; // what `follow` last saw
    this.turning = false; // whether a new view is being drawn
  }

  show(time) {
    const { axis } = this.chart;
    if (!axis) return;
    const at = axis.d2p(time);
    this.node.hidden = at < 0 || at > axis._length;
    this.node.style.insetInlineStart = `${axis._offset + at}px`;
  }

  // Moves the view on by as much as it shows once playing has left it, and to where the reader has jumped. A
  // reader who looks at another place meanwhile is left there.
  async follow(time, isVisible) {
    const { chart, last } = this;
    this.show(time);
    if (!chart.axis || !isVisible || this.turning) return;
    const [from, to] = chart.axis.range;
    this.last = { time, view: `${from} ${to}`, inside: time >= from && time <= to };
    const jumped = Math.abs(time - last.time) > JUMP;
    const played = last.inside && last.view === this.last.view;
    if (this.last.inside || !(jumped || played)) return;
    this.turning = true;
    await chart.look(to - from, time + AHEAD * (to - from));
    this.turning = false;
    this.last = { time, view: chart.axis.range.join(" "), inside: true };
    this.show(this.player.position());
  }

  // Gives screen readers the time, its word and who says it: the chart is a slider.
  announce(time) {
    const { node, duration } = this.chart;
    const word = this.doc.words[wordAt(this.doc.words, time)];
    const speaker = this.speakers.get(word?.speaker);
    const name = speaker ? `· ${this.speakers.nameOf(speaker)}` : "";
    node.setAttribute("aria-valuemin", "0");
    node.setAttribute("aria-valuemax", duration.toFixed(1));
    node.setAttribute("aria-valuenow", time.toFixed(1));
    node.setAttribute("aria-valuetext", `${clock(time)} ${word?.text ?? ""} ${name}`.trim());
  }
}
