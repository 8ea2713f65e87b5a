import { attempt, originOf, type End } from "./attempt.js";
import type { CloseReason } from "./event-stream.js";
import type { StreamRequest } from "./options.js";
import { DEFAULT_RETRY } from "./parser.js";

const LEAST_DELAY = 100;
const MOST_DOUBLED = 60_000;
const LONGEST_DELAY = 86_400_000;

/** Why a stream is closed. */
export interface Closing {
  reason: CloseReason;
  status?: number;
  error?: Error;
}

/** What a stream does with what its source reads. */
export interface StreamSink {
  /**
   * The state has changed: 1 and `open` when an attempt has a stream; 0 and `error` when an attempt has ended and another one follows, with
   * the details of the `error` event.
   */
  change(readyState: 0 | 1, type: "open" | "error", details?: { status?: number; error?: Error; retryIn?: number }): void;
  /** An event has arrived. Its `id` is the position. */
  event(type: string, data: string, id: string, origin: string): void;
  /**
   * A piece of the stream was read, and its events were delivered. The position may have changed without an event.
   * The source reads on when the promise has resolved.
   */
  read(position: string): Promise<void> | void;
  /** The stream ends for good. The sink closes the source. A sink that is closed ignores it. */
  close(closing: Closing): void;
}

/** Where a stream gets its events from: a connection of its own, or the one that tabs share. */
export interface StreamSource {
  /** Ends at once. The sink gets nothing more. */
  close(): void;
}

/** What `event-stream-shared.js` exports. It is loaded only by a page that shares a stream. */
export interface SharingModule {
  /**
   * Makes a source that all tabs share, from the position of this tab; empty for none.
   * `open` is `connect`, handed over so that the shared part does not contain it a second time.
   */
  share(request: StreamRequest, position: string, sink: StreamSink, open: typeof connect): StreamSource;
  /** Ends every shared stream of an identity, in all tabs, and forgets the positions that they have kept. */
  logout(identity: string): void | Promise<void>;
}

/** One stream over many attempts. */
export interface Connection extends StreamSource {
  /** Asks at once, if the connection waits for its next attempt, or if the server has been silent for 1.5 of its intervals. */
  attemptNow(): void;
}

/** Makes a connection from a position; empty for none. The sink is not called before this function has returned. */
export function connect(request: StreamRequest, position: string, sink: StreamSink): Connection {
  const closed = new AbortController();
  const { signal } = closed;
  let target = request;
  let stop: (retryIn?: number) => void;
  let isSilent: () => boolean;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reconnectionTime = DEFAULT_RETRY;
  let failures = 0;
  let openedAt: number | undefined;
  let origin: string;

  // The server would carry out any other request again, unless the position tells it where to go on (decision 35).
  const mayAskAgain = (): boolean => request.method === "GET" || position !== "";

  function close(): void {
    closed.abort();
    clearTimeout(timer);
    stop();
  }

  function attemptNow(): void {
    if (timer) {
      clearTimeout(timer);
      run();
    } else if (mayAskAgain() && isSilent()) {
      stop(0);
    }
  }

  function run(): void {
    timer = openedAt = undefined;
    [stop, isSilent] = attempt(
      target, position, onOpen, onBlock, milliseconds => reconnectionTime = milliseconds, () => sink.read(position), onEnd);
  }

  function onOpen(answer: Response): void {
    openedAt = Date.now();
    origin = originOf(answer.url || request.url);
    // As `EventSource` does, but never with another origin (decision 56). A redirect may have made a GET of another method, and `fetch`
    // does not tell. So the next attempts are GETs, because no server carries out a GET twice.
    if (answer.redirected && origin === originOf(request.url)) {
      target = { ...request, url: answer.url, method: "GET", body: undefined };
    }
    sink.change(1, "open");
  }

  function onBlock(id: string, type: string, data: string | undefined): void {
    if (signal.aborted) return;
    position = id;
    if (data === undefined) return;
    failures = -1;
    sink.event(type, data, id, origin);
    if (type === "stream-end") sink.close({ reason: "end" });
  }

  function onEnd(end: End): void {
    if (signal.aborted) return;
    // The first address may serve the stream again.
    if (!openedAt && request.method === "GET") target = request;
    if (!mayAskAgain()) end.reason ??= end.error ? "not-resumable" : "end";
    if (end.reason) return sink.close(end as Closing);

    const least = Math.max(reconnectionTime, LEAST_DELAY);
    // A quiet stream that lasted has not failed. One that ends at once without an event has.
    if (Date.now() - openedAt! >= least) failures = -1;
    const doubled = Math.min(Math.max(least, MOST_DOUBLED), least * 2 ** Math.max(0, failures++));
    // The spread only adds, because the standard makes the reconnection time the shortest wait (HTML, section 9.2.3).
    end.retryIn ??= Math.min(Math.ceil(doubled * (1 + Math.random() / 2)), LONGEST_DELAY);
    timer = setTimeout(run, end.retryIn);
    sink.change(0, "error", end);
  }

  // `visibilitychange` and `resume` are events of the document, which the window captures.
  for (const type of ["online", "visibilitychange", "pageshow", "resume"]) {
    globalThis.addEventListener?.(type, () => {
      if (type !== "visibilitychange" || !document.hidden) attemptNow();
    }, { capture: true, signal });
  }
  run();
  return { close, attemptNow };
}
