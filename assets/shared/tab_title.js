// The title of the browser's tab: the name of the transcript that is shown. While one is made, it says how far that is;
// once it has ended behind another tab, that it has.

export function showInTitle({ events, store, i18n: { t } }) {
  const plain = t("title");
  let name = ""; // of what is at work
  let ended = ""; // what ended while the reader was elsewhere
  const draw = (working = "") => {
    const shown = working || ended || store.doc.name;
    document.title = shown ? `${shown} – ${plain}` : plain;
  };
  events.on("status", (value) => {
    if (value.state === "working") {
      ({ name } = value);
      return draw([percent(value.part), name].filter(Boolean).join(" · "));
    }
    ended = document.hidden && name ? `${value.state === "failed" ? "✗" : "✓"} ${name}` : "";
    name = "";
    return draw();
  });
  for (const kind of ["opened", "finished", "renamed", "forgotten"]) events.on(kind, () => !name && draw());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || name) return;
    ended = "";
    draw();
  });
}

const percent = (part) => (part === null || part === undefined ? "…" : `${Math.floor(100 * part)} %`);
