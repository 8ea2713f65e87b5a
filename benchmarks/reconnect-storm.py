#!/usr/bin/env python3
"""Ten thousand clients come back at once, each resuming 100 messages: are all served, in how much memory, and is publishing disturbed?

reconnect-storm.py PORT PID SSELOAD, with benchmarks/LoadServer just started. First 10,000 new clients without a position, for the memory of as many
idle ones; then 10,000 that resume, while 50 messages a second go to 10 subscribers of another channel, whose latency is compared with that before.
"""
import re
import subprocess
import sys
import time
import urllib.request

port, pid, sseload = int(sys.argv[1]), sys.argv[2], sys.argv[3]
clients = 10_000


def rss():
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) // 1024


def load(path, connections, *options):
    return subprocess.Popen([sseload, "127.0.0.1", str(port), path, str(connections), *options], stdout=subprocess.PIPE, text=True)


def figures(process):
    return dict(re.findall(r"(\w+)=([\d.]+)", process.communicate()[0]))


def publish(count):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/ours-pub?n={count}&size=200&rate=0", method="POST")
    urllib.request.urlopen(request).read()


def position():
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/ours-fan") as stream:
        return next(line for line in stream if line.startswith(b"id: "))[4:].strip().decode()


def watched(name, seconds):
    process = load("/other-fan", 10, "-e", str(seconds * 50), "-t", "60", "-p", f"/other-pub?n={seconds * 50}&size=200&rate=50", "-r", "200")
    return name, process


def report(name, process):
    found = figures(process)
    print(f"{name}: p50 {found['p50ms']} ms, p99 {found['p99ms']} ms, {found['events']} events", flush=True)


report(*watched("publishing, 10 subscribers", 5))
report(*watched("publishing, 10 subscribers", 10))
idle = load("/ours-fan", clients, "-t", "12")
time.sleep(9)
print(f"{clients} idle: RSS {rss()} MB", flush=True)
idle.wait()
time.sleep(3)

before = position()
publish(100)
name, other = watched("publishing during the storm", 15)
time.sleep(3)
started = time.monotonic()
storm = load(f"/ours-fan?lastEventId={before}", clients, "-e", "100", "-t", "40")
most = 0
while storm.poll() is None:
    most = max(most, rss())
    time.sleep(0.05)
found = figures(storm)
print(f"storm: {found['done']} of {clients} served in {time.monotonic() - started:.1f} s, {found['closed']} closed, RSS at most {most} MB", flush=True)
report(name, other)
