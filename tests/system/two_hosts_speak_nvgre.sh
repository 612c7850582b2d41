#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Two hosts, one subnet: ping and TCP by IPv4 and IPv6 over NVGRE, what is too
# big answered or fragmented inside, the wire as RFC 7637 has it. First with
# PAs of our own, then with addresses that the kernel has too: its ARP serves,
# and it sends no ICMP about what is not its own.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss tcpdump tshark nstat python3

make_hosts vb

# wire_cards on|off: may a frame cross the wire that a card would still cut?
wire_cards()
{
	for name in a b; do
		in_netns $name ethtool -K wire tx "$1" gso "$1" tso "$1" \
			>/dev/null 2>&1
	done
}

start_host a
start_host b
wire_cards off
wire_start owned.pcap 'proto 47'
vms_talk
balanced a
balanced b
# a VM that believes in a larger MTU
expect 'MTU of a TAP' 1458 "$(in_netns va cat /sys/class/net/eth0/mtu)"
ip -n "$prefix-va" link set eth0 mtu 1500
# too_big ADDRESS SIZE: says which MTU it is told
too_big()
{
	in_netns va ping -c 2 -i 0.2 -W 1 -M do -s "$2" "$1" 2>&1 |
		grep -Eio 'mtu ?= ?[0-9]+' | tail -n 1 | tr -dc 0-9
}
expect 'IPv4, DF' 1458 "$(too_big 10.0.0.7 1472)"
expect 'IPv6' 1458 "$(too_big fd00::7 1452)"
ip -n "$prefix-va" route flush cache 2>/dev/null
in_netns va ip route flush table all cache 2>/dev/null
pings va 10.0.0.7 -M dont -s 1472
pings va 10.0.0.7 -M dont -s 4000
# the same of datagrams that leave the VM as super-frames
in_netns vb python3 -c '
import socket
end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end.bind(("10.0.0.7", 7777))
end.settimeout(30)
got = [end.recv(4096) for _ in range(12)]
print(len([1 for i in range(12) if bytes([i]) * 1460 in got]))
' >"$work/datagrams" &
hears=$!
heard() { in_netns vb ss -Hlun | grep -q 10.0.0.7:7777; }
wait_for 10 heard || fault 'nobody hears datagrams'
in_netns va python3 -c '
import socket
end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER: DONT
end.setsockopt(socket.IPPROTO_UDP, 103, 1460)  # UDP_SEGMENT
for first in range(0, 12, 4):
    end.sendto(b"".join(bytes([first + i]) * 1460 for i in range(4)),
               ("10.0.0.7", 7777))
'
wait $hears
expect 'datagrams of super-frames' 12 "$(cat "$work/datagrams")"
# nobody has this address
ip -n "$prefix-va" neigh add 10.0.0.99 lladdr 02:00:00:00:00:99 dev eth0
silent va 10.0.0.99
expect 'drops of an unknown address' true "$(json a \
	'[.drops[] | select(.reason == "no_lookup_record" or
	.reason == "no_route" or .reason == "unknown_unicast") | .count] |
	add >= 3' drops)"
wire_stop

expect 'GRE flags' 0x2000 "$(wire_saw owned.pcap gre.flags_and_version)"
expect 'GRE protocol' 0x6558 "$(wire_saw owned.pcap gre.proto)"
expect 'VSID in the key' 0x001389 "$(tshark -r "$work/owned.pcap" -T fields \
	-e gre.key 2>/dev/null | cut -c1-8 | sort -u)"
expect 'outer TTL' 128 "$(wire_saw owned.pcap ip.ttl)"
expect 'outer DF' 1 "$(wire_saw owned.pcap ip.flags.df)"
expect 'outer addresses' '192.0.2.1 192.0.2.2' "$(wire_saw owned.pcap ip.src)"
expect 'wrong checksums inside' 0 "$(tshark -r "$work/owned.pcap" \
	-o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
	-Y 'tcp.checksum.status == 0 || ip.checksum.status == 0' 2>/dev/null |
	wc -l)"
long=$(tshark -r "$work/owned.pcap" -Y 'frame.len > 1514' 2>/dev/null | wc -l)
expect 'frames longer than the wire' 0 "$long"
stop_vswitchd a
stop_vswitchd b

wire_cards on
# the kernel has the addresses too
ip -n "$prefix-a" addr add 192.0.2.1/24 dev wire
ip -n "$prefix-b" addr add 192.0.2.2/24 dev wire
start_host a
start_host b
expect 'the PA is shared' shared "$(json a '.. | .state? // empty' pa list |
	head -n 1)"
# unreachable HOST: ICMP errors that its kernel sent
unreachable()
{
	in_netns "$1" nstat -asz IcmpOutDestUnreachs IcmpOutType3 |
		awk '/^Icmp/ { sum += $2 } END { print sum + 0 }'
}
# what came before its daemon, a kernel answered
before="$(unreachable a) $(unreachable b)"
vms_talk
balanced a
balanced b
expect "ICMP errors from the kernels" "$before" \
	"$(unreachable a) $(unreachable b)"
in_netns a ping -q -c 1 -W 1 192.0.2.2 >/dev/null ||
	fault 'the hosts themselves do not reach each other'
# and nothing is left behind that would hide it
stop_vswitchd b KILL 2>/dev/null
finish
