#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Two subnets of one network on two hosts: the gateway, which is on both, routes
# between them, on one host and across the wire, IPv4 and IPv6, TCP too; it is
# a hop that can be seen, says what it can't reach, follows a customer route to
# a VM, and tells VMs their prefix. Another network with the same addresses
# stays apart.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss tcpdump

vms='v5 v6 v7 v8 r7'
for name in a b $vms; do
	make_netns "$name"
done
make_wire a wire b wire
for name in a b; do
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
done

# subnets A-PREFIX B-PREFIX: two subnets with the VMs .5 and .6, .7 and .8
subnets()
{
	cat <<-END
	"$1": { "slaac": true, "prefixes": ["10.0.0.0/24", "fd00::/64"], "ca": {
	  "10.0.0.5": {"mac": "02:00:00:00:00:05", "pa": "192.0.2.1"},
	  "fd00::5": {"mac": "02:00:00:00:00:05", "pa": "192.0.2.1"},
	  "10.0.0.6": {"mac": "02:00:00:00:00:06", "pa": "192.0.2.2"} } },
	"$2": { "prefixes": ["10.0.1.0/24", "fd00:0:0:1::/64"], "ca": {
	  "10.0.1.7": {"mac": "02:00:00:00:00:07", "pa": "192.0.2.1"},
	  "fd00:0:0:1::7": {"mac": "02:00:00:00:00:07", "pa": "192.0.2.1"},
	  "10.0.1.8": {"mac": "02:00:00:00:00:08", "pa": "192.0.2.2"},
	  "fd00:0:0:1::8": {"mac": "02:00:00:00:00:08", "pa": "192.0.2.2"} } }
	END
}
# port NAME VSID CA...
port()
{
	local name=$1 vsid=$2
	shift 2
	printf '"%s": {"tap": "eth0", "netns": "%s", "vsid": %s, "ca": [%s]}' \
		"$name" "$prefix-$name" "$vsid" \
		"$(printf '"%s",' "$@" | sed 's/,$//')"
}
cat >"$work/hosts.json" <<-END
{ "format": 1,
  "networks": {
    "blue": { "subnets": { $(subnets 5001 5002) },
      "routes": { "out": {
        "prefix": "198.51.100.0/24", "next-hop": "10.0.1.8" } } },
    "red": { "subnets": { $(subnets 6001 6002) } } },
  "hosts": {
    "a": { "switches": { "lab": {
      "uplinks": { "wire": { "pa": { "192.0.2.1": { "prefix": 24 } } } },
      "stack": ["capture", "wnv"],
      "ports": { $(port v5 5001 10.0.0.5 fd00::5),
        $(port v7 5002 10.0.1.7 fd00:0:0:1::7),
        $(port r7 6002 10.0.1.7 fd00:0:0:1::7) } } } },
    "b": { "switches": { "lab": {
      "uplinks": { "wire": { "pa": { "192.0.2.2": { "prefix": 24 } } } },
      "stack": ["capture", "wnv"],
      "ports": { $(port v6 5001 10.0.0.6),
        $(port v8 5002 10.0.1.8 fd00:0:0:1::8) } } } } } }
END
for name in a b; do
	start_vswitchd $name --host $name --document "$work/hosts.json"
done
ready a
ready b

expect 'default route' 10.0.0.1 "$(ip -n "$prefix-v5" -j route show default |
	jq -r '.[0].gateway')"
for to in 10.0.1.7 10.0.1.8 fd00:0:0:1::7 fd00:0:0:1::8 10.0.0.6; do
	pings v5 $to
done
pings v8 10.0.0.5
pings v8 fd00::5
# the gateway's addresses, far ones too
for to in 10.0.0.1 10.0.1.1 fd00::1 fd00:0:0:1::1; do
	pings v5 $to
done
carries v5 v7 10.0.1.7 8
carries v5 v8 10.0.1.8 8
carries v8 v5 10.0.0.5 8
carries v5 v7 fd00:0:0:1::7 4
carries v8 v5 fd00::5 4

# one hop: the gateway of the sender's subnet shows itself
said()
{
	in_netns "$1" ping -c 1 -W 2 "${@:2}" 2>&1
}
said v5 -t 1 10.0.1.8 | grep -q 'From 10.0.0.1 .*Time to live exceeded' ||
	fault 'no time exceeded from 10.0.0.1'
said v8 -t 1 fd00::5 | grep -q 'From fd00:0:0:1::1 .*Hop limit' ||
	fault 'no time exceeded from fd00:0:0:1::1'
expect 'TTL behind one hop' 63 "$(said v5 10.0.1.8 |
	sed -n 's/.*ttl=\([0-9]*\).*/\1/p')"
expect 'TTL inside a subnet' 64 "$(said v5 10.0.0.6 |
	sed -n 's/.*ttl=\([0-9]*\).*/\1/p')"
said v5 10.0.1.99 | grep -q 'From 10.0.0.1 .*Destination Host Unreachable' ||
	fault 'no host unreachable'
said v5 203.0.113.9 | grep -q 'From 10.0.0.1 .*Destination Net Unreachable' ||
	fault 'no net unreachable'
said v5 2001:db8::9 | grep -q 'From fd00::1 .*No route' ||
	fault 'no IPv6 unreachable'

# a customer route: v8 forwards for what is behind it
ip -n "$prefix-v8" addr add 198.51.100.9/32 dev lo
pings v5 198.51.100.9
pings v6 198.51.100.9
vsctl_in a trace v5 'tcp 198.51.100.9:80' >"$work/trace"
grep -q 'route 198.51.100.0/24 via 10.0.1.8, metric 256: VSID 5001 to 5002' \
	"$work/trace" || fault "trace says: $(cat "$work/trace")"

# red has the same addresses, and no route to blue's; its VM's echo requests
# find nobody, blue's VMs hear nothing of them
(exec ip netns exec "$prefix-v5" tcpdump -q -U --immediate-mode -i eth0 \
	-w "$work/v5.pcap" 'icmp[icmptype] == 8') 2>"$work/tcpdump.log" &
sniffer=$!
wait_for 5 grep -q listening "$work/tcpdump.log"
silent r7 10.0.0.5
silent r7 198.51.100.9
kill "$sniffer"
wait "$sniffer"
expect "frames of red's at blue's VM" 0 \
	"$(tcpdump -nr "$work/v5.pcap" 2>/dev/null | wc -l)"

# by the gateway's advertisements
slaac()
{
	ip -n "$prefix-$1" -6 -o addr show dev eth0 dynamic | grep -q "$2"
}
wait_for 20 slaac v5 'fd00::ff:fe00:5/64' ||
	fault "no SLAAC: $(ip -n "$prefix-v5" -6 addr show dev eth0)"
slaac v8 inet6 && fault 'SLAAC where slaac=on was not said'
ip -n "$prefix-v8" -6 route show default | grep -q 'via fe80::1 .*proto ra' ||
	fault 'no default route by advertisement'

# routes by the command line: key, metric, away again
vsctl_in a route add blue 203.0.113.0/24 10.0.1.8 metric=7 >/dev/null 2>&1 ||
	fault 'route add'
expect 'the metric' 7 "$(json a '.. | select(.metric? == 7) | .metric' route \
	list | head -n 1)"
vsctl_in a route set blue '203.0.113.0/24 10.0.1.8' metric=8 \
	>/dev/null || fault 'route set'
vsctl_in a route del blue '203.0.113.0/24 10.0.1.8' >/dev/null ||
	fault 'route del'
balanced a
balanced b
finish
