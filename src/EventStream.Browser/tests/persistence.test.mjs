// The position in sessionStorage.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, Server, settled, stopClock } from "./scripted.mjs";

/** Stands for sessionStorage, and counts what is written. */
class Storage {
  entries = new Map();
  writes = 0;

  getItem = key => this.entries.get(key) ?? null;
  removeItem = key => void this.entries.delete(key);
  setItem = (key, value) => {
    this.writes++;
    this.entries.set(key, value);
  };
}

function storage(t, made = new Storage()) {
  globalThis.sessionStorage = made;
  t.after(() => delete globalThis.sessionStorage);
  return made;
}

test("a stream goes on where the page before it stopped", async t => {
  storage(t);
  const server = new Server();
  open(t, server, { persist: true });
  await server.stream("id: 1\ndata: 1\n\nid: 2\n\n");

  open(t, server, { persist: true });

  assert.equal((await server.next()).position, "2");
});

test("the kept position comes before lastEventId", async t => {
  storage(t);
  const server = new Server();
  open(t, server, { persist: true, lastEventId: "first" });
  assert.equal((await server.next()).position, "first");
  open(t, server, { persist: true });
  await server.stream("id: 7\n\n");

  open(t, server, { persist: true, lastEventId: "first" });

  assert.equal((await server.next()).position, "7");
});

test("a stream without ids leaves lastEventId as it is", async t => {
  storage(t);
  const server = new Server();
  open(t, server, { persist: true });
  await server.stream("data: 1\n\n");

  open(t, server, { persist: true, lastEventId: "first" });

  assert.equal((await server.next()).position, "first");
});

test("the key is of URL, method and identity", async t => {
  const { entries } = storage(t);
  const server = new Server();
  for (const options of [{}, { method: "POST" }, { identity: "a" }, { identity: "undefined" }, { identity: "" }]) {
    open(t, server, { persist: true, ...options });
    await server.stream("id: 1\n\n");
  }

  assert.equal(entries.size, 5);
});

test("many events at once are written once", async t => {
  const made = storage(t);
  const server = new Server();
  open(t, server, { persist: true });

  await server.stream(Array.from({ length: 100 }, (_, id) => `id: ${id}\ndata: x\n\n`).join(""));

  assert.equal(made.writes, 1);
  assert.deepEqual([...made.entries.values()], ["99"]);
});

for (const [how, end] of [
  ["close()", ({ stream }) => stream.close()],
  ["204", async ({ server, pass, request }) => {
    await request.end();
    await pass(3_000);
    await (await server.next()).answer(204);
  }],
  ["stream-end", ({ request }) => request.send("id: 2.end\nevent: stream-end\ndata: x\n\n")],
]) {
  test(`the position is forgotten at the end by ${how}`, async t => {
    const pass = stopClock(t);
    const { entries } = storage(t);
    const server = new Server();
    const { stream } = open(t, server, { persist: true });
    const request = await server.stream("id: 1\ndata: 1\n\n");
    assert.equal(entries.size, 1);

    await end({ stream, server, pass, request });
    await settled();

    assert.equal(entries.size, 0);
  });
}

test("a listener that closes the stream leaves no position", async t => {
  const { entries } = storage(t);
  const server = new Server();
  const { stream } = open(t, server, { persist: true });
  stream.addEventListener("message", () => stream.close());

  await server.stream("id: 1\ndata: 1\n\n");

  assert.equal(entries.size, 0);
});

test("a break does not forget the position", async t => {
  stopClock(t);
  const { entries } = storage(t);
  const server = new Server();
  open(t, server, { persist: true });

  await (await server.stream("id: 1\ndata: 1\n\n")).fail();

  assert.deepEqual([...entries.values()], ["1"]);
});

test("without persist nothing is kept", async t => {
  const { entries } = storage(t);
  const server = new Server();
  open(t, server);

  await server.stream("id: 1\ndata: 1\n\n");

  assert.equal(entries.size, 0);
});

test("a storage that is missing, forbidden or full does not end the stream", async t => {
  const server = new Server();
  for (const make of [
    () => {},
    () => Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get() { throw new Error("forbidden"); } }),
    () => storage(t, Object.assign(new Storage(), { setItem() { throw new Error("full"); } })),
  ]) {
    make();
    const { events } = open(t, server, { persist: true });
    await server.stream("id: 1\ndata: 1\n\n");
    assert.deepEqual(events, ["open", "message 1 1"]);
    delete globalThis.sessionStorage;
  }
});
