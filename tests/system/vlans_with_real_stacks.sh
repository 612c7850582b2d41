#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# VLANs between two hosts and through a trunk into a guest that is a switch
# itself: access ports, a private VLAN; TCP with its super-frames through each,
# the tags on the wire as tcpdump reads them. Then IGMP and MLD snooping with
# real members, and a loop by a real bridge in a guest.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping ncat python3 tcpdump

for name in a b web db other iso1 iso2 gw bridge far near guest in1 in2; do
	make_netns "$name"
done
make_wire a wire b wire
for name in a b; do
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
done

port()
{
	echo "\"$1\": { \"tap\": \"${3:-eth0}\", \"netns\": \"$prefix-${4:-$1}\", $2 }"
}
# lab UPLINK PORTS
lab()
{
	echo "{ \"format\": 1, \"switches\": { \"lab\": { \"stack\": [],
		\"uplinks\": { \"$1\": {} }, \"ports\": { $2 } } } }"
}
lab wire "
  $(port web '"vlan": 100'), $(port db '"vlan": 100'),
  $(port other '"vlan": 200'),
  $(port trunk '"trunk": ["100-200"], "mac-guard": false' eth0 guest),
  $(port iso1 '"vlan": 300, "private": "isolated", "secondary": [301]'),
  $(port iso2 '"vlan": 300, "private": "isolated", "secondary": [301]'),
  $(port gw '"vlan": 300, "private": "promiscuous", "secondary": [301]'),
  $(port left '"vlan": 400, "mac-guard": false' left bridge),
  $(port right '"vlan": 400, "mac-guard": false' right bridge)
" >"$work/a.json"
lab wire "$(port far '"vlan": 100'), $(port near '"vlan": 200')" >"$work/b.json"
lab eth0 "$(port in1 '"vlan": 100'), $(port in2 '"vlan": 200')" \
	>"$work/guest.json"

# address NAME N X: 10.N.0.X and fd00:N::X
address()
{
	ip -n "$prefix-$1" addr add "10.$2.0.$3/24" brd + dev eth0
	ip -n "$prefix-$1" addr add "fd00:$2::$3/64" nodad dev eth0
	ip -n "$prefix-$1" link set eth0 up
}

start_vswitchd a --document "$work/a.json"
ready a
in_netns guest sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
ip -n "$prefix-guest" link set eth0 up
for name in b guest; do
	start_vswitchd $name --document "$work/$name.json"
	ready $name
done
address web 100 1
address db 100 2
address in1 100 4
address far 100 9
address other 200 3
address in2 200 4
address near 200 9
address iso1 30 5
address iso2 30 6
address gw 30 7
(exec ip netns exec "$prefix-b" tcpdump -U -e -n -i wire icmp or vlan) \
	>"$work/wire.txt" 2>"$work/tcpdump.txt" &
sniffer=$!
wait_for 10 grep -q listening "$work/tcpdump.txt"

# --- who meets whom ---
for to in 10.100.0.2 fd00:100::2 10.100.0.4 fd00:100::4 10.100.0.9 fd00:100::9; do
	pings web "$to"
done
pings in2 10.200.0.3
pings near 10.200.0.3
pings near fd00:200::4
carries web db 10.100.0.2 4
carries web in1 10.100.0.4 4
carries in1 web fd00:100::1 4
carries web far 10.100.0.9 4
carries near in2 fd00:200::4 4
wait_for 10 grep -q 'vlan 100, .* 10.100.0.1 > 10.100.0.9: ICMP' \
	"$work/wire.txt" || fault "no ping with its tag on the wire"
wait_for 10 grep -q 'vlan 200, .* 10.200.0.9 > 10.200.0.3: ICMP' \
	"$work/wire.txt" || fault "no ping of VLAN 200 on the wire"
kill $sniffer
wait $sniffer 2>/dev/null
expect 'frames without a tag' '' \
	"$(grep -v 'ethertype 802.1Q' "$work/wire.txt" | head -3)"
# the same addresses in another VLAN are other machines
ip -n "$prefix-other" addr add 10.100.0.77/24 dev eth0
silent web 10.100.0.77
silent other 10.100.0.1

# --- a private VLAN ---
pings iso1 10.30.0.7
pings gw fd00:30::6
carries iso2 gw 10.30.0.7 4
silent iso1 10.30.0.6
silent iso2 fd00:30::5

# --- shown ---
case $(vsctl_in a show) in
*'vlan trunk 100-200'*) ;;
*) fault "show: $(vsctl_in a show)" ;;
esac
expect 'a private port' 'isolated 300:301' "$(json a \
	'.switches[].ports[] | select(.name == "iso1").vlan' show)"
vsctl_in a fdb | grep -q 'vlan 100 .*external' ||
	fault "fdb: $(vsctl_in a fdb)"
vsctl_in a stats | grep -q 'vlan 200' || fault "stats: $(vsctl_in a stats)"

# --- under traffic a port changes its VLAN, and back ---
vsctl_in a port set db vlan=200 >/dev/null || fault 'port set'
silent web 10.100.0.2
vsctl_in a port set db vlan=100 >/dev/null || fault 'port set'
pings web 10.100.0.2

# --- groups ---
ip -n "$prefix-db" route add 239.0.0.0/8 dev eth0
ip -n "$prefix-web" route add 239.0.0.0/8 dev eth0
vsctl_in a switch set lab snooping=on >/dev/null || fault 'snooping=on'
cat >"$work/member.py" <<'END'
import socket, struct, sys, time
four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
four.bind(("", 5000))
four.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
    struct.pack("=4s4sI", socket.inet_aton("239.1.1.1"), b"\0" * 4,
                socket.if_nametoindex("eth0")))
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
    socket.inet_pton(socket.AF_INET6, "ff05::101") +
    struct.pack("=I", socket.if_nametoindex("eth0")))
print("joined", flush=True)
time.sleep(600)
END
# queries: general ones of IGMPv2 and MLDv1, as the router of the VLAN
cat >"$work/query.py" <<'END'
import socket
four = socket.socket(socket.AF_INET, socket.SOCK_RAW, 2)
four.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
four.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                socket.inet_aton("10.100.0.4"))
four.sendto(bytes([0x11, 10, 0xee, 0xf5, 0, 0, 0, 0]), ("224.0.0.1", 0))
six = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
               socket.if_nametoindex("eth0"))
# a router alert, which RFC 3810 5 wants
six.setsockopt(socket.IPPROTO_IPV6, 54, bytes([0, 0, 5, 2, 0, 0, 1, 0]))
six.sendto(bytes([130, 0, 0, 0, 0, 100, 0, 0] + [0] * 16), ("ff02::1", 0))
END
cat >"$work/send.py" <<'END'
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
out = socket.socket(family, socket.SOCK_DGRAM)
out.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
    socket.if_nametoindex("eth0")) if family == socket.AF_INET6 else None
for _ in range(100):
    out.sendto(b"x" * 200, (sys.argv[1], 5000))
END
received()
{
	in_netns "$1" cat /sys/class/net/eth0/statistics/rx_bytes
}
# hears NAME GROUP: does it get what web sends to the group?
hears()
{
	local before after
	before=$(received "$1")
	in_netns web python3 "$work/send.py" "$2"
	sleep 0.3
	after=$(received "$1")
	# bytes: datagrams may be joined on the way
	[ $((after - before)) -ge 20000 ]
}
hears db 239.1.1.1 || fault "without a router a group is not flooded"
(exec ip netns exec "$prefix-db" python3 "$work/member.py") \
	>"$work/member.txt" 2>&1 &
member=$!
wait_for 10 grep -q joined "$work/member.txt" || cat "$work/member.txt"
asked()
{
	in_netns in1 python3 "$work/query.py"
	sleep 1
	vsctl_in a groups | grep -q '239.1.1.1 *db' &&
		vsctl_in a groups | grep -q 'ff05::101 *db' &&
		vsctl_in a groups | grep -q 'router *trunk'
}
wait_for 60 asked || fault "groups: $(vsctl_in a groups)"
for group in 239.1.1.1 ff05::101; do
	hears db $group || fault "the member of $group gets nothing"
done
for group in 239.1.1.9 ff05::109; do
	hears db $group && fault "who did not join $group gets it"
	hears in1 $group || fault "the router does not get $group"
done
kill $member
wait $member 2>/dev/null
vsctl_in a switch set lab snooping=off >/dev/null
hears db 239.1.1.9 || fault "snooping is off, and a group is narrowed"

# --- a loop ---
ip -n "$prefix-bridge" link add loop type bridge
for name in left right; do
	ip -n "$prefix-bridge" link set $name master loop up
done
vsctl_in b port set near vlan=400 >/dev/null || fault 'port set near'
ip -n "$prefix-bridge" link set loop up
blocked()
{
	in_netns near ping -q -c 1 -W 0.1 -b 10.200.0.255 >/dev/null 2>&1
	port_is a left blocked || port_is a right blocked
}
wait_for 60 blocked || fault "no port is blocked: $(vsctl_in a show)"
vsctl_in a show | grep -q 'a loop: MAC .* comes from here and from' ||
	fault "show: $(vsctl_in a show)"
[ "$(dropped a loop_blocked)" -gt 0 ] || fault 'nothing is dropped for it'
pings web 10.100.0.2
ip -n "$prefix-bridge" link set loop down

sleep 1
for name in a b guest; do
	balanced $name
done
finish
