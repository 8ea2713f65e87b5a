import type { EventStreamOptions } from "./event-stream.js";

/** Options that are checked and complete. */
export interface StreamRequest extends EventStreamOptions {
  /** The absolute address. */
  readonly url: string;
  /** In upper case, as `fetch` sends it. */
  readonly method: string;
  readonly credentials: RequestCredentials;
}

/** Checks the options before anything is sent. A mistake is a `TypeError` that says what to do. */
export function checked(address: string | URL, options: EventStreamOptions): StreamRequest {
  const { body, headers, silenceTimeout = 1 } = options;
  demand(!(body as any)?.getReader, "body must not be a stream");
  demand(silenceTimeout > 0, "silenceTimeout must be > 0");
  // `Request` refuses what `fetch` would refuse: a bad address, a bad method, a body of GET.
  const { url, method, credentials } = new Request(address, {
    method: options.method,
    body,
    credentials: options.credentials ?? (options.withCredentials ? "include" : undefined),
  });
  headersOf(typeof headers === "function" ? undefined : headers, options.lastEventId);
  demand(
    !options.shared || (method === "GET" && (options.identity || (credentials === "omit" && !headers && !options.fetch))),
    "shared needs GET and identity");
  return { ...options, url, method, credentials };
}

/** Makes the headers of an attempt. Throws a `TypeError` for a header of the page's that would not be sent. */
export function headersOf(init: HeadersInit | undefined, position: string | undefined): Headers {
  const asked = new Headers(init);
  // The headers of a request drop what a page may not set.
  const { headers } = new Request("http://x", { headers: asked });
  asked.forEach((_, name) =>
    demand(headers.has(name) && !/^(accept|cache-control|last-event-id)$/.test(name), "remove header " + name));
  headers.set("accept", "text/event-stream");
  // One character for each byte of UTF-8, because `fetch` sends it so.
  if (position) headers.set("last-event-id", unescape(encodeURIComponent(position)));
  return headers;
}

function demand(condition: unknown, otherwise: string): void {
  if (!condition) throw new TypeError(otherwise);
}
