// What do a thousand messages a second cost a page? The browser's EventSource, EventStream.Browser, and @microsoft/fetch-event-source.
//
//   node benchmarks/browser-cpu.mjs [--rounds N] [--seconds N] [--rate N] [--chromium PATH]
//
// A server in this process sends messages of 200 bytes with ids. Chromium (headless) opens one page for each client and round, in turn. After
// two seconds of warm-up it prints, by Chromium's own counters (Performance.getMetrics), the main thread's time and the part of it in which
// scripts ran, in per cent of a core, the heap of the scripts after a collection, and how many messages were read. "~" is the same client once
// more: the difference of the two is the spread of this machine.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const repository = join(import.meta.dirname, "..");
const option = (name, otherwise) => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? otherwise : process.argv[index + 1];
};
const rounds = Number(option("rounds", 3));
const seconds = Number(option("seconds", 10));
const rate = Number(option("rate", 1000));
const chromium = option("chromium", process.env.CHROMIUM ?? "chromium");
const npm = join(repository, "tests/EventStream.Documents.Tests/lib");

// Each script counts the messages that it reads in window.count.
const clients = {
  "EventSource": `new EventSource("/stream").onmessage = e => read(e.data);`,
  "EventStream": `import { EventStream } from "/event-stream.js"; new EventStream("/stream").onmessage = e => read(e.data);`,
  "fetch-event-source": `import { fetchEventSource } from "/fetch-event-source/fetch.js";
    fetchEventSource("/stream", { openWhenHidden: true, onmessage: e => read(e.data) });`,
};
const rows = Object.keys(clients).flatMap(name => name === "EventStream" ? [name, `${name}~`] : [name]);

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  if (pathname === "/stream") return stream(request, response);
  if (pathname === "/page") {
    response.setHeader("Content-Type", "text/html");
    const script = clients[searchParams.get("client").replace("~", "")];
    return response.end(`<!DOCTYPE html><script>var count = 0; function read(data) { count++; }</script><script type="module">${script}</script>`);
  }
  const file = pathname.startsWith("/fetch-event-source/")
    ? join(npm, pathname.endsWith(".js") ? pathname : `${pathname}.js`)
    : join(repository, "src/EventStream.Browser/wwwroot", pathname);
  try {
    response.setHeader("Content-Type", "text/javascript");
    response.end(readFileSync(file));
  } catch {
    response.writeHead(404).end();
  }
});

function stream(request, response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const filling = "x".repeat(200);
  const started = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (const due = (performance.now() - started) * rate / 1000; sent < due; sent++) response.write(`id: a.${sent}\ndata: ${filling}\n\n`);
  }, 1);
  request.on("close", () => clearInterval(timer));
}

/** The DevTools protocol over the pipe of --remote-debugging-pipe. */
class Browser {
  #calls = new Map();
  #next = 1;

  constructor() {
    this.profile = mkdtempSync(join(tmpdir(), "browser-cpu-"));
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", `--user-data-dir=${this.profile}`];
    this.process = spawn(chromium, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    let rest = "";
    this.process.stdio[4].setEncoding("utf8").on("data", text => {
      const messages = (rest + text).split("\0");
      rest = messages.pop();
      for (const { id, result, error } of messages.map(JSON.parse)) {
        const call = this.#calls.get(id);
        this.#calls.delete(id);
        if (error) call?.reject(new Error(error.message));
        else call?.resolve(result);
      }
    });
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.#next++;
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
  }

  async close() {
    const ended = new Promise(resolve => this.process.once("exit", resolve));
    await this.send("Browser.close");
    await ended;
    rmSync(this.profile, { recursive: true, force: true });
  }
}

const sleep = seconds => new Promise(resolve => setTimeout(resolve, seconds * 1000));
const median = values => values.toSorted((a, b) => a - b)[values.length >> 1];

async function measure(browser, client) {
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const count = async () => (await send("Runtime.evaluate", { expression: "count" })).result.value;
  const metrics = async () => Object.fromEntries((await send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]));
  await send("Performance.enable");
  await send("Page.navigate", { url: `http://localhost:${server.address().port}/page?client=${encodeURIComponent(client)}` });
  await sleep(2);
  const [before, first] = [await metrics(), await count()];
  await sleep(seconds);
  const [after, last] = [await metrics(), await count()];
  await send("HeapProfiler.collectGarbage");
  const heap = (await metrics()).JSHeapUsedSize;
  await browser.send("Target.closeTarget", { targetId });
  const elapsed = after.Timestamp - before.Timestamp;
  const share = name => (after[name] - before[name]) / elapsed * 100;
  return { task: share("TaskDuration"), script: share("ScriptDuration"), heap: heap / 1024, rate: (last - first) / elapsed };
}

await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
const browser = new Browser();
try {
  const measured = new Map(rows.map(row => [row, []]));
  for (let round = 0; round < rounds; round++) {
    for (const row of rows) measured.get(row).push(await measure(browser, row));
  }
  console.log("client                main thread %   scripts %   heap KB   messages a second");
  for (const [row, of] of measured) {
    const [task, script, heap, read] = ["task", "script", "heap", "rate"].map(name => median(of.map(one => one[name])));
    console.log(`${row.padEnd(22)}${task.toFixed(2).padStart(13)}${script.toFixed(2).padStart(12)}${heap.toFixed(0).padStart(10)}${read.toFixed(0).padStart(20)}`);
  }
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
