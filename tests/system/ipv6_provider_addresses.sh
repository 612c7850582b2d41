#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Provider addresses of IPv6 that are ours: the kernel beside us finds them by
# neighbour discovery and cannot take them, one that it has is found out by
# duplicate detection; TCP of IPv4 and IPv6 tenants crosses them.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ncat ping tcpdump

for name in a b va vb; do
	make_netns "$name"
done
make_wire a wire b wire
for name in a b; do # no address of its own: the kernel stays out of it
	in_netns $name sysctl -qw net.ipv6.conf.wire.addr_gen_mode=1
done
ip -n "$prefix-b" addr add 2001:db8::22/64 dev wire nodad # no PA
hosts_document | sed 's/"192.0.2.\([12]\)": { "prefix": 24 }/"2001:db8::\1": { "prefix": 64 }/
	s/192.0.2.\([12]\)/2001:db8::\1/' >"$work/hosts.json"
sed -i 's/"prefixes": \[/"mtu": 1438, &/' "$work/hosts.json"
wire_mac_a=$(in_netns a cat /sys/class/net/wire/address)

(exec ip netns exec "$prefix-b" tcpdump -n -e -l -i wire icmp6) \
	>"$work/wire.txt" 2>"$work/tcpdump.txt" &
sniffer=$!
wait_for 5 grep -q listening "$work/tcpdump.txt"
start_host a
start_host b

pa_is()
{
	[ "$(json "$1" '.objects[] | select(.key == "'"$2"'").status.state' \
		pa list)" = "$3" ]
}
# the MAC that b's kernel finds for an address
mac_of()
{
	ip -n "$prefix-b" neigh flush dev wire
	in_netns b ping -q -c 1 -W 1 "$1" >/dev/null
	pinged=$?
	in_netns b ip -j -6 neigh show "$1" dev wire | jq -r '.[0].lladdr'
}

for name in a b; do
	wait_for 20 pa_is $name 2001:db8::$([ $name = a ] && echo 1 || echo 2) \
		preferred || fault "$name: $(vsctl_in $name pa list)"
done

# --- found by the kernel's discovery, answered by us alone ---
expect "who answers for the owned address" "$wire_mac_a" \
	"$(mac_of 2001:db8::1)"
mac_of 2001:db8::1 >/dev/null
expect "it answers an echo" 0 "$pinged"
in_netns b ping -q -c 1 -W 1 2001:db8::77 >/dev/null # nobody's
[ "$(in_netns b ip -j -6 neigh show 2001:db8::77 dev wire |
	jq -r '.[0].lladdr')" = null ] || fault "somebody answers for nobody"
grep -q "$wire_mac_a > 33:33:ff:00:00:01.* :: > ff02::1:ff00:1:.*who has 2001:db8::1" \
	"$work/wire.txt" || fault "no probe on the wire"
grep -q "$wire_mac_a > 33:33:00:00:00:01.* 2001:db8::1 > ff02::1:.*tgt is 2001:db8::1," \
	"$work/wire.txt" || fault "no announcement on the wire"

# --- tenants ---
pings va 10.0.0.7
pings va fd00::7
pings vb fd00::5
carries va vb 10.0.0.7 4
carries vb va fd00::5 4
expect "the peer's next hop" resolved \
	"$(json a '.objects[] | select(.key == "2001:db8::2").status.state' \
		peer list)"

# --- duplicates ---
# the kernel wants ours: it must not get it
ip -n "$prefix-b" addr add 2001:db8::1/64 dev wire
wait_for 20 eval 'in_netns b ip -6 addr show dev wire | grep -q dadfailed' ||
	fault "the kernel took our address"
ip -n "$prefix-b" addr del 2001:db8::1/64 dev wire
pa_is a 2001:db8::1 preferred || fault "ours was given up"
# we want the kernel's
vsctl_in a pa add 2001:db8::22/64 uplink=wire >/dev/null ||
	fault "pa add is refused"
wait_for 20 pa_is a 2001:db8::22 duplicate ||
	fault "the kernel's address is taken: $(vsctl_in a pa list)"
vsctl_in a pa del 2001:db8::22 >/dev/null
pings va 10.0.0.7

# --- shared, and back ---
ip -n "$prefix-a" addr add 2001:db8::1/64 dev wire nodad
wait_for 10 pa_is a 2001:db8::1 shared || fault "it does not become shared"
mac_of 2001:db8::1 >/dev/null
expect "the kernel echoes for its own" 0 "$pinged"
pings va 10.0.0.7
pings vb fd00::5
ip -n "$prefix-a" addr del 2001:db8::1/64 dev wire
wait_for 20 pa_is a 2001:db8::1 preferred || fault "it does not become ours"
pings vb fd00::5

kill "$sniffer"
wait "$sniffer" 2>/dev/null
balanced a
balanced b
finish
