// Reads streams with the module for browsers, in a page or in Node.

/** Reads each address with its options until the module closes the stream: the events, the failures between its attempts, and the end. */
export function readAll(EventStream, base, requests) {
    return Promise.all(requests.map(({ path, options, report }) =>
        read(new EventStream(new URL(path, base), options), report && new URL(report, base))));
}

async function read(stream, report) {
    const events = [], failures = [];
    stream.addEventListener('error', event => {
        // The server may have an event of this name, and the error of a refusal has no further attempt.
        if (event.retryIn === undefined) return;
        failures.push({ retryIn: event.retryIn, isBreak: event.error !== undefined });
        // The module asks at once when the network comes back.
        dispatchEvent(new Event('online'));
    });
    try {
        for await (const { type, data, lastEventId } of stream) {
            events.push({ type, data, lastEventId });
            if (report) await fetch(report);
        }
        return { events, failures, isRefused: false };
    } catch {
        return { events, failures, isRefused: true };
    }
}
