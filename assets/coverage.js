// Where speech and words disagree, kept true while the words are corrected: engine/text/coverage.py in the
// browser's words. Seconds throughout; what is written by hand counts as any word.
const SHORTEST_SPEECH = 2;
const REACH = 0.5;

function audit(speech, words) {
  const timed = words.map(({ start, end }) => [start - REACH, end + REACH]);
  const unheard = uncovered(speech, timed).filter(([start, end]) => end - start >= SHORTEST_SPEECH);
  const silent = outside(words, speech.map(([start, end]) => [start - REACH, end + REACH]));
  const told = (kind) => ([start, end]) => ({ kind, start: rounded(start), end: rounded(end) });
  const found = [...unheard.map(told("speech_without_words")), ...silent.map(told("words_without_speech"))];
  return found.sort((a, b) => a.start - b.start);
}

const rounded = (seconds) => Math.round(1000 * seconds) / 1000;

// What is left of ordered spans once ordered covers are taken away.
function uncovered(spans, covers) {
  const left = [];
  let first = 0;
  for (let [start, end] of spans) {
    while (first < covers.length && covers[first][1] <= start) first += 1;
    for (let at = first; at < covers.length && covers[at][0] < end; at += 1) {
      if (covers[at][0] > start) left.push([start, covers[at][0]]);
      start = Math.max(start, covers[at][1]);
    }
    if (start < end) left.push([start, end]);
  }
  return left;
}

// Runs of words that touch none of the ordered spans.
function outside(words, spans) {
  const runs = [];
  let [at, joined] = [0, false];
  for (const { start, end } of words) {
    while (at < spans.length && spans[at][1] < start) at += 1;
    const alone = at === spans.length || spans[at][0] > end;
    if (alone && joined) runs.at(-1)[1] = end;
    else if (alone) runs.push([start, end]);
    joined = alone;
  }
  return runs;
}

// Nothing is missing from what was not heard, nor where nobody looked for speech: there `checked` is null.
function follow() {
  const { sound, checked = Infinity } = doc.meta ?? {};
  if (!sound) return;
  const speech = sound.speech.filter(([start]) => start < checked).map(([start, end]) => [start, Math.min(end, checked)]);
  doc.meta.transcript.coverage = checked === null ? [] : audit(speech, doc.words);
  wordlight.emit("coverage");
}

// A fact that leads to the timeline, so that who reads the words alone sees that some may be missing.
function tell() {
  const count = doc.meta.transcript.coverage?.length;
  root.querySelector(".wl-fact-again")?.remove();
  if (!count) return;
  const lead = make("button", "wl-lead", say("stretches", { count }));
  lead.addEventListener("click", () => {
    const named = ({ textContent: name }) => name.trim() === say("tab_timeline");
    // On a narrow page, gradio has the tabs that find no room in a menu.
    [...document.querySelectorAll("#views :is([role=tab], .overflow-dropdown button)")].find(named)?.click();
    document.getElementById("views").scrollIntoView({ block: "nearest" });
  });
  const [fact, value] = [make("div", "wl-fact wl-fact-again"), make("dd")];
  value.append(lead);
  fact.append(make("dt", "", say("fact_again")), value);
  root.querySelector(".wl-facts")?.append(fact);
}

wordlight.on("edited", follow);
wordlight.on("coverage", tell);
wordlight.on("finished", () => (doc.past.length ? follow() : tell()));
