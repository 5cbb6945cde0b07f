// Opens a transcript at the place that its link names, else where this browser's reader left it: the word of that time
// is shown, and playing begins there.
import { placeIn, tokenInAddress } from "./address.js";
import { wordFrom } from "./document.js";

export function openAtPlace({ store, events, player, places }) {
  const { doc } = store;
  let waiting = null; // {token, at}: the place that has not been shown yet
  const look = () => {
    const token = tokenInAddress();
    const at = placeIn(location.href) ?? places.of(token);
    waiting = at === null ? null : { token, at };
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
