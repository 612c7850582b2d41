#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Numbered datagrams for system tests. Ends with the process that started it.

_datagrams.py send MARK ADDRESS PORT PER_SECOND [AT_ONCE]
                for ever, from the same port, so many together (UDP_SEGMENT);
                every eighth without a checksum. SIGUSR1: one of 1430 bytes
                that must not be cut; SIGUSR2: one that is to cross no router;
                SIGHUP: one of 4000 bytes
_datagrams.py hear MARK PORT FILE
                a line in FILE for each, its number; `bad' for those that
                are not as `send' with that mark made them
_datagrams.py programs DEVICE
                how many are at its ingress (tcx); -1: the kernel has no tcx
"""
import ctypes
import hashlib
import os
import select
import signal
import socket
import struct
import sys
import time

SIZE, LARGE, CUT = 200, 1430, 4000
DISCOVER, DO, DONT = 10, 2, 0  # IP_MTU_DISCOVER, IP_PMTUDISC_
DISCOVER6 = 23  # IPV6_MTU_DISCOVER
NO_CHECK = 11  # SO_NO_CHECK
SEGMENT = 103  # UDP_SEGMENT


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() == 1:
        sys.exit(1)


def made(mark, number, size):
    """A number, and bytes that nobody else would have made."""
    head = struct.pack("!Q", number)
    body = hashlib.sha256(mark.encode() + head).digest()
    return (head + body * (size // len(body) + 1))[:size]


def opened(address, port):
    """A socket, and how it is told about hops and about the path's MTU."""
    ipv6 = ":" in address
    end = socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET,
                        socket.SOCK_DGRAM)
    end.bind(("", port))
    level = socket.IPPROTO_IPV6 if ipv6 else socket.IPPROTO_IP
    hops = socket.IPV6_UNICAST_HOPS if ipv6 else socket.IP_TTL
    return (end, lambda n: end.setsockopt(level, hops, n),
            lambda how: end.setsockopt(level, DISCOVER6 if ipv6 else DISCOVER,
                                       how))


def send(mark, address, port, rate, together):
    wishes = []
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP):
        signal.signal(number, lambda got, _: wishes.append(got))
    end, set_hops, set_discovery = opened(address, port)
    number = 0
    due = time.monotonic()
    while True:
        wish = wishes.pop() if wishes else None
        count = 1 if wish else together
        size = {signal.SIGUSR1: LARGE, signal.SIGHUP: CUT}.get(wish, SIZE)
        set_hops(1 if wish == signal.SIGUSR2 else 64)
        set_discovery(DONT if wish == signal.SIGHUP else DO)
        end.setsockopt(socket.SOL_SOCKET, NO_CHECK,
                       count == 1 and number % 8 == 0)
        end.setsockopt(socket.IPPROTO_UDP, SEGMENT, size if count > 1 else 0)
        try:
            end.sendto(b"".join(made(mark, number + i, size)
                                for i in range(count)), (address, port))
        except OSError:  # what an ICMP said
            continue
        number += count
        due += count / rate
        time.sleep(max(0, due - time.monotonic()))


def hear(mark, port, path):
    end = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    end.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    end.bind(("::", port))
    with open(path, "w", encoding="ascii") as file:
        while True:
            said = end.recv(1 << 16)
            number = struct.unpack("!Q", said[:8])[0]
            good = said == made(mark, number, len(said))
            file.write(f"{number}\n" if good else "bad\n")
            if not select.select([end], [], [], 0)[0]:
                file.flush()


def programs(device):
    count = ctypes.c_uint32(0)
    query = ctypes.CDLL("libbpf.so.1").bpf_prog_query
    failed = query(socket.if_nametoindex(device), 46, 0, None, None,
                   ctypes.byref(count))
    print(-1 if failed else count.value)


if sys.argv[1] == "programs":
    programs(sys.argv[2])
    sys.exit()
end_with_parent()
if sys.argv[1] == "send":
    send(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]),
         int(sys.argv[6]) if len(sys.argv) > 6 else 1)
else:
    hear(sys.argv[2], int(sys.argv[3]), sys.argv[4])
