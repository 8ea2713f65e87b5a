// The interface of EventSource: handlers, states, events, and how a stream ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream, open, Server, settled, URL_OF_STREAM } from "./scripted.mjs";

test("a stream calls the handlers and listeners, and tells its state", async t => {
  const server = new Server();
  const { stream, events } = open(t, server, {}, ["message", "price"]);

  assert.equal(stream.readyState, EventStream.CONNECTING);
  const request = await server.stream("data: 1\n\nid: a\nevent: price\ndata: 2\n\n");
  assert.equal(stream.readyState, stream.OPEN);
  await request.end();

  assert.equal(stream.readyState, stream.CONNECTING);
  assert.deepEqual(events.slice(0, 3), ["open", "message 1", "price 2 a"]);
  assert.match(events[3], /^error \d+$/);
  assert.equal(events.length, 4);
});

test("an event has what a MessageEvent of EventSource has, and json()", async t => {
  const server = new Server();
  const { stream } = open(t, server);
  let event;
  stream.onmessage = e => event = e;

  await server.stream('id: 7\ndata: {"a": 1}\n\n');

  assert.ok(event instanceof MessageEvent);
  assert.deepEqual(
    [event.type, event.data, event.lastEventId, event.origin, event.json(), event.gap],
    ["message", '{"a": 1}', "7", "http://server.test", { a: 1 }, undefined]);
});

test("json() throws for data that is no JSON", async t => {
  const server = new Server();
  const { stream } = open(t, server);
  let event;
  stream.onmessage = e => event = e;

  await server.stream("data: no\n\n");

  assert.throws(() => event.json(), SyntaxError);
});

test("a stream has EventSource's members", t => {
  const { stream } = open(t, new Server(), { withCredentials: true });

  assert.equal(stream.url, URL_OF_STREAM);
  assert.equal(stream.withCredentials, true);
  assert.deepEqual([EventStream.CONNECTING, EventStream.OPEN, EventStream.CLOSED], [0, 1, 2]);
  assert.deepEqual([stream.CONNECTING, stream.OPEN, stream.CLOSED], [0, 1, 2]);
});

test("a gap is read from the event's data", async t => {
  const server = new Server();
  const { stream } = open(t, server);
  const gaps = [];
  stream.addEventListener("stream-gap", e => gaps.push(e.gap));

  await server.stream('event: stream-gap\ndata: {"channel":"prices","reason":"evicted","lost":3}\n\nevent: stream-gap\ndata: no\n\n');

  assert.deepEqual(gaps, [{ channel: "prices", reason: "evicted", lost: 3 }, { reason: "unspecified", lost: null }]);
});

test("stream-end is dispatched, and then the stream is closed", async t => {
  const server = new Server();
  const { stream, events } = open(t, server, {}, ["message", "stream-end"]);

  const request = await server.stream("id: 1.end\nevent: stream-end\ndata: bye\n\ndata: late\n\n");

  assert.deepEqual(events, ["open", "stream-end bye 1.end", "closed end"]);
  assert.equal(stream.readyState, stream.CLOSED);
  assert.ok(request.isAborted);
});

test("204 closes the stream, with an error as EventSource has it", async t => {
  const server = new Server();
  const { stream, events } = open(t, server);

  await (await server.next()).answer(204);

  assert.deepEqual(events, ["error 204", "closed no-content 204"]);
  assert.equal(stream.readyState, stream.CLOSED);
});

for (const status of [201, 301, 400, 401, 404, 429, 500, 503]) {
  test(`status ${status} closes the stream`, async t => {
    const server = new Server();
    const { events } = open(t, server);

    const request = await server.next();
    await request.answer(status, { "Content-Type": "text/event-stream" }, "data: 1\n\n");

    assert.deepEqual(events, [`error ${status} ${status} text/event-stream`, `closed status ${status}`]);
    assert.ok(request.isAborted);
  });
}

test("another content type closes the stream", async t => {
  const server = new Server();
  const { events } = open(t, server);

  await (await server.next()).answer(200, { "Content-Type": "text/html" }, "<p>Log in");

  assert.deepEqual(events, ["error 200 200 text/html", "closed content-type 200"]);
});

test("close() is the end: the request is aborted, and nothing follows", async t => {
  const server = new Server();
  const { stream, events } = open(t, server);
  const request = await server.stream("data: 1\n\n");

  stream.close();
  stream.close();
  await settled();

  assert.deepEqual(events, ["open", "message 1", "closed closed"]);
  assert.ok(request.isAborted);
  assert.equal(server.requests.length, 1);
});

test("a listener that closes the stream gets no event after that one", async t => {
  const server = new Server();
  const { stream, events } = open(t, server);
  stream.addEventListener("message", () => stream.close());

  await server.stream("data: 1\n\ndata: 2\n\n");

  assert.deepEqual(events, ["open", "message 1", "closed closed"]);
});

test("onerror may close the stream", async t => {
  const server = new Server();
  const { stream, events } = open(t, server);
  stream.addEventListener("error", () => stream.close());

  await (await server.next()).fail();

  assert.equal(events.at(-1), "closed closed");
  assert.equal(server.requests.length, 1);
});

test("an event that the server names closed does not reach onclosed", async t => {
  const server = new Server();
  const { events } = open(t, server, {}, ["closed"]);

  await server.stream("event: closed\ndata: the ticket\n\n");

  assert.deepEqual(events, ["open", "closed the ticket"]);
});

test("listeners hear of the end without a handler", async t => {
  const server = new Server();
  const stream = new EventStream(URL_OF_STREAM, { fetch: server.fetch });
  const reasons = [];
  stream.addEventListener("closed", e => reasons.push(e.reason));

  await (await server.next()).answer(204);

  assert.deepEqual(reasons, ["no-content"]);
});

test("a signal closes the stream", async t => {
  const server = new Server();
  const controller = new AbortController();
  const { events } = open(t, server, { signal: controller.signal });
  const request = await server.stream("");

  controller.abort();
  await settled();

  assert.deepEqual(events, ["open", "closed closed"]);
  assert.ok(request.isAborted);
});

test("a signal that is aborted already closes the stream once its handlers are set", async t => {
  const { events } = open(t, new Server(), { signal: AbortSignal.abort() });

  await settled();

  assert.deepEqual(events, ["closed closed"]);
});

test("onclosed that throws is reported, and close() returns", async t => {
  const { stream, events } = open(t, new Server());
  const thrown = [];
  process.setUncaughtExceptionCaptureCallback(error => thrown.push(error.message));
  t.after(() => process.setUncaughtExceptionCaptureCallback(null));
  stream.onclosed = () => { throw new Error("of the page"); };

  stream.close();
  await settled();

  assert.deepEqual(thrown, ["of the page"]);
  assert.deepEqual(events, []);
  assert.equal(stream.readyState, stream.CLOSED);
});

test("a handler that throws does not end the stream", async t => {
  const server = new Server();
  const { stream, events } = open(t, server);
  const thrown = [];
  process.setUncaughtExceptionCaptureCallback(error => thrown.push(error.message));
  t.after(() => process.setUncaughtExceptionCaptureCallback(null));
  stream.onopen = () => { throw new Error("of the page"); };

  await server.stream("data: 1\n\n");

  assert.deepEqual(thrown, ["of the page"]);
  assert.deepEqual(events, ["message 1"]);
});
