#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# keepalived in two VMs on two hosts, one virtual address (a record of type
# shared): its advertisements cross by replication, so that one of them is the
# master; when that one dies, the other announces itself, both hosts believe
# it, and a third VM's pings go there. Then the same with use_vmac, where the
# address has a MAC of its own that goes with it.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping keepalived

make_hosts vb vc
jq '.networks.blue.subnets["5001"].ca += {
	"10.0.0.6": {"mac": "02:00:00:00:00:06", "pa": "192.0.2.1"},
	"10.0.0.100": {"type": "shared", "mac": "02:00:00:00:00:05",
		"pa": "192.0.2.1", "also-mac": ["02:00:00:00:00:07"]}} |
	.hosts.a.switches.lab.ports.vc = {"tap": "eth0",
		"netns": "'"$prefix"'-vc", "vsid": 5001, "ca": ["10.0.0.6"]}' \
	"$work/hosts.json" >"$work/with.json" && mv "$work/with.json" \
	"$work/hosts.json"
start_host a
start_host b
declare -A keepers=()

# keeper VM PRIORITY: its keepalived
keeper()
{
	cat >"$work/$1.conf" <<-END
	global_defs {
		vrrp_garp_master_delay 1
		vrrp_garp_master_repeat 2
	}
	vrrp_instance vip {
		state BACKUP
		interface eth0
		virtual_router_id 10
		${use_vmac:+use_vmac vrrp10}
		priority $2
		advert_int 1
		virtual_ipaddress {
			10.0.0.100/24
		}
	}
	END
	(exec ip netns exec "$prefix-$1" keepalived --dont-fork --vrrp \
		--log-console --use-file "$work/$1.conf" \
		--pid "$work/$1.pid" --vrrp_pid "$work/$1.vrrp") \
		>"$work/$1.log" 2>&1 &
	keepers[$1]=$!
}
has_vip()
{
	ip -n "$prefix-$1" -4 -o addr show dev "${use_vmac:-eth0}" |
		grep -q '10\.0\.0\.100/'
}
# owner HOST MAC: for wait_for
owner()
{
	[ "$(json "$1" '.objects[] | select(.key == "10.0.0.100").status.owner' \
		ca list vsid=5001)" = "$2" ]
}
keeper va 150
wait_for 60 has_vip va || fault "va is no master: $(cat "$work/va.log")"
keeper vb 100
sleep 6
has_vip vb && fault 'vb is a master too: advertisements do not arrive'
pings vc 10.0.0.100
pings vb 10.0.0.100
for name in a b; do
	wait_for 10 owner $name 02:00:00:00:00:05 ||
		fault "host $name does not know va as the owner"
done
# va's dies without a word
kill -KILL "$(cat "$work/va.vrrp")" "${keepers[va]}"
ip -n "$prefix-va" addr del 10.0.0.100/24 dev eth0
wait_for 60 has_vip vb || fault "vb does not take over: $(cat "$work/vb.log")"
for name in a b; do
	wait_for 20 owner $name 02:00:00:00:00:07 ||
		fault "host $name does not know vb as the owner"
done
pings vc 10.0.0.100
pings va 10.0.0.100
kill "${keepers[vb]}"
wait "${keepers[vb]}" "${keepers[va]}" 2>/dev/null

# --- a MAC that goes with the address ---
use_vmac=vrrp10
for name in a b; do
	vsctl_in $name ca set 10.0.0.100 vsid=5001 \
		also-mac=02:00:00:00:00:07,00:00:5e:00:01:0a >/dev/null ||
		fault "ca set at $name"
done
# arp_is VM MAC: what it knows of the address
arp_is()
{
	[ "$(ip -n "$prefix-$1" -j neigh show 10.0.0.100 dev eth0 |
		jq -r '.[0].lladdr')" = "$2" ]
}
for vm in va vb; do
	ip -n "$prefix-$vm" addr del 10.0.0.100/24 dev eth0 2>/dev/null
done
ip -n "$prefix-vc" neigh flush dev eth0
keeper va 150
wait_for 60 has_vip va || fault "va is no master: $(cat "$work/va.log")"
keeper vb 100
sleep 6
has_vip vb && fault 'vb is a master too: advertisements do not arrive'
pings vc 10.0.0.100
arp_is vc 00:00:5e:00:01:0a || fault "vc: $(ip -n "$prefix-vc" neigh)"
for name in a b; do
	wait_for 20 owner $name 02:00:00:00:00:05 ||
		fault "host $name does not know va as the owner"
done
kill -KILL "$(cat "$work/va.vrrp")" "${keepers[va]}"
ip -n "$prefix-va" link del vrrp10
wait_for 60 has_vip vb || fault "vb does not take over: $(cat "$work/vb.log")"
for name in a b; do
	wait_for 20 owner $name 02:00:00:00:00:07 ||
		fault "host $name does not know vb as the owner"
done
pings vc 10.0.0.100
arp_is vc 00:00:5e:00:01:0a || fault "vc: $(ip -n "$prefix-vc" neigh)"
pings va 10.0.0.100
kill "${keepers[vb]}"
wait "${keepers[vb]}" "${keepers[va]}" 2>/dev/null
expect 'frames of a MAC that a port may not have' 0 "$(dropped a mac_spoof)"
balanced a
balanced b
finish
