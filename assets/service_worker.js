// The service worker of the page. It keeps what is shared with the installed page until the page takes it, and says so
// if the server cannot be reached. It holds no copy of the page, so that none can be an old one.
const STASH = "wordlight-shared"; // the cache of recordings that the page has not taken yet, see upload/outside.js
const NONE = "none"; // in the place of its id, of a share that could not be kept: the page says so
const KEEP = 24 * 3600 * 1000; // milliseconds after which one that no page has taken is deleted

// Listens to the browser. page/installable.py calls it.
//
// pages   what is shown if the server cannot be reached: HTML by language
// target  where shares go, below the address of the page
// field   of a share's form, which holds the recordings
export function serve({ pages, target, field }) {
  const page = new URL(self.registration.scope);
  const shares = new URL(target, page);

  self.addEventListener("install", (event) => {
    self.skipWaiting(); // no page depends on the version that it was opened with
    // All but documents passes the worker by, if the browser can be told so.
    const rest = { condition: { not: { requestMode: "navigate" } }, source: "network" };
    event.waitUntil(event.addRoutes?.(rest).catch(() => {}) ?? Promise.resolve());
  });

  self.addEventListener("activate", (event) => {
    // The document is asked for while the worker starts.
    event.waitUntil(self.registration.navigationPreload?.enable() ?? Promise.resolve());
  });

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { pathname: path } = new URL(request.url);
    if (request.mode !== "navigate" || request.destination !== "document") return;
    if (request.method === "POST" && path === shares.pathname) event.respondWith(keep(request, field));
    if (request.method === "GET" && [page.pathname, shares.pathname].includes(path)) {
      event.respondWith(fromServer(event, pages));
      event.waitUntil(sweep());
    }
  });
}

// Keeps the recordings of a share, and leads to the page by way of the server: it knows whether another site has sent
// them, which a worker is not told.
async function keep(request, field) {
  const id = await stashed(request, field).catch(() => NONE); // no room left, or the form has broken off
  return Response.redirect(`${request.url}#shared=${id}`, 303);
}

// Returns the id under which the page finds the recordings.
async function stashed(request, field) {
  const stash = await caches.open(STASH);
  const form = await request.formData();
  const files = form.getAll(field).filter((file) => file instanceof File && file.size);
  const id = crypto.randomUUID();
  for (const [at, file] of files.entries()) await stash.put(`${request.url}/${id}/${at}`, wrapped(file));
  return files.length ? id : NONE;
}

const wrapped = (file) => {
  const headers = { "X-Name": encodeURIComponent(file.name), "X-Kept": String(Date.now()) };
  return new Response(file, { headers: { ...headers, "Content-Type": file.type || "application/octet-stream" } });
};

async function sweep() {
  if (!(await caches.has(STASH))) return;
  const stash = await caches.open(STASH);
  for (const key of await stash.keys()) {
    const kept = await stash.match(key);
    if (Date.now() - Number(kept?.headers.get("X-Kept")) > KEEP) await stash.delete(key);
  }
}

async function fromServer(event, pages) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    const [language] = navigator.language.toLowerCase().split("-");
    const headers = { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" };
    return new Response(pages[language] ?? pages.en, { status: 503, headers });
  }
}
