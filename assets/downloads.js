// Files of the transcript as it stands now, edits included; the server writes them, the browser saves them.
wordlight.server = server;
// What the server answers, or {error} where it refuses or cannot be asked: gradio's client then answers with nothing.
wordlight.ask = async (name, asked) => {
  const answer = (await server[name](asked).catch(() => null)) ?? { error: say("unreachable") };
  return answer.error ? { error: wordlight.meaning(answer.code) ?? answer.error } : answer;
};
const root = element.querySelector(".wl-downloads");

root.hidden = true;
const buttons = props.formats.map((format) => {
  const button = make("button", "wl-button", say(`format_${format}`));
  button.id = `download-${format}`;
  button.addEventListener("click", () => take(format));
  return button;
});
const zip = make("button", "wl-button wl-zip", say("download_zip"));
zip.id = "download-zip";
zip.hidden = true;
zip.addEventListener("click", takeAll);
const problem = make("p", "wl-problem");
problem.setAttribute("role", "alert");
const row = make("div", "wl-download-row");
row.setAttribute("role", "group");
row.setAttribute("aria-label", say("downloads"));
row.append(make("p", "wl-quiet", say("downloads")), ...buttons, zip);
const warnings = make("ul", "wl-warnings"); // here, where nobody reads yet: above, they would push the words down
warnings.setAttribute("aria-label", say("warnings"));
root.append(warnings, row, limitFields(), problem);

function limitFields() {
  const fold = make("details", "wl-limits");
  const fields = make("div", "wl-limit-fields");
  for (const limit of constants.limits) {
    const field = Object.assign(make("input"), { type: "number", ...limit, required: true });
    fields.append(labelled(field, say(`limit_${limit.name}`)));
  }
  fields.append(labelled(Object.assign(make("input"), { type: "checkbox", name: "one_word" }), say("limit_one_word")));
  fields.addEventListener("change", () => wordlight.emit("limits"));
  fold.append(make("summary", "", say("limits")), fields);
  return fold;
}

function labelled(field, name) {
  const label = make("label", `wl-limit wl-limit-${field.type}`);
  label.append(make("span", "", name), field);
  return label;
}

wordlight.limits = () => {
  const fields = [...root.querySelectorAll(".wl-limits input[type=number]")];
  const limits = Object.fromEntries(fields.map((field) => [field.name, field.validity.valid ? field.valueAsNumber : null]));
  if (root.querySelector("[name=one_word]").checked) limits.max_words = 1;
  return limits;
};

async function take(format) {
  if (refused()) return;
  const made = await wordlight.ask("export", { document: wordlight.exported(), format, limits: wordlight.limits() });
  if (failed(made)) return;
  save(made.name, new Blob([made.text], { type: `${made.type};charset=utf-8` }));
  wordlight.saved();
}

// Everything of the batch: what is edited here as it stands here, the rest as it is kept.
async function takeAll() {
  if (refused()) return;
  const documents = [];
  for (const token of wordlight.batch) {
    const here = token === doc.run ? doc : wordlight.drafts.get(token);
    const kept = here ? null : await wordlight.ask("recall", { token });
    if (kept && failed(kept)) return;
    const found = here ? wordlight.exported(here) : wordlight.documentOf(kept);
    if (found) documents.push(found);
  }
  const made = await wordlight.ask("bundle", { documents, limits: wordlight.limits() });
  if (failed(made)) return;
  const bytes = Uint8Array.from(atob(made.zip), (letter) => letter.charCodeAt(0));
  save(made.name, new Blob([bytes], { type: "application/zip" }));
  wordlight.saved();
}

// A file with other limits than the fields show would be found out only later: it is not made.
function refused() {
  const wrong = root.querySelector(".wl-limits input:invalid");
  problem.textContent = "";
  if (!wrong) return false;
  const { name, min, max, step } = wrong;
  problem.textContent = say("limit_refused", { name: say(`limit_${name}`), min, max, step });
  wrong.closest("details").open = true;
  wrong.focus();
  return true;
}

function failed({ error = "" }) {
  problem.textContent = error;
  return error !== "";
}

function save(name, blob) {
  const link = Object.assign(make("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

wordlight.save = save;
wordlight.on("opened", () => (root.hidden = true));
wordlight.on("finished", ({ transcript }) => {
  warnings.replaceChildren(...transcript.warnings.map((sentence, at) => make("li", "", warned(sentence, transcript.notices?.[at]))));
  warnings.hidden = !transcript.warnings.length;
  root.hidden = false;
});
wordlight.on("forgotten", () => (root.hidden = true));
wordlight.on("batch", (tokens) => (zip.hidden = tokens.length < 2));
