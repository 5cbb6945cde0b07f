// What the reader is to look at again: words of little confidence, and turns of voices that are in doubt.
const MOST = 6; // words of a stop: as many as one hears at once

// Returns what is left to check in words: `left` of `all`.
export function progressText(t, { left, all }) {
  if (left === 0) return t(all ? "all_checked" : "nothing_to_check", { count: all });
  return left === all ? t("to_check", { count: left }) : t("to_check_of", { count: left, all });
}

export const createReview = ({ bands, speakers, fillers }) => {
  const isDoubtful = (word) => (bands.isMarked(word) && !word.checked) || speakers.doubtful.has(word.index);
  const isMarked = (word) => isDoubtful(word) && !fillers?.hides(word); // what is out of sight is not to be checked
  const count = (words) => words.filter(isMarked).length;
  // Marked words of a segment that follow each other are one stop; each turn in doubt begins one.
  const stopsOf = (words) => {
    const found = [];
    for (const word of words) {
      const { index } = word;
      const last = found.at(-1);
      const goesOn = last?.last === index - 1 && index - last.first < MOST && !speakers.doubtful.has(index);
      if (!isMarked(word)) continue;
      if (goesOn) last.last = index;
      else found.push({ first: index, last: index });
    }
    return found;
  };
  return {
    place: null, // the stop that the reader has gone to
    plays: true, // whether going to a stop plays it
    isMarked,
    count,
    // Returns how many words are left, and of how many: those that were marked until a person checked them count too.
    progress: (words) => {
      const left = count(words);
      const wasMarked = ({ band, bandBefore = band }) => bands.isMarked({ band: bandBefore });
      return { left, all: left + words.filter((word) => word.checked && !isMarked(word) && wasMarked(word)).length };
    },
    // Returns the stops of a document as {first, last}, indices of words.
    stops: ({ segments }) => segments.flatMap(({ words }) => stopsOf(words)),
    // Returns the stop that a word belongs to, null if it is not marked.
    stopAt: ({ segments }, index) => {
      const around = segments.find(({ words }) => words.at(-1).index >= index && words[0].index <= index);
      return (around && stopsOf(around.words).find(({ first, last }) => first <= index && index <= last)) ?? null;
    },
  };
};
