// What is known of the transcript that is shown, its edits included, and of which recording it is.
const root = element.querySelector(".wl-summary");

let failed = false; // another recording, of which the card above tells

function show() {
  if (!doc.meta) return;
  const name = make("p", "wl-name", failed ? say("still_shown", { name: doc.name }) : doc.name);
  name.title = doc.name;
  name.dir = "auto";
  const list = make("dl", "wl-facts");
  list.setAttribute("aria-label", say("facts"));
  for (const [key, value] of counted(doc.meta.facts)) {
    const fact = make("div", `wl-fact wl-fact-${key}`);
    fact.append(make("dt", "", say(`fact_${key}`)), make("dd", "", told(key, value)));
    list.append(fact);
  }
  root.replaceChildren(...(doc.name ? [name] : []), list);
}

// Words and doubts are counted as they stand.
function counted(facts) {
  const doubts = doc.words.filter(wordlight.isMarked).length;
  return facts.flatMap(([key, value]) => {
    if (key === "doubtful") return [];
    if (key !== "words") return [[key, value]];
    const words = [key, doc.words.length.toLocaleString("en")];
    return doubts ? [words, ["doubtful", doubts.toLocaleString("en")]] : [words];
  });
}

const told = (key, value) => (key === "language" ? wordlight.languageName(value) : value);

const clear = () => root.replaceChildren();
wordlight.on("state", (state) => {
  failed = state === "failed";
  show();
});
wordlight.on("opened", clear);
wordlight.on("forgotten", clear);
for (const kind of ["finished", "edited"]) wordlight.on(kind, show);
