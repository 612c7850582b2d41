#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Provider addresses in a VLAN, on a bridge of that VLAN which snoops: it learns
# from our own reports, IGMP and MLD, who is in which group; its queries are
# answered; and who has no port in the subnet any more leaves.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping bridge tcpdump tshark python3

for name in wire a b va vb; do
	make_netns $name
done
# the bridge of that VLAN: between each cable and its port a program takes the
# tag off, and puts it on, so that no kernel need know VLANs
cat >"$work/untag.py" <<-'END'
import select, socket, struct, sys
AUXDATA, IGNORE_OUTGOING, VLAN_VALID = 8, 23, 0x10
def wire(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(263, AUXDATA, 1)
    s.setsockopt(263, IGNORE_OUTGOING, 1)
    s.bind((name, 0))
    return s
cable, port = wire(sys.argv[1]), wire(sys.argv[2])
print("ready", flush=True)
while True:
    for s in select.select([cable, port], [], [])[0]:
        frame, extra, _, _ = s.recvmsg(65536, 64)
        status, tci = 0, 0
        for level, kind, data in extra:
            if kind == AUXDATA:
                status, tci = struct.unpack("I12xH", data[:18])
        tagged = status & VLAN_VALID
        if s is port:
            cable.send(frame[:12] + struct.pack("!HH", 0x8100, 100) + frame[12:])
        elif tagged and tci & 0xfff == 100:
            port.send(frame)
        elif not tagged and frame[12:16] == b"\x81\x00\x00\x64":
            port.send(frame[:12] + frame[16:])
END
sw() { ip -n "$prefix-wire" link "$@"; }
sw add name sw0 type bridge mcast_snooping 1 || exit 1
sw set sw0 type bridge mcast_query_response_interval 50 \
	mcast_startup_query_interval 100 mcast_query_interval 500 \
	mcast_igmp_version 3 mcast_mld_version 2 || exit 1
sw set sw0 up
for name in a b; do
	make_wire wire p$name $name wire
	make_wire wire q$name wire r$name
	sw set r$name master sw0
	sw set p$name promisc on
	sw set q$name promisc on
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
	for end in p q r; do
		in_netns wire sysctl -qw net.ipv6.conf.$end$name.disable_ipv6=1
	done
	begin_in wire python3 "$work/untag.py" p$name q$name \
		>"$work/untag.$name" 2>&1
	wait_for 20 grep -q ready "$work/untag.$name" ||
		fault "no relay: $(cat "$work/untag.$name")"
done
# its own link-local address is what it asks for MLD reports with
querier()
{
	ip -n "$prefix-wire" -j -6 addr show dev sw0 scope link -tentative |
		jq -e '.[].addr_info[0]'
}
wait_for 20 querier || fault 'the bridge has no link-local address'
hosts_document | jq '.networks.blue.subnets["5001"].groups =
	{"all": {"pa": "239.1.0.1"}}' |
	sed 's/"prefix": 24$/"prefix": 24, "vlan": 100/' >"$work/hosts.json"
for name in a b; do
	start_host $name
done

# snooped HOST GROUP: the bridge sends it there
snooped()
{
	in_netns wire bridge -j mdb show | jq -e '.[].mdb[] | select(
		.port == "r'"$1"'" and .grp == "'"$2"'")'
}
unsnooped() { ! snooped "$@"; }
# asks 0|1: the bridge does; answered: what host a says in return
asks() { sw set sw0 type bridge mcast_querier "$1"; }
answered()
{
	[ "$(tshark -r "$work/pa.pcap" -Y "vlan.id == 100 && $1" 2>/dev/null |
		wc -l)" -gt 0 ]
}
# in_groups FAMILY GROUP FILTER
in_groups()
{
	for name in a b; do
		wait_for 60 snooped $name "$2" ||
			fault "$1: not at $name: $(in_netns wire bridge mdb show)"
	done
	sniffs wire pa pa.pcap -Q in
	asks 1 || fault "$1: no querier"
	wait_for 60 answered "$3" || fault "$1: no answer to a query"
	asks 0
	kill "$sniffer"
	wait "$sniffer" 2>/dev/null
	wait_for 20 in_netns vb ip link show eth0
	pings va 10.0.0.7
	in_netns vb sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
	in_netns va ping -b -q -c 5 -i 0.3 10.0.0.255 >"$work/ping" 2>&1
	grep -q ' 5 received' "$work/ping" ||
		fault "$1: broadcast: $(cat "$work/ping")"
}
in_groups IPv4 239.1.0.1 'igmp.record_type == 2 && igmp.maddr == 239.1.0.1'
vsctl_in b port del vb >/dev/null || fault 'port del'
wait_for 60 unsnooped b 239.1.0.1 || fault 'b has not left'
snooped a 239.1.0.1 >/dev/null || fault 'a has left'

jq '.networks.blue.subnets["5001"].mtu = 1438 |
	.networks.blue.subnets["5001"].groups = {"all": {"pa": "ff08::1:1"}}' \
	"$work/hosts.json" | sed 's/"192.0.2.\([12]\)": *{/"2001:db8::\1": {/
	s/"192.0.2.\([12]\)"/"2001:db8::\1"/
	s/"prefix": 24/"prefix": 64/' >"$work/v6.json"
for name in a b; do
	vsctl_in $name apply "$work/v6.json" >/dev/null ||
		fault "apply at $name: $(vsctl_in $name apply "$work/v6.json" 2>&1)"
	ready $name
done
wait_for 60 unsnooped a 239.1.0.1 || fault 'a has not left'
in_groups IPv6 ff08::1:1 \
	'icmpv6.type == 143 && icmpv6.mldr.mar.record_type == 2'
balanced a
balanced b
finish
