# SPDX-License-Identifier: Apache-2.0
"""_hostile_clients.py SOCKET: does to the control socket what nobody should.

Prints a line per claim that does not hold; exits 1 if there was one. Between
all of it somebody else asks and must be answered.
"""
import array
import contextlib
import json
import os
import socket
import sys
import threading
import time

LINE, DEPTH, CLIENTS, PATIENCE = 1 << 20, 64, 64, 30
path = sys.argv[1]
faults = 0


def claim(holds, *what):
    global faults
    if not holds:
        faults += 1
        print("FAULT:", *what)


def client(timeout=5):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(timeout)
    sock.connect(path)
    return sock


def line_of(sock):
    data = b""
    with contextlib.suppress(ConnectionError):
        while not data.endswith(b"\n"):
            more = sock.recv(1 << 16)
            if not more:
                break
            data += more
    return data


def ask(data, timeout=5):
    """The answer to raw bytes, parsed; None if the daemon hung up."""
    with client(timeout) as sock:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            sock.sendall(data)
        answer = line_of(sock)
    return json.loads(answer) if answer else None


def request(method, params=None, number=1):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method,
                       **({"params": params} if params else {})}).encode()


def code(answer):
    return answer and answer.get("error", {}).get("code")


def others_are_served(when):
    start = time.monotonic()
    answer = ask(request("hello") + b"\n")
    claim(answer and "result" in answer, "nobody answers", when)
    claim(time.monotonic() - start < 2, "a slow answer", when)


def sizes():
    filler = b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{}}'
    exact = filler + b" " * (LINE - 1 - len(filler)) + b"\n"
    claim("result" in (ask(exact, 20) or {}), "a line of 1 MiB is refused")
    answer = ask(filler + b" " * (LINE + 100) + b"\n", 20)
    claim(answer is None or code(answer), "a longer line is taken")
    others_are_served("after long lines")
    for depth, good in ((DEPTH - 2, True), (DEPTH + 1, False), (100000, False)):
        nested = b"[" * depth + b"]" * depth
        answer = ask(b'{"jsonrpc":"2.0","id":1,"method":"hello",'
                     b'"params":{"x":' + nested + b"}}\n", 20)
        text = json.dumps(answer or {})
        claim(code(answer), depth, "levels are taken")
        claim(good != ("depth" in text or "deep" in text or answer is None),
              depth, "levels:", text)


def wrong():
    for bad in (b"garbage", b"{", b"[]", b"null", b"\0\0\0", b"{}", b'""',
                b"\xff\xfe\xfd", b'{"jsonrpc":"2.0","id":1}',
                b'{"jsonrpc":"2.0","id":1,"method":7}',
                b'{"jsonrpc":"2.0","id":1,"method":"add","method":"del"}',
                b'{"jsonrpc":"2.0","id":1,"method":"hello","params":'
                b'{"a":1,"a":2}}',
                b'{"jsonrpc":"2.0","id":1,"method":"hello","params":1e400}',
                b'[' + b",".join([request("hello")] * 3) + b']'):
        answer = ask(bad + b"\n")
        claim(code(answer), bad[:60], "is answered", answer)
    for key in ("a/b", "a\0b", "../x", "", "a" * 300, "\u202e"):
        answer = ask(request("object.add", {"noun": "switch", "key": key}) + b"\n")
        claim(code(answer), "a switch called", repr(key)[:40])
    answer = ask(request("no.such") + b"\n")
    claim(code(answer) == -32601, "no such method:", answer)
    others_are_served("after garbage")


def order():
    with client() as sock:
        sock.sendall(b"".join(request("hello", number=n) + b"\n"
                              for n in range(50)))
        reader = sock.makefile()
        got = [json.loads(reader.readline())["id"] for _ in range(50)]
        claim(got == list(range(50)), "answers out of order:", got)
    with client() as sock:
        sock.sendall(request("hello") + b"\n")
        sock.shutdown(socket.SHUT_WR)
        claim(line_of(sock), "half-closed clients get no answer")
    with client() as sock:
        for byte in request("hello") + b"\n":
            sock.send(bytes([byte]))
        claim(line_of(sock), "byte by byte is not answered")
    for _ in range(20):  # gone before the answer
        with client() as sock:
            sock.sendall(request("policy.dump") + b"\n")
    others_are_served("after hang-ups")


def slow_reader():
    with client(1) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        start = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - start < 3:
                sock.sendall((request("schema.list") + b"\n") * 50)
        others_are_served("while one reads nothing")


def crowd():
    kept = []
    for _ in range(CLIENTS + 20):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(2)
        with contextlib.suppress(OSError):
            sock.connect(path)
            kept.append(sock)
    served = 0
    for sock in kept:
        with contextlib.suppress(OSError):
            sock.settimeout(0.05)
            sock.sendall(request("hello") + b"\n")
            served += b"result" in line_of(sock)
    claim(CLIENTS - 2 <= served <= CLIENTS, served, "clients are served")
    for sock in kept:
        sock.close()
    time.sleep(0.3)
    others_are_served("after a crowd")


def documents():
    def apply(data, seals=True):
        fd = os.memfd_create("document", os.MFD_ALLOW_SEALING)
        os.write(fd, data)
        if seals:
            import fcntl
            fcntl.fcntl(fd, 1033, 0xf)  # F_ADD_SEALS, all of them
        with client(20) as sock:
            message = request("policy.apply", {"fd": True, "dry_run": True}) + b"\n"
            sock.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                      array.array("i", [fd]))])
            answer = line_of(sock)
        os.close(fd)
        return json.loads(answer) if answer else None
    big = {"format": 1, "switches": {"s0": {}}, "networks": {
        "n%d" % i: {"note": "x" * 200} for i in range(6000)}}
    data = json.dumps(big).encode()
    claim(len(data) > LINE, "the document is small")
    answer = apply(data)
    claim(answer and "result" in answer, "a sealed memfd:", answer)
    claim(code(apply(data, seals=False)), "a memfd without seals is taken")
    claim(code(apply(data[:-5])), "half a document is taken")
    with client() as sock:  # a descriptor where none belongs
        sock.sendmsg([request("hello") + b"\n"],
                     [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                       array.array("i", [0, 1, 2]))])
        line_of(sock)
    others_are_served("after documents")


def drip(sock, said):
    """A request of one byte in two seconds, for twice as long as it may."""
    with contextlib.suppress(OSError):
        for _ in range(PATIENCE):
            sock.send(b"{")
            time.sleep(2)
    with contextlib.suppress(OSError):
        said.append(line_of(sock))


dripping, said = client(0.1), []
thread = threading.Thread(target=drip, args=(dripping, said))
thread.start()
for part in (sizes, wrong, order, slow_reader, crowd, documents):
    others_are_served("before " + part.__name__)
    part()
thread.join()
claim(said and b"not finished" in said[0], "a request may take for ever:", said)
dripping.close()
sys.exit(1 if faults else 0)
