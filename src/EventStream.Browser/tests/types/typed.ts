// What compiles, and what must not: `tsc --strict` fails where an error is expected and there is none.
import { EventStream, type CloseReason, type EventStreamGap, type StreamClosedEvent } from "../../wwwroot/event-stream.js";

interface Price {
  symbol: string;
  price: number;
}

interface PriceEvents {
  price: Price;
  halt: string[];
}

const prices = new EventStream<PriceEvents>("/prices");

prices.addEventListener("price", e => {
  const price: number = e.json().price;
  const name: "price" = e.type;
  const data: string = e.data;
  // @ts-expect-error A price has no such member.
  e.json().volume;
  return [price, name, data];
});
prices.addEventListener("halt", { handleEvent: e => e.json().map(symbol => symbol.toUpperCase()) });
prices.addEventListener("price", null);
prices.removeEventListener("halt", () => {}, { capture: true });

// @ts-expect-error There is no such event.
prices.addEventListener("prise", () => {});
// @ts-expect-error The listener wants the payload of another event.
prices.addEventListener("price", (e: { json(): string[] }) => e);

prices.addEventListener("stream-gap", e => {
  const gap: EventStreamGap = e.gap;
  const lost: number | null = gap.lost;
  // @ts-expect-error How many are lost may be unknown.
  const count: number = gap.lost;
  return [lost, count];
});
// @ts-expect-error Only a gap has one.
prices.addEventListener("price", e => e.gap);

prices.addEventListener("closed", e => {
  const reason: CloseReason = e.reason;
  // @ts-expect-error There is no such reason.
  return reason === "because";
});
prices.onopen = () => {};
prices.onmessage = e => e.json();
prices.onerror = e => [e.status?.toFixed(), e.error?.message, e.retryIn?.toFixed()];
prices.onclosed = (e: StreamClosedEvent) => e.status === 401;
// @ts-expect-error An error has no reason.
prices.onerror = e => e.reason;
// @ts-expect-error The state is the stream's own.
prices.readyState = EventStream.CLOSED;

const state: 0 | 1 | 2 = prices.readyState;
const isClosed = state === EventStream.CLOSED || state === prices.CLOSED;

async function read(): Promise<number | undefined> {
  for await (const e of prices) {
    if (e.type === "price") return e.json().price;
    if (e.type === "stream-gap") return e.gap.lost ?? 0;
    // @ts-expect-error The name tells the payload, and a list has no symbol.
    if (e.type === "halt") e.json().symbol;
  }
  return undefined;
}

const messages = new EventStream<{ message: Price }>("/prices");
messages.onmessage = e => e.json().symbol;
// @ts-expect-error A price has no such member.
messages.onmessage = e => e.json().volume;

const untyped = new EventStream(new URL("https://server.test/"));
untyped.addEventListener("anything", e => e.json().anything);

new EventStream("/", {
  method: "POST",
  body: new URLSearchParams(),
  headers: async () => ({ Authorization: "Bearer x" }),
  withCredentials: true,
  lastEventId: "1",
  shared: true,
  identity: "a",
  persist: true,
  silenceTimeout: Infinity,
  signal: new AbortController().signal,
  fetch: (url, init) => fetch(url, init),
});
// @ts-expect-error A body that is a stream can be sent only once.
new EventStream("/", { method: "POST", body: new ReadableStream() });
// @ts-expect-error JSON is text: JSON.stringify.
new EventStream("/", { method: "POST", body: { prompt: "x" } });
// @ts-expect-error There is no such option.
new EventStream("/", { retry: 1 });
// @ts-expect-error fetch has no such mode.
new EventStream("/", { credentials: "yes" });

const done: Promise<void> = EventStream.logout("a");
export { done, isClosed, read, untyped };
