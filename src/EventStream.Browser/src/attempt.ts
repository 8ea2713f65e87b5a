import type { CloseReason } from "./event-stream.js";
import { headersOf, type StreamRequest } from "./options.js";
import { parserOf, type OnBlock, type OnRetry } from "./parser.js";

/** Three of the shortest intervals that a server can have, in milliseconds. It tells nothing else, so less is nonsense. */
const LEAST_TOLD = 300;

/** How an attempt ended. */
export interface End {
  /** Why no other attempt may follow; undefined if one may. */
  reason?: CloseReason;
  status?: number;
  /** What went wrong; undefined after a clean end. */
  error?: Error;
  /** How long to wait, in milliseconds; undefined for the usual wait. */
  retryIn?: number;
}

/** An attempt that runs. */
export type Attempt = readonly [
  /** Gives the attempt up, because the server is silent. The next one follows after so many milliseconds, or after the usual wait. */
  stop: (retryIn?: number) => void,
  /** Whether the server has been silent for longer than half of the time that is allowed, which is 1.5 intervals by default. */
  isSilent: () => boolean,
];

/**
 * Begins one attempt: a request, its answer, and the events in it.
 * It calls `onOpen` when the answer is a stream, and `onRead` after each piece of the stream. It reads on when that promise has resolved.
 * It calls `onEnd` once, and then none of these functions any more.
 */
export function attempt(
  request: StreamRequest,
  position: string,
  onOpen: (answer: Response) => void,
  onBlock: OnBlock,
  onRetry: OnRetry,
  onRead: () => Promise<void> | void,
  onEnd: (end: End) => void,
): Attempt {
  const abort = new AbortController();
  const { signal } = abort;
  // Milliseconds of silence: three intervals of the server's keep-alives.
  let limit = request.silenceTimeout ?? 45_000;
  let heard: number;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function end(how: End): void {
    clearTimeout(timer);
    if (signal.aborted) return;
    abort.abort();
    onEnd(how);
  }

  // The page's functions may ignore the signal, or never return. So nothing waits for them.
  const stop = (retryIn?: number): void => end({ error: new Error("The server is silent"), retryIn });

  function watch(): void {
    heard = Date.now();
    // A timer has 31 bits.
    if (limit < 2 ** 31) timer = setTimeout(stop, limit);
  }

  function pause(): void {
    clearTimeout(timer);
    heard = Infinity;
    signal.throwIfAborted();
  }

  async function ask(): Promise<End> {
    watch();
    let { headers: sent } = request;
    if (typeof sent === "function") sent = await sent();
    try {
      sent = headersOf(sent, position);
    } catch (error) {
      return { reason: "header", error: error as Error };
    }
    signal.throwIfAborted();
    // `no-store` has the browser send Cache-Control itself, which needs no preflight.
    const answer = await (request.fetch ?? fetch)(request.url, { ...request, headers: sent, cache: "no-store", signal });
    pause();
    const { status, headers } = answer;
    const type = headers.get("content-type");
    if (status === 204) return { reason: "no-content", status };
    const error = new Error(status + " " + type);
    if (status !== 200) return { reason: "status", status, error };
    if (!/^text\/event-stream\s*(;|$)/i.test(type!)) return { reason: "content-type", status, error };

    const told = +headers.get("EventStream-Keep-Alive")! * 3_000;
    if (told >= LEAST_TOLD) limit = request.silenceTimeout ?? told;
    onOpen(answer);
    const parse = parserOf(position, onBlock, onRetry);
    const reader = answer.body!.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      watch();
      const { done, value } = await reader.read();
      pause();
      const isInsideEvent = parse(decoder.decode(value, { stream: !done }));
      if (done) return { error: isInsideEvent ? new Error("The server cut an event") : undefined };
      signal.throwIfAborted();
      await onRead();
    }
  }

  ask().then(end, error => end({ error }));
  return [stop, () => Date.now() - heard > limit / 2];
}

/** The origin of an address. */
export const originOf = (url: string): string => new URL(url).origin;
