// What is shown when the page is loaded: the transcript of the link in its address, or what became of the run
// that a reload has cut off.
import { tokenInAddress } from "../shared/address.js";
import { clock } from "../shared/clock.js";
import { runState } from "../shared/run_state.js";
import { clearSession } from "../shared/session.js";

const REASONS = { gone: "link_gone", unreachable: "unreachable" }; // why a link shows nothing

// Emits "resumed" once what was to be shown again is there, or cannot be had.
export async function resume(app) {
  const token = tokenInAddress();
  clearSession("run");
  await (app.interrupted ? showInterrupted(app, app.interrupted) : showLinked(app, token));
  app.events.emit("resumed");
}

export async function showLinked({ kept, events }, token) {
  const key = REASONS[token && (await kept.show(token))];
  if (key) events.emit("note", { state: "note", key });
}

async function showInterrupted({ store, server, kept, events }, { run, name }) {
  const before = store.doc.run;
  let begun = false; // whether the reader has begun something new
  events.on("starting", () => (begun = true));
  const state = await runState(server, run);
  if (begun || store.doc.run !== before) return;
  const shown = state === "gone" ? state : await kept.show(run);
  if (shown === "unreachable") return events.emit("note", { state: "note", key: shown });
  const heard = shown === "gone" ? "" : clock(store.doc.meta.heard);
  events.emit("note", { state: "note", key: `reload_${shown}`, values: { name, heard } });
}
