// Shows on gradio's login page why signing in failed, and how long to wait. gradio's form only shows wrong
// passwords (400).

// sentences  {wait, failed}, in the reader's language
export function explainSignIn(sentences) {
  const plain = window.fetch;
  const line = Object.assign(document.createElement("p"), { className: "wl-sign-in", role: "alert" });
  line.style.margin = "var(--spacing-md, 6px) 0";
  const announce = (text) => {
    line.textContent = text;
    if (!line.isConnected) document.querySelector("gradio-app h2")?.after(line);
  };
  const explain = (response) => {
    if (response.ok || response.status === 400) return line.remove();
    const seconds = response.headers.get("Retry-After");
    const waits = response.status === 429 && seconds;
    announce(waits ? sentences.wait.replace("{seconds}", seconds) : sentences.failed);
  };
  window.fetch = async (...request) => {
    const isSignIn = String(request[0]?.url ?? request[0]).endsWith("/login") && request[1]?.method === "POST";
    if (!isSignIn) return plain(...request);
    try {
      const response = await plain(...request);
      explain(response);
      return response;
    } catch (error) {
      announce(sentences.failed);
      throw error;
    }
  };
}
