#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Three hosts on one snooping bridge, two of them with a port in the subnet:
# group frames of its VMs are on the wire once, to a group of the provider
# network that those two have joined (by IGMP, by MLD) and the third has not;
# who loses its last port there leaves, a killed daemon too.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping bridge tcpdump tshark

for name in wire a b c va vb vc; do
	make_netns $name
done
# a querier that is heard at once: until then a bridge floods all groups
ip -n "$prefix-wire" link add name sw0 type bridge mcast_snooping 1 || exit 1
ip -n "$prefix-wire" link set sw0 type bridge mcast_query_response_interval 50 \
	mcast_startup_query_interval 100 mcast_query_interval 500 || exit 1
ip -n "$prefix-wire" link set sw0 up
for name in a b c; do
	make_wire wire p$name $name wire
	ip -n "$prefix-wire" link set p$name master sw0
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=0
done
# its own link-local address is what it asks for MLD reports with
querier()
{
	ip -n "$prefix-wire" -j -6 addr show dev sw0 scope link -tentative |
		jq -e '.[].addr_info[0]'
}
wait_for 20 querier || fault 'the bridge has no link-local address'
ip -n "$prefix-wire" link set sw0 type bridge mcast_querier 1
# a's is shared with its kernel, the others are owned
ip -n "$prefix-a" addr add 192.0.2.1/24 dev wire
ip -n "$prefix-a" addr add 2001:db8::1/64 dev wire nodad
hosts_document | jq '
	.networks.blue.subnets["5001"].groups = {
		"all": {"pa": "239.1.0.1"}, "224.5.5.5": {"pa": "239.1.0.2"}} |
	.networks.red.subnets["6001"] = {"prefixes": ["10.0.0.0/24"],
		"ca": {"10.0.0.9": {"mac": "02:00:00:00:00:09",
			"pa": "192.0.2.3"}}} |
	.hosts.c.switches.lab = {"stack": ["wnv"],
		"uplinks": {"wire": {"pa": {"192.0.2.3": {"prefix": 24}}}},
		"ports": {"vc": {"tap": "eth0", "netns": "'"$prefix"'-vc",
			"vsid": 6001, "ca": ["10.0.0.9"]}}}' >"$work/hosts.json"
for name in a b c; do
	start_host $name
done

# joined HOST GROUP: by the kernel on the uplink
joined()
{
	ip -n "$prefix-$1" maddr show dev wire | grep -qw "$2"
}
left()
{
	! joined "$@"
}
# snooped PORT GROUP: the bridge sends it there
snooped()
{
	in_netns wire bridge -j mdb show | jq -e '.[].mdb[] | select(
		.port == "'"$1"'" and .grp == "'"$2"'")'
}
sniff()
{
	(exec ip netns exec "$prefix-$1" tcpdump -U -i wire -w "$work/$1.pcap") \
		2>"$work/$1.txt" &
	sniffers+=($!)
	wait_for 20 grep -q listening "$work/$1.txt"
}
sniffed()
{
	sleep 2
	kill "${sniffers[@]}"
	wait "${sniffers[@]}" 2>/dev/null
	sniffers=()
}
# frames HOST FILTER: of what was sniffed there
frames()
{
	tshark -r "$work/$1.pcap" -Y "$2" 2>/dev/null | wc -l
}
sniffers=()

# --- IPv4 ---
for group in 239.1.0.1 239.1.0.2; do
	for name in a b; do
		wait_for 20 joined $name $group || fault "$name: no $group"
		wait_for 60 snooped p$name $group ||
			fault "bridge: no $group at $name"
	done
	joined c $group && fault "c has joined $group"
done
expect 'heard at a' true "$(json a \
	'.objects[] | select(.key == "all").status.heard' group list)"
expect 'heard at c' false "$(json c \
	'.objects[] | select(.key == "all").status.heard' group list)"
pings va 10.0.0.7
for name in a b c; do
	sniff $name
done
in_netns vb sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
in_netns va ping -b -q -c 5 -i 0.3 10.0.0.255 >"$work/ping" 2>&1
grep -q ' 5 received' "$work/ping" || fault "broadcast: $(cat "$work/ping")"
in_netns vb ip addr add 224.5.5.5/32 dev eth0 autojoin
in_netns va ping -q -c 5 -i 0.3 -I eth0 224.5.5.5 >"$work/ping" 2>&1
grep -q ' 5 received' "$work/ping" || fault "group: $(cat "$work/ping")"
in_netns va ping -q -c 5 -i 0.3 -I eth0 ff02::1 >"$work/ping" 2>&1
sniffed
echo='gre.proto == 0x6558 && (icmp.type == 8 || icmpv6.type == 128)'
for to in 239.1.0.1:10.0.0.255 239.1.0.2:224.5.5.5; do
	expect "echoes to ${to#*:} on the wire of a" 5 "$(frames a \
		"$echo && ip.dst == ${to#*:}")"
	expect "of those to ${to%:*}" 5 "$(frames a \
		"$echo && ip.dst == ${to#*:} && ip.dst == ${to%:*}")"
	expect "on that of b" 5 "$(frames b \
		"$echo && ip.dst == ${to#*:} && ip.dst == ${to%:*}")"
	expect "on that of c" 0 "$(frames c "ip.dst == ${to%:*}")"
done
expect "echoes to ff02::1" 5 "$(frames a \
	"$echo && ipv6.dst == ff02::1 && ip.dst == 239.1.0.1")"

# --- who needs it no more leaves; who needs it again joins ---
vsctl_in b port del vb >/dev/null || fault 'port del'
wait_for 20 left b 239.1.0.1 || fault 'b is a member still'
vsctl_in b port add vb tap=eth0 netns="$prefix-vb" vsid=5001 \
	ca=10.0.0.7,fd00::7 >/dev/null || fault 'port add'
wait_for 20 joined b 239.1.0.1 || fault 'b has not joined again'
vsctl_in a group set 224.5.5.5 vsid=5001 pa=239.1.0.3 >/dev/null ||
	fault 'group set'
wait_for 20 joined a 239.1.0.3 || fault 'a has not joined the new one'
wait_for 20 left a 239.1.0.2 || fault 'a is a member of the old one'
joined a 239.1.0.1 || fault 'a has left the one that stayed'

# --- IPv6 provider addresses ---
jq 'del(.networks.red, .hosts.c.switches.lab.ports,
	.hosts.c.switches.lab.uplinks.wire.pa) |
	.networks.blue.subnets["5001"].mtu = 1438 |
	.networks.blue.subnets["5001"].groups = {"all": {"pa": "ff08::1:1"}}' \
	"$work/hosts.json" | sed \
	's/"192.0.2.\([12]\)": *{/"2001:db8::\1": {/
	s/"192.0.2.\([12]\)"/"2001:db8::\1"/
	s/"prefix": 24/"prefix": 64/' >"$work/v6.json"
for name in a b; do
	vsctl_in $name apply "$work/v6.json" >/dev/null ||
		fault "apply at $name: $(vsctl_in $name apply "$work/v6.json" 2>&1)"
done
for name in a b; do
	wait_for 20 joined $name ff08::1:1 || fault "$name: no ff08::1:1"
	wait_for 60 snooped p$name ff08::1:1 || fault "bridge: no MLD of $name"
	joined $name 239.1.0.1 && fault "$name has not left IPv4's"
done
joined c ff08::1:1 && fault 'c has joined ff08::1:1'
pings va 10.0.0.7
sniff a
sniff c
in_netns vb sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
in_netns va ping -b -q -c 5 -i 0.3 10.0.0.255 >"$work/ping" 2>&1
grep -q ' 5 received' "$work/ping" || fault "over IPv6: $(cat "$work/ping")"
sniffed
expect "echoes over IPv6 on the wire of a" 5 "$(frames a \
	"icmp.type == 8 && ip.dst == 10.0.0.255 && ipv6.dst == ff08::1:1")"
expect "on that of c" 0 "$(frames c 'ipv6.dst == ff08::1:1')"
balanced a
balanced b
balanced c

# --- nothing is left of a killed daemon ---
stop_vswitchd a KILL
wait_for 20 left a ff08::1:1 || fault 'a membership outlives the daemon'
finish
