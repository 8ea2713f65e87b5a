// How large the scripts are for a browser.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const MOST_PLAIN = 2.5 * 1024;
const MOST_WITH_SHARED = 5 * 1024;

const sizeOf = name => {
  const file = new URL(`../wwwroot/${name}`, import.meta.url);
  return existsSync(file) ? gzipSync(readFileSync(file), { level: 9 }).length : 0;
};

test("the plain module has at most 2.5 KB, gzipped", t => {
  const size = sizeOf("event-stream.js");
  t.diagnostic(`event-stream.js: ${size} bytes`);

  assert.ok(size > 0 && size <= MOST_PLAIN, `It has ${size} bytes.`);
});

test("both scripts have at most 5 KB, gzipped", t => {
  const size = sizeOf("event-stream.js") + sizeOf("event-stream-shared.js");
  t.diagnostic(`both: ${size} bytes`);

  assert.ok(size <= MOST_WITH_SHARED, `They have ${size} bytes.`);
});
