// fetch follows redirects by itself. Here: where the next attempts begin.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, Server, stopClock, URL_OF_STREAM } from "./scripted.mjs";

const MOVED = "http://server.test/moved";

async function redirected(server, to, text = "data: 1\n\n") {
  const request = await server.next();
  request.begin({}, to);
  await request.send(text);
  return request;
}

test("a stream that was redirected goes on at the new address", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { stream } = open(t, server);

  await (await redirected(server, MOVED)).end();
  await pass(3_000);

  assert.equal((await server.next()).url, MOVED);
  assert.equal(stream.url, URL_OF_STREAM);
});

test("a stream that was redirected to another origin begins anew at its own address", async t => {
  const pass = stopClock(t);
  const server = new Server();
  const { stream } = open(t, server);
  let origin;
  stream.onmessage = e => origin = e.origin;

  await (await redirected(server, "http://other.test/moved")).end();
  await pass(3_000);

  assert.equal((await server.next()).url, URL_OF_STREAM);
  assert.equal(origin, "http://other.test");
});

test("where the new address fails, the first one is asked again", async t => {
  const pass = stopClock(t);
  const server = new Server();
  open(t, server);
  await (await redirected(server, MOVED)).end();
  await pass(3_000);

  await (await server.next()).fail();
  await pass(6_000);

  assert.equal((await server.next()).url, URL_OF_STREAM);
});

test("a stream that broke at the new address goes on there", async t => {
  const pass = stopClock(t);
  const server = new Server();
  open(t, server);
  await (await redirected(server, MOVED)).end();
  await pass(3_000);

  await (await server.stream("data: 2\n\n")).fail();
  await pass(3_000);

  assert.equal((await server.next()).url, MOVED);
});

test("a POST that was redirected goes on as a GET, so that nothing is posted twice", async t => {
  const pass = stopClock(t);
  const server = new Server();
  open(t, server, { method: "POST", body: "{}" });
  await (await redirected(server, MOVED, "id: 1\ndata: 1\n\n")).end();
  await pass(3_000);

  const second = await server.next();
  assert.deepEqual([second.url, second.method, second.body, second.position], [MOVED, "GET", undefined, "1"]);
  await second.fail();
  await pass(60_000);

  const third = await server.next();
  assert.deepEqual([third.url, third.method], [MOVED, "GET"]);
});
