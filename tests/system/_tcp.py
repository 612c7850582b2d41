#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TCP for system tests, with ends that always end.

_tcp.py serve PORT...          every address, sends back what it is sent; ends
                               with the process that started it
_tcp.py ask ADDRESS PORT SECONDS [SOURCE]
                               0: connected and a MiB came back whole; 1: no
                               answer within the time; 2: refused
_tcp.py many ADDRESS PORT SECONDS COUNT
                               so many connections at once; says how many are
                               made within the time
_tcp.py talk PORT FILE         says to the first who connects what is in there
_tcp.py hear ADDRESS PORT      connects, says nothing, prints what it hears
"""
import ctypes
import os
import selectors
import signal
import socket
import sys
import time


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() == 1:
        sys.exit(1)


def serve(ports):
    end_with_parent()
    ready = selectors.DefaultSelector()
    for port in ports:
        server = socket.create_server(("::", port), family=socket.AF_INET6,
                                      dualstack_ipv6=True)
        ready.register(server, selectors.EVENT_READ, True)
    while True:
        for key, _ in ready.select():
            end = key.fileobj
            if key.data:
                ready.register(end.accept()[0], selectors.EVENT_READ, False)
                continue
            try:
                said = end.recv(1 << 16)
                end.sendall(said)
            except OSError:
                said = b""
            if not said:
                ready.unregister(end)
                end.close()


def ask(address, port, seconds, source):
    told = os.urandom(1 << 20)
    heard = 0
    try:
        with socket.create_connection((address, port), seconds,
                                      ("", source) if source else None) as end:
            for at in range(0, len(told), 1 << 14):
                piece = told[at:at + (1 << 14)]
                end.sendall(piece)
                while piece:
                    said = end.recv(1 << 16)
                    if not said or not piece.startswith(said):
                        return 1
                    heard += len(said)
                    piece = piece[len(said):]
    except ConnectionRefusedError:
        return 2
    except OSError:
        return 1
    return heard != len(told)


def many(address, port, seconds, count):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    ready = selectors.DefaultSelector()
    end = time.monotonic() + seconds
    ends, made = [], 0
    for _ in range(count):
        ends.append(socket.socket(family))
        ends[-1].setblocking(False)
        ends[-1].connect_ex((address, port))
        ready.register(ends[-1], selectors.EVENT_WRITE)
    while made < count and time.monotonic() < end:
        for key, _ in ready.select(end - time.monotonic()):
            ready.unregister(key.fileobj)
            made += not key.fileobj.getsockopt(socket.SOL_SOCKET,
                                               socket.SO_ERROR)
    print(made)


def talk(port, path):
    end_with_parent()
    server = socket.create_server(("::", port), family=socket.AF_INET6,
                                  dualstack_ipv6=True)
    end = server.accept()[0]
    with open(path, "rb") as lines:
        for line in lines:
            end.sendall(line)


def hear(address, port):
    end_with_parent()
    with socket.create_connection((address, port)) as end:
        while said := end.recv(1 << 16):
            sys.stdout.buffer.write(said)
            sys.stdout.buffer.flush()


if sys.argv[1] == "serve":
    serve([int(port) for port in sys.argv[2:]])
elif sys.argv[1] == "talk":
    talk(int(sys.argv[2]), sys.argv[3])
elif sys.argv[1] == "hear":
    hear(sys.argv[2], int(sys.argv[3]))
elif sys.argv[1] == "many":
    many(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
else:
    sys.exit(ask(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]),
                 int(sys.argv[5]) if len(sys.argv) > 5 else 0))
