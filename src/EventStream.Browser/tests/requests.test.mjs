// What an attempt sends.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { EventStream, open, Server, settled, stopClock, URL_OF_STREAM } from "./scripted.mjs";

test("a request is a GET that is not cached, with the credentials of the origin", async t => {
  const server = new Server();
  open(t, server);

  const request = await server.next();

  assert.equal(request.url, URL_OF_STREAM);
  assert.equal(request.method, "GET");
  assert.equal(request.init.cache, "no-store");
  assert.equal(request.init.credentials, "same-origin");
  assert.deepEqual([...request.headers], [["accept", "text/event-stream"]]);
});

for (const [options, credentials] of [
  [{ withCredentials: true }, "include"], [{ credentials: "omit" }, "omit"], [{ credentials: "omit", withCredentials: true }, "omit"],
]) {
  test(`${JSON.stringify(options)} is ${credentials}`, async t => {
    const server = new Server();
    open(t, server, options);

    assert.equal((await server.next()).init.credentials, credentials);
  });
}

test("the first position is sent, and then that of the last event", async t => {
  const pass = stopClock(t);
  const server = new Server();
  open(t, server, { lastEventId: "41" });

  const first = await server.stream("id: 42\ndata: 1\n\nid: 43\n\nid: lost\ndata: cut");
  await first.end();
  await pass(3_000);

  assert.equal(first.position, "41");
  assert.equal((await server.next()).position, "43");
});

test("a position that is not ASCII is sent in UTF-8", async t => {
  const server = new Server();
  open(t, server, { lastEventId: "é€😀" });

  assert.equal(Buffer.from((await server.next()).position, "latin1").toString(), "é€😀");
});

test("headers that are a function are made anew for each attempt", async t => {
  const pass = stopClock(t);
  const server = new Server();
  let token = 0;
  open(t, server, { headers: async () => ({ Authorization: `Bearer ${++token}` }) });

  await (await server.stream()).end();
  await pass(3_000);
  await server.next();

  assert.deepEqual(server.requests.map(request => request.headers.get("Authorization")), ["Bearer 1", "Bearer 2"]);
});

test("headers that are an object are read anew for each attempt", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const headers = new Headers({ "X-Token": "1" });
  open(t, server, { headers });

  await (await server.stream()).end();
  headers.set("X-Token", "2");
  await pass(3_000);

  assert.equal((await server.next()).headers.get("X-Token"), "2");
});

test("a function of headers that throws is a failed attempt", async t => {
  const pass = stopClock(t);
  const server = new Server();
  let calls = 0;
  const { events } = open(t, server, { headers() { if (++calls === 1) throw new Error("no token"); return {}; } });

  await pass(3_000);

  assert.deepEqual(events, ["error no token 3000"]);
  await server.next();
});

test("a function of headers whose header cannot be sent closes the stream", async t => {
  const server = new Server();
  const { events } = open(t, server, { headers: () => ({ Accept: "*/*" }) });

  await settled();

  assert.deepEqual(events, ["error remove header accept", "closed header"]);
  assert.equal(server.requests.length, 0);
});

test("a function of headers that never returns is given up", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { events } = open(t, server, { headers: () => new Promise(() => {}) });

  await pass(45_000);

  assert.deepEqual(events, ["error The server is silent 3000"]);
});

test("a stream that is closed while its headers are made sends nothing", async t => {
  const server = new Server();
  let made;
  const { stream } = open(t, server, { headers: () => new Promise(resolve => made = resolve) });

  stream.close();
  made({});
  await settled();

  assert.ok(server.requests.every(request => request.isAborted));
});

test("over HTTP the request has Cache-Control, and no preflight header but the position", async t => {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());

  const stream = new EventStream(`http://127.0.0.1:${server.address().port}/`, { lastEventId: "é" });
  await once(stream, "closed");

  assert.equal(asked[0].accept, "text/event-stream");
  assert.equal(asked[0]["cache-control"], "no-cache");
  assert.equal(Buffer.from(asked[0]["last-event-id"], "latin1").toString(), "é");
});
