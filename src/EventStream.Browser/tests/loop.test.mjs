// for await … of
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, Server, settled, stopClock } from "./scripted.mjs";

/** Loops over a stream in the background: what it has read, and how it ended. */
function loop(stream, body = () => {}) {
  const seen = { types: [], ended: undefined };
  seen.done = (async () => {
    for await (const event of stream) {
      seen.types.push(event.type);
      if (await body(event) === "break") break;
    }
  })().then(() => seen.ended = "well", error => seen.ended = error);
  return seen;
}

test("a loop gets every event of every name, and ends at the server's end", async t => {
  const server = new Server();
  const { stream } = open(t, server);
  const seen = loop(stream);

  await server.stream("data: 1\n\nevent: price\ndata: 2\n\nevent: stream-gap\ndata: {}\n\nevent: stream-end\ndata: 3\n\n");

  assert.deepEqual(seen.types, ["message", "price", "stream-gap", "stream-end"]);
  assert.equal(seen.ended, "well");
});

test("a loop goes on over reconnections", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { stream } = open(t, server);
  const seen = loop(stream);

  await (await server.stream("data: 1\n\n")).fail();
  await pass(3_000);
  await server.stream("data: 2\n\n");

  assert.deepEqual(seen.types, ["message", "message"]);
  assert.equal(seen.ended, undefined);
});

test("break closes the stream", async t => {
  const server = new Server();
  const { stream, events } = open(t, server);
  const seen = loop(stream, () => "break");

  await server.stream("data: 1\n\ndata: 2\n\n");

  assert.equal(seen.ended, "well");
  assert.deepEqual(seen.types, ["message"]);
  assert.equal(events.at(-1), "closed closed");
});

for (const [how, status, ended] of [["204", 204, "well"], ["401", 401, / : 401/], ["another content type", 200, / : 200 text\/html/]]) {
  test(`a loop ends ${ended === "well" ? "well" : "with an error"} at ${how}`, async t => {
    const server = new Server();
    const { stream } = open(t, server);
    const seen = loop(stream);

    await (await server.next()).answer(status, { "Content-Type": "text/html" });

    if (ended === "well") assert.equal(seen.ended, "well");
    else assert.match(seen.ended.message, /401|200 text\/html/);
  });
}

test("a loop over a POST ends well at a clean end, and throws at a break", async t => {
  const server = new Server();
  const whole = loop(open(t, server, { method: "POST" }).stream);
  await (await server.stream("data: 1\n\n")).end();
  const broken = loop(open(t, server, { method: "POST" }).stream);
  await (await server.stream("data: 1\n\n")).fail(new TypeError("network error"));

  assert.equal(whole.ended, "well");
  assert.equal(broken.ended.message, "network error");
  assert.deepEqual(broken.types, ["message"]);
});

test("a loop ends well at close(), after the events that wait", async t => {
  const server = new Server();
  const { stream } = open(t, server);
  let proceed;
  const seen = loop(stream, () => new Promise(resolve => proceed = resolve));
  await server.stream("data: 1\n\ndata: 2\n\n");

  stream.close();
  proceed();
  await settled();
  proceed();
  await seen.done;

  assert.deepEqual(seen.types, ["message", "message"]);
  assert.equal(seen.ended, "well");
});

test("a loop over a stream that is closed ends at once", async t => {
  const { stream } = open(t, new Server());
  stream.close();

  const seen = loop(stream);
  await settled();

  assert.equal(seen.ended, "well");
});

test("the stream reads no more while some hundred events wait, and goes on when they are read", async t => {
  const server = new Server();
  const { stream } = open(t, server);
  let proceed;
  let isSlow = true;
  const seen = loop(stream, () => isSlow ? new Promise(resolve => proceed = resolve) : undefined);
  const request = await server.stream("data: x\n\n".repeat(300));
  await request.send("data: y\n\n");
  let read = 0;
  stream.addEventListener("message", e => read += e.data === "y");

  await request.send("data: y\n\n");
  assert.equal(read, 0);
  isSlow = false;
  proceed();
  await settled();

  assert.equal(read, 2);
  assert.equal(seen.types.length, 302);
});

test("a pause is no silence", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { stream, events } = open(t, server);
  let proceed;
  loop(stream, () => new Promise(resolve => proceed = resolve));
  await server.stream("data: x\n\n".repeat(300));

  await pass(1_000_000);
  dispatchEvent(new Event("online"));
  await settled();

  assert.equal(events.filter(event => event.startsWith("error")).length, 0);
  proceed();
});

test("a stream without a loop does not pause", async t => {
  const server = new Server();
  const { events } = open(t, server);
  const request = await server.stream("data: x\n\n".repeat(1000));

  await request.send("data: y\n\n");

  assert.equal(events.at(-1), "message y");
});
