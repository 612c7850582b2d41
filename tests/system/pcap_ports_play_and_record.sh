#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A pcap port plays its file into the switch, once, and records what leaves by
# it: on an internal switch, whose host port and VM see what was played, and on
# a private one, which has no host port. What is not there or no pcap file is
# said, and the port waits.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq python3 tcpdump

make_netns h
make_netns vm
python3 - "$work/in.pcap" <<'END'
import struct
import sys
mac = bytes.fromhex("0200000000aa")
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(1, 41):  # who has 10.0.0.i?
        frame = (b"\xff" * 6 + mac + bytes.fromhex("0806000108000604 0001") +
                 mac + bytes([10, 0, 0, 170]) + bytes(6) + bytes([10, 0, 0, i]))
        out.write(struct.pack("<IIII", i, 0, len(frame), len(frame)) + frame)
END
start_vswitchd h
vsctl_in h switch add inner type=internal host-port=yes stack=none >/dev/null ||
	fault 'no internal switch'
vsctl_in h port add vm tap=eth0 netns="$prefix-vm" switch=inner >/dev/null ||
	fault 'no port for the VM'
vsctl_in h port add out pcap=- pcap-out="$work/out.pcap" switch=inner \
	>/dev/null || fault 'no recording port'
up() { [ "$(json h '[.switches[].ports[] | select(.state != "up")] | length' \
	show)" = 0 ]; }
wait_for 20 up || fault "$(vsctl_in h show)"
host_port=$(in_netns h ls /sys/class/net | grep -v '^lo$' | head -1)
[ -n "$host_port" ] || fault 'the internal switch has no host port'
for name in "h $host_port" 'vm eth0'; do
	set -- $name
	(exec ip netns exec "$prefix-$1" tcpdump -q -U -n -i "$2" \
		-w "$work/$1.pcap" arp and ether host 02:00:00:00:00:aa) \
		2>"$work/$1.log" &
	wait_for 10 grep -q listening "$work/$1.log"
done

vsctl_in h port add play pcap="$work/in.pcap" mac-guard=off switch=inner \
	>/dev/null || fault 'no playing port'
played() { [ "$(tcpdump -r "$1" -n arp 2>/dev/null | wc -l)" -ge 40 ]; }
for file in out h vm; do
	wait_for 20 played "$work/$file.pcap" ||
		fault "$file has $(tcpdump -r "$work/$file.pcap" 2>/dev/null |
			wc -l) of 40 frames"
done
sleep 1
expect 'frames recorded, each once' 40 "$(tcpdump -r "$work/out.pcap" -n arp \
	and ether host 02:00:00:00:00:aa 2>/dev/null | wc -l)"
expect 'the first frame, as it was' \
	"$(tcpdump -r "$work/in.pcap" -n -xx -c 1 2>/dev/null | tail -n +2)" \
	"$(tcpdump -r "$work/out.pcap" -n -xx arp and \
		ether host 02:00:00:00:00:aa -c 1 2>/dev/null | tail -n +2)"
kill %2 %3 2>/dev/null

# a private switch: ports only, and nothing of the other switch
vsctl_in h switch add alone type=private stack=none >/dev/null ||
	fault 'no private switch'
vsctl_in h port add out2 pcap=- pcap-out="$work/out2.pcap" switch=alone \
	>/dev/null || fault 'no second recorder'
vsctl_in h port add play2 pcap="$work/in.pcap" mac-guard=off switch=alone \
	>/dev/null || fault 'no second player'
wait_for 20 played "$work/out2.pcap" || fault 'the private switch is silent'
sleep 1
expect 'frames of the internal switch' 40 "$(tcpdump -r "$work/out.pcap" -n \
	arp and ether host 02:00:00:00:00:aa 2>/dev/null | wc -l)"
vsctl_in h switch add other type=private host-port=yes stack=none \
	>/dev/null 2>&1 && fault 'a private switch with a host port'

# what can't be played says why
echo 'no pcap at all' >"$work/text"
for file in "$work/none.pcap" "$work/text"; do
	vsctl_in h port add bad pcap="$file" switch=alone >/dev/null ||
		fault "$file is refused for good"
	said() { json h '[.switches[].ports[] |
		select(.name == "bad")][0].why' show; }
	known() { case $(said) in ''|null|*opened*) false ;; esac; }
	wait_for 10 known || fault "$file: $(vsctl_in h show)"
	vsctl_in h port del bad >/dev/null
done
balanced h
finish
