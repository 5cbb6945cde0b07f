// Opens a transcript at the place that its link names: the word of that time is shown, and playing begins there.
import { placeIn, tokenInAddress } from "./address.js";
import { wordFrom } from "./document.js";

export function openAtPlace({ store, events, player }) {
  const { doc } = store;
  let waiting = null; // {token, at}: the place that has not been shown yet
  const look = () => {
    const at = placeIn(location.href);
    waiting = at === null ? null : { token: tokenInAddress(), at };
    go();
  };
  // While words stream in, the place may be beyond them.
  const go = () => {
    if (!waiting || waiting.token !== doc.run) return;
    const { at } = waiting;
    if (!doc.words.length || (!doc.meta && doc.words.at(-1).end < at)) return;
    waiting = null;
    events.emit("point", wordFrom(doc.words, at));
    player.seek(at);
  };
  look();
  for (const kind of ["appended", "finished"]) events.on(kind, go);
  window.addEventListener("hashchange", look);
}
