// What the page's parts share: the transcript as a document, its edits, and texts in the reader's language.
//
// doc.segments  the contract's segments with {lang, spaced, paragraph, chosen, words: [word]}, replaced, never changed
// word          the contract's word, its `word` as `text`, with `band` and, kept up to date, `index`
//
// An edit is a splice of segments: undoing one puts back what it took out, whatever was appended since.
window.wordlight ??= (() => {
  const bus = new EventTarget();
  const on = (kind, act) => bus.addEventListener(kind, ({ detail }) => act(detail));
  const emit = (kind, detail) => bus.dispatchEvent(new CustomEvent(kind, { detail }));

  // -- texts

  const all = window.gradio_config?.i18n_translations ?? {};
  const locale = [navigator.language, navigator.language.split("-")[0]].find((code) => code in all) ?? "en";

  // Where fingers point, some sentences are others: nothing is clicked there, and there are no keys.
  const touch = window.matchMedia("(hover: none), (pointer: coarse)").matches;
  const known = (key) => all[locale]?.[key] ?? all.en?.[key];
  const sentence = (key) => (touch && known(`${key}_touch`)) || known(key);

  // Of a single one, some sentences are told otherwise.
  const text = (key, values = {}) =>
    ((Number(values.count) === 1 && sentence(`${key}_one`)) || sentence(key) || key).replace(
      /\{(\w+)\}/g,
      (_, name) => values[name] ?? "",
    );

  // What an error's code means in the reader's language; nothing in English, which the engine itself speaks.
  const meaning = (code) => sentence(`error_${code}`);

  // Cut off, not rounded, as the browser's player shows it (engine/text/clock.py).
  function clock(seconds) {
    const whole = Math.floor(seconds);
    const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const [hours, minutes, rest] = parts.map((part) => String(part).padStart(2, "0"));
    return parts[0] ? `${parts[0]}:${minutes}:${rest}` : `${Number(minutes)}:${rest}`;
  }

  // Both times of a stretch, or one where both read the same.
  function stretch(start, end) {
    const [first, last] = [clock(start), clock(end)];
    return first === last ? first : `${first}–${last}`;
  }

  const timeOfDay = (seconds) =>
    new Date(1000 * seconds).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });

  // The tag of BCP 47 for one of Whisper's codes, for `lang` attributes and for the browser's names of languages.
  const languageTag = (code) => constants.language_tags[code] ?? code;
  const languageNames = new Intl.DisplayNames([locale], { type: "language" });

  // The name of a language in the reader's own; the code if the browser cannot read it.
  function languageName(code) {
    try {
      return languageNames.of(languageTag(code));
    } catch {
      return code;
    }
  }

  const make = (tag, className = "", content = "") =>
    Object.assign(document.createElement(tag), { className, textContent: content });

  // Where the server gives out a file; names hold what addresses cannot.
  const addressOf = (path) => {
    const { root, api_prefix: api } = window.gradio_config;
    return `${root}${api}/file=${path.split("/").map(encodeURIComponent).join("/")}`;
  };

  // -- the link to a transcript: its token stands behind the #, which browsers send to no server

  function addressWith(token) {
    const url = new URL(location.href);
    const behind = new URLSearchParams(url.hash.slice(1));
    url.searchParams.delete("t");
    if (token) behind.set("t", token);
    else behind.delete("t");
    url.hash = behind.toString();
    return url.href;
  }

  // Links of earlier versions have it in the query; it is moved at once, so that nothing passes it on.
  function tokenInAddress() {
    const old = new URL(location.href).searchParams.get("t");
    if (old) history.replaceState(history.state, "", addressWith(old));
    return new URLSearchParams(location.hash.slice(1)).get("t");
  }

  // -- the document

  // `received` counts the segments that have arrived, those without words too; `edits` and `kept`, how many
  // there have been and how many of these the server has.
  const blank = (run, media) => ({
    run, media, name: media?.orig_name ?? "", segments: [], words: [], meta: null, received: 0,
    past: [], future: [], unsaved: false, edits: 0, kept: 0,
  });
  const doc = blank(null, null);
  const drafts = new Map(); // run -> the document as it was left: edited, at work while another is read, or kept nowhere else
  const ended = new Set(); // runs of which all has arrived; their last message is repeated by each step of a batch
  let following = true; // what is at work is shown, unless the reader has chosen or edited another
  let leaving = false; // the reader has agreed that unsaved edits go

  // `asked`: the reader has asked to see this very transcript; what they have typed in another is put by.
  function receive(value, asked = false) {
    if (!value) return;
    const message = JSON.parse(value.message);
    if (asked && message.run === doc.run && doc.meta) return;
    if (message.run !== doc.run && !asked) {
      if (ended.has(message.run)) return;
      if (!following) return putBy(message, value.media);
    }
    if (message.run !== doc.run) open(message.run, value.media);
    const first = take(doc, message);
    if (doc.segments.length > first) emit("appended", first);
    if (!message.meta) return;
    ended.add(message.run);
    doc.meta = message.meta;
    emit("finished", message.meta);
  }

  // Takes in the segments that are new to a document; returns the index of the first.
  function take(document, { from, segments, meta }) {
    const first = document.segments.length;
    const fresh = from <= document.received ? segments.slice(document.received - from) : [];
    document.received += fresh.length;
    document.segments.push(...fresh.map(segmentOf).filter(({ words }) => words.length));
    for (const segment of document.segments.slice(first))
      for (const word of segment.words) word.index = document.words.push(word) - 1;
    if (first === 0) for (const index of meta?.by_hand ?? []) document.words[index].edited = true;
    return first;
  }

  // A batch goes on out of its reader's sight; what is finished unread, the server has.
  function putBy(message, media) {
    const draft = drafts.get(message.run) ?? blank(message.run, media);
    take(draft, message);
    draft.meta = message.meta ?? null;
    drafts.set(message.run, draft);
    if (!draft.meta) return;
    ended.add(message.run);
    if (!draft.unsaved && !isHereOnly(draft)) drafts.delete(message.run);
  }

  // The server's disk was full when the transcript was finished: this page alone has it.
  const isHereOnly = ({ meta }) => meta?.kept_until === null;

  // Shows a finished transcript that this page alone has.
  function reopen(run) {
    following = false;
    if (run !== doc.run && drafts.has(run)) open(run, drafts.get(run).media);
  }

  function follow(run) {
    following = true;
    if (run !== doc.run && drafts.has(run)) open(run, drafts.get(run).media);
  }

  // The reader has chosen what to see: what is at work does not take its place.
  const stay = () => (following = false);

  function open(run, media) {
    emit("closing");
    if (!leaving && (doc.unsaved || (doc.run && !doc.meta) || isHereOnly(doc))) drafts.set(doc.run, { ...doc });
    leaving = false;
    Object.assign(doc, blank(run, media), drafts.get(run));
    drafts.delete(run);
    if (doc.meta) doc.received = Infinity; // what comes is older than the draft
    shared.media = media ? addressOf(media.path) : null;
    reindex();
    emit("opened", { run, media });
    if (doc.segments.length) emit("appended", 0);
    if (doc.meta) emit("finished", doc.meta);
  }

  // What is shown was deleted; nothing takes its place but what is at work, or what the reader chooses.
  function forget(run) {
    drafts.delete(run);
    leaving = false;
    emit("deleted", run);
    if (run !== doc.run) return;
    Object.assign(doc, blank(null, null));
    shared.media = null;
    emit("forgotten");
  }

  // Returns the state in which a run is kept, "gone" where it is not. The server hears of a reload in its own
  // time and ends the run at the next batch; until then it is at work.
  async function outcome(run) {
    for (let gone = 0; gone < 3; ) {
      const { error, state = error ? "working" : "gone" } = await shared.ask("recall", { token: run, brief: true });
      if (state === "gone") gone += 1;
      else if (state !== "working") return state;
      await new Promise((wake) => setTimeout(wake, 1000));
    }
    return "gone";
  }

  // All fields of the contract are taken in as they are, and given back in `exported`.
  const segmentOf = ({ words, ...segment }) => ({
    ...segment,
    words: words.map(({ word: text, ...fields }) => ({ text, ...fields, index: 0 })),
  });

  // Whether a word is to be looked at again.
  const isMarked = ({ band }) => constants.marked_bands.includes(band);

  function reindex() {
    doc.words = doc.segments.flatMap((segment) => segment.words);
    doc.words.forEach((word, index) => (word.index = index));
  }

  // -- edits

  // Replaces `count` segments from `at`; `focus` is the index of the word to go to, -1 for none.
  function edit(at, count, inserted, focus) {
    doc.past.push({ at, removed: doc.segments.slice(at, at + count), inserted, focus });
    doc.future = [];
    splice(at, count, inserted, focus);
  }

  function splice(at, count, inserted, focus) {
    doc.segments.splice(at, count, ...inserted);
    doc.unsaved = true;
    doc.edits += 1;
    following = false;
    reindex();
    emit("edited", Math.min(focus, doc.words.length - 1));
  }

  function undo() {
    const change = doc.past.pop();
    if (!change) return;
    doc.future.push(change);
    splice(change.at, change.inserted.length, change.removed, change.focus);
  }

  function redo() {
    const change = doc.future.pop();
    if (!change) return;
    doc.past.push(change);
    splice(change.at, change.removed.length, change.inserted, change.focus);
  }

  // What the server needs to write files: segments in the JSON contract's words, and what it told of them.
  function exported({ segments, meta, name } = doc) {
    return {
      name,
      transcript: meta?.transcript,
      segments: segments.map(({ lang, spaced, paragraph, chosen, words, ...segment }) => ({
        ...segment,
        ...(chosen ? { paragraph } : {}),
        words: words.map(({ text: word, band, index, edited, ...fields }) => ({ word, ...fields })),
      })),
    };
  }

  // Returns the index of the word that is heard at a time, -1 between words. Starts never go back.
  function wordAt(time, tolerance = 0.005) {
    let [low, high] = [0, doc.words.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (doc.words[middle].start <= time + tolerance) low = middle + 1;
      else high = middle;
    }
    return low > 0 && time < doc.words[low - 1].end ? low - 1 : -1;
  }

  function saved() {
    doc.unsaved = false;
    emit("saved");
  }

  // Returns the documents with edits that the server has not got.
  const unkept = () => [doc, ...drafts.values()].filter(({ edits, kept }) => edits > kept);

  // The reader has agreed that the edits of what is shown give way.
  function giveWay() {
    leaving = true;
    doc.unsaved = false;
  }

  function begin() {
    following = true;
    emit("starting");
  }

  window.addEventListener("beforeunload", (event) => (unkept().length || [doc, ...drafts.values()].some(isHereOnly)) && event.preventDefault());

  // The run that was at work when this page was loaded anew: {run, name}, or null.
  const interrupted = JSON.parse(sessionStorage.getItem("wordlight_run") ?? "null");

  const shared = {
    doc, drafts, on, emit, text, meaning, locale, touch, clock, stretch, timeOfDay, make, languageTag, languageName, isMarked, interrupted, outcome, receive, follow, reopen, stay, forget, segmentOf, edit, undo, redo, exported, wordAt, saved, unkept,
    giveWay, begin, addressWith, tokenInAddress,
    leave: () => true, // asks a reader who has corrected before that goes (leaving.js)
    keep: () => Promise.resolve(), // sends the server the edits that it has not got (sharing.js)
    server: null, // the functions of the page's server, once the part that has them is there
    media: null, // the address of the recording
    batch: [], // the runs of a batch that have a transcript
    active: -1, // the word that the keyboard is on
    lit: -1, // the word that is heard
    hear: () => {}, // plays from a time; the player's, as are the next four
    seek: () => {}, // goes to a time, playing or not
    toggle: () => {},
    pause: () => {},
    position: () => 0, // seconds
  };
  return shared;
})();
const wordlight = window.wordlight;
const { doc, text: say, make } = wordlight;
