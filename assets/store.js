// What the page's parts share: the transcript as a document, its edits, and texts in the reader's language.
//
// doc.segments  [{lang, spaced, paragraph, speaker, logprob, silence, words: [word]}], replaced, never changed
// word          {text, start, end, probability, band, timing, score, speaker} and, kept up to date, `index`
//
// An edit is a splice of segments: undoing one puts back what it took out, whatever was appended since.
window.wordlight ??= (() => {
  const bus = new EventTarget();
  const on = (kind, act) => bus.addEventListener(kind, ({ detail }) => act(detail));
  const emit = (kind, detail) => bus.dispatchEvent(new CustomEvent(kind, { detail }));

  // -- texts

  const all = window.gradio_config?.i18n_translations ?? {};
  const locale = [navigator.language, navigator.language.split("-")[0]].find((code) => code in all) ?? "en";

  const sentence = (key) => all[locale]?.[key] ?? all.en?.[key];

  // Of a single one, some sentences are told otherwise.
  const text = (key, values = {}) =>
    ((Number(values.count) === 1 && sentence(`${key}_one`)) || sentence(key) || key).replace(
      /\{(\w+)\}/g,
      (_, name) => values[name] ?? "",
    );

  // What an error's code means in the reader's language; nothing in English, which the engine itself speaks.
  const meaning = (code) => sentence(`error_${code}`);

  function clock(seconds) {
    const whole = Math.round(seconds);
    const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const [hours, minutes, rest] = parts.map((part) => String(part).padStart(2, "0"));
    return parts[0] ? `${parts[0]}:${minutes}:${rest}` : `${Number(minutes)}:${rest}`;
  }

  const make = (tag, className = "", content = "") =>
    Object.assign(document.createElement(tag), { className, textContent: content });

  // -- the document

  const doc = { run: null, name: "", segments: [], words: [], meta: null, past: [], future: [], unsaved: false };
  const drafts = new Map(); // run -> the document as it was left, for a batch whose parts are edited in turn
  let received = 0; // segments of this run that have arrived
  let leaving = false; // the reader has agreed that unsaved edits go

  // `asked`: the reader has asked to see this very transcript; what they have typed in another is put by.
  function receive(value, asked = false) {
    if (!value) return;
    const message = JSON.parse(value.message);
    if (message.run !== doc.run) {
      if (doc.unsaved && !leaving && !asked) return; // a batch goes on under the reader's hands
      open(message, value.media);
    }
    const fresh = message.from <= received ? message.segments.slice(received - message.from) : [];
    received += fresh.length;
    if (fresh.length) append(fresh.map(segmentOf));
    if (message.meta) {
      doc.meta = message.meta;
      emit("finished", message.meta);
    }
  }

  function open({ run }, media) {
    if (doc.unsaved && !leaving) drafts.set(doc.run, { ...doc });
    leaving = false;
    received = 0;
    Object.assign(doc, { run, name: media?.orig_name ?? "", segments: [], words: [], meta: null });
    Object.assign(doc, { past: [], future: [], unsaved: false });
    shared.media = media?.url ?? null;
    emit("opened", { run, media });
    const draft = drafts.get(run);
    if (!draft) return;
    drafts.delete(run);
    received = Infinity;
    Object.assign(doc, draft);
    reindex();
    emit("appended", 0);
    if (doc.meta) emit("finished", doc.meta);
  }

  function segmentOf({ words, ...segment }) {
    return {
      ...segment,
      words: words.map(([text, start, end, probability, band, timing, score = null, speaker = null]) => ({
        text, start, end, probability, band, timing, score, speaker, index: 0,
      })),
    };
  }

  function append(segments) {
    const first = doc.segments.length;
    doc.segments.push(...segments.filter((segment) => segment.words.length));
    for (const segment of doc.segments.slice(first))
      for (const word of segment.words) word.index = doc.words.push(word) - 1;
    emit("appended", first);
  }

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
      segments: segments.map((segment) => ({
        language: segment.language,
        avg_logprob: segment.logprob,
        no_speech_prob: segment.silence,
        ...(segment.chosen ? { paragraph: segment.paragraph } : {}),
        ...(segment.speaker ? { speaker: segment.speaker } : {}),
        words: segment.words.map(({ text: word, start, end, probability, timing, score, speaker }) => ({
          word, start, end, probability, timing,
          ...(score === null ? {} : { score }),
          ...(speaker === null ? {} : { speaker }),
        })),
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

  // A reader who has typed is asked before it goes. `proceed` is called once they agree, or at once.
  function leave(proceed) {
    if (!doc.unsaved) return true;
    const dialog = make("dialog", "wl-dialog");
    dialog.setAttribute("aria-label", text("unsaved_title"));
    const keep = make("button", "wl-button wl-primary", text("unsaved_keep"));
    const discard = make("button", "wl-button", text("unsaved_discard"));
    const row = make("div", "wl-dialog-row");
    row.append(keep, discard);
    dialog.append(make("h2", "", text("unsaved_title")), make("p", "", text("unsaved_text")), row);
    keep.addEventListener("click", () => dialog.close());
    discard.addEventListener("click", () => {
      dialog.close();
      leaving = true;
      doc.unsaved = false;
      proceed();
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.querySelector(".gradio-container .contain").append(dialog); // below it, the style sheets apply in full
    dialog.showModal();
    return false;
  }

  // Whatever begins a transcription carries the class; a click that is not agreed to goes no further.
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest?.(".wl-starts");
      if (!button || leave(() => button.click())) return;
      event.stopImmediatePropagation();
      event.preventDefault();
    },
    { capture: true },
  );
  window.addEventListener("beforeunload", (event) => (doc.unsaved || drafts.size) && event.preventDefault());

  const shared = {
    doc, drafts, on, emit, text, meaning, locale, clock, make, receive, segmentOf, edit, undo, redo, exported, wordAt, saved,
    leave,
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
