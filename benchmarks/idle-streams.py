#!/usr/bin/env python3
"""What do idle streams cost with everything on, beside everything off?

idle-streams.py [STREAMS] [ROUNDS]: for each round, starts benchmarks/LoadServer (built in Release) once for each row, in a new process,
opens STREAMS subscribers (10000), waits until their first keep-alives have left, and then measures for 60 s.
It prints the bytes of live objects each stream takes, and the user and system time of the server in per cent of a core.
The rows: nothing on; the app authenticates each request (--Authenticate 1); all of Trust.cs on, too (--Trust 1).
The price of CPU a delivery comes from the load generator of docs/reference/performance.md, with the same three servers as targets.
Compare "trust" with "authenticates": what ASP.NET Core takes to authenticate a request is no price of this library.
"""
import os
import pathlib
import resource
import selectors
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

STREAMS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
SECONDS = 60
ROWS = {"off": [], "authenticates": ["--Authenticate", "1"], "trust": ["--Trust", "1"]}
SERVER = pathlib.Path(__file__).parent / "LoadServer/bin/Release/net10.0/LoadServer.dll"
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def times(pid):
    """User and system time of a process in seconds."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]) / TICK, int(fields[12]) / TICK


def memory(port):
    return min(int(urllib.request.urlopen(f"http://127.0.0.1:{port}/memory").read()) for _ in range(3))


class Subscribers:
    """Open streams, whose bytes are read and dropped."""

    def __init__(self, port, count):
        self.selector = selectors.DefaultSelector()
        for number in range(count):
            one = socket.create_connection(("127.0.0.1", port))
            one.sendall(b"GET /ours-fan HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
            self.selector.register(one, selectors.EVENT_READ)
            if number % 200 == 0:
                self.read_for(0.01)
        self.read_for(5)

    def read_for(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for key, _ in self.selector.select(left):
                if not key.fileobj.recv(65536):
                    raise EOFError("The server has closed a stream.")

    def close(self):
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


def measure(options):
    port = free_port()
    server = subprocess.Popen(["dotnet", SERVER, "--urls", f"http://127.0.0.1:{port}", *options], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                memory(port)
                break
            except OSError:
                time.sleep(0.1)
        warm = Subscribers(port, 200)
        warm.close()
        time.sleep(1)
        before = memory(port)
        streams = Subscribers(port, STREAMS)
        streams.read_for(30)
        bytes_each = (memory(port) - before) / STREAMS
        began = times(server.pid)
        streams.read_for(SECONDS)
        user, system = (100 * (after - earlier) / SECONDS for after, earlier in zip(times(server.pid), began))
        streams.close()
        return bytes_each, user, system
    finally:
        server.kill()
        server.wait()


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
figures = {name: [] for name in ROWS}
for _ in range(ROUNDS):
    for name, options in ROWS.items():
        figures[name].append(measure(options))
        each, user, system = figures[name][-1]
        print(f"{name}: {each:.0f} B a stream, user {user:.2f} %, system {system:.2f} %", flush=True)
for name, rows in figures.items():
    each, user, system = (statistics.median(column) for column in zip(*rows))
    print(f"median of {name}: {each:.0f} B a stream, user {user:.2f} %, system {system:.2f} % of a core")
