// The keys of the chart, which is a slider over the recording.
import { runKey } from "../shared/dom.js";

const STEP = 5; // seconds that an arrow goes, or
const STEP_OF_VIEW = 0.05; // this part of the view, if that is less

export function listenToKeys({ player }, chart, playhead) {
  const { node } = chart;
  const go = (seconds) => {
    const [from, to] = chart.axis.range;
    const time = Math.min(chart.duration, Math.max(0, player.position() + seconds));
    player.seek(time);
    playhead.announce(time);
    if (time < from || time > to) chart.look(to - from, time);
    else playhead.show(time);
  };
  const press = (event) => {
    if (!chart.axis || event.altKey || event.ctrlKey || event.metaKey) return;
    const [from, to] = chart.axis.range;
    const step = Math.min(STEP, STEP_OF_VIEW * (to - from));
    const zoom = (factor) => chart.look((to - from) * factor, player.position());
    runKey(event, {
      ArrowRight: () => go(step),
      ArrowLeft: () => go(-step),
      Home: () => go(-Infinity),
      End: () => go(Infinity),
      Enter: () => player.playFrom(player.position()),
      " ": () => player.toggle(),
      "+": () => zoom(0.5),
      "=": () => zoom(0.5), // the key of +, without Shift
      "-": () => zoom(2),
    });
  };
  node.tabIndex = 0;
  node.setAttribute("role", "slider");
  node.addEventListener("keydown", press);
  node.addEventListener("focus", () => playhead.announce(player.position()));
}
