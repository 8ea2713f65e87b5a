// The declarations, as a user's compiler reads them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

test("what should compile compiles, and what should not does not", () => {
  const { status, stdout } = spawnSync(`${here}/../node_modules/.bin/tsc`, ["-p", `${here}/types`], { encoding: "utf8" });

  assert.equal(stdout, "");
  assert.equal(status, 0);
});

test("the declarations are one file, without imports", () => {
  assert.doesNotMatch(readFileSync(`${here}/../wwwroot/event-stream.d.ts`, "utf8"), /\bimport\b/);
});
