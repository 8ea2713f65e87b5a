// A dead connection is noticed, and what comes back is asked at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { document, open, Server, settled, stopClock } from "./scripted.mjs";

test("a connection that is silent for 45 s is given up", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);
  const request = await server.stream("id: 1\ndata: 1\n\n");

  await pass(44_999);
  assert.ok(!request.isAborted);
  await pass(1);

  assert.deepEqual(events, ["open", "message 1 1", "error The server is silent 3000"]);
  assert.ok(request.isAborted);
  await pass(3_000);
  assert.equal((await server.next()).position, "1");
});

test("a comment ends a silence", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);
  const request = await server.stream();

  for (let times = 0; times < 3; times++) {
    await pass(44_000);
    await request.send(":\n");
  }
  await pass(44_999);

  assert.deepEqual(events, ["open"]);
  await pass(1);
  assert.equal(events.length, 2);
});

test("the server's interval counts three times", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);
  await server.stream("", { "EventStream-Keep-Alive": "5" });

  await pass(14_999);
  assert.equal(events.length, 1);
  await pass(1);

  assert.equal(events.at(-1), "error The server is silent 3000");
});

for (const interval of ["soon", "", "0", "-1", "0.001"]) {
  test(`an interval of ${JSON.stringify(interval)} is none`, async t => {
    const pass = stopClock(t);
    const server = new Server();
    const { events } = open(t, server);
    await server.stream("", { "EventStream-Keep-Alive": interval });

    await pass(44_999);
    assert.equal(events.length, 1);
    await pass(1);
    assert.equal(events.length, 2);
  });
}

test("silenceTimeout comes before the server's interval", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server, { silenceTimeout: 1_000 });
  await server.stream("", { "EventStream-Keep-Alive": "5" });

  await pass(1_000);

  assert.equal(events.at(-1), "error The server is silent 3000");
});

for (const silenceTimeout of [Infinity, 2 ** 31]) {
  test(`with a silenceTimeout of ${silenceTimeout} no silence is too long`, async t => {
    const pass = stopClock(t);
    const server = new Server();
    const { events } = open(t, server, { silenceTimeout });
    await server.stream();

    await pass(2 ** 31 - 1);

    assert.deepEqual(events, ["open"]);
  });
}

test("a server that does not answer is given up", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);
  const request = await server.next();

  await pass(45_000);

  assert.deepEqual(events, ["error The server is silent 3000"]);
  assert.ok(request.isAborted);
});

test("a fetch that ignores its signal does not hold the stream up, and what it brings late is dropped", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const deaf = (url, init) => server.fetch(url, { ...init, signal: new AbortController().signal });
  const { events } = open(t, server, { fetch: deaf });
  const first = await server.stream("data: 1\n\n");
  await pass(45_000);
  await pass(3_000);
  await server.stream("data: 3\n\n");

  await first.send("data: 2\n\n");

  assert.deepEqual(events, ["open", "message 1", "error The server is silent 3000", "open", "message 3"]);
});

for (const type of ["online", "visibilitychange", "pageshow", "resume"]) {
  test(`at ${type} a stream that waits asks at once, and does not ask a second time`, async t => {
    const pass = stopClock(t);
    const server = new Server();
    open(t, server);
    await (await server.next()).fail();

    dispatchEvent(new Event(type));
    assert.equal(server.requests.length, 2);
    await server.stream();
    await pass(3_000);

    assert.equal(server.requests.length, 2);
  });

  test(`at ${type} a stream that is silent for longer than 1.5 intervals asks anew at once`, async t => {
    const pass = stopClock(t);
    const server = new Server();
    const { events } = open(t, server);
    const request = await server.stream("", { "EventStream-Keep-Alive": "10" });
    await pass(15_001);

    dispatchEvent(new Event(type));
    await pass(0);

    assert.ok(request.isAborted);
    assert.equal(events.at(-1), "error The server is silent 0");
    assert.equal(server.requests.length, 2);
  });
}

test("what comes back does not touch a stream that is not silent", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);
  await server.stream("", { "EventStream-Keep-Alive": "10" });
  await pass(15_000);

  dispatchEvent(new Event("online"));
  await pass(0);

  assert.deepEqual(events, ["open"]);
});

test("what comes back does not end a silent POST that cannot be sent again", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server, { method: "POST" });
  await server.stream("data: 1\n\n");
  await pass(44_000);

  dispatchEvent(new Event("online"));
  await pass(0);

  assert.deepEqual(events, ["open", "message 1"]);
});

test("what comes back does not wake a stream that is closed", async t => {
  stopClock(t);
  const server = new Server();
  const { stream } = open(t, server);
  await (await server.next()).fail();

  stream.close();
  dispatchEvent(new Event("online"));
  await settled();

  assert.equal(server.requests.length, 1);
});

test("a page that is hidden does not ask at once", async t => {
  stopClock(t);
  const server = new Server();
  open(t, server);
  await (await server.next()).fail();
  document.hidden = true;
  t.after(() => document.hidden = false);

  dispatchEvent(new Event("visibilitychange"));
  assert.equal(server.requests.length, 1);
  dispatchEvent(new Event("online"));

  assert.equal(server.requests.length, 2);
});
