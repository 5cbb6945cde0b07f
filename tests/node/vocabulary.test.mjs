// Names and rare words from corrections: kept in the browser, used only if they are chosen.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createEvents } from "../../assets/shared/events.js";
import { Vocabulary, isRare, rareWords } from "../../assets/shared/vocabulary.js";

const kept = new Map();
const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
const made = (user = "") => new Vocabulary({ events: createEvents(), storage, user });

test("a word is kept once, without the punctuation around it, and used only if it is chosen", () => {
  kept.clear();
  const words = made();
  for (const text of ["Krüger,", "Krüger", " Ada  Lovelace ", "…"]) words.add(text);
  assert.deepEqual(words.entries().map(({ text }) => text), ["Ada Lovelace", "Krüger"]);
  assert.deepEqual(words.used(), []);
  words.use("Krüger", true);
  assert.deepEqual(made().used(), ["Krüger"]);
  assert.deepEqual(made("another").used(), [], "another login has its own");
  words.remove("Krüger");
  assert.deepEqual(words.used(), []);
});

test("names are offered, everyday words and mere punctuation are not", () => {
  const inside = { before: "kruger", beginsSentence: false, spaced: true };
  assert.equal(isRare("Krueger", inside), true);
  assert.equal(isRare("Krüger", inside), false, "the accent alone has changed");
  assert.equal(isRare("cougar", inside), false);
  assert.equal(isRare("", inside), false);
  assert.equal(isRare("Houses", { ...inside, beginsSentence: true }), false);
  assert.equal(isRare("McKay", { ...inside, beginsSentence: true }), true);
  assert.equal(isRare("東京", { ...inside, spaced: false }), true);
});

test("of a phrase, the names alone are offered", () => {
  const inside = { before: "adelaide", beginsSentence: false, spaced: true };
  assert.deepEqual(rareWords("we met Ada Lovelace in Turin, Bob said", inside), ["Ada Lovelace", "Turin,", "Bob"]);
  assert.deepEqual(rareWords("Houses of Krüger", { ...inside, beginsSentence: true }), ["Krüger"]);
  assert.deepEqual(rareWords("it is. That is all", inside), []);
});

test("a storage that is full or broken is no error", () => {
  const broken = new Vocabulary({
    events: createEvents(),
    user: "",
    storage: { getItem: () => "{", setItem: () => { throw new Error("full"); } },
  });
  broken.add("Ada");
  assert.deepEqual(broken.entries(), []);
});
