// Which words the table shows, in which order, and its text for a spreadsheet.

// Columns by their names, each with the value by which it sorts.
export const COLUMNS = {
  word: ({ text }) => text.toLocaleLowerCase(),
  start: ({ start }) => start,
  end: ({ end }) => end,
  confidence: ({ probability }) => probability,
  speaker: ({ speaker }) => speaker ?? "", // labels are in the order of the first words
  timing: ({ timing }) => timing,
};

const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);

// Returns the indices of the words that hold the wanted text, in any case, sorted by a column; equal ones stay
// in the order of the recording.
//
// isAsked  tells which words are looked at; without it, all are
export function findRows(words, { wanted, column, up, isAsked = () => true }) {
  const needle = wanted.trim().toLocaleLowerCase();
  const holds = ({ text }) => text.toLocaleLowerCase().includes(needle);
  const found = words.filter((word) => holds(word) && isAsked(word)).map(({ index }) => index);
  if (column === "start" && up) return found; // as the words stand
  const value = COLUMNS[column];
  const order = up ? 1 : -1;
  return found.sort((a, b) => order * compare(value(words[a]), value(words[b])));
}

const FIELDS = ["text", "start", "end", "probability", "timing"];

// Marks what a spreadsheet would take for a formula as text, as the server's files do (engine/export/writers.py).
const asText = (value) =>
  typeof value === "string" && /^[\p{Cf}\p{Zs}]*[=+\-@\t\r\n＝＋－＠]/u.test(value) ? `'${value}` : String(value);

// Returns words as a table with a head. A field in quotation marks is read in the clipboard too, so a field
// that begins with a mark has to be quoted.
//
// nameOf  returns the name of a word's speaker; without it, the table has none
export function delimited(words, separator, lineEnd, nameOf = null) {
  const special = new RegExp(`["${separator}\r\n]`);
  const quoted = (value) => (special.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const fields = (word) => [...FIELDS.map((field) => word[field]), ...(nameOf ? [nameOf(word)] : [])];
  const head = ["word", ...FIELDS.slice(1), ...(nameOf ? ["speaker"] : [])];
  const rows = [head, ...words.map((word) => fields(word).map(asText))];
  return rows.map((row) => row.map(quoted).join(separator)).join(lineEnd);
}
