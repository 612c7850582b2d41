#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A port's policies with real stacks on two hosts: guards against a DHCP server
# and a router of IPv4 and IPv6, the storm limit, bandwidth per direction;
# shown, changed under traffic, each drop under its name.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping ncat python3

make_hosts vb
start_host a
start_host b
pings va 10.0.0.7
pings va fd00::7

# udp FROM ADDRESS TO [COUNT]: from port FROM of va
udp()
{
	in_netns va python3 - "$@" <<'END'
import socket, sys
source, address, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
count = int(sys.argv[4]) if len(sys.argv) > 4 else 1
family = socket.AF_INET6 if ":" in address else socket.AF_INET
out = socket.socket(family, socket.SOCK_DGRAM)
out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
out.bind(("", source))
for _ in range(count):
    out.sendto(b"x" * 300, (address, port))
END
}

# drops REASON: of the port va
drops()
{
	json a "[.drops[] | select(.reason == \"$1\") | .count] | add // 0" \
		drops port=va
}

has_drops()
{
	[ "$(drops "$1")" -ge "$2" ]
}

# advert: a router advertisement, as a VM's own stack would send it
advert()
{
	in_netns va python3 - <<'END'
import socket
out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
out.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
out.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
               socket.if_nametoindex("eth0"))
out.sendto(bytes([134, 0, 0, 0, 64, 0, 7, 8] + [0] * 8), ("ff02::1", 0))
END
}

# -- guards -------------------------------------------------------------------
expect 'no policy is shown' null "$(json a '[.switches[].ports[] |
	select(.name == "va")][0].policies' show)"
vsctl_in a port set va dhcp-guard=on router-guard=on >/dev/null ||
	fault 'port set'
case $(vsctl_in a show) in
*'va: dhcp-guard=yes,router-guard=yes'*) ;;
*) fault "show: $(vsctl_in a show)" ;;
esac
udp 67 10.0.0.7 68
udp 547 fd00::7 546
wait_for 10 has_drops dhcp_guard 2 || fault "dhcp_guard: $(drops dhcp_guard)"
pings va 10.0.0.7
vsctl_in a subnet set 5001 gateway=none >/dev/null || fault 'gateway=none'
vsctl_in b subnet set 5001 gateway=none >/dev/null
advert
wait_for 10 has_drops router_guard 1 ||
	fault "router_guard: $(vsctl_in a drops port=va)"
pings va fd00::7
vsctl_in a port set va dhcp-guard=off router-guard=off >/dev/null

# -- the storm limit ----------------------------------------------------------
vsctl_in a port set va storm-limit=20 >/dev/null || fault 'storm-limit'
before=$(drops storm_broadcast)
udp 4000 255.255.255.255 4000 200
wait_for 10 has_drops storm_broadcast $((before + 100)) ||
	fault "storm_broadcast: $(drops storm_broadcast)"
pings va 10.0.0.7 # its ARP went out before, and unicast is none
vsctl_in a port set va storm-limit=0 >/dev/null

# -- bandwidth ----------------------------------------------------------------
# TCP lives with it, both ways, and every byte arrives
vsctl_in a port set va bandwidth-out=40M >/dev/null || fault 'bandwidth-out'
case $(vsctl_in a show) in
*'va: bandwidth-out=40000000'*) ;;
*) fault "40M: $(vsctl_in a show)" ;;
esac
carries va vb 10.0.0.7 3
[ "$(drops bandwidth_out)" -gt 0 ] || fault 'nothing beyond bandwidth-out'
vsctl_in a port set va bandwidth-out=0 bandwidth-in=40M >/dev/null
carries vb va 10.0.0.5 3
[ "$(json a '[.drops[] | select(.reason == "bandwidth_in") | .count] |
	add // 0' drops)" -gt 0 ] || fault 'nothing beyond bandwidth-in'
vsctl_in a port set va bandwidth-in=7999 >/dev/null 2>&1
expect 'too small a bandwidth' 4 $?

# -- meters ---------------------------------------------------------------------
# they count what passes, in the best entry of its direction and family, and
# go on when other entries change
vsctl_in a acl add va meter out remote=10.0.0.0/24 >/dev/null || fault 'meter'
vsctl_in a acl add va meter in remote=any >/dev/null
vsctl_in a acl add va meter out remote-mac=any >/dev/null 2>&1
expect 'a meter of MACs' 4 $?
in_netns va ping -q -c 5 -i 0.2 -s 1000 10.0.0.7 >/dev/null
metered()
{
	json a '.objects[] | select(.fields.action == "meter" and
		.fields.direction == "'"$1"'") | .status.'"$2" acl list
}
expect 'frames out' 5 "$(metered out frames)"
expect 'bytes out' $((5 * 1042)) "$(metered out bytes)"
vsctl_in a acl add va allow in remote=10.0.0.0/24 >/dev/null
in_netns va ping -q -c 5 -i 0.2 -s 1000 fd00::7 >/dev/null
expect 'frames out, of IPv4' 5 "$(metered out frames)"
[ "$(metered in frames)" -ge 10 ] || fault "in: $(vsctl_in a acl list)"

balanced a
balanced b
finish
