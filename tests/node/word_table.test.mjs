// Search, order and text of the table of words.
import assert from "node:assert/strict";
import { test } from "node:test";

import { delimited, findRows } from "../../assets/word_table/rows.js";
import { documentOf, segment, word } from "./support.mjs";

const { words } = documentOf(
  segment([
    word("Été", 0, 0.5, { probability: 0.9 }),
    word("the", 0.5, 1, { probability: 0.2, timing: "interpolated" }),
    word("Fox,", 1, 2, { probability: 0.9 }),
    word("other", 2, 2.5, { probability: 0.4 }),
  ]),
);
const found = (wanted, column = "start", up = true) =>
  findRows(words, { wanted, column, up }).map((index) => words[index].text);

test("search ignores case and spaces around it", () => {
  assert.deepEqual(found(" THE "), ["the", "other"]);
  assert.deepEqual(found("été"), ["Été"]);
  assert.deepEqual(found("xyz"), []);
  assert.equal(found("").length, 4);
});

test("rows sort by each column, and equal ones stay in the order of the recording", () => {
  assert.deepEqual(found("", "confidence"), ["the", "other", "Été", "Fox,"]);
  assert.deepEqual(found("", "confidence", false), ["Été", "Fox,", "other", "the"]);
  assert.deepEqual(found("", "start", false), ["other", "Fox,", "the", "Été"]);
  assert.deepEqual(found("", "timing"), ["Été", "Fox,", "other", "the"]);
  assert.equal(found("", "word").at(-1), "the");
});

test("a table for a spreadsheet quotes separators and marks formulas as text", () => {
  const rows = [word('=a "b"', 0, 1), word("c,d", 1, 2)];
  assert.equal(
    delimited(rows, ",", "\r\n"),
    'word,start,end,probability,timing\r\n"\'=a ""b""",0,1,0.5,attention\r\n"c,d",1,2,0.5,attention',
  );
  const hidden = delimited([word("\u200b=1", 0, 1)], ",", "\n").split("\n")[1];
  assert.equal(hidden.split(",")[0], "'\u200b=1", "behind an invisible character too");
  assert.equal(delimited([word("c,d", 1, 2)], "\t", "\n").split("\n")[1], "c,d\t1\t2\t0.5\tattention");
});
