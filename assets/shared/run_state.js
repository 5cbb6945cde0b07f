const BETWEEN = 1000; // milliseconds between two questions
const MAX_ABSENCES = 3; // questions in a row to which a run that was just cut off may be unknown

// Returns the state in which a run is kept, "gone" if it is not kept. After a reload the server ends the run
// only at the next batch of windows; until then it is working.
export async function runState(server, run) {
  for (let absences = 0; absences < MAX_ABSENCES; ) {
    const { error, state = error ? "working" : "gone" } = await server.ask("recall", { token: run, brief: true });
    if (state === "gone") absences += 1;
    else if (state !== "working") return state;
    await new Promise((wake) => setTimeout(wake, BETWEEN));
  }
  return "gone";
}
