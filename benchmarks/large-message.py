#!/usr/bin/env python3
"""Readers that stall inside one large message: what does the server's heap hold then, after they are cut, and a minute later?

large-message.py PORT PID GCDUMP: 100 readers that never read, and one message of 8 MB, whose bytes in the channel's ring are not counted.
The server is benchmarks/LoadServer. GCDUMP is the program dotnet-gcdump, which collects the heap and then counts its objects by type.
Kestrel's buffers are blocks of a pool. Their bytes are counted apart from the rest, which has 17 MB of LoadServer's own until the last dump: the
text that it puts together.
"""
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

READERS, SIZE, BLOCK, WRITE_TIMEOUT = 100, 8_000_000, 4096 + 24, 30
port, pid, gcdump = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def look(moment, ring):
    with tempfile.TemporaryDirectory() as folder:
        dump = os.path.join(folder, "heap.gcdump")
        subprocess.run([gcdump, "collect", "-p", pid, "-o", dump], check=True, capture_output=True)
        report = subprocess.run([gcdump, "report", dump], check=True, capture_output=True, text=True).stdout
    total = number(re.search(r"([\d,]+)\s+GC Heap bytes", report).group(1))
    blocks = sum(number(count) for count in re.findall(r"([\d,]+)\s+Microsoft\.AspNetCore\.MemoryPoolBlock\b", report))
    rest = total - ring - blocks * BLOCK
    print(f"{moment}: {blocks} blocks of Kestrel's pool, {blocks * BLOCK / 1e6:.2f} MB; the rest {rest / 1e6:.2f} MB", flush=True)


def number(text):
    return int(text.replace(",", ""))


def stall():
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    reader.connect(("127.0.0.1", port))
    reader.sendall(b"GET /ours-fan HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return reader


# The first dump makes the runtime's own tables.
look("before the first dump", 0)
look("before", 0)
readers = [stall() for _ in range(READERS)]
time.sleep(2)
publish = urllib.request.Request(f"http://127.0.0.1:{port}/ours-pub?n=1&size={SIZE}&rate=0", method="POST")
urllib.request.urlopen(publish).read()
time.sleep(3)
look("stalled", SIZE)
time.sleep(WRITE_TIMEOUT)
look("cut", SIZE)
time.sleep(60)
look("a minute later", SIZE)
