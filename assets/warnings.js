// What the engine warns of, in the reader's language. It speaks English, in these sentences; one that is not
// among them, and every one where the page is in English, is shown as it is.
const SPAN = "At (?<when>[\\d:–]+) ";
const TIMED = "ords were timed by (?<lower>\\w+), not by (?<rung>\\w+): (?<reason>.+)$";
const SENTENCES = {
  cut_off: "The recording should last (?<stated>[\\d:]+), but only (?<decoded>[\\d:]+) of it could be read",
  damaged: "Parts of this file are damaged or missing",
  silent: "No speech was found in this recording",
  uncertain: "The language is uncertain: .+ is only (?<percent>\\d+)% likely",
  loop: `${SPAN}the text repeated itself`,
  repetition: `${SPAN}the text repeats itself`,
  prompt: "Only the end of the prompt had room",
  fast: `${SPAN}there is more text than can be said`,
  unlikely: `${SPAN}the text is doubtful throughout`,
  timed: `W${TIMED}`,
  timed_there: `${SPAN}w${TIMED}`,
  stopped: "Stopped after (?<heard>[\\d:]+); the rest has not been heard",
};
const KNOWN = Object.entries(SENTENCES).map(([name, start]) => [`warning_${name}`, new RegExp(`^${start}`)]);

function warned(sentence) {
  for (const [key, pattern] of KNOWN) {
    const found = sentence.match(pattern);
    const told = found && say(key, { ...found.groups, language: languageName(doc.meta.transcript.language) });
    if (found) return told === key ? sentence : told;
  }
  return sentence;
}

function languageName(code) {
  return code ? new Intl.DisplayNames([wordlight.locale], { type: "language" }).of(code === "jw" ? "jv" : code) : "";
}
