// Registers the service worker (service_worker.js) once nothing else is to be done: nothing on the page waits for it.
const LATE = 1000; // milliseconds after the page has loaded, for browsers that do not say when they are idle

export function registerWorker() {
  // Without TLS there are no workers. A page in a frame, as on a Space, cannot be installed.
  if (!navigator.serviceWorker || window.top !== window) return;
  const register = () => navigator.serviceWorker.register("./service-worker.js").catch(() => {}); // forbidden here
  const whenIdle = () => (window.requestIdleCallback ? requestIdleCallback(register) : setTimeout(register, LATE));
  if (document.readyState === "complete") whenIdle();
  else window.addEventListener("load", whenIdle, { once: true });
}
