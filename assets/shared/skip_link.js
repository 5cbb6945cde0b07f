// The first stop of Tab: it leads past the form to the words.
import { make } from "./dom.js";

export function addSkipLink({ store, events, i18n: { t } }) {
  const link = Object.assign(make("a", "wl-skip", t("skip_to_words")), { href: "#transcript" });
  link.addEventListener("click", (event) => {
    event.preventDefault(); // the address holds the transcript's token
    events.emit("words");
  });
  const draw = () => (link.hidden = !store.doc.words.length);
  for (const kind of ["opened", "appended", "edited", "forgotten"]) events.on(kind, draw);
  draw();
  document.body.prepend(link);
}
