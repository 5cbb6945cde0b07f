import { make, makeButton } from "../shared/dom.js";

// Lists the keys. `closed` is called once the reader has closed the list.
export function showKeys({ t, closed }) {
  const dialog = make("dialog", "wl-dialog wl-keys-dialog");
  dialog.setAttribute("aria-label", t("keys_title"));
  const list = make("dl", "wl-keys");
  [list.tabIndex, list.autofocus] = [0, true]; // it is read from its beginning, and the arrow keys scroll it
  for (const line of [...t("keys_list").split("\n"), t("keys_find")]) {
    const [key, meaning] = line.split(" = ");
    const row = make("div");
    row.append(make("dt", "", key), make("dd", "", meaning));
    list.append(row);
  }
  const close = makeButton(t("close"), () => dialog.close(), "wl-button wl-primary");
  dialog.append(make("h2", "", t("keys_title")), list, close);
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed();
  });
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  document.querySelector(".gradio-container .contain").append(dialog); // whatever tab is open
  dialog.showModal();
}
