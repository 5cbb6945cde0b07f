// Links to transcripts: the token stands behind the #, which browsers send to no server.
import assert from "node:assert/strict";
import { test } from "node:test";

import { fileName, placeIn, withToken } from "../../assets/shared/address.js";

test("a link has the token behind the #, and nothing of an earlier one", () => {
  assert.equal(withToken("https://a.b/speech/?__theme=dark", "xyz"), "https://a.b/speech/?__theme=dark#t=xyz");
  assert.equal(withToken("https://a.b/?t=old#t=older", "xyz"), "https://a.b/#t=xyz");
  assert.equal(withToken("https://a.b/#t=old&view=words", null), "https://a.b/#view=words");
});

test("a file's name is the end of its path", () => assert.equal(fileName("/tmp/a/talk.mp3"), "talk.mp3"));

test("a link may name the seconds at which it opens; they go with another token", () => {
  assert.equal(withToken("https://a.b/", "xyz", 83.256), "https://a.b/#t=xyz&at=83.25");
  assert.equal(withToken("https://a.b/#t=xyz&at=83.25", "abc"), "https://a.b/#t=abc");
  assert.equal(placeIn("https://a.b/#t=xyz&at=83.25"), 83.25);
  for (const address of ["https://a.b/#t=xyz", "https://a.b/#t=xyz&at=", "https://a.b/#at=-1", "https://a.b/#at=x"])
    assert.equal(placeIn(address), null);
});
