// Marks on the play bar's slider: above its track the words that are still to be checked, below it the stretches
// without speech and the bookmarks. Three outlines, whatever the length; the style sheet has their colours.
import { passagesOf } from "../bookmarks/passages.js";
import { bookmarkPath, checkPath, COLUMNS, HEIGHT, silencePath } from "./mark_paths.js";

const NEWS = ["opened", "appended", "relabelled", "speakers", "edited", "finished", "fillers", "forgotten"];
const SVG = "http://www.w3.org/2000/svg";

export class SeekMarks {
  constructor({ store, events, review }) {
    Object.assign(this, { doc: store.doc, review });
    this.drawn = null; // seconds of the recording that the marks were drawn for; null if they are out of date
    this.node = document.createElementNS(SVG, "svg");
    this.node.setAttribute("class", "wl-seek-marks");
    this.node.setAttribute("viewBox", `0 0 ${COLUMNS} ${HEIGHT}`);
    this.node.setAttribute("preserveAspectRatio", "none");
    this.node.setAttribute("aria-hidden", "true");
    const outlines = ["wl-mark-checks", "wl-mark-silences", "wl-mark-bookmarks"].map(outline);
    const [checks, silences, bookmarks] = outlines;
    Object.assign(this, { checks, silences, bookmarks });
    this.node.append(silences, checks, bookmarks);
    for (const kind of NEWS) events.on(kind, () => (this.drawn = null));
  }

  // duration  seconds of the recording as the slider has it
  draw(duration) {
    if (duration === this.drawn) return;
    this.drawn = duration;
    const { words, meta } = this.doc;
    const marked = duration ? words.filter(this.review.isMarked) : [];
    const { sound, checked } = meta ?? {}; // `checked` is null if no speech was looked for
    const isKnown = duration && sound && checked !== null;
    const until = Math.min(duration, checked ?? duration);
    this.checks.setAttribute("d", checkPath(marked, duration));
    const bookmarked = duration ? passagesOf(words).map(({ first }) => words[first].start) : [];
    this.bookmarks.setAttribute("d", bookmarkPath(bookmarked, duration));
    this.silences.setAttribute("d", isKnown ? silencePath(sound.speech, { duration, until }) : "");
  }
}

function outline(name) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", name);
  return path;
}
