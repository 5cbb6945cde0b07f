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

// After an edit, the server says anew where speech and words disagree (sharing.js).
for (const kind of ["coverage", "finished"]) wordlight.on(kind, tell);
