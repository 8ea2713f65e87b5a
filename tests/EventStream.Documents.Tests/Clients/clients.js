import { EventStream } from "/_content/EventStream.Browser/event-stream.js";
import { EventSource as NpmEventSource } from "eventsource";
import { createEventSource } from "eventsource-client";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { SSE } from "sse.js";

// Each client of the table, by its name there: how it begins, and how it says that it will not come back.
const clients = {
  "EventSource": (url, message, stopped) => watch(new EventSource(url), message, stopped),
  "EventStream": (url, message, stopped) => {
    const stream = new EventStream(url);
    stream.onmessage = e => message(e.data);
    stream.onclosed = stopped;
  },
  "eventsource": (url, message, stopped) => watch(new NpmEventSource(url), message, stopped),
  "eventsource-client": (url, message, stopped) => {
    const client = createEventSource({ url, onMessage: e => message(e.data), onDisconnect: () => setTimeout(ended) });
    function ended() { if (client.readyState === "closed") stopped(); }
  },
  "@microsoft/fetch-event-source": (url, message, stopped) =>
    fetchEventSource(url, { onmessage: e => message(e.data), openWhenHidden: true }).then(stopped, stopped),
  "sse.js": (url, message) => {
    const client = new SSE(url, { autoReconnect: true });
    client.onmessage = e => message(e.data);
  },
  "fetch": async (url, message, stopped) => {
    try {
      const response = await fetch(url);
      const events = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      for await (const event of events ?? []) message(event.data);
    } finally {
      stopped();
    }
  },
};

function watch(source, message, stopped) {
  source.onmessage = e => message(e.data);
  source.onerror = () => { if (source.readyState === 2) stopped(); };
}

window.messages = [];
window.stopped = false;
window.start = (name, url) => {
  clients[name](url, data => window.messages.push(data), () => window.stopped = true);
};
