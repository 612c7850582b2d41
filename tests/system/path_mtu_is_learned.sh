#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Two hosts behind routers whose link carries 1400 bytes, MTU 1458 in the
# subnet: the routers' ICMP is believed, TCP passes, the VM is told the right
# number, `peer list` shows it. Over IPv4, then over IPv6.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss

for name in a b r s va vb; do make_netns $name; done
make_wire a wire r left
make_wire b wire s right
make_wire r middle s middle 1400
for name in r s; do
	in_netns $name sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1 net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0
done
for name in a b; do
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
done
# address NETNS ADDRESS DEVICE
address() { ip -n "$prefix-$1" addr add "$2" dev "$3" ${4:+"$4"}; }
address r 192.0.2.254/24 left
address r 203.0.113.1/24 middle
address s 203.0.113.2/24 middle
address s 198.51.100.254/24 right
ip -n "$prefix-r" route add 198.51.100.0/24 via 203.0.113.2
ip -n "$prefix-s" route add 192.0.2.0/24 via 203.0.113.1
address r 2001:db8:a::254/64 left nodad
address r 2001:db8:c::1/64 middle nodad
address s 2001:db8:c::2/64 middle nodad
address s 2001:db8:b::254/64 right nodad
ip -n "$prefix-r" route add 2001:db8:b::/64 via 2001:db8:c::2
ip -n "$prefix-s" route add 2001:db8:a::/64 via 2001:db8:c::1

# document PA-A PA-B LENGTH ANY MTU: gateways end in 254
document()
{
	cat <<-END
	{ "format": 1,
	  "networks": { "blue": { "subnets": { "5001": {
	    "prefixes": ["10.0.0.0/24", "fd00::/64"], "mtu": $5,
	    "ca": {
	      "10.0.0.5": {"mac": "02:00:00:00:00:05", "pa": "$1"},
	      "fd00::5": {"mac": "02:00:00:00:00:05", "pa": "$1"},
	      "10.0.0.7": {"mac": "02:00:00:00:00:07", "pa": "$2"},
	      "fd00::7": {"mac": "02:00:00:00:00:07", "pa": "$2"} } } } } },
	  "hosts": {
	    "a": { "switches": { "lab": { "stack": ["wnv"],
	      "uplinks": { "wire": { "pa": { "$1": { "prefix": $3 } },
	        "paroutes": { "$4": { "next-hop": "${1%1}254" } } } },
	      "ports": { "va": { "tap": "eth0", "netns": "$prefix-va",
	        "vsid": 5001, "ca": ["10.0.0.5", "fd00::5"] } } } } },
	    "b": { "switches": { "lab": { "stack": ["wnv"],
	      "uplinks": { "wire": { "pa": { "$2": { "prefix": $3 } },
	        "paroutes": { "$4": { "next-hop": "${2%1}254" } } } },
	      "ports": { "vb": { "tap": "eth0", "netns": "$prefix-vb",
	        "vsid": 5001, "ca": ["10.0.0.7", "fd00::7"] } } } } } } }
	END
}
# learned NAME: the path MTU that its peer list shows
learned() { json "$1" '.. | objects | select(has("out-bytes")) | .mtu' peer list; }
# too_big ADDRESS SIZE: says which MTU it is told
too_big()
{
	in_netns va ping -c 3 -i 0.3 -W 1 -M do -s "$2" "$1" 2>&1 |
		grep -Eio 'mtu ?= ?[0-9]+' | tail -n 1 | tr -dc 0-9
}
# judge MTU: what a customer's packet may have
judge()
{
	pings va 10.0.0.7
	pings va fd00::7
	pings vb 10.0.0.5
	expect 'a VM is told' "$1" "$(too_big 10.0.0.7 1400)"
	expect 'by IPv6 too' "$1" "$(too_big fd00::7 1380)"
	expect 'learned' 1400 "$(learned a)"
	carries va vb 10.0.0.7 4
	carries vb va 10.0.0.5 4
	carries va vb fd00::7 2
	pings va 10.0.0.7 -M dont -s 3000
	balanced a
	balanced b
}

document 192.0.2.1 198.51.100.1 24 0.0.0.0/0 1458 >"$work/v4.json"
document 2001:db8:a::1 2001:db8:b::1 64 ::/0 1438 >"$work/v6.json"
for name in a b; do
	start_vswitchd $name --host $name --document "$work/v4.json"
	ready $name
done
judge 1358
for name in a b; do
	vsctl_in $name apply "$work/v6.json" >/dev/null || fault "apply $name"
done
for name in va vb; do # what its kernel learned of the other way
	in_netns $name ip route flush cache
	in_netns $name ip -6 route flush cache
done
judge 1338
finish
