// What the tests have in common: a server that answers as the test says, a clock that the test moves, and a record of a stream's events.
import { setImmediate } from "node:timers/promises";

const window = new EventTarget();

// Stands for the window and the document of a page.
export const document = globalThis.document = { hidden: false };
for (const name of ["addEventListener", "removeEventListener", "dispatchEvent"]) globalThis[name] = window[name].bind(window);

export const { EventStream } = await import("../wwwroot/event-stream.js");

export const URL_OF_STREAM = "http://server.test/stream";

/** Waits until everything that can happen without time has happened. */
export async function settled() {
  for (let turns = 0; turns < 10; turns++) await setImmediate();
}

/** Stops the clock, and takes the spread from the waits: `pass(ms)` moves the clock. */
export function stopClock(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  t.mock.method(Math, "random", () => 0);
  return async milliseconds => {
    await settled();
    t.mock.timers.tick(milliseconds);
    await settled();
  };
}

/** A server behind the option `fetch`. It answers each request as the test says, when the test says. */
export class Server {
  requests = [];
  #waiting = [];

  fetch = (url, init) => new Promise((resolve, reject) => {
    const request = new Exchange(url, init, resolve, reject);
    this.requests.push(request);
    this.#waiting.push(request);
  });

  /** The next request that has no answer yet. */
  async next() {
    await settled();
    const request = this.#waiting.shift();
    if (!request) throw new Error(`There is no request without an answer; there were ${this.requests.length} in all.`);
    return request;
  }

  /** Answers the next request with a stream that has begun with the text. */
  async stream(text = "", headers = {}) {
    const request = await this.next();
    request.begin(headers);
    if (text) request.send(text);
    await settled();
    return request;
  }
}

class Exchange {
  #resolve;
  #reject;
  #body;

  constructor(url, init, resolve, reject) {
    Object.assign(this, { url, init, method: init.method, headers: init.headers, body: init.body });
    this.#resolve = resolve;
    this.#reject = reject;
    init.signal.addEventListener("abort", () => this.fail(init.signal.reason));
  }

  get isAborted() {
    return this.init.signal.aborted;
  }

  get position() {
    return this.headers.get("Last-Event-ID");
  }

  /** Answers without a stream. */
  async answer(status, headers = {}, body = null) {
    this.#resolve(new Response(body, { status, headers }));
    await settled();
  }

  begin(headers = {}, redirectedTo = undefined) {
    const body = new ReadableStream({ start: controller => this.#body = controller });
    const answer = new Response(body, { headers: { "Content-Type": "text/event-stream", ...headers } });
    if (redirectedTo) Object.defineProperties(answer, { url: { value: redirectedTo }, redirected: { value: true } });
    this.#resolve(answer);
  }

  async send(text) {
    this.#body.enqueue(new TextEncoder().encode(text));
    await settled();
  }

  async end() {
    this.#body.close();
    await settled();
  }

  /** The connection breaks, or cannot be made. */
  async fail(error = new TypeError("fetch failed")) {
    if (this.#body) this.#body.error(error);
    else this.#reject(error);
    await settled();
  }
}

/** Opens a stream on the server, and records its events in `events`, each as text. It is closed when the test is over. */
export function open(t, server, options = {}, types = ["message"]) {
  const stream = new EventStream(URL_OF_STREAM, { fetch: server.fetch, ...options });
  const events = [];
  for (const type of types) stream.addEventListener(type, e => events.push(`${e.type} ${e.data} ${e.lastEventId}`.trim()));
  stream.onopen = () => events.push("open");
  stream.onerror = e => events.push(["error", e.status, e.error?.message, e.retryIn].filter(part => part !== undefined).join(" "));
  stream.onclosed = e => events.push(["closed", e.reason, e.status].filter(part => part !== undefined).join(" "));
  t.after(() => stream.close());
  return { stream, events };
}
