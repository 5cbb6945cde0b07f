// What the reader is to look at again: words of little confidence, and turns of voices that are in doubt.
export const createReview = ({ bands, speakers }) => {
  const isMarked = (word) => bands.isMarked(word) || speakers.doubtful.has(word.index);
  return { isMarked, count: (words) => words.filter(isMarked).length };
};
