// Corrections of gradio's own parts, version 6.17.

const LATE = 100; // milliseconds, more than the frame that gradio waits for before it opens a list
const SETTLED = [100, 500, 2000, 6000]; // milliseconds after which parts that gradio draws later are looked at

// Puts our sentences within gradio's parts into the reader's language, and takes the hidden copy of its tabs,
// on which gradio measures them, out of the way of Tab.
export function translateParts({ i18n: { t, locale }, events }) {
  document.documentElement.lang = locale;
  document.documentElement.style.setProperty("--wl-choose", JSON.stringify(t("choose_files"))); // page.css
  // gradio names one by a key without a text, the other in English whatever the reader's language.
  const nameButtons = () => {
    for (const button of document.querySelectorAll("#file :is([aria-label='common.upload'], [aria-dropeffect])")) {
      button.setAttribute("aria-label", t("file_add"));
      button.title &&= t("file_add");
    }
  };
  events.on("listed", nameButtons); // it draws them anew then
  const watchTab = watchTabs();
  const settle = () => {
    for (const node of document.querySelectorAll(".wl-says")) node.textContent = t(node.dataset.key);
    for (const copy of document.querySelectorAll(".tab-container.visually-hidden")) {
      copy.inert = true;
      for (const tab of copy.children) watchTab(tab);
    }
    nameButtons();
  };
  asItSettles(settle);
}

// Does something to parts of gradio's now, and again while it draws the rest of them.
export function asItSettles(act) {
  act();
  for (const wait of SETTLED) setTimeout(act, wait);
}

// Returns a function that watches a tab of gradio's copies: if its size changes, gradio counts anew how many have room.
//
// By itself gradio counts when it draws them and when the window's size changes. Fonts, styles and sentences that come
// later would leave a tab that has room in the menu for those that have none.
function watchTabs() {
  const watched = new WeakSet();
  const observer = new ResizeObserver(() => window.dispatchEvent(new Event("resize")));
  return (tab) => {
    if (watched.has(tab)) return; // to observe it again would report it again
    watched.add(tab);
    observer.observe(tab);
  };
}

const isField = (node) => node instanceof Element && node.matches("input[role=listbox][aria-controls]");

// Has what is typed in the field of a list take the place of the choice that stands in it; else the letters would come
// behind it, and find nothing.
export function typeOverChoices() {
  document.addEventListener("focusin", ({ target }) => {
    // A click sets the caret after this.
    if (isField(target)) setTimeout(() => document.activeElement === target && target.select());
  });
}

// Closes a drop-down list once the focus has left it.
//
// gradio opens the list at any key that is pressed in its field, but a frame later. If Tab has moved the focus
// on by then, the list stays open for good. An open list is also a stop for Tab, since it scrolls, and takes
// the focus with it into nothing as it fades.
export function closeAbandonedLists() {
  const skipList = (event) => {
    if (event.key !== "Tab" || !isField(event.target)) return;
    const list = document.getElementById(event.target.getAttribute("aria-controls"));
    if (list) list.tabIndex = -1;
    event.stopPropagation();
  };
  window.addEventListener("keydown", skipList, { capture: true });
  // Other keys take the focus away too, such as that of the browser's address bar.
  document.addEventListener("focusout", ({ target }) => {
    if (!isField(target)) return;
    setTimeout(() => {
      const isOpen = target.getAttribute("aria-expanded") === "true";
      if (isOpen && document.activeElement !== target) target.dispatchEvent(new FocusEvent("blur"));
    }, LATE);
  });
}

// Opens a tab by its label. On a narrow page, gradio has the tabs that find no room in a menu.
export function openTab(id, label) {
  const tabs = document.querySelectorAll(`#${id} :is([role=tab], .overflow-dropdown button)`);
  [...tabs].find(({ textContent: name }) => name.trim() === label)?.click();
  document.getElementById(id).scrollIntoView({ block: "nearest" });
}
