#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A VM with a raw socket, or one whose driver is its own, says itself where a
# checksum goes and where a super-frame is cut. While its flow is in the kernel,
# lies about that are dropped by name as ever; and nothing travels behind a packet.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_fast.sh"
need_root
need vswitchd vsctl ip jq ss python3 ethtool
need_tcx

make_netns a
fast_vm a va 5
fast_vm a vb 7
# so that the kernel does at the way out what the frame asks for
in_netns a ethtool -K to-vb tx off tso off gso off >/dev/null 2>&1
cat >"$work/document.json" <<-END
	{ "format": 1, "networks": { "blue": { "subnets": { "5001": {
	    "prefixes": ["10.0.0.0/24"], "gateway": ["none"], "mtu": 1500, "ca": {
	      "10.0.0.5": {"mac": "02:00:00:00:00:05", "rule": "none"},
	      "10.0.0.7": {"mac": "02:00:00:00:00:07", "rule": "none"} } } } } },
	  "hosts": { "a": { "switches": { "lab": { "stack": ["wnv"], "ports": {
	    "va": {"packet": "to-va", "vsid": 5001, "ca": ["10.0.0.5"]},
	    "vb": {"packet": "to-vb", "vsid": 5001, "ca": ["10.0.0.7"]} } } } } } }
END
start_vswitchd a --host a --document "$work/document.json" --fast-path
ready a
pings va 10.0.0.7

# The liar sends from port 4001 to 4002, where an honest flow goes as well: raw,
# so that it is one of the same key. It prints how many of which lies arrived.
cat >"$work/liar.py" <<'END'
import ctypes, os, socket, struct, sys, time

libc = ctypes.CDLL(None, use_errno=True)

def packets(netns, vnet):
    fd = os.open("/run/netns/" + netns, os.O_RDONLY)
    assert libc.setns(fd, 0) == 0
    os.close(fd)
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                        0 if vnet else socket.htons(0x0800))
    if vnet:
        raw.setsockopt(263, 15, 1)  # PACKET_VNET_HDR
    raw.bind(("eth0", 0 if vnet else 0x0800))
    return raw

def total(data):
    data += b"\0" * (len(data) % 2)
    result = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while result >> 16:
        result = (result & 0xffff) + (result >> 16)
    return result

def frame(protocol, payload, behind=b""):
    ends = bytes([10, 0, 0, 5, 10, 0, 0, 7])
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0x4000, 64,
                       protocol, 0) + ends
    head = head[:10] + struct.pack("!H", ~total(head) & 0xffff) + head[12:]
    return bytes.fromhex("020000000007" "020000000005" "0800") + head + \
        payload + behind

def udp(size):
    return struct.pack("!HHHH", 4001, 4002, 8 + size, 0) + b"u" * size

def tcp(size):
    return struct.pack("!HHIIBBHHH", 4001, 4002, 1, 1, 0x50, 0x10, 1000, 0,
                       0) + b"t" * size

def vnet(flags=0, gso=0, header=0, size=0, start=0, offset=0):
    return struct.pack("<BBHHHH", flags, gso, header, size, start, offset)

sender, hearer = packets(sys.argv[1], True), packets(sys.argv[2], False)
hearer.settimeout(0.5)

def send(header, bytes_):
    try:
        sender.send(header + bytes_)
    except OSError:
        pass  # the kernel believes less than we fear

def heard():
    count = 0
    while True:
        try:
            data, where = hearer.recvfrom(70000)
        except socket.timeout:
            return count
        ours = data[23:24] in (b"\x11", b"\x06") and \
            data[0:6] == bytes.fromhex("020000000007")
        count += where[2] != socket.PACKET_OUTGOING and ours

if sys.argv[3] == "teach":
    for _ in range(30):
        send(vnet(), frame(17, udp(400)))
        send(vnet(), frame(6, tcp(400)))
        time.sleep(0.02)
    print("honest", heard())
    sys.exit()
for name, start, offset in (("source", 20, 8), ("target", 20, 12),
                            ("mac", 0, 4), ("port", 28, 6)):
    send(vnet(1, 0, 0, 0, start, offset), frame(17, udp(400)))
    print("checksum-into-" + name, heard())
for size in (1, 4):
    send(vnet(1, 1, 54, size, 34, 16), frame(6, tcp(20000)))
    print("cut-at-%d" % size, heard())
send(vnet(), frame(17, udp(100), b"b" * 900))
print("behind-the-packet", heard())
END
lies() { python3 "$work/liar.py" "$prefix-va" "$prefix-vb" "$1"; }

expect 'what is honest comes' 'honest 60' "$(lies teach)"
sleep 1.2
[ "$(link_of a va fast)" -gt 20 ] || fault "the flow is not in the kernel: $(
	vsctl_in a stats)"
lies tell >"$work/told"
sed 's/^/  /' "$work/told"
grep -E '^(checksum-into|cut-at)' "$work/told" | grep -v ' 0$' &&
	fault 'a lie went past the switch'
grep -q '^behind-the-packet' "$work/told" || fault 'the liar did not end'
bad=$(vsctl_in a drops | awk '/ bad_offload / {count += $1} END {print +count}')
# one of the six the sender's own kernel does not take
[ "$bad" -ge 5 ] || fault "bad_offload: $bad of 6 lies: $(vsctl_in a drops)"
# and the flow itself is as it was
expect 'what is honest comes' 'honest 60' "$(lies teach)"
finish
