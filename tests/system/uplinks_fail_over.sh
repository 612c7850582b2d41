#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Two uplinks, two provider routes, one router: traffic takes the route with
# the lower metric; when its uplink goes down, or is deleted under traffic, the
# other one carries, and the first again once it is back, as another device
# with another MAC. Its address announces itself then.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping tcpdump

for name in a b r va vb; do
	make_netns "$name"
done
first()
{
	make_wire a wire r toa1
	ip -n "$prefix-r" addr add 192.0.2.254/24 dev toa1
	in_netns a sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
}
first
make_wire a second r toa2
make_wire b wire r tob
in_netns r sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
	net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.toa1.rp_filter=0 \
	net.ipv4.conf.toa2.rp_filter=0
ip -n "$prefix-r" addr add 203.0.113.254/24 dev toa2
ip -n "$prefix-r" addr add 198.51.100.254/24 dev tob
# the fabric reaches host a by its second uplink whatever happens
ip -n "$prefix-r" route add 192.0.2.1/32 via 203.0.113.1 dev toa2

hosts_document | sed 's/"192.0.2.2": { "prefix": 24 }/"198.51.100.2": { "prefix": 24 }/
	s/"pa": "192.0.2.2"/"pa": "198.51.100.2"/' >"$work/hosts.json"
start_host a
start_host b
vsctl_in a uplink add second switch=lab >/dev/null || fault "uplink add"
vsctl_in a pa add 203.0.113.1/24 uplink=second >/dev/null || fault "pa add"
vsctl_in a paroute add 198.51.100.0/24 uplink=wire next-hop=192.0.2.254 \
	metric=10 >/dev/null || fault "paroute"
vsctl_in a paroute add 198.51.100.0/24 uplink=second next-hop=203.0.113.254 \
	metric=20 >/dev/null || fault "second paroute"
vsctl_in b paroute add 0.0.0.0/0 uplink=wire next-hop=198.51.100.254 \
	>/dev/null || fault "paroute at b"

pa_is()
{
	[ "$(json "$1" '.objects[] | select(.key == "'"$2"'").status.state' \
		pa list)" = "$3" ]
}
# routes ARE: states of both, in order
routes_are()
{
	[ "$(json a '[.objects[] | .status.state] | join(" ")' \
		paroute list)" = "$1" ]
}
# sends_by DEVICE OTHER: of 10 pings the requests leave by the first
came() { in_netns r cat "/sys/class/net/$1/statistics/rx_packets"; }
sends_by()
{
	local here there
	here=$(came "$1")
	there=$([ -z "$2" ] || came "$2")
	in_netns va ping -q -c 10 -i 0.1 -W 1 10.0.0.7 >/dev/null
	[ $(($(came "$1") - here)) -ge 10 ] || return 1
	[ -z "$2" ] || [ $(($(came "$2") - there)) -lt 10 ]
}

wait_for 20 pa_is a 192.0.2.1 preferred || fault "$(vsctl_in a pa list)"
wait_for 20 pa_is a 203.0.113.1 preferred || fault "$(vsctl_in a pa list)"
wait_for 20 pa_is b 198.51.100.2 preferred || fault "$(vsctl_in b pa list)"
pings va 10.0.0.7
sends_by toa1 toa2 || fault "the lower metric does not carry"

# --- down and up ---
ip -n "$prefix-a" link set wire down
wait_for 10 sends_by toa2 toa1 || fault "no fail-over: $(vsctl_in a drops)"
wait_for 5 routes_are "up down" || wait_for 5 routes_are "down up" ||
	fault "$(vsctl_in a paroute list)"
ip -n "$prefix-a" link set wire up
wait_for 20 sends_by toa1 toa2 || fault "the first uplink is not taken again"

# --- deleted and created anew, under traffic ---
in_netns va ping -i 0.05 -W 1 -c 600 10.0.0.7 >"$work/pings.txt" &
pinging=$!
sleep 2
ip -n "$prefix-a" link del wire
wait_for 10 sends_by toa2 "" || fault "no fail-over when it is deleted"
first
(exec ip netns exec "$prefix-r" tcpdump -n -e -l -i toa1 arp) \
	>"$work/arp.txt" 2>"$work/tcpdump.txt" &
sniffer=$!
wait_for 20 sends_by toa1 "" || fault "the new device is not taken"
mac=$(in_netns a cat /sys/class/net/wire/address)
wait_for 10 grep -qi "$mac > ff:ff:ff:ff:ff:ff.*who-has 192.0.2.1 .*tell 192.0.2.1" \
	"$work/arp.txt" || fault "no announcement: $(cat "$work/arp.txt")"
wait "$pinging"
kill "$sniffer"
wait "$sniffer" 2>/dev/null
lost=$(sed -n 's/.*transmitted, \([0-9]*\) received.*/\1/p' "$work/pings.txt")
[ "${lost:-0}" -ge 300 ] || fault "most of the pings are lost: $lost of 600 came"
wait_for 5 pa_is a 192.0.2.1 preferred || fault "$(vsctl_in a pa list)"

# --- both gone: named ---
for device in wire second; do
	ip -n "$prefix-a" link set $device down
done
before=$(dropped a uplink_down)
silent va 10.0.0.7
[ "$(dropped a uplink_down)" -gt "$before" ] || fault "the loss has no name"
expect "frames that wait for ever" 0 "$(counted a held)"
balanced a
balanced b
finish
