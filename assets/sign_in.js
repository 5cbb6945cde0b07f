// Shows why signing in failed, and how long to wait. gradio's login form only shows wrong passwords (400).
(sentences) => {
	const plain = window.fetch;
	let line = null;

	function show(text) {
		line ??= Object.assign(document.createElement("p"), { className: "wl-sign-in", role: "alert" });
		line.style.margin = "var(--spacing-md, 6px) 0";
		line.textContent = text;
		if (!line.isConnected) document.querySelector("gradio-app h2")?.after(line);
	}

	function explain(response) {
		if (response.ok || response.status === 400) {
			line?.remove();
			return;
		}
		const seconds = response.headers.get("Retry-After");
		const waits = response.status === 429 && seconds;
		show(waits ? sentences.wait.replace("{seconds}", seconds) : sentences.failed);
	}

	window.fetch = async (...request) => {
		const signsIn = String(request[0]?.url ?? request[0]).endsWith("/login") && request[1]?.method === "POST";
		if (!signsIn) return plain(...request);
		try {
			const response = await plain(...request);
			explain(response);
			return response;
		} catch (error) {
			show(sentences.failed);
			throw error;
		}
	};
}
