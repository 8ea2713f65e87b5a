#!/usr/bin/env python3
"""5000 browsers come back after a restart: how are their arrivals spread, and is an ordinary endpoint answered meanwhile?

stampede.py LOADSERVER.DLL [CLIENTS [OPENS_PER_SECOND]] runs the server twice, without limits and with the rate of opens. Each time all
clients open a stream of a channel, and the server is stopped by SIGTERM and started again. A client behaves as an EventSource: it waits
for the last retry that it was sent. A process of its own asks /ordinary every 10 ms, on a new connection every 50th time.
"""
import asyncio
import http.client
import multiprocessing
import re
import resource
import signal
import statistics
import subprocess
import sys
import time

dll = sys.argv[1]
clients = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
rate = int(sys.argv[3]) if len(sys.argv) > 3 else 200
port = 15_600
request = b"GET /ours-fan HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"


class Browser(asyncio.Protocol):
    """One EventSource. It counts as open once it has a position."""

    asked, opened, open_now = [], [], set()

    def __init__(self):
        self.retry, self.transport, self.tail = 3.0, None, b""

    def connection_made(self, transport):
        self.transport, self.tail = transport, b""
        Browser.asked.append(time.monotonic())
        transport.write(request)

    def data_received(self, data):
        self.tail = (self.tail + data)[-300:]
        for milliseconds in re.findall(rb"retry: (\d+)\n", self.tail):
            self.retry = int(milliseconds) / 1000
        if self not in Browser.open_now and b"id: " in self.tail:
            Browser.open_now.add(self)
            Browser.opened.append(time.monotonic())
        if b"0\r\n\r\n" in self.tail:
            self.transport.close()

    def connection_lost(self, _):
        Browser.open_now.discard(self)
        if self.transport:
            self.transport = None
            asyncio.get_running_loop().call_later(self.retry, self.connect)

    def connect(self):
        asyncio.ensure_future(self.try_connect())

    async def try_connect(self):
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
        except OSError:
            asyncio.get_running_loop().call_later(self.retry, self.connect)


def probe(stop, results):
    found, connection, count = [], None, 0
    while not stop.is_set():
        started = time.monotonic()
        try:
            if connection is None or count % 50 == 0:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/ordinary")
            assert connection.getresponse().read() == b"an ordinary answer"
            found.append((started, time.monotonic() - started))
        except OSError:
            connection = None
        except http.client.HTTPException:
            connection = None
        count += 1
        time.sleep(max(0, 0.01 - (time.monotonic() - started)))
    results.put(found)


def start(limits):
    server = subprocess.Popen(["dotnet", dll, "--urls", f"http://127.0.0.1:{port}", *limits])
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/ordinary")
            connection.getresponse().read()
            return server
        except OSError:
            time.sleep(0.02)


async def until_all_are_open(seconds):
    ends = time.monotonic() + seconds
    while len(Browser.open_now) < clients and time.monotonic() < ends:
        await asyncio.sleep(0.1)


def by_second(times, since):
    counts = {}
    for at in times:
        if at >= since:
            counts[int(at - since)] = counts.get(int(at - since), 0) + 1
    return " ".join(str(counts.get(second, 0)) for second in range(max(counts, default=0) + 1))


async def run(name, limits):
    Browser.asked, Browser.opened, Browser.open_now = [], [], set()
    server = start([])
    for index in range(clients):
        Browser().connect()
        if index % 50 == 49:
            await asyncio.sleep(0.02)
    await until_all_are_open(60)
    print(f"{name}: {len(Browser.open_now)} streams are open, and the server restarts", flush=True)

    stop, results = multiprocessing.Event(), multiprocessing.Queue()
    server.send_signal(signal.SIGTERM)
    while server.poll() is None:
        await asyncio.sleep(0.01)
    server = await asyncio.to_thread(start, limits)
    up = time.monotonic()
    prober = multiprocessing.Process(target=probe, args=(stop, results))
    prober.start()
    await until_all_are_open(180)
    took = time.monotonic() - up
    await asyncio.sleep(1)
    stop.set()
    times = [latency * 1000 for at, latency in await asyncio.to_thread(results.get) if at <= up + took]
    prober.join()
    p99 = statistics.quantiles(times, n=100)[98]
    print(f"  all {len(Browser.open_now)} are open again after {took:.1f} s")
    print(f"  asked, by second:  {by_second(Browser.asked, up)}")
    print(f"  opened, by second: {by_second(Browser.opened, up)}")
    print(f"  /ordinary: {len(times)} answers, p50 {statistics.median(times):.1f} ms, p99 {p99:.1f} ms, longest {max(times):.1f} ms", flush=True)
    for browser in list(Browser.open_now):
        transport, browser.transport = browser.transport, None
        transport.abort()
    server.kill()
    server.wait()
    await asyncio.sleep(1)


async def main():
    await run("without limits", [])
    await run(f"{rate} opens a second", [f"--EventStreams:Limits:MaxOpensPerSecond={rate}"])


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
asyncio.run(main())
