# SPDX-License-Identifier: Apache-2.0
"""_checksums.py DEVICE: judges the TCP and UDP checksums that arrive there.

Reads frames with their offload header until SIGTERM, then prints "N frames,
N bad". A finished checksum must be right; one left to offload must hold the
sum of the pseudo-header and say where it stands.
"""
import select
import signal
import socket
import struct
import sys

PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING, SOL_PACKET = 15, 23, 263
NEEDS_CSUM = 1
FIELD = {6: 16, 17: 6}


def folded(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def transport(frame):
    """(protocol, pseudo-header, offset of the segment, end) or None."""
    kind = frame[12:14]
    if kind == b"\x08\x00":
        if struct.unpack("!H", frame[20:22])[0] & 0x3fff:
            return None
        start = 14 + (frame[14] & 15) * 4
        end = 14 + struct.unpack("!H", frame[16:18])[0]
        addresses, protocol = frame[26:34], frame[23]
    elif kind == b"\x86\xdd":
        start, end = 54, 54 + struct.unpack("!H", frame[18:20])[0]
        addresses, protocol = frame[22:54], frame[20]
    else:
        return None
    if protocol not in FIELD or end > len(frame):
        return None
    pseudo = addresses + struct.pack("!II", end - start, protocol)
    return protocol, pseudo, start, end


def sound(header, frame):
    """Whether the checksum is right; None where there is none to judge."""
    flags, gso, _, _, start, offset = struct.unpack("<BBHHHH", header)
    found = transport(frame)
    if not found:
        return None
    protocol, pseudo, at, end = found
    if flags & NEEDS_CSUM:
        field = at + FIELD[protocol]
        value = struct.unpack("!H", frame[field:field + 2])[0]
        return (start, offset) == (at, FIELD[protocol]) and \
            value == folded(pseudo)
    if protocol == 17 and frame[at + 6:at + 8] == b"\0\0":
        return None
    return gso == 0 and folded(pseudo + frame[at:end]) == 0xffff


def main():
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    sock.bind((sys.argv[1], 3))
    wake = socket.socketpair()
    wake[1].setblocking(False)
    signal.set_wakeup_fd(wake[1].fileno())
    signal.signal(signal.SIGTERM, lambda *_: None)
    print("ready", flush=True)
    frames = bad = 0
    while wake[0] not in select.select([sock, wake[0]], [], [], 60)[0]:
        data = sock.recv(70000)
        verdict = sound(data[:10], data[10:])
        frames += verdict is not None
        if verdict is False:
            bad += 1
            if bad < 4:
                print("bad:", data[:90].hex(), file=sys.stderr)
    print("%d frames, %d bad" % (frames, bad))


main()
