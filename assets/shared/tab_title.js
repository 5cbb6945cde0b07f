// The title of the browser's tab: how far the work is, and once it has ended behind another tab, that it has.

export function showInTitle({ events, i18n: { t } }) {
  const plain = t("title");
  let name = ""; // of what is at work
  const set = (text) => (document.title = text ? `${text} – ${plain}` : plain);
  events.on("status", (value) => {
    if (value.state === "working") {
      ({ name } = value);
      return set([percent(value.part), name].filter(Boolean).join(" · "));
    }
    const ended = document.hidden && name ? `${value.state === "failed" ? "✗" : "✓"} ${name}` : "";
    name = "";
    return set(ended);
  });
  document.addEventListener("visibilitychange", () => !document.hidden && !name && set(""));
}

const percent = (part) => (part === null || part === undefined ? "…" : `${Math.floor(100 * part)} %`);
