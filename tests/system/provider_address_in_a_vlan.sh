#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# NVGRE in a dedicated VLAN: everything of a provider address with vlan= is
# tagged on the wire, by IPv4 and by IPv6, what its kernel says untagged is not
# answered, and a host that is in another VLAN is not heard.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ncat ping tcpdump tshark

make_hosts vb
sed -i 's/"prefix": 24 }/"prefix": 24, "vlan": 100 }/' "$work/hosts.json"

pa_is()
{
	[ "$(json "$1" '.objects[] | select(.key == "'"$2"'").status.state' \
		pa list)" = "$3" ]
}
sniff()
{
	(exec ip netns exec "$prefix-b" tcpdump -U -i wire -w "$1") \
		2>"$work/tcpdump.txt" &
	sniffer=$!
	wait_for 10 grep -q listening "$work/tcpdump.txt"
}
sniffed()
{
	sleep 1
	kill "$sniffer"
	wait "$sniffer" 2>/dev/null
}
# how many frames of a file a display filter takes
frames()
{
	tshark -r "$1" -Y "$2" 2>/dev/null | wc -l
}

sniff "$work/v4.pcap"
start_host a
start_host b
wait_for 20 pa_is a 192.0.2.1 preferred || fault "$(vsctl_in a pa list)"
wait_for 20 pa_is b 192.0.2.2 preferred || fault "$(vsctl_in b pa list)"
pings va 10.0.0.7
pings vb fd00::5
carries va vb 10.0.0.7 4
carries vb va fd00::5 4
sniffed
tagged='vlan.id == 100 && gre.proto == 0x6558 && ip.proto == 47'
[ "$(frames "$work/v4.pcap" "$tagged")" -gt 100 ] || fault "no tagged NVGRE"
[ "$(frames "$work/v4.pcap" 'vlan.id == 100 && arp')" -gt 4 ] ||
	fault "no tagged ARP"
expect "frames without the tag" 0 "$(frames "$work/v4.pcap" '!vlan')"
expect "frames in another VLAN" 0 \
	"$(frames "$work/v4.pcap" 'vlan && vlan.id != 100')"

# --- the kernel of b is untagged: it finds nobody ---
ip -n "$prefix-b" addr add 192.0.2.33/24 dev wire
in_netns b ping -q -c 1 -W 1 192.0.2.1 >/dev/null &&
	fault "an untagged host reaches the address"
expect "an untagged question" null \
	"$(in_netns b ip -j neigh show 192.0.2.1 dev wire | jq -r '.[0].lladdr')"
ip -n "$prefix-b" addr del 192.0.2.33/24 dev wire

# --- another VLAN: not heard, by name ---
vsctl_in b pa set 192.0.2.2 vlan=101 >/dev/null || fault "pa set"
silent vb 10.0.0.5
vsctl_in b pa set 192.0.2.2 vlan=100 >/dev/null || fault "pa set back"
pings vb 10.0.0.5

# --- IPv6 ---
sed 's/"192.0.2.\([12]\)": { "prefix": 24/"2001:db8::\1": { "prefix": 64/
	s/192.0.2.\([12]\)/2001:db8::\1/
	s/"prefixes": \[/"mtu": 1438, &/' "$work/hosts.json" >"$work/v6.json"
sniff "$work/v6.pcap"
for name in a b; do
	vsctl_in $name apply "$work/v6.json" >/dev/null || fault "apply at $name"
done
wait_for 20 pa_is a 2001:db8::1 preferred || fault "$(vsctl_in a pa list)"
wait_for 20 pa_is b 2001:db8::2 preferred || fault "$(vsctl_in b pa list)"
pings va 10.0.0.7
carries va vb fd00::7 4
sniffed
[ "$(frames "$work/v6.pcap" 'vlan.id == 100 && ipv6.nxt == 47 && gre')" \
	-gt 100 ] || fault "no tagged NVGRE over IPv6"
[ "$(frames "$work/v6.pcap" 'vlan.id == 100 && icmpv6.type == 135')" -gt 4 ] ||
	fault "no tagged solicitation"
expect "frames of IPv6 without the tag" 0 "$(frames "$work/v6.pcap" '!vlan')"
balanced a
balanced b
finish
