#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A tenant's own DHCP server (dnsmasq in the VM va on host a) gives an address
# to a VM on host b of which policy knows the MAC only: both hosts learn it,
# show it, and carry its traffic. Before it has one it reaches nobody.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping dnsmasq busybox
busybox --list | grep -qx udhcpc || skip "needs busybox's udhcpc"

make_hosts vb vc
jq '.networks.blue.subnets["5001"].l2only =
	{"02:00:00:00:00:0c": {"pa": "192.0.2.2"}} |
	.hosts.b.switches.lab.ports.vc = {"tap": "eth0", "netns": "'"$prefix"'-vc",
	"vsid": 5001, "mac": "02:00:00:00:00:0c", "ip-limit": 4}' \
	"$work/hosts.json" >"$work/with.json" && mv "$work/with.json" \
	"$work/hosts.json"
start_host a
start_host b

(exec ip netns exec "$prefix-va" dnsmasq --keep-in-foreground \
	--conf-file=/dev/null --port=0 --user=root --log-dhcp --log-facility=- \
	--interface=eth0 --bind-interfaces --leasefile-ro \
	--pid-file="$work/dnsmasq.pid" --no-ping \
	--dhcp-range=10.0.0.100,10.0.0.109,255.255.255.0,1h) \
	>"$work/dnsmasq.log" 2>&1 &
dnsmasq=$!
wait_for 10 grep -q 'DHCP, IP range' "$work/dnsmasq.log" ||
	fault "dnsmasq does not start: $(cat "$work/dnsmasq.log")"

cat >"$work/lease" <<-'END'
	#!/bin/sh
	[ "$1" = bound ] || exit 0
	ip addr add "$ip/24" dev "$interface"
END
chmod +x "$work/lease"
ip -n "$prefix-vc" link set eth0 up
in_netns vc busybox udhcpc -i eth0 -n -q -t 10 -T 3 -s "$work/lease" \
	>"$work/udhcpc.log" 2>&1
expect 'udhcpc' 0 "$?"
address=$(ip -n "$prefix-vc" -4 -o addr show dev eth0 |
	grep -o '10\.0\.0\.1[0-9][0-9]')
[ -n "$address" ] || fault "no lease: $(cat "$work/udhcpc.log")"

# learned NAME: the type and PA of the VM's record there
learned()
{
	json "$1" '.objects[] | select(.key == "'"$address"'") |
		.fields | "\(.type) \(.pa) \(.mac)"' ca list vsid=5001
}
pings vc 10.0.0.5
pings va "$address"
pings vb "$address"
for name in a b; do
	expect "the record on host $name" \
		'dynamic 192.0.2.2 02:00:00:00:00:0c' "$(learned $name)"
done
# an address that nobody gave it, of somebody else: refused
ip -n "$prefix-vc" addr add 10.0.0.7/24 dev eth0
silent vc 10.0.0.5 -I 10.0.0.7
kill "$dnsmasq"
wait "$dnsmasq"
balanced a
balanced b
finish
