// What the reader sees of a part of the page: the bar at the page's foot covers the lowest part of the window.
const HEIGHT = "--wl-dock-height"; // of that bar, in pixels

export const noteDockHeight = (pixels) => document.documentElement.style.setProperty(HEIGHT, `${pixels}px`);

const dockHeight = () => parseFloat(document.documentElement.style.getPropertyValue(HEIGHT)) || 0;

// Whether a part scrolls by itself. In a small window the words do not: the window scrolls (transcript.css).
export const isBox = (node) => getComputedStyle(node).overflowY === "auto";

// Returns where the window ends for the reader, in pixels from its top.
export const sightEnd = () => window.innerHeight - dockHeight();

const LOOKS = 8; // frames

// Scrolls the window to a part, and again for some frames: paragraphs on the way get their true height only then.
export function scrollToPart(node, looks = LOOKS) {
  node.scrollIntoView({ block: "center" });
  if (looks) requestAnimationFrame(() => scrollToPart(node, looks - 1));
}

// Returns {top, bottom} of what is in sight of an element, in pixels of the window; null if it is less than `least`.
export function sightOf(node, least) {
  const box = node.getBoundingClientRect();
  const [top, bottom] = [Math.max(0, box.top), Math.min(sightEnd(), box.bottom)];
  return bottom - top >= Math.min(least, box.height) ? { top, bottom } : null;
}
