// The functions of page/server_functions.py. gradio gives them to one component, which connects them.
export function createServer({ t, errorText }) {
  let functions = null;
  const waiting = [];
  return {
    connect(given) {
      functions = given;
      for (const act of waiting.splice(0)) act();
    },
    isConnected: () => functions !== null,
    whenConnected(act) {
      if (functions) act();
      else waiting.push(act);
    },
    // Returns the server's answer, or {error} if it refuses or cannot be reached; gradio's client then
    // answers with nothing.
    async ask(name, asked) {
      const answer = (await functions?.[name](asked).catch(() => null)) ?? { error: t("unreachable") };
      return answer.error ? { error: errorText(answer.code) ?? answer.error } : answer;
    },
  };
}
