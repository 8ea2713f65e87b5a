// Where a stream cannot be shared, it has a connection of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, Server, settled } from "./scripted.mjs";

/** Waits until the script of shared streams has come, however long the disk takes. */
const scriptCame = async () => {
  await import("../wwwroot/event-stream-shared.js");
  await settled();
};

test("shared without Web Locks is a stream of its own", async t => {
  t.mock.method(console, "warn", () => {});
  const server = new Server();
  const { events } = open(t, server, { shared: true, identity: "a" });

  await scriptCame();
  await server.stream("data: 1\n\n");

  assert.deepEqual(events, ["open", "message 1"]);
});

test("a shared stream that is closed before its script has come asks nothing", async t => {
  t.mock.method(console, "warn", () => {});
  const server = new Server();
  const { stream, events } = open(t, server, { shared: true, identity: "a" });

  stream.close();
  await scriptCame();

  assert.deepEqual(events, ["closed closed"]);
  assert.equal(server.requests.length, 0);
});
