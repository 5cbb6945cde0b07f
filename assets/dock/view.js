// The bar at the page's foot, in sight wherever the reader is and whatever tab is open: it plays the recording, and
// leads through the words to check.
import { listenToPageKeys } from "./page_keys.js";
import { PlayBar } from "./play_bar.js";
import { ReviewBar } from "./review_bar.js";
import { SaveNotice } from "./save_notice.js";
import { make } from "../shared/dom.js";
import { noteDockHeight } from "../shared/sight.js";

const HEIGHT = 57; // pixels of the bar in a wide window (dock.css)
const KINDS = ["opened", "appended", "relabelled", "edited", "speakers", "finished", "forgotten", "player", "active",
  "fillers"];

export function show(app, { element }) {
  const root = element.querySelector(".wl-dock");
  const { events, store: { doc } } = app;
  const [play, review] = [new PlayBar(app), new ReviewBar(app)];
  const inside = make("div", "wl-dock-inside");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", app.i18n.t("dock"));
  inside.append(play.node, review.node);
  root.append(inside, new SaveNotice(app).node);
  let drawn = false; // the events of one turn of the page are drawn once
  let isWorking = false;
  const draw = () => {
    drawn = false;
    root.hidden = !app.player.isReady() && !doc.words.length;
    play.draw();
    review.draw();
    noteHeight(root, review.node, isWorking ? HEIGHT : 0);
  };
  const drawSoon = () => {
    if (!drawn) requestAnimationFrame(draw);
    drawn = true;
  };
  for (const kind of [...KINDS, "follow", "reviewing"]) events.on(kind, drawSoon);
  // From the click on the page ends above the place of the bar: nothing moves when it comes.
  events.on("state", (state) => {
    isWorking = state === "working";
    drawSoon();
  });
  events.on("edited", () => review.announce());
  new ResizeObserver(drawSoon).observe(inside);
  listenToPageKeys(app);
  draw();
}

// The review stands above the rest in a narrow window.
function noteHeight(root, review, least) {
  const shown = [root, review].filter((node) => node.getClientRects().length);
  const tops = shown.map((node) => node.getBoundingClientRect().top);
  noteDockHeight(tops.length ? Math.round(window.innerHeight - Math.min(...tops)) : least);
}
