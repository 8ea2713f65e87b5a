'use strict';

// Reads a stream until it ends, and stays until the server has told its return to go away.
function read(path, types) {
    const source = new EventSource(path);
    const events = [];
    let end, stop;
    const reading = { source, events, ended: new Promise(resolve => end = resolve), stopped: new Promise(resolve => stop = resolve) };
    for (const type of types) {
        source.addEventListener(type, event => {
            // A stream may name its events as the connection's own are named.
            if (event instanceof MessageEvent) events.push({ type: event.type, data: event.data, lastEventId: event.lastEventId });
        });
    }
    source.addEventListener('error', event => {
        if (event instanceof MessageEvent) return;
        end();
        if (source.readyState === EventSource.CLOSED) stop();
    });
    return reading;
}

// A row that waits for longer than the last rung is given up.
async function readBatch(batch) {
    const first = batch.first.map(path => read(path, []));
    await Promise.all(first.map(rung => rung.ended));
    const rows = batch.rows.map(path => read(path, batch.types));
    await Promise.all(rows.map(row => row.ended));
    const last = batch.last.map(path => read(path, []));
    await Promise.all(last.map(rung => rung.stopped));
    for (const reading of [...first, ...rows, ...last]) reading.source.close();
    return rows.map(row => row.events);
}

// Reads each stream, and what comes when it is asked for again, until its source gives up.
async function readUntilStopped(paths) {
    const readings = paths.map(path => read(path, ['message']));
    await Promise.all(readings.map(reading => reading.stopped));
    return readings.map(reading => reading.events);
}
