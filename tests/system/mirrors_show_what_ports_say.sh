#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Port mirroring with real devices: a monitor port on a TAP and one on a file
# get what a VM sends and gets, of IPv4 and IPv6, super-frames too; made and
# removed while traffic runs; what must not be is refused with the fix.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping ncat tcpdump tshark ss

make_hosts vb mon
start_host a
start_host b
pings va 10.0.0.7
pings va fd00::7

# -- refusals -------------------------------------------------------------------
vsctl_in a mirror add watch from=va to=va 2>"$work/said"
expect 'a mirror to a port that is no monitor' 4 $?
grep -q 'see=VSID' "$work/said" || fault "no fix: $(cat "$work/said")"
vsctl_in a port add eye tap=eth0 netns="$prefix-mon" see=5001 vsid=5001 \
	2>"$work/said"
expect 'a monitor port in a subnet' 4 $?
grep -q 'leave out vsid' "$work/said" || fault "no fix: $(cat "$work/said")"

# -- to a TAP -------------------------------------------------------------------
vsctl_in a port add eye tap=eth0 netns="$prefix-mon" see=5001 >/dev/null ||
	fault 'port add see='
wait_for 10 port_is a eye up || fault 'the monitor port does not come up'
case $(vsctl_in a show) in
*'sees 5001'*) ;;
*) fault "show: $(vsctl_in a show)" ;;
esac
in_netns mon ip link set eth0 up
in_netns mon timeout 120 tcpdump -U -n -i eth0 -w "$work/eye.pcap" \
	2>"$work/tcpdump" &
dump=$!
wait_for 10 grep -q 'listening on' "$work/tcpdump" || fault 'tcpdump'
in_netns va ping -q -c 3 -i 0.2 10.0.0.7 >/dev/null
vsctl_in a mirror add watch from=va to=eye >/dev/null || fault 'mirror add'
in_netns va ping -q -c 5 -i 0.2 -s 777 10.0.0.7 >/dev/null
in_netns va ping -q -c 5 -i 0.2 -s 777 fd00::7 >/dev/null
carries va vb 10.0.0.7 2
vsctl_in a mirror del watch >/dev/null || fault 'mirror del'
in_netns va ping -q -c 3 -i 0.2 -s 333 10.0.0.7 >/dev/null
sleep 0.5
kill "$dump"
wait "$dump" 2>/dev/null

# seen FILTER: how many frames of the monitor it takes
seen()
{
	tshark -r "$work/eye.pcap" -Y "$1" 2>/dev/null | wc -l
}
expect 'requests of IPv4 while it was mirrored' 5 \
	"$(seen 'icmp.type == 8')"
expect 'answers of IPv4' 5 "$(seen 'icmp.type == 0')"
expect 'requests of IPv6' 5 "$(seen 'icmpv6.type == 128')"
expect 'answers of IPv6' 5 "$(seen 'icmpv6.type == 129')"
[ "$(tshark -r "$work/eye.pcap" -Y 'ip.src == 10.0.0.5 && tcp.len > 0' \
	-T fields -e tcp.len 2>/dev/null | awk '{s += $1} END {print s + 0}')" \
	-ge $((2 << 20)) ] || fault 'bytes of the TCP stream are missing'

# -- to a file ------------------------------------------------------------------
vsctl_in a port add record pcap=- pcap-out="$work/a/out.pcap" see=5001 \
	>/dev/null || fault 'port add pcap-out'
vsctl_in a mirror add keep from=va to=record direction=in >/dev/null ||
	fault 'mirror to a file'
in_netns va ping -q -c 4 -i 0.2 fd00::7 >/dev/null
kept()
{
	[ "$(tshark -r "$work/a/out.pcap" -Y 'icmpv6.type == 129' \
		2>/dev/null | wc -l)" = 4 ]
}
wait_for 10 kept || fault "the file: $(tshark -r "$work/a/out.pcap" 2>&1)"
expect 'only what the VM gets' 0 "$(tshark -r "$work/a/out.pcap" \
	-Y 'icmpv6.type == 128' 2>/dev/null | wc -l)"
# a monitor that a mirror needs stays
vsctl_in a port del record >/dev/null 2>"$work/said"
expect 'the monitor of a mirror is deleted' 4 $?

# -- to another host ------------------------------------------------------------
# an analyser in the provider network, at an address of its own; its kernel
# answers for it. Frames of the subnet's full MTU fit.
in_netns b ip addr add 192.0.2.9/24 dev wire
vsctl_in a mirror add nowhere from=va 2>"$work/said"
expect 'a mirror without a target' 4 $?
vsctl_in a mirror add far from=va pa=192.0.2.9 >/dev/null || fault 'pa='
in_netns va ping -q -c 2 -i 0.2 10.0.0.7 >/dev/null # its MAC is asked for
in_netns b timeout 120 tcpdump -U -n -i wire -w "$work/far.pcap" \
	'dst host 192.0.2.9 and ip proto 47' 2>"$work/tcpdump" &
dump=$!
wait_for 10 grep -q 'listening on' "$work/tcpdump" || fault 'tcpdump'
in_netns va ping -q -c 4 -i 0.2 -M do -s 1430 10.0.0.7 >/dev/null
in_netns va ping -q -c 4 -i 0.2 fd00::7 >/dev/null
carries va vb 10.0.0.7 1
sleep 0.5
kill "$dump"
wait "$dump" 2>/dev/null
far()
{
	tshark -r "$work/far.pcap" -Y "$1" 2>/dev/null | wc -l
}
expect 'full-size requests in GRE' 4 \
	"$(far 'gre.proto == 0x6558 && icmp.type == 8 && data.len >= 1400')"
expect 'their answers' 4 "$(far 'gre && icmp.type == 0')"
expect 'requests of IPv6 in GRE' 4 "$(far 'gre && icmpv6.type == 128')"
expect 'no key' 0 "$(far 'gre.flags.key == 1')"
[ "$(tshark -r "$work/far.pcap" -Y 'ip.src == 10.0.0.5 && tcp.len > 0' \
	-T fields -e tcp.len 2>/dev/null | awk '{s += $1} END {print s + 0}')" \
	-ge $((1 << 20)) ] || fault 'bytes of the TCP stream are missing'
vsctl_in a mirror del far >/dev/null

balanced a
balanced b
finish
