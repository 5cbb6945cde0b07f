// The people of a document: who they are, how long each speaks, and how each is shown.

const LABEL = /^SPEAKER_(\d+)$/; // as the engine gives them
const COLOURS = 8; // that page/colours.py has for speakers
const TURN_PAUSE = 0.7; // seconds within a sample
const SAMPLE = 8; // seconds of a sample at most

const labelOf = (number) => `SPEAKER_${String(number - 1).padStart(2, "0")}`;
const numberOf = (label) => (LABEL.test(label) ? Number(LABEL.exec(label)[1]) + 1 : 0);

// Returns the speakers that have words, in the order of their numbers:
//
// id        the label that words carry
// number    by which a key gives words to the speaker, and by which one without a name is called
// name      the one that was given, "" for none
// initials  that no other speaker has
// words, seconds, doubtful, near
export function speakersOf(document) {
  const counted = countWords(document.words);
  const known = new Map(document.speakers.map((speaker) => [speaker.id, speaker]));
  const taken = new Set([...counted.keys()].map(numberOf));
  let free = 0;
  const nextFree = () => {
    do free += 1;
    while (taken.has(free));
    return free;
  };
  const found = [...counted].map(([id, { words, seconds }]) => {
    const name = givenName(document, id);
    const { doubtful_speaker: doubtful = false, near = null } = known.get(id) ?? {};
    const number = numberOf(id) || nextFree();
    return { id, number, name, words, seconds, doubtful: doubtful && !isSettled(document, id), near };
  });
  found.sort((one, other) => one.number - other.number);
  return withInitials(found).map((speaker) => ({ ...speaker, colour: ((speaker.number - 1) % COLOURS) + 1 }));
}

// Whether the reader has said who a voice is, with a name or as a person of its own.
const isSettled = (document, id) => Object.hasOwn(document.names, id) || givenName(document, id) !== "";

// Returns the name that a person has given to a label, "" for none. A label that is no number is a name.
export function givenName({ names, speakers }, id) {
  if (Object.hasOwn(names, id)) return names[id];
  const name = speakers.find((speaker) => speaker.id === id)?.name ?? id;
  return name === id && LABEL.test(id) ? "" : name;
}

function countWords(words) {
  const counted = new Map();
  for (const { speaker, start, end } of words) {
    if (!speaker) continue;
    const found = counted.get(speaker) ?? { words: 0, seconds: 0 };
    counted.set(speaker, { words: found.words + 1, seconds: found.seconds + end - start });
  }
  return counted;
}

function withInitials(speakers) {
  const taken = new Set();
  return speakers.map((speaker) => {
    const [first = [], ...others] = speaker.name.split(/\s+/u).filter(Boolean).map((part) => [...part]);
    const short = [first[0], others.at(-1)?.[0]].join("").toLocaleUpperCase();
    const longer = first.slice(0, 2).join("");
    const tries = speaker.name ? [short, longer, `${short}${speaker.number}`] : [];
    const initials = tries.find((letters) => letters && !taken.has(letters)) ?? String(speaker.number);
    taken.add(initials);
    return { ...speaker, initials };
  });
}

// Returns the first label that no word, no speaker and no name has.
export function freeLabel({ words, speakers, names }) {
  const known = [...words.map(({ speaker }) => speaker), ...speakers.map(({ id }) => id), ...Object.keys(names)];
  const taken = new Set(known);
  let number = 1;
  while (taken.has(labelOf(number))) number += 1;
  return labelOf(number);
}

// Returns the speakers as the contract has them, with the names that were given. A voice of which the reader has
// said who it is is in doubt no more.
export function exportSpeakers(document) {
  const known = new Map(document.speakers.map((speaker) => [speaker.id, speaker]));
  return speakersOf(document).map(({ id, name }) => {
    const { doubtful_speaker: doubtful, near, ...speaker } = known.get(id) ?? { id };
    const doubt = isSettled(document, id) ? {} : { ...(doubtful && { doubtful_speaker: true }), ...(near && { near }) };
    return { ...speaker, name: name || id, ...doubt };
  });
}

// Returns the longest stretch {start, end} of a speaker in which no one else speaks; null without any.
export function sampleOf({ words, meta }, id) {
  const overlaps = meta?.transcript.overlaps ?? [];
  const isClear = ({ start, end }) => !overlaps.some((other) => other.start < end && other.end > start);
  let [best, run] = [null, null];
  for (const word of words) {
    const goes = word.speaker === id && isClear(word);
    if (goes && run && word.start - run.end <= TURN_PAUSE) run = { start: run.start, end: word.end };
    else run = goes ? { start: word.start, end: word.end } : null;
    if (run && (!best || run.end - run.start > best.end - best.start)) best = run;
  }
  best ??= words.find(({ speaker }) => speaker === id) ?? null;
  return best && { start: best.start, end: Math.min(best.end, best.start + SAMPLE) };
}

// Whether the engine may still change who speaks which word: corrections wait until the run has ended.
export const mayChange = ({ meta }) => !meta;

// Returns the indices of the words at which a speaker begins: those of turns, and of single words within turns of
// others.
export function turnStarts({ segments }, id) {
  const starts = [];
  let before = null;
  for (const { words, speaker } of segments) {
    if (speaker !== id) starts.push(...singleWords(words, id));
    else if (before !== id) starts.push(words[0].index);
    before = speaker;
  }
  return starts;
}

const singleWords = (words, id) =>
  words.filter((word, at) => word.speaker === id && words[at - 1]?.speaker !== id).map(({ index }) => index);

// Returns the turn of the word with an index as {first, last}, indices of words: the segments around it with
// the same speaker.
export function turnAt({ segments }, index) {
  const at = segments.findIndex(({ words: inside }) => inside.at(-1).index >= index);
  if (at < 0) return null;
  const { speaker } = segments[at];
  let [from, to] = [at, at];
  while (from > 0 && segments[from - 1].speaker === speaker) from -= 1;
  while (to + 1 < segments.length && segments[to + 1].speaker === speaker) to += 1;
  return { first: segments[from].words[0].index, last: segments[to].words.at(-1).index, speaker };
}

// Returns the indices of the first words of turns of speakers that are in doubt.
export function doubtfulTurns({ segments, words }, speakers) {
  const doubtful = new Set(speakers.filter((speaker) => speaker.doubtful).map(({ id }) => id));
  if (!doubtful.size || !words.length) return new Set();
  const begins = segments.filter(
    ({ speaker }, at) => doubtful.has(speaker) && segments[at - 1]?.speaker !== speaker,
  );
  return new Set(begins.map((segment) => segment.words[0].index));
}
