#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""1,000 pings a second, answered or not, and what a move cost of them.

    pings.py send ADDRESS SECONDS    until SIGTERM, at most so long; one line
                                     per ping: when it was sent, when it was
                                     answered (or -); ping(8) slows down when
                                     answers fail to come, this does not
    pings.py tell FILE STOPPED RESUMED

STOPPED and RESUMED: when the VM was taken away, and was there again (seconds
since the epoch). tell prints: ms of its stop, ms from its stop to its first
reply, how many pings were lost that were sent before or after the stop.
"""
import os
import select
import signal
import socket
import struct
import sys
import time

PERIOD = 0.001
PATIENCE = 0.5  # of the last ones


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def request(ident, number):
    """An echo request; its sequence number repeats, its payload does not."""
    body = struct.pack("!HHQ", ident, number & 0xffff, number)
    return struct.pack("!BBH", 8, 0, checksum(b"\x08\0\0\0" + body)) + body


def send(address, seconds):
    ident = os.getpid() & 0xffff
    sent, got, end = [], {}, [time.time() + seconds]
    signal.signal(signal.SIGTERM, lambda *_: end.append(time.time()))
    with socket.socket(socket.AF_INET, socket.SOCK_RAW,
                       socket.IPPROTO_ICMP) as at:
        at.setblocking(False)
        begun = time.time()
        while (now := time.time()) < min(end) + PATIENCE:
            due = begun + len(sent) * PERIOD
            if due <= now < min(end):
                try:
                    at.sendto(request(ident, len(sent)), (address, 0))
                except OSError:  # no neighbour, no room: lost like any other
                    pass
                sent.append(now)
                continue
            wait = due - now if now < min(end) else 0.01
            if not select.select([at], [], [], max(wait, 0))[0]:
                continue
            reply = at.recv(2048)[20:]
            if len(reply) >= 16 and reply[0] == 0:
                _, ident_of, _, number = struct.unpack("!IHHQ", reply[:16])
                if ident_of == ident:
                    got.setdefault(number, time.time())
    for number, when in enumerate(sent):
        print(f"{when:.6f} {got[number]:.6f}" if number in got
              else f"{when:.6f} -")


def tell(name, stopped, resumed):
    with open(name, encoding="ascii") as lines:
        pings = [line.split() for line in lines]
    replies = sorted(float(got) for _, got in pings if got != "-")
    lost = sum(got == "-" and not stopped <= float(sent) <= resumed
               for sent, got in pings)
    # the silence that the stop made ends with the first reply
    silence, back = max(((after - before, after)
                         for before, after in zip(replies, replies[1:])
                         if after > stopped), default=(0, 0))
    if not silence or replies[-1] < resumed:
        print("no reply after the move")
        return 1
    print(f"{(resumed - stopped) * 1e3:.1f} {(back - stopped) * 1e3:.1f} {lost}")
    return 0


if sys.argv[1] == "send":
    sys.exit(send(sys.argv[2], float(sys.argv[3])))
sys.exit(tell(sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
