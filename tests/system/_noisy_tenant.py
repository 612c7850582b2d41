#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""_noisy_tenant.py MACHINE MACHINE: until it is killed, a tenant that does all
it can: its two devices say in turn that they have the same MACs, thousands of
them, and from the first to the second there are ever more flows. MACHINE is a
device."""
import itertools
import socket
import struct
import sys
import time

FLOWS = 3000
FRAMES = 12  # of each, one after the other
MACS = 4000  # a worker believes for 100 ms what it has heard of a MAC


def opened(device):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((device, 0))
    return sock


def summed(header):
    total = sum(struct.unpack("!10H", header))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return 0xffff - total


def datagram(macs, source):
    udp = struct.pack("!4H", source, 9, 8 + 18, 0) + bytes(18)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17,
                       0, b"\x0a\x09\x09\x01", b"\x0a\x09\x09\x02")
    head = head[:10] + struct.pack("!H", summed(head)) + head[12:]
    return macs + b"\x08\x00" + head + udp


def main():
    ends = [opened(device) for device in sys.argv[1:3]]
    macs = [end.getsockname()[4] for end in ends]
    nobody = b"\x02\x00\x00\x00\xee\xee"
    rest = b"\x88\xb5" + bytes(46)
    said = itertools.cycle((end, nobody + struct.pack("!HI", 0x0202, mac) + rest)
                           for end in ends for mac in range(MACS))
    ends[1].send(nobody + macs[1] + rest)
    for flow in itertools.cycle(range(FLOWS)):
        frame = datagram(macs[1] + macs[0], 10000 + flow)
        for _ in range(FRAMES):
            end, claim = next(said)
            end.send(claim)
            ends[0].send(frame)
            time.sleep(0.0001)


main()
