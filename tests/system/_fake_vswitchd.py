#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A control socket with canned answers, for the client's behaviour.

_fake_vswitchd.py SOCKET SCHEMA LOG: answers until its input closes, and
writes each request that it got to LOG, one a line.
"""

import array
import json
import os
import selectors
import socket
import sys

PATH, SCHEMA, LOG = sys.argv[1:]
schema = json.load(open(SCHEMA))
PORTS = {"noun": "port", "objects": [
    {"key": "web", "parent": {"noun": "switch", "key": "vs0"},
     "fields": {"tap": "eth0", "vsid": 5001}, "status": {"state": "up"}},
    {"key": "db", "parent": {"noun": "switch", "key": "vs0"},
     "fields": {"tap": "eth1", "vsid": 5001}, "status": {"state": "up"}}]}
PCAPNG = bytes.fromhex("0a0d0d0a1c0000004d3c2b1a01000000"
                       "ffffffffffffffff1c000000") + b"x" * 200000


def error(code, message, path="", exit_code=None):
    data = {"path": path, "errno": "EINVAL"}
    if exit_code is not None:
        data["exit"] = exit_code
    return {"error": {"code": code, "message": message, "data": data}}


def document(params, fds):
    """(bytes, how it came): the policy that a request carries."""
    if not params.get("fd"):
        return len(json.dumps(params["document"])), "line"
    size = os.fstat(fds[0]).st_size
    json.loads(os.pread(fds[0], size, 0))
    try:
        os.ftruncate(fds[0], 0)
        return size, "open"
    except PermissionError:
        return size, "sealed"


def listed(params):
    if params["noun"] != "port":
        return {"noun": params["noun"], "objects": []}
    name = params["where"].get("name")
    return {"noun": "port", "objects": [
        o for o in PORTS["objects"] if name in (None, o["key"])]}


def added(params):
    if params.get("key") == "bad" or "uplink" in params["fields"]:
        return error(2, "eth9: no such device; name one of ip link",
                     "switches.vs0.uplinks.eth9", 4)
    return {"result": {"result": "added", "changes": [], "warnings": [
        {"path": "a.b", "text": "mind the gap"}]}}


def answer(connection, request, fds):
    """What to send; None is silence."""
    method, params = request["method"], request["params"]
    if method == "schema.list":
        return {"result": schema}
    if method == "drops":
        return {"result": {"drops": [{"reason": "acl_deny"}]}}
    if method == "ext.available":
        return {"result": {"extensions": [{"name": "hello"}]}}
    if method == "object.list":
        return {"result": listed(params)}
    if method == "object.add":
        return added(params)
    if method == "object.set":
        return None
    if method == "object.del":
        if params.get("key") == "ghost":
            return error(1, "no port ghost", "switches.vs0.ports.ghost")
        return {"result": {"result": "deleted", "changes": []}}
    if method == "policy.apply":
        size, how = document(params, fds)
        return {"result": {"changes": [
            {"op": "set", "path": how, "before": 0, "after": size}]}}
    if method == "capture":
        if params["port"] == "quiet":
            return {"result": {}}
        if params["port"] != "web":
            return error(1, "no such port", params["port"], 2)
        with os.fdopen(os.dup(fds[0]), "wb") as pipe:
            connection.sendall(b'{"jsonrpc":"2.0","id":%d,"result":{}}\n'
                               % request["id"])
            pipe.write(PCAPNG)
        return None
    if method == "monitor":
        connection.sendall(b'{"jsonrpc":"2.0","id":%d,"result":{}}\n'
                           % request["id"])
        return {"method": "event", "params": {
            "time": "12:00", "source": "wnv", "name": "policy_mismatch",
            "text": "192.0.2.9"}, "close": True}
    if method == "show":
        connection.close()
        return None
    return error(-32601, "no method " + method)


class Client:
    def __init__(self, connection):
        self.connection, self.fds, self.bytes = connection, [], b""

    def read(self):
        """False: gone."""
        data, ancillary, _, _ = self.connection.recvmsg(65536, 1024)
        for level, kind, payload in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds = array.array("i")
                fds.frombytes(payload[:4])
                self.fds.append(fds[0])
        self.bytes += data
        while b"\n" in self.bytes:
            line, self.bytes = self.bytes.split(b"\n", 1)
            if not self.reply(json.loads(line)):
                return False
        return bool(data)

    def reply(self, request):
        with open(LOG, "a") as log:
            print(json.dumps(request, sort_keys=True)[:300], file=log)
        said = answer(self.connection, request, self.fds)
        quiet = request["params"].get("port") == "quiet"
        while self.fds and not quiet:
            os.close(self.fds.pop())
        if self.connection.fileno() < 0:
            return False
        if said is None:
            return True
        close = said.pop("close", False)
        said["jsonrpc"] = "2.0"
        if "method" not in said:
            said["id"] = request["id"]
        self.connection.sendall(json.dumps(said).encode() + b"\n")
        return not close


def main():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(PATH)
    listener.listen()
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is sys.stdin:
                return
            if key.fileobj is listener:
                connection = listener.accept()[0]
                selector.register(connection, selectors.EVENT_READ,
                                  Client(connection))
                continue
            try:
                alive = key.data.read()
            except OSError:
                alive = False
            if not alive:
                selector.unregister(key.fileobj)
                key.fileobj.close()


main()
