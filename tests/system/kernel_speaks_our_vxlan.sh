#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The kernel's vxlan device is the other host: ping and TCP, both ways, with
# all offloads as they come (it leaves checksums open and sends super-frames
# over the veth), then with wire frames only.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss ethtool

make_hosts
jq '.networks.blue.subnets["5001"] |= (.mtu = 1450 | .ca[].rule = "vxlan")' \
	"$work/hosts.json" >"$work/new.json"
mv "$work/new.json" "$work/hosts.json"
ip -n "$prefix-b" addr add 192.0.2.2/24 dev wire
ip -n "$prefix-b" link add vx0 address 02:00:00:00:00:07 type vxlan id 5001 \
	dstport 4789 local 192.0.2.2 remote 192.0.2.1 dev wire udpcsum ||
	skip 'needs vxlan devices'
ip -n "$prefix-b" link set vx0 mtu 1450 up
ip -n "$prefix-b" addr add 10.0.0.7/24 dev vx0
ip -n "$prefix-b" addr add fd00::7/64 dev vx0 nodad

traffic()
{
	pings va 10.0.0.7
	pings b 10.0.0.5
	pings va fd00::7
	carries va b 10.0.0.7 8
	carries b va 10.0.0.5 8
	carries va b fd00::7 4
	carries b va fd00::5 4
	balanced a
}

start_host a
traffic
for name in a b; do
	in_netns $name ethtool -K wire tx off gso off gro off tso off \
		>/dev/null 2>&1
done
traffic
expect 'wrong UDP checksums' 0 "$(dropped a udp_csum)"
# without a checksum, as many devices send
ip -n "$prefix-b" link del vx0
ip -n "$prefix-b" link add vx0 address 02:00:00:00:00:07 type vxlan id 5001 \
	dstport 4789 local 192.0.2.2 remote 192.0.2.1 dev wire noudpcsum
ip -n "$prefix-b" link set vx0 mtu 1450 up
ip -n "$prefix-b" addr add 10.0.0.7/24 dev vx0
pings va 10.0.0.7
carries b va 10.0.0.5 4

# over IPv6, where the checksum is a must
ip -n "$prefix-b" link del vx0
for name in a b; do
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=0
done
ip -n "$prefix-b" addr add 2001:db8::2/64 dev wire nodad
sed -i 's/192\.0\.2\./2001:db8::/g; s/"prefix": 24/"prefix": 64/
	s/"mtu": 1450/"mtu": 1430/' "$work/hosts.json"
vsctl_in a apply "$work/hosts.json" >/dev/null || fault 'apply'
# vxlan6 WORD...: its device, over IPv6
vxlan6()
{
	ip -n "$prefix-b" link add vx0 address 02:00:00:00:00:07 type vxlan \
		id 5001 dstport 4789 local 2001:db8::2 remote 2001:db8::1 \
		dev wire "$@" || fault "no vxlan device with $*"
	ip -n "$prefix-b" link set vx0 mtu 1430 up
	ip -n "$prefix-b" addr add 10.0.0.7/24 dev vx0
	ip -n "$prefix-b" addr add fd00::7/64 dev vx0 nodad
}
vxlan6 udp6zerocsumrx
traffic
ip -n "$prefix-b" link del vx0
vxlan6 udp6zerocsumtx udp6zerocsumrx
silent b 10.0.0.5
[ "$(dropped a udp_no_csum)" -ge 1 ] || fault 'not dropped as udp_no_csum'
finish
