// Segments whose words get other speakers: cut where the speaker changes, and put into paragraphs anew. Segments
// and words are replaced, never changed.
import { lastFrom } from "../shared/document.js";

// Returns the speaker of most of the words, the first one's in a tie; null without any.
export function mainSpeaker(words) {
  const counted = new Map();
  for (const { speaker } of words) if (speaker) counted.set(speaker, (counted.get(speaker) ?? 0) + 1);
  return [...counted].reduce((best, found) => (best && best[1] >= found[1] ? best : found), null)?.[0] ?? null;
}

const withSpeaker = ({ speaker: _, ...rest }, speaker) => (speaker ? { ...rest, speaker } : rest);

// Returns a segment of some of a segment's words; those after the first begin no paragraph.
function partOf(segment, words, isFirst) {
  const part = isFirst ? { ...segment, words } : { ...segment, words, paragraph: false, chosen: false };
  return withSpeaker(part, mainSpeaker(words));
}

// Cuts a segment where its speaker changes for more than a word, as engine/text/speaker_labels.py does.
export function cutBySpeaker(segment) {
  const runs = [];
  let waiting = []; // single words of others before the first run
  for (const run of runsOf(segment.words)) {
    const [{ speaker }] = run;
    if (runs.length && (run.length === 1 || !speaker || speaker === mainSpeaker(runs.at(-1)))) runs.at(-1).push(...run);
    else if (run.length === 1 || !speaker) waiting.push(...run);
    else {
      runs.push([...waiting, ...run]);
      waiting = [];
    }
  }
  if (waiting.length) runs.push(waiting);
  return runs.map((words, at) => partOf(segment, words, at === 0));
}

function runsOf(words) {
  const runs = [];
  for (const word of words)
    if (runs.length && runs.at(-1)[0].speaker === word.speaker) runs.at(-1).push(word);
    else runs.push([word]);
  return runs;
}

// Returns the parts of a segment before, in and after a range of words, those in the range with a speaker.
export function assignWords(segment, first, last, speaker) {
  const { words } = segment;
  if (words.at(-1).index < first || words[0].index > last) return [segment];
  const before = words.filter(({ index }) => index < first);
  const inside = words.filter(({ index }) => index >= first && index <= last);
  const after = words.filter(({ index }) => index > last);
  const parts = [before, inside.map((word) => withSpeaker(word, speaker)), after].filter(({ length }) => length);
  return parts.map((part, at) => partOf(segment, part, at === 0));
}

// Returns segments with the beginnings of paragraphs that follow from their speakers and pauses, as
// engine/text/paragraphs.py does; segments that stay as they are are the same objects.
//
// rules  {pause: seconds, long: words}, see page/constants.py
export function inParagraphs(segments, { pause, long }) {
  let [until, count, before] = [0, 0, null];
  return segments.map((segment) => {
    const { words, speaker, chosen } = segment;
    const follows = !before || words[0].start - until > pause || speaker !== before.speaker || count >= long;
    const paragraph = !before || (chosen ? segment.paragraph : follows);
    count = words.length + (paragraph ? 0 : count);
    until = words.reduce((latest, { end }) => Math.max(latest, end), until);
    before = segment;
    return segment.paragraph === paragraph ? segment : { ...segment, paragraph };
  });
}

// Returns the edit of history.js that makes these segments of a document's; null if nothing changes.
export function editBetween(old, next, focus) {
  let at = 0;
  while (at < old.length && old[at] === next[at]) at += 1;
  let same = 0; // segments at the end
  while (same < old.length - at && same < next.length - at && old.at(-1 - same) === next.at(-1 - same)) same += 1;
  const [count, inserted] = [old.length - same - at, next.slice(at, next.length - same)];
  return count || inserted.length ? { at, count, inserted, focus } : null;
}

// Returns a function that returns a segment with its words labelled by turns, uncut; the same if nothing changes.
//
// turns  [[start of the first word, speaker or null]], in order
export function labeller(turns) {
  const spans = turns.map(([start, speaker]) => ({ start, speaker }));
  const speakerAt = (time) => spans[lastFrom(spans, time)]?.speaker ?? null;
  return (segment) => {
    const labels = segment.words.map(({ start }) => speakerAt(start + 0.0005)); // times have three digits
    if (segment.words.every(({ speaker = null }, at) => speaker === labels[at])) return segment;
    const words = segment.words.map((word, at) => withSpeaker(word, labels[at]));
    return withSpeaker({ ...segment, words }, mainSpeaker(words));
  };
}
