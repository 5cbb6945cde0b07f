// Bands of confidence, the best first; page/messages.py puts each word into one.
export const createBands = ({ bands, marked_bands: marked }) => {
  const isMarked = ({ band }) => marked.includes(band); // whether a word is to be looked at again
  return { all: bands, best: bands[0], isMarked };
};
