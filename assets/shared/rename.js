// Gives a transcript another name: a field in the place of the old one.
import { make } from "./dom.js";

const MOST_CHARACTERS = 200; // of a name

// Puts a field in the place of a node. `done` is called once, with the name that was typed, null without a new one.
export function openNameField(node, { name, label, done }) {
  const field = make("input", "wl-name-field");
  field.value = name;
  field.maxLength = MOST_CHARACTERS;
  field.setAttribute("aria-label", label);
  let settled = false;
  const settle = (keep) => {
    if (settled) return;
    settled = true;
    const typed = field.value.trim();
    done(keep && typed && typed !== name ? typed : null);
  };
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    settle(event.key === "Enter");
  });
  field.addEventListener("blur", () => settle(true));
  node.replaceWith(field);
  field.focus();
  field.select();
}

// Has the server keep the name, and tells the page. Emits "renamed" {run, name}, or a note that says why not.
export async function giveName({ server, store, events }, run, name) {
  const { error = "", name: given } = await server.ask("rename", { token: run, name });
  if (error) return events.emit("note", { state: "note", key: "", text: error });
  if (store.doc.run === run) store.doc.name = given;
  return events.emit("renamed", { run, name: given });
}
