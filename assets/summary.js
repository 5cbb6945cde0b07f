// What is known of the transcript that is shown.
const root = element.querySelector(".wl-summary");

function show({ facts, transcript: { warnings } }) {
  const list = make("dl", "wl-facts");
  list.setAttribute("aria-label", say("facts"));
  for (const [key, value] of facts) {
    const fact = make("div", `wl-fact wl-fact-${key}`);
    fact.append(make("dt", "", say(`fact_${key}`)), make("dd", "", told(key, value)));
    list.append(fact);
  }
  root.replaceChildren(list);
  if (warnings.length) root.append(warned(warnings));
}

function told(key, value) {
  if (key === "speed") return say("times_real_time", { times: value });
  if (key !== "language") return value;
  try {
    return new Intl.DisplayNames([wordlight.locale], { type: "language" }).of(value === "jw" ? "jv" : value);
  } catch {
    return value;
  }
}

function warned(sentences) {
  const list = make("ul", "wl-warnings");
  list.setAttribute("aria-label", say("warnings"));
  for (const sentence of sentences) list.append(make("li", "", sentence));
  return list;
}

const clear = () => root.replaceChildren();
wordlight.on("opened", clear);
wordlight.on("forgotten", clear);
wordlight.on("finished", show);
