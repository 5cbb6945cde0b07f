// Addresses: of files on the server, and of a transcript's link, whose token stands behind the #. Browsers
// send that part to no server.

export function fileAddress(path) {
  const { root, api_prefix: api } = window.gradio_config;
  return `${root}${api}/file=${path.split("/").map(encodeURIComponent).join("/")}`;
}

export const fileName = (path) => path.split("/").at(-1);

// Returns an address of the page with another token, or with none, and with the seconds at which it opens, if any.
export function withToken(address, token, at = null) {
  const url = new URL(address);
  const behind = new URLSearchParams(url.hash.slice(1));
  url.searchParams.delete("t");
  if (token) behind.set("t", token);
  else behind.delete("t");
  if (at === null) behind.delete("at");
  else behind.set("at", String(Math.floor(100 * at) / 100));
  url.hash = behind.toString();
  return url.href;
}

export const linkTo = (token, at = null) => withToken(location.href, token, at);

export const replaceAddress = (url) => history.replaceState(history.state, "", url);

// Names the transcript that is shown in the address. The browser's Back leads to the one before, unless the new one
// follows it by itself.
export function showInAddress(token, follows = false) {
  const before = tokenInAddress();
  if (before === token) return;
  if (before && !follows) history.pushState(history.state, "", linkTo(token));
  else replaceAddress(linkTo(token));
}

// Links of earlier versions have the token in the query; it is moved at once, so that no request passes it on.
export function tokenInAddress() {
  const old = new URL(location.href).searchParams.get("t");
  if (old) replaceAddress(linkTo(old));
  return new URLSearchParams(location.hash.slice(1)).get("t");
}

// Returns the seconds at which a link opens its transcript, null if it names none.
export function placeIn(address) {
  const named = new URLSearchParams(new URL(address).hash.slice(1)).get("at");
  const seconds = named === null || named === "" ? NaN : Number(named);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
