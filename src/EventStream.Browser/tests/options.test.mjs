// Bad input is a TypeError before anything is sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStream, Server, settled, URL_OF_STREAM } from "./scripted.mjs";

const refused = [
  ["a relative address without a page", "/stream", {}, /URL/],
  ["a body on GET", URL_OF_STREAM, { body: "x" }, /body/],
  ["a body on HEAD", URL_OF_STREAM, { method: "HEAD", body: "x" }, /body/],
  ["a stream as body", URL_OF_STREAM, { method: "POST", body: new ReadableStream() }, /body must not be a stream/],
  ["a method that fetch refuses", URL_OF_STREAM, { method: "TRACE" }, /TRACE/],
  ["an address with a password", "http://user:password@server.test/", {}, /credentials/],
  ["a header of the module's own: Accept", URL_OF_STREAM, { headers: { Accept: "*/*" } }, /remove header accept/],
  ["a header of the module's own: Last-Event-ID", URL_OF_STREAM, { headers: [["Last-Event-ID", "1"]] }, /remove header last-event-id/],
  ["a header of the module's own: Cache-Control", URL_OF_STREAM, { headers: new Headers({ "Cache-Control": "x" }) }, /remove header cache/],
  ["a header that is not ASCII", URL_OF_STREAM, { headers: { "X-Name": "€" } }, /ByteString/],
  ["a header with a line end", URL_OF_STREAM, { headers: { "X-Name": "a\nb" } }, /invalid/],
  ["a position with a line end", URL_OF_STREAM, { lastEventId: "a\r\nX: b" }, /invalid/],
  ["a position with NUL", URL_OF_STREAM, { lastEventId: "a\0" }, /invalid/],
  ["no time for a silence", URL_OF_STREAM, { silenceTimeout: 0 }, /silenceTimeout must be > 0/],
  ["a silence that is no number", URL_OF_STREAM, { silenceTimeout: NaN }, /silenceTimeout must be > 0/],
  ["shared with POST", URL_OF_STREAM, { shared: true, identity: "a", method: "POST" }, /shared needs GET and identity/],
  ["shared without an identity", URL_OF_STREAM, { shared: true }, /shared needs GET and identity/],
  ["shared with an empty identity", URL_OF_STREAM, { shared: true, identity: "" }, /shared needs GET and identity/],
  ["shared with headers and without an identity", URL_OF_STREAM, { shared: true, credentials: "omit", headers: {} }, /shared needs GET/],
  ["shared with a fetch that may add headers", URL_OF_STREAM, { shared: true, credentials: "omit", fetch: async () => {} }, /shared needs GET/],
];

for (const [what, url, options, message] of refused) {
  test(`${what} is refused`, async () => {
    const server = new Server();

    assert.throws(
      () => new EventStream(url, { fetch: server.fetch, ...options }),
      error => error instanceof TypeError && message.test(error.message + (error.cause?.message ?? "")));
    await settled();
    assert.equal(server.requests.length, 0);
  });
}

test("a header that fetch drops is refused in a browser", t => {
  // Node's fetch drops none.
  const Original = globalThis.Request;
  t.mock.method(globalThis, "Request", function (url, init) {
    const request = new Original(url, init);
    request.headers.delete("cookie");
    return request;
  });

  assert.throws(() => new EventStream(URL_OF_STREAM, { headers: { Cookie: "a=b" } }), /remove header cookie/);
});

for (const body of ["text", new Blob(["x"]), new FormData(), new URLSearchParams("a=b"), new Uint8Array(1), new ArrayBuffer(1)]) {
  test(`a body may be ${body.constructor.name}`, async t => {
    const server = new Server();
    const stream = new EventStream(URL_OF_STREAM, { method: "POST", body, fetch: server.fetch });
    t.after(() => stream.close());

    assert.equal((await server.next()).body, body);
  });
}
