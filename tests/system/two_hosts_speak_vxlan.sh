#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Two hosts, one subnet, rule=vxlan: ping and TCP by IPv4 and IPv6, the wire as
# RFC 7348 has it, every UDP checksum right; the kernels neither answer nor are
# handed any of it; then records of both rules in one subnet.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss tcpdump tshark

make_hosts vb
edit() { jq "$1" "$work/hosts.json" >"$work/new.json" &&
	mv "$work/new.json" "$work/hosts.json"; }
edit '.networks.blue.subnets["5001"] |= (.mtu = 1450 | .ca[].rule = "vxlan")'

# IPv4 packets that the stack of host b was handed
handed() { in_netns b awk '/^Ip:/ && $3 ~ /^[0-9]/ { print $4 }' /proc/net/snmp; }

start_host a
start_host b
expect 'MTU of a TAP' 1450 "$(in_netns va cat /sys/class/net/eth0/mtu)"
wire_start vxlan.pcap ip
vms_talk
balanced a
balanced b
wire_stop
expect 'UDP destination' 4789 "$(wire_saw vxlan.pcap udp.dstport)"
expect 'VXLAN flags' 0x0800 "$(wire_saw vxlan.pcap vxlan.flags)"
expect 'VNI' 5001 "$(wire_saw vxlan.pcap vxlan.vni)"
expect 'outer TTL' 128 "$(wire_saw vxlan.pcap ip.ttl)"
expect 'outer DF' 1 "$(wire_saw vxlan.pcap ip.flags.df)"
expect 'source ports out of 49152..65535' 0 "$(tshark -r "$work/vxlan.pcap" \
	-T fields -E occurrence=f -e udp.srcport 2>/dev/null |
	awk '$1 < 49152' | wc -l)"
[ "$(tshark -r "$work/vxlan.pcap" -T fields -E occurrence=f -e udp.srcport \
	2>/dev/null | sort -u | wc -l)" -ge 3 ] ||
	fault 'flows do not differ in their source port'
# The sniffer stands at the receiver: what the sender's kernel still has to
# finish (a checksum over a veth) is finished there.
expect 'missing UDP checksums' 0 "$(tshark -r "$work/vxlan.pcap" \
	-Y 'udp.checksum == 0' 2>/dev/null | wc -l)"
expect 'wrong checksums inside' 0 "$(tshark -r "$work/vxlan.pcap" \
	-o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
	-Y 'tcp.checksum.status == 0 || ip.checksum.status == 0' 2>/dev/null |
	wc -l)"
expect 'frames longer than the wire' 0 "$(tshark -r "$work/vxlan.pcap" \
	-Y 'frame.len > 1514' 2>/dev/null | wc -l)"

before=$(handed)
in_netns va ping -q -i 0.005 -c 100 10.0.0.7 | grep -q ' 100 received' ||
	fault 'pings are lost'
expect 'handed to the kernel' 0 "$(($(handed) - before))"
stop_vswitchd a
stop_vswitchd b

# 10.0.0.x by VXLAN, fd00::x by NVGRE; the kernel has the addresses too
hosts_document >"$work/hosts.json"
edit '.networks.blue.subnets["5001"].ca |= with_entries(
	if .key | startswith("10.") then .value.rule = "vxlan" else . end)'
edit '.networks.blue.subnets["5001"].mtu = 1450'
ip -n "$prefix-a" addr add 192.0.2.1/24 dev wire
ip -n "$prefix-b" addr add 192.0.2.2/24 dev wire
start_host a
start_host b
for name in a b; do # which keeps the policy that it had
	vsctl_in $name apply "$work/hosts.json" >/dev/null || fault "apply $name"
done
wire_start both.pcap ip
vms_talk
balanced a
balanced b
wire_stop
expect 'IPv4 goes by VXLAN, IPv6 by NVGRE' '10.0.0.5 10.0.0.7 fd00::5 fd00::7' \
	"$({
		tshark -r "$work/both.pcap" -Y 'vxlan && ip.src == 10.0.0.0/24' \
			-T fields -E occurrence=l -e ip.src
		tshark -r "$work/both.pcap" -Y 'gre && tcp' \
			-T fields -E occurrence=l -e ipv6.src
	} 2>/dev/null | sort -u | paste -sd ' ')"
finish
