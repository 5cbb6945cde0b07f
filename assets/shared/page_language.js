// The list at the page's foot by which its reader chooses another language than the browser's; see
// page/chosen_language.py.
import { make } from "./dom.js";

const YEAR = 365 * 24 * 3600; // seconds

// Puts the list into gradio's foot of the page, which may be drawn later, once.
export function offerLanguages({ constants, i18n: { t, locale } }) {
  const foot = document.querySelector("footer");
  if (!foot || foot.querySelector(".wl-page-language")) return;
  const select = make("select", "wl-page-language");
  select.setAttribute("aria-label", t("page_language"));
  const option = (code) => Object.assign(make("option", "", ownName(code)), { value: code, lang: code });
  select.append(...constants.page_languages.map(option));
  select.value = locale;
  select.addEventListener("change", () => {
    note(constants.page_language_cookie, select.value);
    location.reload(); // every sentence stands in the document
  });
  foot.prepend(select);
}

// Returns what its speakers call a language.
function ownName(code) {
  const name = new Intl.DisplayNames([code], { type: "language" }).of(code);
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}

// In a frame of another site, such as a Space's own page, browsers keep a cookie only if it says that it may be there.
function note(name, code) {
  const place = location.protocol === "https:" ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";
  document.cookie = `${name}=${code}; Max-Age=${YEAR}; Path=${new URL(".", location.href).pathname}; ${place}`;
}
