/*
 * One connection for all tabs of an origin.
 *
 * Tabs share by the stream's name: identity, credentials mode and address. A name is a Web Lock and a BroadcastChannel. The tab that holds
 * the lock leads: it alone has a connection, and its options make the request's headers. Every tab delivers what comes over the channel.
 * So does the leading tab, of its own posts, because the browser brings all posts of a channel to all tabs in one order.
 *
 * 1. Each tab queues for the lock. The browser grants it to the next tab when the leading one closes, navigates or crashes.
 * 2. A tab that gets the lock posts a claim: a new term, above every term it knows. From a claim on, tabs ignore posts of lower terms.
 * 3. When its own claim comes back, the tab has delivered all that came before it, as every other tab has. It connects with its position,
 *    and posts `lead` with that position. What its connection reports follows: the calls of a `StreamSink`.
 * 4. A tab takes part in a term from a `lead` on. If that has the tab's own place, the tab is level, and delivers what follows. A tab that
 *    has just opened asks for a `lead`, and the leading tab posts one.
 * 5. Any other tab is behind. It connects by itself, like a new subscriber or from its position, and delivers what it reads. Meanwhile it
 *    keeps what the leading tab posts. When it has come to a position that the leading tab has passed, it ends its own connection,
 *    delivers what it has kept after that position, and is level. Where events have no ids, it goes on by itself.
 * 6. A tab that has heard nothing for half of `leaderTimeout` asks, too. If nothing is heard for all of it, the leading tab is frozen, and
 *    the tab steals the lock. When the frozen tab runs again, it finds the new claim before its own posts come back, so it delivers
 *    nothing of what its connection has read meanwhile. It closes the connection, and queues again.
 * 7. `close` closes every level tab. The leading tab releases the lock when its own `close` has come back, so a tab that then gets the
 *    lock has seen `close` before its own claim. A tab that is behind goes on alone, to its own end.
 * 8. A logout is posted over a channel of the identity, which the tabs that cannot share listen to, too. A tab in the back/forward cache
 *    hears nothing. It finds the time of the logout in the storage when it comes back.
 *
 * Correctness depends on the places that step 4 compares, and not on the lock, a clock or a promise to be alive. Where a browser does not
 * keep one order, tabs find themselves behind, and catch up.
 */
import type { Closing, Connection, connect, StreamSink, StreamSource } from "./connection.js";
import { loggedOutAt, logoutsOf } from "./logout.js";
import type { StreamRequest } from "./options.js";
import { keyOf } from "./persistence.js";

export { logout } from "./logout.js";

const LEADER_TIMEOUT = 10_000;
const LEAST_LEADER_TIMEOUT = 1_000;

/** How often a tab counts within `leaderTimeout`. A frozen tab does not count. */
const TICKS = 10;

/** How many items a tab that is behind keeps. */
const MOST_KEPT = 10_000;

/** Milliseconds for which the timers of the leading tab may be late, before another tab calls it. */
const LATE = 500;

/** How often in a row the leading tab's `headers` may fail before another tab leads. */
const MOST_FAILED_HEADERS = 2;

/** A call of a sink. */
type Call = { [Name in keyof StreamSink]: [name: Name, ...Parameters<StreamSink[Name]>] }[keyof StreamSink];

/** What the leading tab posts: where it is, and what its connection reports. */
type Item = Call | [name: "lead", id: string, events: number, isOpen: boolean];

/** Items of the leading tab; a claim has none. Or a tab asks who leads, or wants an attempt at once. */
type Post = { term: number; items: Item[] } | "ask" | "now";

/**
 * A position, and how many events have followed it without another id. Only tabs that have read the same posts count the same. So a tab
 * that was behind is at a place if that has no such events.
 */
class Place {
  constructor(public id: string, public events = 0) {}

  take([name, ...values]: Item): void {
    const id = name === "event" ? values[2] : name === "read" ? values[0] : this.id;
    if (id !== this.id) [this.id, this.events] = [id as string, 0];
    else if (name === "event") this.events++;
  }

  is(other: Place): boolean {
    return this.id === other.id && this.events === other.events;
  }
}

let hasWarned = false;

/** Makes a source that all tabs share. Where the browser or the page cannot share, it is a connection of this tab alone. */
export function share(request: StreamRequest, position: string, sink: StreamSink, open: typeof connect): StreamSource {
  if (canShare()) return new SharedSource(request, position, sink, open);
  if (!hasWarned) console.warn("EventStream: this page cannot share its streams. Sharing needs HTTPS, Web Locks and BroadcastChannel.");
  hasWarned = true;
  const source = open(request, position, sink);
  const logouts = logoutsOf(request.identity, () => sink.close({ reason: "logout" }));
  return {
    close() {
      logouts?.close();
      source.close();
    },
  };
}

function canShare(): boolean {
  try {
    // It throws where the user forbids storage.
    new BroadcastChannel("event-stream").close();
    return !!navigator.locks;
  } catch {
    return false;
  }
}

/** A tab's wish to lead. */
interface Bid {
  /** Withdraws it, also after it was granted. */
  release(): void;
}

class SharedSource implements StreamSource {
  readonly #request: StreamRequest;
  readonly #sink: StreamSink;
  readonly #open: typeof connect;
  readonly #name: string;
  readonly #closing = new AbortController();
  readonly #madeAt = Date.now();

  /** Up to where this tab has delivered, and whether its page takes the stream for open. */
  readonly #place: Place;
  #isOpen = false;
  /** The channel; undefined while the page is in the back/forward cache. */
  #channel: BroadcastChannel | undefined;
  #logouts: BroadcastChannel | undefined;
  #bid: Bid | undefined;
  #ticks = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #waking: ReturnType<typeof setTimeout> | undefined;

  /** The highest term that this tab knows, and whether a `lead` of it has come. */
  #term = 0;
  #isJoined = false;
  #isLevel = false;
  /** Since the `lead`, while this tab is behind: what was posted, where that has come to, and how many items lead to a place. */
  #kept: Call[] = [];
  #keptPlace = new Place("");
  readonly #keptTo = new Map<string, number>();

  /** How often in a row this tab's function `headers` has thrown, or not returned in time. */
  #failedHeaders = 0;

  /** This tab's connection, if it leads or is behind. */
  #own: Connection | undefined;
  #isOwnOpen = false;
  /** The term of this tab as the leading one; 0 while it has none. */
  #claim = 0;
  /** Where a leading tab posts. It gets its own posts because this is another channel object. */
  #out: BroadcastChannel | undefined;
  /** Up to where a leading tab has posted; undefined if another tab leads. */
  #posted: Place | undefined;
  #items: Item[] = [];

  constructor(request: StreamRequest, position: string, sink: StreamSink, open: typeof connect) {
    this.#request = { ...request, headers: this.#counted(request.headers) };
    this.#sink = sink;
    this.#open = open;
    this.#place = new Place(position);
    this.#name = keyOf(request.identity) + request.credentials + " " + request.url;
    // A page that stands still must not hold the lock, nor must posts wait for it.
    this.#on(["pagehide", "freeze"], () => this.#leave());
    this.#on(["pageshow", "resume"], () => this.#channel || this.#join());
    this.#on(["visibilitychange"], () => this.#wake());
    this.#join();
  }

  close(): void {
    this.#closing.abort();
    this.#leave();
  }

  // Some of these are events of the document, which the window captures.
  #on(types: string[], listener: () => void): void {
    for (const type of types) globalThis.addEventListener?.(type, listener, { capture: true, signal: this.#closing.signal });
  }

  #counted(headers: StreamRequest["headers"]): StreamRequest["headers"] {
    if (typeof headers !== "function") return headers;
    return async () => {
      this.#failedHeaders++;
      const made = await headers();
      this.#failedHeaders = 0;
      return made;
    };
  }

  #join(): void {
    const onLogout = (): void => this.#sink.close({ reason: "logout" });
    if (loggedOutAt(this.#request.identity) > this.#madeAt) return onLogout();
    this.#logouts = logoutsOf(this.#request.identity, onLogout);
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#receive(data);
    const timeout = Math.max(this.#request.leaderTimeout || LEADER_TIMEOUT, LEAST_LEADER_TIMEOUT);
    this.#timer = setInterval(() => this.#tick(), timeout / TICKS);
    this.#bidFor();
    this.#say("ask");
  }

  #leave(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#waking);
    this.#logouts?.close();
    this.#channel?.close();
    this.#channel = undefined;
    this.#stop();
    this.#term = this.#ticks = 0;
    this.#isJoined = this.#isLevel = this.#isOpen = false;
  }

  #say(post: Post): void {
    this.#channel?.postMessage(post);
  }

  #bidFor(steal = false): void {
    this.#bid?.release();
    const waiting = new AbortController();
    const bid: Bid = this.#bid = { release: () => waiting.abort() };
    navigator.locks.request(this.#name, steal ? { steal } : { signal: waiting.signal }, () => new Promise<void>(resolve => {
      if (this.#bid !== bid) return resolve();
      bid.release = resolve;
      this.#ticks = 0;
      this.#claim = Math.max(this.#term + 1, Date.now()) + Math.random();
      this.#out = new BroadcastChannel(this.#name);
      this.#post();
    })).catch((error: DOMException) => {
      if (this.#bid !== bid) return;
      if (error.name === "AbortError") this.#yield();
      // A page that may not use locks, such as one in a sandbox.
      else this.#connect();
    });
  }

  /** Another tab leads. */
  #yield(): void {
    this.#stop();
    this.#bidFor();
  }

  /** Ends this tab's connection, and then its lead, so that there are no two connections. */
  #stop(): void {
    this.#own?.close();
    this.#own = this.#posted = undefined;
    this.#out?.close();
    this.#out = undefined;
    this.#claim = 0;
    this.#items = [];
    this.#bid?.release();
    this.#bid = undefined;
  }

  #lead(): void {
    this.#posted = new Place(this.#place.id, this.#place.events);
    // A tab that is behind leads by the connection that it has.
    this.#connect();
    this.#postLead();
  }

  #postLead(): void {
    this.#items.push(["lead", this.#posted!.id, this.#posted!.events, this.#isOwnOpen]);
    this.#post();
  }

  #post(): void {
    this.#out!.postMessage({ term: this.#claim, items: this.#items } satisfies Post);
    this.#items = [];
  }

  #connect(): void {
    if (this.#own) return;
    this.#isOwnOpen = false;
    this.#own = this.#open(this.#request, this.#place.id, {
      change: (readyState, type, details) => {
        this.#isOwnOpen = readyState === 1;
        this.#report(["change", readyState, type, cloneable(details)]);
        if (this.#failedHeaders >= MOST_FAILED_HEADERS) void this.#passOn();
      },
      event: (...values) => this.#report(["event", ...values]),
      read: position => this.#report(["read", position]),
      close: closing => {
        this.#own!.close();
        this.#report(["close", cloneable(closing)!]);
      },
    });
  }

  /** Lets the next tab lead, if one waits, because this one cannot make the headers. */
  async #passOn(): Promise<void> {
    const { pending = [] } = await navigator.locks.query();
    if (!this.#posted || !pending.some(lock => lock.name === this.#name)) return;
    this.#failedHeaders = 0;
    this.#yield();
  }

  #report(call: Call): void {
    if (this.#posted) {
      this.#posted.take(call);
      this.#items.push(call);
      // One post for all that was read together.
      if (call[0] !== "event") this.#post();
    } else {
      this.#deliver(call);
      if (call[0] === "read") this.#level();
    }
  }

  #receive(post: Post): void {
    if (typeof post === "string") return this.#posted && (post === "ask" ? this.#postLead() : this.#own!.attemptNow());
    if (post.term < this.#term) {
      // A new tab whose clock is behind has claimed a lower term. This tells it to claim again.
      if (!post.items.length) this.#say({ term: this.#term, items: [] });
      return;
    }
    this.#ticks = 0;
    if (post.term > this.#term) {
      this.#term = post.term;
      this.#isJoined = false;
      if (post.term === this.#claim) this.#lead();
      else if (this.#posted) this.#yield();
    }
    for (const item of post.items) {
      if (item[0] === "lead") this.#follow(item);
      else if (this.#isLevel) this.#deliver(item);
      else if (this.#isJoined) this.#keep(item);
    }
    this.#level();
  }

  #follow([, id, events, isOpen]: Item & { 0: "lead" }): void {
    if (this.#isJoined) return;
    this.#isJoined = true;
    const place = new Place(id, events);
    // A tab that was level has read the same posts as the leading one.
    this.#isLevel = !!this.#posted || (this.#isLevel && place.is(this.#place));
    this.#keepFrom(place);
    this.#level();
    if (!this.#isLevel) this.#connect();
    else if (isOpen) this.#deliver(["change", 1, "open"]);
  }

  #keepFrom(place: Place): void {
    this.#kept = [];
    this.#keptPlace = place;
    this.#keptTo.clear();
    this.#mark();
  }

  #mark(): void {
    if (!this.#keptPlace.events) this.#keptTo.set(this.#keptPlace.id, this.#kept.length);
  }

  #keep(call: Call): void {
    this.#kept.push(call);
    this.#keptPlace.take(call);
    // What the leading tab says about its connection leads to no other place.
    if (call[0] === "event" || call[0] === "read") this.#mark();
    if (this.#kept.length > MOST_KEPT) this.#keepFrom(this.#keptPlace);
  }

  #level(): void {
    const mayBeLevel = this.#isJoined && !this.#isLevel && !this.#place.events;
    const from = mayBeLevel ? this.#keptTo.get(this.#place.id) : undefined;
    if (from === undefined) return;
    this.#isLevel = true;
    this.#own?.close();
    this.#own = undefined;
    for (const item of this.#kept.splice(0).slice(from)) this.#deliver(item);
  }

  #deliver(call: Call): void {
    // A listener may have closed the stream.
    if (this.#closing.signal.aborted) return;
    this.#place.take(call);
    if (call[0] === "change") {
      clearTimeout(this.#waking);
      const [, readyState, , details] = call;
      if (readyState && this.#isOpen) return;
      this.#isOpen = readyState === 1;
      // Browsers slow down the timers of hidden tabs, and the leading tab may be one.
      if (details?.retryIn !== undefined) this.#waking = setTimeout(() => this.#wake(), details.retryIn + LATE);
    }
    const [name, ...values] = call;
    (this.#sink[name] as (...values: unknown[]) => void)(...values);
  }

  #wake(): void {
    if (!globalThis.document?.hidden) this.#say("now");
  }

  #tick(): void {
    if (this.#claim) return;
    this.#ticks++;
    if (this.#ticks === TICKS / 2) this.#say("ask");
    // Nobody leads, or a frozen tab does. Until that is settled, this tab reads by itself.
    if (this.#ticks > 1 && !this.#isJoined) this.#connect();
    // The spread keeps tabs from stealing the lock from each other.
    if (this.#ticks > TICKS * (1 + Math.random() / 2)) {
      this.#ticks = 0;
      this.#bidFor(true);
    }
  }
}

/** Details with an error that can be posted: not every value that the page's functions throw can be. */
function cloneable<T extends Partial<Closing>>(details: T | undefined): T | undefined {
  try {
    return structuredClone(details);
  } catch {
    return { ...details!, error: new Error(String(details!.error)) };
  }
}
