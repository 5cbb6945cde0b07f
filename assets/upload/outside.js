// Recordings that come from outside of the page: shared with the installed page, which the service worker has kept
// (service_worker.js), or opened with it. They go into the zone for files as if they had been dropped.
import { replaceAddress } from "../shared/address.js";
import { readSession, writeSession } from "../shared/session.js";
import { giveFiles, isFilled } from "./file_field.js";

const STASH = "wordlight-shared"; // as in service_worker.js
const SHARED = "shared"; // in the address, and in what outlives a reload: the id of a share
const LOOKS = 200; // for gradio's zone, which may not be drawn yet
const PAUSE = 100; // milliseconds between two of them

export function takeFromOutside({ events, server }) {
  const note = (key) => events.emit("note", { state: "note", key });
  const give = async (files) => {
    for (let look = 0; look < LOOKS; look += 1) {
      if (await giveFiles(files, { adds: false })) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    note("upload_busy");
  };

  const id = sharedId();
  // They are kept until the server has them: a reload before that loses nothing.
  events.on("listed", () => id && id === readSession(SHARED) && isFilled() && forget(id));
  if (id) {
    server.whenConnected(async () => {
      const files = await sharedFiles(id);
      if (files.length) return give(files);
      writeSession(SHARED, null);
      note("shared_lost");
    });
  }

  window.launchQueue?.setConsumer(async ({ files }) => {
    const opened = await Promise.all((files ?? []).map((handle) => handle.getFile()));
    if (opened.length) server.whenConnected(() => give(opened));
  });
}

// Returns the id of the share that the page has been opened with, null if there is none; takes it out of the address.
function sharedId() {
  const address = new URL(location.href);
  const behind = new URLSearchParams(address.hash.slice(1));
  const id = behind.get(SHARED);
  if (!id) return readSession(SHARED);
  behind.delete(SHARED);
  address.hash = behind.toString();
  replaceAddress(address.href);
  writeSession(SHARED, id);
  return id;
}

async function sharedFiles(id) {
  try {
    const stash = await caches.open(STASH);
    return await Promise.all((await keysOf(stash, id)).map(async (key) => unwrapped(await stash.match(key))));
  } catch {
    return []; // the browser keeps nothing
  }
}

async function forget(id) {
  writeSession(SHARED, null);
  const stash = await caches.open(STASH);
  for (const key of await keysOf(stash, id)) await stash.delete(key);
}

const keysOf = async (stash, id) => (await stash.keys()).filter(({ url }) => url.includes(`/${id}/`));

async function unwrapped(kept) {
  const name = decodeURIComponent(kept.headers.get("X-Name"));
  return new File([await kept.blob()], name, { type: kept.headers.get("Content-Type") });
}
