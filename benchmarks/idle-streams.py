#!/usr/bin/env python3
"""What do idle streams cost a server: resident memory, live objects, and CPU?

idle-streams.py [--streams N] [--rounds N] [--seconds N] [--types BYTES] [ROW ...]

For each round, starts benchmarks/LoadServer (built in Release) once for each row, in a new process, and opens the streams (10,000).
When their first keep-alives have left, it measures the user and system time, in per cent of a core: for --seconds (60) without a
message, and for as long with one message a minute to all. Then it prints the resident memory and the live bytes that each stream takes.

The rows: "bare" is a handler of Kestrel that waits, without this library; "plain" a channel of this library; "direct" and "io-uring" the
same with direct output; "authenticates" an app that authenticates each request, and "trust" one with all of Trust.cs on, too.
A row with "~" at its end is the same server once more. The difference of the two is the spread of this machine.
Without rows: bare bare~ plain plain~ direct io-uring.

With --types, benchmarks/HeapByType (built in Release) prints each type that takes at least so many bytes a stream.
The price of CPU a delivery comes from the load generator of docs/reference/performance.md, with the same servers as targets.
"""
import argparse
import os
import pathlib
import resource
import selectors
import socket
import statistics
import subprocess
import time
import urllib.request

ROWS = {
    "bare": [],
    "plain": [],
    "direct": ["--Direct", "1"],
    "io-uring": ["--IoUring", "1"],
    "authenticates": ["--Authenticate", "1"],
    "trust": ["--Trust", "1"],
}
BENCHMARKS = pathlib.Path(__file__).parent
TICK = os.sysconf("SC_CLK_TCK")
MESSAGE_EVERY = 60


def built(name):
    return BENCHMARKS / name / f"bin/Release/net10.0/{name}.dll"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def times(pid):
    """User and system time of a process in seconds."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]) / TICK, int(fields[12]) / TICK


def resident(pid):
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def live(port):
    return min(int(urllib.request.urlopen(f"http://127.0.0.1:{port}/memory").read()) for _ in range(3))


def publish(port):
    urllib.request.urlopen(f"http://127.0.0.1:{port}/ours-pub?n=1&size=220&rate=0", data=b"")


class Streams:
    """Open streams, whose bytes are read and dropped."""

    def __init__(self, port, path, count):
        self.selector = selectors.DefaultSelector()
        for number in range(count):
            one = socket.create_connection(("127.0.0.1", port))
            one.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".encode())
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


def cpu(pid, seconds, wait):
    """User and system time while wait() runs, in per cent of a core."""
    began = times(pid)
    wait()
    return [100 * (after - before) / seconds for after, before in zip(times(pid), began)]


def measure(row, options):
    port = free_port()
    path = "/bare" if row == "bare" else "/ours-fan"
    server = subprocess.Popen(["dotnet", built("LoadServer"), "--urls", f"http://127.0.0.1:{port}", *ROWS[row]], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                live(port)
                break
            except OSError:
                time.sleep(0.1)
        warm = Streams(port, path, 200)
        publish(port)
        warm.read_for(1)
        warm.close()
        time.sleep(1)
        resident_before, live_before = resident(server.pid), live(port)
        streams = Streams(port, path, options.streams)
        streams.read_for(30)

        def wait_and_publish():
            for left in range(options.seconds, 0, -MESSAGE_EVERY):
                publish(port)
                streams.read_for(min(left, MESSAGE_EVERY))

        silent = cpu(server.pid, options.seconds, lambda: streams.read_for(options.seconds))
        resident_each = (resident(server.pid) - resident_before) / options.streams
        live_each = (live(port) - live_before) / options.streams
        if options.types is not None:
            subprocess.run(
                ["dotnet", built("HeapByType"), str(server.pid), str(options.streams), str(options.types)], check=True)
        messages = cpu(server.pid, options.seconds, wait_and_publish)
        streams.close()
        return [resident_each, live_each, *silent, *messages]
    finally:
        server.kill()
        server.wait()


def show(figures):
    resident_each, live_each, user, system, user_message, system_message = figures
    return (
        f"RSS {resident_each:.0f} B and live {live_each:.0f} B a stream; silent {user + system:.2f} % ({user:.2f} user, {system:.2f} system); "
        f"a message a minute {user_message + system_message:.2f} % ({user_message:.2f}, {system_message:.2f})")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--streams", type=int, default=10_000)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--seconds", type=int, default=60)
parser.add_argument("--types", type=float, metavar="BYTES")
parser.add_argument("rows", nargs="*", metavar="ROW", default=["bare", "bare~", "plain", "plain~", "direct", "io-uring"])
options = parser.parse_args()
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
measured = {row: [] for row in options.rows}
for _ in range(options.rounds):
    for row, figures in measured.items():
        figures.append(measure(row.rstrip("~"), options))
        print(f"{row}: {show(figures[-1])}", flush=True)
for row, figures in measured.items():
    print(f"median of {row}: {show([statistics.median(column) for column in zip(*figures)])}")
