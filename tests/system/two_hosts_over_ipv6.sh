#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Two hosts whose provider addresses are IPv6, by NVGRE and by VXLAN: IPv4 and
# IPv6 inside, ping and TCP, the wire read by tshark. With addresses of our own
# (neighbour discovery is ours), then with addresses that the kernels have too:
# they answer no ICMPv6 about tunnels and are handed none.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss tcpdump tshark nstat

make_hosts vb

# document RULE MTU: the policy of both over IPv6
document()
{
	hosts_document | sed 's/192\.0\.2\./2001:db8::/g; s/"prefix": 24/"prefix": 64/' |
		jq '.networks.blue.subnets["5001"] |=
			(.mtu = '"$2"' | .ca[].rule = "'"$1"'")' \
			>"$work/hosts.json"
}
apply()
{
	local name
	for name in a b; do
		vsctl_in $name apply "$work/hosts.json" >/dev/null ||
			fault "apply $name"
	done
}
# judge FILE: what is the same for both rules
judge()
{
	expect "$1: hop limit" 128 "$(wire_saw "$1" ipv6.hlim)"
	expect "$1: outer addresses" '2001:db8::1 2001:db8::2' \
		"$(wire_saw "$1" ipv6.src)"
	expect "$1: flow labels of 0" 0 "$(tshark -r "$work/$1" -T fields \
		-E occurrence=f -e ipv6.flow 2>/dev/null |
		grep -cE '^(0x0+|0)$')"
	expect "$1: wrong checksums inside" 0 "$(tshark -r "$work/$1" \
		-o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
		-Y 'tcp.checksum.status == 0 || ip.checksum.status == 0' \
		2>/dev/null | wc -l)"
	expect "$1: frames longer than the wire" 0 "$(tshark -r "$work/$1" \
		-Y 'frame.len > 1514' 2>/dev/null | wc -l)"
}
# IPv6 packets that the stack of host b was handed, ICMPv6 errors that it sent
stack() { in_netns b awk '$1 == "'"$1"'" { print $2 }' /proc/net/snmp6; }

document encap 1438
start_host a
start_host b
wire_start nvgre.pcap 'ip6 proto 47 or udp'
vms_talk
balanced a
balanced b
wire_stop
judge nvgre.pcap
expect 'GRE flags' 0x2000 "$(wire_saw nvgre.pcap gre.flags_and_version)"
expect 'VSID in the key' 0x001389 "$(tshark -r "$work/nvgre.pcap" -T fields \
	-e gre.key 2>/dev/null | cut -c1-8 | sort -u)"

document vxlan 1430
apply
wire_start vxlan.pcap 'ip6 proto 47 or udp'
vms_talk
balanced a
balanced b
wire_stop
judge vxlan.pcap
expect 'VNI' 5001 "$(wire_saw vxlan.pcap vxlan.vni)"
expect 'UDP destination' 4789 "$(wire_saw vxlan.pcap udp.dstport)"
expect 'missing UDP checksums' 0 "$(tshark -r "$work/vxlan.pcap" \
	-Y 'udp.checksum == 0' 2>/dev/null | wc -l)"
stop_vswitchd a
stop_vswitchd b

for name in a b; do # the kernels have the addresses too
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=0
	ip -n "$prefix-$name" addr add "2001:db8::$([ $name = a ] && echo 1 ||
		echo 2)/64" dev wire nodad
done
start_host a
start_host b
expect 'the PA is shared' shared "$(json a '.. | .state? // empty' pa list |
	head -n 1)"
for rule in vxlan encap; do
	document $rule 1430
	apply
	pings va 10.0.0.7
	pings va fd00::7
	errors=$(stack Icmp6OutDestUnreachs) before=$(stack Ip6InReceives)
	in_netns va ping -q -i 0.005 -c 100 10.0.0.7 |
		grep -q ' 100 received' || fault "$rule: pings are lost"
	carries va vb fd00::7 2
	expect "$rule: ICMPv6 errors from the kernel" "$errors" \
		"$(stack Icmp6OutDestUnreachs)"
	[ $(($(stack Ip6InReceives) - before)) -lt 50 ] ||
		fault "$rule: the kernel is handed tunnels"
done
finish
