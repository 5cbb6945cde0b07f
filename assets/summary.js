// What is known of a finished transcript. Value: {facts: [[key, label, text]], warnings: [sentence]} or null.
const root = element.querySelector(".wl-summary");
const make = (tag, className, text) =>
  Object.assign(document.createElement(tag), { className, textContent: text });

function show(value) {
  root.replaceChildren();
  if (!value) return;
  const list = make("dl", "wl-facts", "");
  list.setAttribute("aria-label", props.texts.facts);
  for (const [key, label, text] of value.facts) {
    const fact = make("div", `wl-fact wl-fact-${key}`, "");
    fact.append(make("dt", "", label), make("dd", "", text));
    list.append(fact);
  }
  root.append(list);
  if (value.warnings.length) root.append(warnings(value.warnings));
}

function warnings(sentences) {
  const list = make("ul", "wl-warnings", "");
  list.setAttribute("aria-label", props.texts.warnings);
  for (const sentence of sentences) list.append(make("li", "", sentence));
  return list;
}

watch("value", () => show(props.value));
show(props.value);
