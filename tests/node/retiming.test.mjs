// Corrected words are timed by the sound: which ones the server is asked for, and where its answer ends up.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { DocumentStore } from "../../assets/shared/document_store.js";
import { createEvents } from "../../assets/shared/events.js";
import { Edits } from "../../assets/transcript/edits.js";
import { assign } from "../../assets/speakers/speaker_edits.js";
import { Retiming } from "../../assets/retiming/retiming.js";
import { timesOf } from "../../assets/retiming/words.js";
import { asSent, segment, word } from "./support.mjs";

const RULES = { pause: 2, long: 60 };
const aligned = (text, start, end) => word(text, start, end, { timing: "aligned", score: 0.9 });
const lines = () => [
  segment([aligned("The", 0, 0.2), aligned("quick", 0.2, 0.6), aligned("fox", 1, 1.4)], { paragraph: true }),
  segment([aligned("jumps", 1.4, 2), aligned("over", 2, 2.4)]),
  segment([aligned("Amen.", 30, 30.5)]),
];

let store;
let retiming;
let asked; // the questions, each with a function that answers it
let edits;

beforeEach(() => {
  const events = createEvents();
  asked = [];
  const server = { ask: (name, question) => new Promise((say) => asked.push({ name, ...question, answer: say })) };
  store = new DocumentStore({ events, addressOf: String, rules: RULES });
  retiming = new Retiming({ store, server, events, most: 3 });
  const meta = { token: "run", kept_until: 1, transcript: { duration: 31, coverage: [] } };
  const message = { run: "run", from: 0, segments: asSent(lines()), meta };
  store.receive({ media: null, message: JSON.stringify(message) });
  edits = new Edits(store.doc, { sure: "sure" });
});

// Asks at once, as it is done a moment after an edit, and answers with times that are 0.1 s later.
async function answer(question, only = question.changed) {
  const words = question.segments.flatMap((each) => each.words);
  const found = only.map((index) => {
    const start = words[index].start + 0.05;
    return { index, start, end: words[index].end, timing: "aligned", score: 0.8 };
  });
  question.answer({ words: found });
  await new Promise((resolve) => setTimeout(resolve));
}

function ask() {
  retiming.ask();
  clearTimeout(retiming.timer);
  return asked.at(-1);
}

const look = () => store.doc.words.map(({ text, start, timing }) => `${text} ${start.toFixed(2)} ${timing}`);
const changedTexts = ({ segments, changed }) => {
  const words = segments.flatMap((each) => each.words);
  return changed.map((index) => words[index].word);
};

test("a corrected word is asked for with its neighbours, and is aligned again", async () => {
  store.edit(edits.retype(1, "slow"));
  assert.equal(store.doc.words[1].timing, "interpolated");
  const question = ask();
  assert.deepEqual([question.name, question.token, changedTexts(question)], ["times", "run", ["slow"]]);
  assert.equal(question.segments.length, 3);
  assert.equal("edited" in question.segments[0].words[1], false, "it is the contract's form");
  await answer(question);
  assert.deepEqual(look().slice(0, 3), ["The 0.00 aligned", "slow 0.25 aligned", "fox 1.00 aligned"]);
  assert.deepEqual([store.doc.words[1].score, store.doc.words[1].edited], [0.8, true]);
  assert.equal(store.unkept().length, 1, "the times are saved too");
  retiming.ask();
  assert.equal(asked.length, 1);
});

test("a correction and its times are one step of undo and of redo", async () => {
  const before = look();
  store.edit(edits.retype(1, "dark red"));
  await answer(ask());
  const after = look();
  store.undo();
  assert.deepEqual(look(), before);
  store.redo();
  assert.deepEqual(look(), after);
  assert.equal(after.filter((each) => each.endsWith("interpolated")).length, 0);
  retiming.ask();
  assert.equal(asked.length, 1, "what has been answered is not asked once more");
});

test("an answer is dropped if its segment was edited meanwhile, and the words are asked for once more", async () => {
  store.edit(edits.retype(1, "slow"));
  const question = ask();
  store.edit(edits.retype(0, "One"));
  await answer(question);
  assert.deepEqual(look().slice(0, 2), ["One 0.00 interpolated", "slow 0.20 interpolated"]);
  const next = ask();
  assert.deepEqual(changedTexts(next), ["One", "slow"]);
  await answer(next);
  assert.deepEqual(look().slice(0, 2), ["One 0.05 aligned", "slow 0.25 aligned"]);
  store.undo();
  assert.deepEqual(look().slice(0, 2), ["The 0.00 aligned", "slow 0.25 aligned"], "the other keeps its times");
});

test("an answer to what was undone changes nothing; made again, it is asked for again", async () => {
  const before = look();
  store.edit(edits.retype(1, "slow"));
  const question = ask();
  store.undo();
  await answer(question);
  assert.deepEqual(look(), before);
  store.redo();
  await answer(ask());
  assert.equal(look()[1], "slow 0.25 aligned");
});

test("a word that the sound denies keeps its time, and is not asked for again", async () => {
  store.edit(edits.retype(1, "slow"));
  const question = ask();
  await answer(question, []);
  assert.equal(look()[1], "slow 0.20 interpolated");
  store.edit(edits.retype(4, "under"));
  assert.deepEqual(changedTexts(ask()), ["under"]);
});

test("joined words and a shortened neighbour are timed; checks, speakers and punctuation move nothing", () => {
  store.edit(edits.join(3));
  assert.deepEqual(changedTexts(ask()), ["jumpsover"]);
  asked.pop().answer({ error: "busy" });
  retiming.pending.clear();
  retiming.isAsking = false;
  store.edit(edits.insertAfter(0, "very"));
  assert.deepEqual(changedTexts(ask()), ["The", "very"]);
  retiming.pending.clear();
  store.edit(edits.accept({ first: 2, last: 2 }));
  store.edit(assign(store.doc, { first: 0, last: 2, speaker: "SPEAKER_00" }, RULES));
  assert.equal(retiming.pending.size, 0);
  store.edit(edits.retype(3, "Fox,"));
  assert.equal(store.doc.words[3].timing, "aligned", "the same word is said");
});

test("a word that gets a speaker before the answer is still timed", async () => {
  store.edit(edits.retype(1, "slow"));
  store.edit(assign(store.doc, { first: 0, last: 2, speaker: "SPEAKER_00" }, RULES));
  const question = ask();
  assert.deepEqual(changedTexts(question), ["slow"]);
  await answer(question);
  assert.deepEqual([store.doc.words[1].timing, store.doc.words[1].speaker], ["aligned", "SPEAKER_00"]);
});

test("many corrections are asked for one after the other, a few words at a time", async () => {
  for (const [index, text] of ["a", "b", "c", "d", "e"].entries()) store.edit(edits.retype(index, text));
  const first = ask();
  retiming.schedule();
  assert.equal(asked.length, 1, "one request at a time");
  assert.deepEqual(changedTexts(first), ["a", "b", "c"]);
  await answer(first);
  const second = ask();
  assert.deepEqual(changedTexts(second), ["d", "e"]);
  await answer(second);
  assert.ok(look().slice(0, 5).every((each) => each.endsWith("aligned")));
});

test("a refusal leaves the words as they are; without a stored transcript nothing is asked", async () => {
  store.edit(edits.retype(1, "slow"));
  ask().answer({ error: "The recording is no longer kept.", code: "not_kept" });
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(look()[1], "slow 0.20 interpolated");
  delete store.doc.meta.token;
  retiming.ask();
  assert.equal(asked.length, 1);
});

// Answers with times for the word of an index, and returns the start and end that it then has.
async function placed(index, start, end) {
  ask().answer({ words: [{ index, start, end, timing: "aligned" }] });
  await new Promise((resolve) => setTimeout(resolve));
  const found = store.doc.words[index];
  return [+found.start.toFixed(3), +found.end.toFixed(3), found.timing];
}

test("times never go back and keep a length, whatever the server finds", async () => {
  store.edit(edits.retype(1, "slow"));
  assert.deepEqual(await placed(1, 1.3, 1.35), [0.98, 1, "aligned"]);
});

test("a word that was found at a single moment lasts as long as a frame", async () => {
  store.edit(edits.retype(1, "slow"));
  assert.deepEqual(await placed(1, 0.5, 0.5), [0.5, 0.52, "aligned"]);
});

test("neighbours that leave no room keep the word as it shares its time", () => {
  const words = [aligned("The", 0.6, 0.8), word("slow", 0.6, 0.61), aligned("fox", 0.61, 0.9)];
  const document = { words: words.map((each, index) => ({ ...each, index })) };
  document.segments = [segment(document.words)];
  const found = [{ index: 1, start: 0.6, end: 0.65, timing: "aligned" }];
  assert.equal(timesOf(document, document, found).size, 0);
});
