/** How a stream is asked for, watched, and asked for again. All members are optional. */
export interface EventStreamOptions {
    /** The method; `GET` by default. Any other is sent again only after the server has sent an id. */
    method?: string;
    /** The body; none by default. It is sent with each attempt. `GET` has none. */
    body?: string | Blob | FormData | URLSearchParams | BufferSource | null;
    /**
     * Headers, or a function that makes them anew for each attempt; it may be async. If the function throws, the attempt has failed.
     * `Accept`, `Cache-Control`, `Last-Event-ID`, and the headers that `fetch` drops, are refused.
     */
    headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>);
    /** `fetch`'s word for cookies; `same-origin` by default. */
    credentials?: RequestCredentials;
    /** `EventSource`'s word for `credentials: "include"`; false by default. */
    withCredentials?: boolean;
    /** The position to begin after; none by default. A position that `persist` has kept comes first. */
    lastEventId?: string;
    /**
     * Whether all tabs of the origin share one connection; false by default. Needs `identity`, or `credentials: "omit"`
     * without `headers` and `fetch`.
     */
    shared?: boolean;
    /** Whose stream it is, for example the user's id. Tabs share, and positions persist, for the same identity only. */
    identity?: string;
    /**
     * Milliseconds without an answer after which the tab that has the shared connection counts as frozen, and another one takes over.
     * 10,000 by default, and 1,000 at least.
     */
    leaderTimeout?: number;
    /** Whether the position is kept in `sessionStorage`, so that a reload resumes; false by default. */
    persist?: boolean;
    /**
     * Milliseconds without a byte after which the connection counts as dead. By default three times the interval that the server tells in
     * `EventStream-Keep-Alive`, else 45,000. `Infinity` is for servers that send no keep-alives.
     */
    silenceTimeout?: number;
    /** Closes the stream, as `close()` does. */
    signal?: AbortSignal;
    /** Sends the requests in place of the global `fetch`. It must obey the signal that it gets. */
    fetch?: (url: string, init: RequestInit) => Promise<Response>;
}
/**
 * Why a stream is closed:
 * `no-content` (204), `status` (any other status but 200), `content-type` (not `text/event-stream`), `header` (one that cannot be
 * sent), `end` (the server's `stream-end`, or a clean end that cannot be resumed), `not-resumable` (a break that cannot be resumed),
 * `closed` (by the page), `logout` (of the identity, in any tab).
 */
export type CloseReason = "no-content" | "status" | "content-type" | "header" | "end" | "not-resumable" | "closed" | "logout";
/** An event of the stream. */
export interface StreamEvent<T = any, Type extends string = string> extends MessageEvent<string> {
    readonly type: Type;
    /** The data, read as JSON. Throws a `SyntaxError` if it is none. */
    json(): T;
}
/** Events that the stream has missed (`stream-gap`). */
export interface EventStreamGap {
    /** Why, such as `evicted`; `unspecified` if the server does not say. */
    readonly reason: string;
    /** How many; null if that cannot be known. */
    readonly lost: number | null;
    readonly channel?: string;
    readonly requested?: string | null;
    readonly oldest?: string | null;
    readonly newest?: string | null;
}
export interface StreamGapEvent extends StreamEvent<any, "stream-gap"> {
    readonly gap: EventStreamGap;
}
/** A connection that has failed, or whose stream has ended. */
export interface StreamErrorEvent extends Event {
    /** The status of the answer, if it was no stream. */
    readonly status?: number;
    /** What went wrong; undefined after a clean end. */
    readonly error?: Error;
    /** Milliseconds until the next attempt; undefined if the stream is closed. */
    readonly retryIn?: number;
}
/** The stream is closed. It comes once, and last. */
export interface StreamClosedEvent extends Event {
    readonly reason: CloseReason;
    readonly status?: number;
    readonly error?: Error;
}
/** The events that a stream has besides those of the server. */
export interface OwnEvents {
    open: Event;
    error: StreamErrorEvent;
    closed: StreamClosedEvent;
    "stream-gap": StreamGapEvent;
    "stream-end": StreamEvent<any, "stream-end">;
}
/** The names of the events that a stream with the given payloads can have. */
export type StreamEventName<Events> = (keyof Events & string) | keyof OwnEvents;
/** The event of a name. */
export type StreamEventOf<Events, Name extends string> = Name extends keyof OwnEvents ? OwnEvents[Name] : Name extends keyof Events ? StreamEvent<Events[Name], Name> : never;
/** Any event of the server, told apart by its `type`. */
export type AnyStreamEvent<Events> = {
    [Name in keyof Events & string]: StreamEvent<Events[Name], Name>;
}[keyof Events & string] | OwnEvents["stream-gap" | "stream-end"];
/** A listener, as `addEventListener` takes it. */
export type StreamListener<E> = ((event: E) => void) | {
    handleEvent(event: E): void;
};
export interface EventStream<Events extends object = Record<string, any>> {
    /** The absolute address. */
    readonly url: string;
    readonly withCredentials: boolean;
    readonly readyState: 0 | 1 | 2;
    onopen?: ((event: Event) => void) | null;
    onmessage?: ((event: StreamEvent<Events extends {
        message: infer T;
    } ? T : any>) => void) | null;
    onerror?: ((event: StreamErrorEvent) => void) | null;
    onclosed?: ((event: StreamClosedEvent) => void) | null;
    addEventListener<Name extends StreamEventName<Events>>(type: Name, listener: StreamListener<StreamEventOf<Events, Name>> | null, options?: boolean | AddEventListenerOptions): void;
    removeEventListener<Name extends StreamEventName<Events>>(type: Name, listener: StreamListener<StreamEventOf<Events, Name>> | null, options?: boolean | EventListenerOptions): void;
    /** Closes the stream, with a last event `closed`. */
    close(): void;
    /**
     * Loops over every event of every name. Leaving the loop closes the stream.
     * The loop ends where the stream ends well, and throws where a refusal or a break ends it. One loop at a time gets the events.
     */
    [Symbol.asyncIterator](): AsyncGenerator<AnyStreamEvent<Events>, void, undefined>;
}
/**
 * A stream of server-sent events with the interface of `EventSource`.
 *
 * It reconnects, resumes, notices a dead connection, and says why it ends. `Events` has the payload of each event's name, as `json()`
 * returns it.
 */
export declare class EventStream<Events extends object = Record<string, any>> extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSED = 2;
    readonly CONNECTING = 0;
    readonly OPEN = 1;
    readonly CLOSED = 2;
    /**
     * Makes a stream, which asks at once.
     * Throws a `TypeError` for options that cannot work.
     */
    constructor(url: string | URL, options?: EventStreamOptions);
    /** Closes the shared streams of an identity in all tabs, and forgets their positions: call it at a logout. */
    static logout(identity: string): Promise<void>;
}
