// Each module of the page loads on its own: what it imports is there, and it does nothing before it is called.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

const ASSETS = new URL("../../assets/", import.meta.url);
const modules = readdirSync(ASSETS, { recursive: true }).filter((name) => name.endsWith(".js"));

test("there are modules", () => assert.ok(modules.length > 30));

for (const name of modules) {
  test(`${name} loads without a browser`, async () => {
    assert.ok(Object.keys(await import(new URL(name, ASSETS))).length > 0, "it exports something");
  });
}
