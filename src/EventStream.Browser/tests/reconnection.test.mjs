// When the next attempt follows. The numbers are those of the .NET client.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, Server, settled, stopClock } from "./scripted.mjs";

const DAY = 86_400_000;

/** The wait after an attempt, as its error event tells it. */
const waitOf = events => Number(events.at(-1).split(" ").at(-1));

test("a stream that ends is asked for again after 3 s, without an error", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);
  await (await server.stream("data: 1\n\n")).end();

  await pass(2_999);
  assert.deepEqual(events, ["open", "message 1", "error 3000"]);
  assert.equal(server.requests.length, 1);

  await pass(1);
  assert.equal(server.requests.length, 2);
});

test("a connection that breaks is asked for again, with its error", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);

  await (await server.stream("data: 1\n\n")).fail(new TypeError("network error"));
  await pass(3_000);

  assert.deepEqual(events, ["open", "message 1", "error network error 3000"]);
  assert.equal(server.requests.length, 2);
});

for (const cut of ["data: 2", "data: 2\n", "id: 2\n", "event: a\n", ": comment", "da"]) {
  test(`an end after ${JSON.stringify(cut)} is a cut`, async t => {
    stopClock(t);
    const server = new Server();
    const { events } = open(t, server);

    await (await server.stream(`id: 1\ndata: 1\n\n${cut}`)).end();

    assert.deepEqual(events, ["open", "message 1 1", "error The server cut an event 3000"]);
  });
}

for (const farewell of ["retry: 700\n", ":\n", ":\n\n", "\r"]) {
  test(`an end after ${JSON.stringify(farewell)} is a clean end`, async t => {
    stopClock(t);
    const server = new Server();
    const { events } = open(t, server);

    await (await server.stream(`data: 1\n\n${farewell}`)).end();

    assert.match(events.at(-1), /^error \d+$/);
  });
}

test("each attempt in a row without an event doubles the wait, up to a minute", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);
  const waits = [];

  for (let attempts = 0; attempts < 8; attempts++) {
    await (await server.next()).fail();
    waits.push(waitOf(events));
    await pass(waits.at(-1));
  }

  assert.deepEqual(waits, [3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000, 60_000]);
});

test("an event ends the doubling", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);
  for (let attempts = 0; attempts < 3; attempts++) {
    await (await server.next()).fail();
    await pass(60_000);
  }

  await (await server.stream("data: 1\n\n")).end();
  assert.equal(waitOf(events), 3_000);
  await pass(3_000);
  await (await server.next()).fail();
  assert.equal(waitOf(events), 3_000);
  await pass(3_000);
  await (await server.next()).fail();
  assert.equal(waitOf(events), 6_000);
});

test("a quiet stream that lasted has not failed, and one that ends at once has", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);
  const waits = [];
  for (const lasts of [0, 0, 3_000, 0, 0]) {
    const request = await server.stream();
    await pass(lasts);
    await request.end();
    waits.push(waitOf(events));
    await pass(60_000);
  }

  assert.deepEqual(waits, [3_000, 6_000, 3_000, 3_000, 6_000]);
});

for (const [retry, wait] of [
  ["retry: 10000", 10_000], ["retry: 1", 100], ["retry: 0", 100], ["retry: 90000000", DAY], ["retry: 90000", 90_000],
  ["retry: 10000\nretry: 1x", 10_000], ["retry: 10000\nretry:", 3_000],
]) {
  test(`${JSON.stringify(retry)} is a wait of ${wait} ms`, async t => {
    stopClock(t);
    const server = new Server();
    const { events } = open(t, server);

    await (await server.stream(`${retry}\n`)).end();

    assert.equal(waitOf(events), wait);
  });
}

test("the reconnection time outlives its connection", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server);
  await (await server.stream("retry: 500\ndata: 1\n\n")).end();
  await pass(500);

  await (await server.stream("data: 2\n\n")).end();

  assert.equal(waitOf(events), 500);
});

test("the spread adds up to a half", async t => {
  stopClock(t);
  t.mock.method(Math, "random", () => 0.999_999);
  const server = new Server();
  const { events } = open(t, server);

  await (await server.next()).fail();

  assert.equal(waitOf(events), 4_500);
});

test("the spread does not exceed a day", async t => {
  stopClock(t);
  t.mock.method(Math, "random", () => 0.999_999);
  const server = new Server();
  const { events } = open(t, server);

  await (await server.stream(`retry: ${DAY}\n`)).end();

  assert.equal(waitOf(events), DAY);
});

test("a stream that is closed while it waits asks no more", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { stream } = open(t, server);
  await (await server.next()).fail();

  stream.close();
  await pass(DAY);

  assert.equal(server.requests.length, 1);
});

test("a POST without a position ends where its stream ends", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server, { method: "POST", body: "{}" });

  await (await server.stream("data: 1\n\n")).end();
  await pass(DAY);

  assert.deepEqual(events, ["open", "message 1", "closed end"]);
  assert.equal(server.requests.length, 1);
});

test("a POST without a position is not sent again after a break", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server, { method: "POST", body: "{}" });

  await (await server.stream("data: 1\n\n")).fail(new TypeError("network error"));
  await pass(DAY);

  assert.deepEqual(events, ["open", "message 1", "error network error", "closed not-resumable"]);
  assert.equal(server.requests.length, 1);
});

test("a POST whose connection cannot be made is not sent again, because the server may have it", async t => {
  const server = new Server();
  const { events } = open(t, server, { method: "POST", body: "{}" });

  await (await server.next()).fail();

  assert.deepEqual(events, ["error fetch failed", "closed not-resumable"]);
});

test("a POST with a position is sent again, with its body", async t => {
  const pass = stopClock(t);
  const server = new Server();
  open(t, server, { method: "post", body: "{}" });

  await (await server.stream("id: 1\ndata: 1\n\n")).fail();
  await pass(3_000);

  const request = await server.next();
  assert.deepEqual([request.method, request.body, request.position], ["POST", "{}", "1"]);
});

test("a POST whose position is taken back is not sent again", async t => {
  const server = new Server();
  const { events } = open(t, server, { method: "POST", body: "{}" });

  await (await server.stream("id: 1\ndata: 1\n\nid\n\n")).fail();
  await settled();

  assert.equal(events.at(-1), "closed not-resumable");
});
