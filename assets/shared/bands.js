// Bands of confidence, the best first; page/messages.py puts each word into one.
export const createBands = ({ bands, band_floors: floors = [], marked_bands: marked }) => {
  const isMarked = ({ band }) => marked.includes(band); // whether a word is to be looked at again
  // Returns the band that a word is drawn in: the text that a person has found right is as sure as one can be.
  const shownAs = ({ band, checked }) => (checked ? bands[0] : band);
  // Returns the band of a word that the server has put into none.
  const of = (probability) => bands[floors.findIndex((least) => probability >= least)] ?? bands.at(-1);
  return { all: bands, best: bands[0], isMarked, shownAs, of };
};
