// What is shown when the page is loaded: the transcript of the link in its address, and the work that the tab followed.
import { tokenInAddress } from "../shared/address.js";
import { AT_WORK, failureCard } from "../shared/runs.js";

const REASONS = { gone: "link_gone", unreachable: "unreachable" }; // why a link shows nothing

// Emits "resumed" once what was to be shown again is there, or cannot be had.
export async function resume(app) {
  const token = tokenInAddress();
  const { runs } = app;
  runs.restore();
  const follows = runs.items.some(({ run, state }) => run === token && AT_WORK.includes(state));
  if (!follows) await showLinked(app, token);
  app.events.emit("resumed");
}

// Shows the transcript of a token, and follows the work at it; says so if that has failed.
//
// name  of its recording, "" if it is not known
export async function showLinked({ kept, runs, store, events }, token, name = "") {
  if (!token) return;
  const { state, failure } = await kept.show(token);
  if (state === "failed") events.emit("note", failureCard(failure, name));
  if (AT_WORK.includes(state)) runs.attach(token, store.doc.run === token ? store.doc.name : "");
  const key = REASONS[state];
  if (key) events.emit("note", { state: "note", key });
}
