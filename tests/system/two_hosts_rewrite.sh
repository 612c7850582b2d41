#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Two hosts, two tenants with the same addresses, rule=rewrite: ping and TCP by
# IPv4 and IPv6 with not a byte more on the wire, every checksum right, TTL as
# the VM set it; the kernels neither answer nor are handed any of it. A router
# between the hosts is seen by traceroute as the gateway. A VM's own MAC is on
# the wire if it is asked for.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss tcpdump tshark ethtool

for name in a b ba bb ra rb; do make_netns "$name"; done

# document PREFIX A B: hosts a and b on PREFIX.A.0/24 and PREFIX.B.0/24
ca() { # VSID NUMBER HOSTNET
	echo "\"10.0.0.$2\": {\"mac\": \"02:00:00:00:00:0$2\", \"rule\": \"rewrite\",
		\"pa\": \"192.0.$3.$(($1 / 1000))$2\"},
	      \"fd00::$2\": {\"mac\": \"02:00:00:00:00:0$2\", \"rule\": \"rewrite\",
		\"pa\": \"2001:db8:$3::$(($1 / 1000))$2\"}"
}
subnet() { # VSID NETA NETB
	echo "\"subnets\": {\"$1\": {\"prefixes\": [\"10.0.0.0/24\", \"fd00::/64\"],
		\"mtu\": 1500, \"ca\": { $(ca $1 5 $2), $(ca $1 7 $3) } } }"
}
pas() { # NET NUMBER
	local t
	for t in 5 6; do
		echo "\"192.0.$1.$t$2\": {\"prefix\": 24},
		      \"2001:db8:$1::$t$2\": {\"prefix\": 64}"
		[ $t = 6 ] || echo ,
	done
}
ways() { # NET
	[ "$2" = flat ] || echo "\"paroutes\": {
		\"0.0.0.0/0\": {\"next-hop\": \"192.0.$1.254\"},
		\"::/0\": {\"next-hop\": \"2001:db8:$1::ff\"} },"
}
host() { # NAME NUMBER NET flat|routed
	local t ports=
	for t in 5 6; do
		ports+="${ports:+,} \"$1$t\": {\"tap\": \"eth0\",
		  \"netns\": \"$prefix-$([ $t = 5 ] && echo b || echo r)$1\",
		  \"vsid\": ${t}001, \"ca\": [\"10.0.0.$2\", \"fd00::$2\"]}"
	done
	echo "\"$1\": {\"switches\": {\"lab\": {
	  \"uplinks\": {\"wire\": { $(ways $3 $4) \"pa\": { $(pas $3 $2) }}},
	  \"stack\": [\"capture\", \"wnv\"], \"ports\": { $ports } }}}"
}
document() { # NETA NETB flat|routed
	cat <<-END | jq .
	{ "format": 1, "networks": {
	    "blue": { $(subnet 5001 $1 $2) }, "red": { $(subnet 6001 $1 $2) } },
	  "hosts": { $(host a 5 $1 $3), $(host b 7 $2 $3) } }
	END
}

start_hosts()
{
	local name
	for name in a b; do
		start_vswitchd $name --host $name --document "$work/hosts.json"
	done
	ready a
	ready b
}
stop_hosts() { stop_vswitchd a; stop_vswitchd b; }
count() { tshark -r "$work/$1" "${@:2}" 2>/dev/null | wc -l; }
handed() { in_netns b awk '/^Ip:/ && $3 ~ /^[0-9]/ { print $4 }' /proc/net/snmp; }

# -- one wire -----------------------------------------------------------------
make_wire a wire b wire
for name in a b; do
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
	in_netns $name sysctl -qw net.ipv4.ip_forward=1 # the worst case
done
document 2 2 flat >"$work/hosts.json" || fault document
start_hosts
wire_start blue.pcap
vms_talk ba bb
wire_stop
balanced a
balanced b
expect 'IPv4 addresses on the wire' '192.0.2.55,192.0.2.57 192.0.2.57,192.0.2.55' \
	"$(tshark -r "$work/blue.pcap" -Y ip -T fields -e ip.src -e ip.dst \
		-E separator=, 2>/dev/null | sort -u | paste -sd ' ')"
expect 'tunnels' 0 "$(count blue.pcap -Y 'gre || udp.port == 4789')"
expect 'TTL' 64 "$(tshark -r "$work/blue.pcap" -Y ip -T fields -e ip.ttl \
	2>/dev/null | sort -u)"
# frames crossed as large as the VM's kernel made them
[ "$(count blue.pcap -Y 'ip && frame.len > 1514')" -gt 0 ] ||
	fault 'no super-frame went through whole'
# a device that can do nothing: the same, and every sum is finished
for name in a b; do
	in_netns $name ethtool -K wire tx off tso off gso off gro off \
		>/dev/null 2>&1 || fault ethtool
done
wire_start plain.pcap
vms_talk ba bb
wire_stop
expect 'frames longer than the wire' 0 "$(count plain.pcap -Y 'frame.len > 1514')"
expect 'wrong checksums' 0 "$(count plain.pcap -o tcp.check_checksum:TRUE \
	-o ip.check_checksum:TRUE -o udp.check_checksum:TRUE \
	-Y 'ip.checksum.status == 0 || tcp.checksum.status == 0 ||
		udp.checksum.status == 0 || icmp.checksum.status == 0 ||
		icmpv6.checksum.status == 0')"
# the other tenant has the same addresses and other PAs
wire_start red.pcap
vms_talk ra rb
wire_stop
expect 'IPv4 addresses of red' '192.0.2.65,192.0.2.67 192.0.2.67,192.0.2.65' \
	"$(tshark -r "$work/red.pcap" -Y ip -T fields -e ip.src -e ip.dst \
		-E separator=, 2>/dev/null | sort -u | paste -sd ' ')"
before=$(handed)
in_netns ba ping -q -i 0.005 -c 100 10.0.0.7 | grep -q ' 100 received' ||
	fault 'pings are lost'
[ "$(($(handed) - before))" = 0 ] ||
	uname -r | awk -F. '$1 > 6 || ($1 == 6 && $2 >= 6) { exit 1 }' ||
	fault 'the kernel is handed what is for VMs'
# broadcast cannot be carried, and says so
in_netns ba ping -q -c 1 -W 1 -b 10.0.0.255 >/dev/null 2>&1
vsctl_in a drops reason=rw_not_carried | grep -q rw_not_carried ||
	fault 'a broadcast left no name'
stop_hosts

# -- the VM's own MAC on the wire ------------------------------------------
jq '.networks.blue.subnets["5001"].ca[] |= (."use-vm-mac" = true)' \
	"$work/hosts.json" >"$work/new.json" && mv "$work/new.json" "$work/hosts.json"
rm -rf "$work"/a/state "$work"/b/state
start_hosts
for name in a b; do
	vsctl_in $name apply "$work/hosts.json" >/dev/null || fault "apply $name"
done
wait_for 30 pings ba 10.0.0.7 || fault 'no ping with use-vm-mac'
wire_start mac.pcap
in_netns ba ping -q -c 3 10.0.0.7 >/dev/null
wire_stop
expect 'MACs on the wire' '02:00:00:00:00:05 02:00:00:00:00:07' \
	"$(tshark -r "$work/mac.pcap" -Y icmp -T fields -e eth.src \
		2>/dev/null | sort -u | paste -sd ' ')"
stop_hosts

# -- a router in between ------------------------------------------------------
for name in a b; do ip -n "$prefix-$name" link del wire 2>/dev/null; done
make_netns router
make_wire a wire router east
make_wire b wire router west
for name in a b; do
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
done
in_netns router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n "$prefix-router" addr add 192.0.2.254/24 dev east
ip -n "$prefix-router" addr add 192.0.3.254/24 dev west
ip -n "$prefix-router" addr add 2001:db8:2::ff/64 dev east nodad
ip -n "$prefix-router" addr add 2001:db8:3::ff/64 dev west nodad
document 2 3 routed >"$work/hosts.json" || fault document
start_hosts
for name in a b; do
	vsctl_in $name apply "$work/hosts.json" >/dev/null || fault "apply $name"
done
wait_for 30 pings ba 10.0.0.7 || fault 'no ping through the router'
vms_talk ba bb
expect 'TTL that the VM sees' 'ttl=63' \
	"$(in_netns ba ping -c 1 10.0.0.7 | grep -o 'ttl=[0-9]*')"
expect 'who says time exceeded' 1 "$(in_netns ba ping -c 1 -W 2 -t 1 10.0.0.7 |
	grep -ci 'from 10.0.0.1.*time to live exceeded')"
expect 'and by IPv6' 1 "$(in_netns ba ping -c 1 -W 2 -t 1 fd00::7 |
	grep -ci 'from fd00::1.*hop limit')"
# a narrower link behind the router: TCP finds it by itself
ip -n "$prefix-router" link set west mtu 1400
ip -n "$prefix-b" link set wire mtu 1500
carries ba bb 10.0.0.7 4
carries ba bb fd00::7 2
balanced a
balanced b
finish
