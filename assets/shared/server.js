// The functions of page/server_functions.py. gradio gives them to one component, which connects them.
const LOST = {};
const LOOK_AGAIN = 3000; // milliseconds from one look for a server that was lost to the next
const after = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Emits "connection" with whether the server can be reached, when that changes.
export function createServer({ t, errorText, errorHint }, events) {
  const inWords = ({ code, error }) => (errorText(code) ? `${errorText(code)} ${errorHint(code)}` : error);

  let functions = null;
  let isLost = false;
  const note = (isReached) => {
    if (isReached !== isLost) return;
    isLost = !isReached;
    events.emit("connection", isReached);
    if (isLost) lookForIt();
  };
  const lookForIt = async () => {
    while (isLost) {
      await after(LOOK_AGAIN);
      if (await isAlive()) note(true);
    }
  };
  const waiting = [];
  return {
    connect(given) {
      functions = given;
      for (const act of waiting.splice(0)) act();
    },
    isConnected: () => functions !== null,
    isReached: () => !isLost, // as far as the last request has told
    whenConnected(act) {
      if (functions) act();
      else waiting.push(act);
    },
    // Returns the server's answer, or {error} if it refuses. If the server cannot be reached, gradio's client answers
    // with nothing; then, and if the answer takes longer than so many milliseconds, this returns {error, lost}.
    async ask(name, asked, patience = null) {
      const asking = functions?.[name](asked).catch(() => null);
      const answer = (await (patience ? Promise.race([asking, after(patience)]) : asking)) ?? LOST;
      note(answer !== LOST);
      if (answer === LOST) return { error: t("unreachable"), lost: true };
      return answer.error ? { ...answer, error: inWords(answer) } : answer;
    },
  };
}

const isAlive = () =>
  fetch(`${window.gradio_config.root}/health/live`, { cache: "no-store" }).then(({ ok }) => ok, () => false);
