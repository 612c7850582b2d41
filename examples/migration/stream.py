#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One TCP stream of numbered words, for as long as it is let.

    stream.py take ADDRESS PORT          counts them; every one must come once,
                                         in order
    stream.py give ADDRESS PORT MBYTES   sends so many megabytes a second until
                                         SIGTERM, then ends the stream

take prints "N bytes, whole" or what is wrong. A connection that breaks is an
error of whoever sees it.
"""
import signal
import socket
import struct
import sys
import time

CHUNK = 4096  # words of 8 bytes


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def take(address, port):
    with socket.create_server((address, port), family=family(address)) as at:
        peer, _ = at.accept()
    number, rest = 0, b""
    while data := peer.recv(1 << 18):
        data = rest + data
        words = len(data) // 8
        rest = data[words * 8:]
        got = struct.unpack(f"!{words}Q", data[:words * 8])
        if got != tuple(range(number, number + words)):
            return f"wrong words behind {number * 8} bytes"
        number += words
    return f"{number * 8} bytes, {'cut' if rest else 'whole'}"


def give(address, port, mbytes):
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    number, begun = 0, time.monotonic()
    with socket.create_connection((address, port), 10) as peer:
        peer.settimeout(None)
        while not stop:
            peer.sendall(struct.pack(f"!{CHUNK}Q",
                                     *range(number, number + CHUNK)))
            number += CHUNK
            ahead = number * 8 / (mbytes * 1e6) - (time.monotonic() - begun)
            if ahead > 0:
                time.sleep(ahead)
            elif ahead < -0.1:  # after a pause, no burst
                begun = time.monotonic() - number * 8 / (mbytes * 1e6)
        peer.shutdown(socket.SHUT_WR)
        peer.recv(1)


if sys.argv[1] == "take":
    print(take(sys.argv[2], int(sys.argv[3])))
else:
    give(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
