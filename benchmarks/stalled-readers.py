#!/usr/bin/env python3
"""Readers that stall beside readers that do not: does memory stay flat, and are the others delayed?

stalled-readers.py PORT PID SSELOAD: 500 healthy readers alone, then the same with 500 that never read, with 100 messages of 2 KB a second.
What the kernel buffers for a reader that never reads is filled first; after 30 s it would be cut.
SSELOAD is the load client (a program that opens N streams, has messages published, and prints the latency of their delivery).
The server is benchmarks/LoadServer, started with --Capacity 512, so that its log is full after five seconds.
"""
import re
import socket
import subprocess
import sys
import threading

port, pid, sseload = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def rss():
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) // 1024


def run(name, messages=1500):
    samples, over = [], threading.Event()

    def sample():
        while not over.wait(1):
            samples.append(rss())

    sampler = threading.Thread(target=sample)
    sampler.start()
    out = subprocess.run([sseload, "127.0.0.1", str(port), "/ours-fan", "500", "-e", str(messages), "-t", "45",
                          "-p", f"/ours-pub?n={messages}&size=2048&rate=100", "-r", "500"], capture_output=True, text=True).stdout
    over.set()
    sampler.join()
    figures = dict(re.findall(r"(\w+)=([\d.]+)", out))
    print(f"{name}: {figures['events']} events, p50 {figures['p50ms']} ms, p99 {figures['p99ms']} ms, RSS by the second (MB): {samples}", flush=True)


def stall():
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", port))
    reader.sendall(b"GET /ours-fan HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return reader


run("warm-up")
run("500 healthy")
stalled = [stall() for _ in range(500)]
run("500 healthy, while 500 begin to stall")
run("500 healthy, 500 stalled", 1200)
