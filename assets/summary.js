// What is known of the transcript that is shown.
const root = element.querySelector(".wl-summary");

function show({ facts }) {
  const list = make("dl", "wl-facts");
  list.setAttribute("aria-label", say("facts"));
  for (const [key, value] of facts) {
    const fact = make("div", `wl-fact wl-fact-${key}`);
    fact.append(make("dt", "", say(`fact_${key}`)), make("dd", "", told(key, value)));
    list.append(fact);
  }
  root.replaceChildren(list);
}

function told(key, value) {
  if (key !== "language") return value;
  try {
    return new Intl.DisplayNames([wordlight.locale], { type: "language" }).of(value === "jw" ? "jv" : value);
  } catch {
    return value;
  }
}

const clear = () => root.replaceChildren();
wordlight.on("opened", clear);
wordlight.on("forgotten", clear);
wordlight.on("finished", show);
