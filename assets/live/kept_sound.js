// The sound of recordings, kept in this browser until the server has it: a reload or a crash loses nothing of it.
const DATABASE = "wordlight";
const VERSION = 1;
const [RECORDINGS, SOUND] = ["recordings", "sound"]; // stores: {id, user, began, name, parts, run?}, and parts of PCM

// Where the browser keeps nothing, or has no room left, parts stay in memory.
export class KeptSound {
  constructor({ factory = globalThis.indexedDB } = {}) {
    this.factory = factory;
    this.opening = null;
    this.held = new Map(); // id -> parts that only the memory has, by their number
  }

  database() {
    this.opening ??= new Promise((resolve, reject) => {
      const opening = this.factory.open(DATABASE, VERSION);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore(RECORDINGS, { keyPath: "id" });
        opening.result.createObjectStore(SOUND);
      };
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    return this.opening;
  }

  // Notes what is known of a recording.
  async note(recording) {
    await this.change(RECORDINGS, (store) => store.put(recording)).catch(() => {});
  }

  // Keeps the next part of a recording.
  async add(id, number, part) {
    try {
      await this.change(SOUND, (store) => store.put(part, [id, number]));
    } catch {
      this.held.set(id, (this.held.get(id) ?? new Map()).set(number, part));
    }
  }

  // Returns up to `most` parts from a number on, in order.
  async read(id, first = 0, most = Infinity) {
    const range = IDBKeyRange.bound([id, first], [id, first + most], false, true);
    const kept = await this.look(SOUND, async (store) => {
      const [keys, parts] = await Promise.all([asked(store.getAllKeys(range)), asked(store.getAll(range))]);
      return keys.map(([, number], at) => [number, parts[at]]);
    }).catch(() => []);
    const held = [...(this.held.get(id) ?? [])].filter(([number]) => number >= first && number < first + most);
    return [...kept, ...held].sort(([one], [other]) => one - other).map(([, part]) => part);
  }

  // Returns how many parts there are.
  async count(id) {
    const range = IDBKeyRange.bound([id, 0], [id, Infinity]);
    const kept = await this.look(SOUND, (store) => asked(store.count(range))).catch(() => 0);
    return kept + (this.held.get(id)?.size ?? 0);
  }

  // Returns the recordings that are kept, the latest first.
  async recordings() {
    const found = await this.look(RECORDINGS, (store) => asked(store.getAll())).catch(() => []);
    return found.sort((one, other) => other.began - one.began);
  }

  async remove(id) {
    this.held.delete(id);
    const range = IDBKeyRange.bound([id, 0], [id, Infinity]);
    await this.change(SOUND, (store) => store.delete(range)).catch(() => {});
    await this.change(RECORDINGS, (store) => store.delete(id)).catch(() => {});
  }

  async look(name, read) {
    const database = await this.database();
    return read(database.transaction(name).objectStore(name));
  }

  async change(name, write) {
    const work = (await this.database()).transaction(name, "readwrite");
    write(work.objectStore(name));
    await new Promise((resolve, reject) => {
      work.oncomplete = resolve;
      work.onerror = work.onabort = () => reject(work.error);
    });
  }
}

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
