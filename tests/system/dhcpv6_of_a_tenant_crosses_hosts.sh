#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# DHCPv6 of a tenant: dnsmasq in the VM va on host a, dhclient in a VM on host
# b of which policy knows the MAC only. Both hosts learn what the server gave
# before the VM has said a word with it; a second address is one too many.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping dnsmasq dhclient

make_hosts vb vc
jq '.networks.blue.subnets["5001"].l2only =
	{"02:00:00:00:00:0c": {"pa": "192.0.2.2"}} |
	.hosts.b.switches.lab.ports.vc = {"tap": "eth0", "netns": "'"$prefix"'-vc",
	"vsid": 5001, "mac": "02:00:00:00:00:0c", "ip-limit": 1}' \
	"$work/hosts.json" >"$work/with.json" && mv "$work/with.json" \
	"$work/hosts.json"
start_host a
start_host b

(exec ip netns exec "$prefix-va" dnsmasq --keep-in-foreground \
	--conf-file=/dev/null --port=0 --user=root --log-dhcp --log-facility=- \
	--interface=eth0 --bind-interfaces --leasefile-ro \
	--pid-file="$work/dnsmasq.pid" \
	--dhcp-range=fd00::100,fd00::109,64,1h) >"$work/dnsmasq.log" 2>&1 &
dnsmasq=$!
wait_for 10 grep -q 'DHCPv6, IP range' "$work/dnsmasq.log" ||
	fault "dnsmasq does not start: $(cat "$work/dnsmasq.log")"

# what dhclient calls: it only notes the address, so that the VM says nothing
# with it (no duplicate detection) until the test wants it to
cat >"$work/lease" <<-END
	#!/bin/sh
	[ -z "\$new_ip6_address" ] || echo "\$new_ip6_address" >"$work/address"
END
chmod +x "$work/lease"
# its own, not the machine's
printf 'timeout 60;\n' >"$work/dhclient.conf"
has_link_local()
{
	ip -n "$prefix-vc" -6 -o addr show dev eth0 scope link -tentative |
		grep -q fe80
}
ip -n "$prefix-vc" link set eth0 up
wait_for 20 has_link_local || fault 'vc has no link-local address'
(exec ip netns exec "$prefix-vc" timeout 60 dhclient -6 -1 -d -v \
	-cf "$work/dhclient.conf" -lf "$work/leases" -pf "$work/dhclient.pid" \
	-sf "$work/lease" eth0) >"$work/dhclient.log" 2>&1 &
dhclient=$!
wait_for 60 test -s "$work/address" ||
	fault "no lease: $(cat "$work/dhclient.log" "$work/dnsmasq.log")"
address=$(cat "$work/address")

# learned NAME: the type and PA of the VM's record there
learned()
{
	json "$1" '.objects[] | select(.key == "'"$address"'") |
		.fields | "\(.type) \(.pa) \(.mac)"' ca list vsid=5001
}
for name in a b; do
	expect "the record on host $name" \
		'dynamic 192.0.2.2 02:00:00:00:00:0c' "$(learned $name)"
done
ip -n "$prefix-vc" addr add "$address/64" dev eth0
pings vc fd00::5
pings va "$address"
pings vb "$address"
# the limit is one: what the VM takes beside it reaches nobody
ip -n "$prefix-vc" addr add fd00::abc/64 dev eth0 nodad
silent vc fd00::5 -I fd00::abc
kill "$dhclient" "$dnsmasq"
wait "$dhclient" "$dnsmasq" 2>/dev/null
balanced a
balanced b
finish
