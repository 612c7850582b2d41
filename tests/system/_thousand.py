#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A thousand VMs behind 125 TAPs, and one to talk to.

  _thousand.py document RULE NETNS-OF-VMS NETNS-OF-THE-OTHER
  _thousand.py ping      every VM sends an echo to the other until it has its
                         answer; prints how many have
"""

import json
import select
import socket
import struct
import sys
import time

VMS = 1000
PER_PORT = 8
OTHER = "10.0.8.1"
OTHER_MAC = "02:00:00:01:00:00"


def ca(number):
    return f"10.0.{number >> 8}.{number & 255}"


def mac(number):
    return f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"


def numbers(port):
    return range(10 + port * PER_PORT, 10 + (port + 1) * PER_PORT)


def document(rule, vms, other):
    rewrite = rule == "rewrite"
    everybody = [n for port in range(VMS // PER_PORT) for n in numbers(port)]

    def pa(number):
        return f"198.18.{number >> 8}.{number & 255}" if rewrite \
            else "198.18.254.1"

    records = {ca(n): {"mac": mac(n - (n - 10) % PER_PORT), "rule": rule,
                       "pa": pa(n)} for n in everybody}
    records[OTHER] = {"mac": OTHER_MAC, "rule": rule, "pa": "198.18.255.1"}

    def host(pas, ports):
        return {"switches": {"lab": {
            "uplinks": {"wire": {"pa": {a: {"prefix": 16} for a in pas}}},
            "stack": ["wnv"], "ports": ports}}}

    ports = {f"p{port}": {"tap": f"t{port}", "netns": vms, "vsid": 5001,
                          "ca": [ca(n) for n in numbers(port)]}
             for port in range(VMS // PER_PORT)}
    json.dump({
        "format": 1,
        "networks": {"blue": {"subnets": {"5001": {
            "prefixes": ["10.0.0.0/20"], "gateway": ["none"],
            "ca": records}}}},
        "hosts": {
            "a": host(sorted({pa(n) for n in everybody}), ports),
            "b": host(["198.18.255.1"], {"other": {
                "tap": "eth0", "netns": other, "vsid": 5001,
                "ca": [OTHER]}})}}, sys.stdout)


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def raw(text):
    return bytes(int(part, 16) for part in text.split(":"))


def echo(number):
    """An echo request of one VM: its number is the identifier."""
    icmp = struct.pack(">BBHHH", 8, 0, 0, number, 1) + bytes(24)
    icmp = icmp[:2] + struct.pack(">H", checksum(icmp)) + icmp[4:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 1, 0, 64, 1, 0,
                     socket.inet_aton(ca(number)), socket.inet_aton(OTHER))
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    source = mac(number - (number - 10) % PER_PORT)
    return raw(OTHER_MAC) + raw(source) + b"\x08\x00" + ip + icmp


def answered(sockets, asked, missing):
    """Take the VMs that have an answer from `missing`; wait for `asked`."""
    until = time.monotonic() + 0.3
    while not asked.isdisjoint(missing) and time.monotonic() < until:
        for one in select.select(sockets, [], [], 0.05)[0]:
            frame = one.recv(2048)
            if len(frame) < 42 or frame[12:14] != b"\x08\x00" or \
                    frame[23] != 1 or frame[34] != 0:
                continue
            number = struct.unpack(">H", frame[38:40])[0]
            if frame[30:34] == socket.inet_aton(ca(number)) and \
                    frame[26:30] == socket.inet_aton(OTHER):
                missing.discard(number)


def ping():
    sockets = []
    for port in range(VMS // PER_PORT):
        one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                            socket.htons(0x0800))
        one.bind((f"t{port}", 0))
        sockets.append(one)
    missing = {n for port in range(VMS // PER_PORT) for n in numbers(port)}
    until = time.monotonic() + 90
    while missing and time.monotonic() < until:
        # a few at a time: each is a next hop of its own for the other host
        asked = set(sorted(missing)[:8])
        for n in asked:
            sockets[(n - 10) // PER_PORT].send(echo(n))
        answered(sockets, asked, missing)
    print(VMS - len(missing))


if sys.argv[1] == "document":
    document(*sys.argv[2:])
else:
    ping()
