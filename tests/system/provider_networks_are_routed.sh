#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Two hosts in different provider networks with a kernel router between them,
# of IPv4, then of IPv6 whose next hop is the router's link-local address.
# Without a provider route there is no way, and the frames say so; a next hop
# that falls silent is seen, and found again.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ncat ping

for name in a b r va vb; do
	make_netns "$name"
done
make_wire a wire r toa
make_wire b wire r tob
for name in a b; do
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
done
in_netns r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$prefix-r" addr add 192.0.2.254/24 dev toa
ip -n "$prefix-r" addr add 198.51.100.254/24 dev tob
for device in toa tob; do
	ip -n "$prefix-r" addr add fe80::ffff/64 dev $device nodad
done
ip -n "$prefix-r" addr add 2001:db8:a::ffff/64 dev toa nodad
ip -n "$prefix-r" addr add 2001:db8:b::ffff/64 dev tob nodad

# document A B: both hosts' provider addresses
document()
{
	hosts_document | sed "s/\"192.0.2.1\": { \"prefix\": 24 }/\"$1\": { \"prefix\": $3 }/
		s/\"192.0.2.2\": { \"prefix\": 24 }/\"$2\": { \"prefix\": $3 }/
		s/\"pa\": \"192.0.2.1\"/\"pa\": \"$1\"/
		s/\"pa\": \"192.0.2.2\"/\"pa\": \"$2\"/
		s/\"prefixes\": \[/\"mtu\": 1438, &/"
}
peer_is()
{
	[ "$(json a '.objects[] | select(.key == "'"$1"'").status.state' \
		peer list)" = "$2" ]
}
pa_is()
{
	[ "$(json "$1" '.objects[] | select(.key == "'"$2"'").status.state' \
		pa list)" = "$3" ]
}
paroute_is()
{
	[ "$(json a '.objects[] | select(.key == "'"$1"'").status.state' \
		paroute list)" = "$2" ]
}

# --- IPv4 ---
document 192.0.2.1 198.51.100.2 24 >"$work/hosts.json"
start_host a
start_host b
for name in a b; do
	wait_for 20 pa_is $name \
		$([ $name = a ] && echo 192.0.2.1 || echo 198.51.100.2) \
		preferred || fault "$name is not ready"
done
silent va 10.0.0.7
[ "$(dropped a pa_no_route)" -gt 0 ] || fault "no way, and it has no name"
expect "a peer without a way" "no way" \
	"$(json a '.objects[] | select(.key == "198.51.100.2").status.state' \
		peer list)"
vsctl_in a paroute add 0.0.0.0/0 uplink=wire next-hop=192.0.2.254 >/dev/null ||
	fault "paroute add at a"
vsctl_in b paroute add 0.0.0.0/0 uplink=wire next-hop=198.51.100.254 \
	>/dev/null || fault "paroute add at b"
pings va 10.0.0.7
pings vb fd00::5
carries va vb 10.0.0.7 4
carries vb va fd00::5 4
wait_for 5 peer_is 198.51.100.2 resolved || fault "$(vsctl_in a peer list)"

# --- the router falls silent: it is seen once its MAC is in doubt ---
ip -n "$prefix-r" link set toa arp off
# forget what was known: the uplink goes and comes
ip -n "$prefix-a" link set wire down
wait_for 5 peer_is 198.51.100.2 down || fault "down: $(vsctl_in a peer list)"
paroute_is 0.0.0.0/0 down || fault "$(vsctl_in a paroute list)"
ip -n "$prefix-a" link set wire up
wait_for 20 peer_is 198.51.100.2 silent || fault "$(vsctl_in a peer list)"
silent va 10.0.0.7
[ "$(dropped a pa_unresolved)" -gt 0 ] || fault "silence has no name"
ip -n "$prefix-r" link set toa arp on
pings va 10.0.0.7
wait_for 5 peer_is 198.51.100.2 resolved || fault "$(vsctl_in a peer list)"
paroute_is 0.0.0.0/0 up || fault "$(vsctl_in a paroute list)"

# --- IPv6, by a link-local next hop ---
document 2001:db8:a::1 2001:db8:b::2 64 >"$work/v6.json"
for name in a b; do
	vsctl_in $name apply "$work/v6.json" >/dev/null || fault "apply at $name"
	vsctl_in $name paroute add 2001:db8::/32 uplink=wire \
		next-hop=fe80::ffff >/dev/null || fault "paroute add at $name"
	wait_for 20 pa_is $name \
		$([ $name = a ] && echo 2001:db8:a::1 || echo 2001:db8:b::2) \
		preferred || fault "$name is not ready with IPv6"
done
pings va 10.0.0.7
pings vb fd00::5
carries va vb fd00::7 4
carries vb va 10.0.0.5 4
wait_for 5 peer_is 2001:db8:b::2 resolved || fault "$(vsctl_in a peer list)"
balanced a
balanced b
finish
