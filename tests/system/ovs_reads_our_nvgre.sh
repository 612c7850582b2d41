#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Open vSwitch's userspace datapath is the other host: a GRE port whose 32-bit
# key is VSID * 256, so the flow id is off for that peer. ping and TCP, both
# ways.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss ovs-vsctl ovs-appctl ovsdb-tool \
	ovsdb-server
vswitchd=/usr/lib/openvswitch-switch/ovs-vswitchd
schema=/usr/share/openvswitch/vswitch.ovsschema
if [ ! -x "$vswitchd" ] || [ ! -r "$schema" ]; then
	skip 'needs Open vSwitch'
fi

make_hosts vb
ovs=$work/ovs
mkdir "$ovs"
export OVS_RUNDIR=$ovs OVS_LOGDIR=$ovs OVS_DBDIR=$ovs OVS_SYSCONFDIR=$ovs
ovs() { ovs-vsctl -t 10 --db=unix:"$ovs/db.sock" "$@"; }
ovs_end()
{
	local pid
	for pid in ${ovs_pids[@]+"${ovs_pids[@]}"}; do
		kill "$pid" 2>/dev/null
		wait_for 5 ended "$pid" || kill -KILL "$pid"
		wait "$pid" 2>/dev/null
	done
}
ovs_pids=()
trap 'ovs_end; cleanup' EXIT

ovsdb-tool create "$ovs/conf.db" "$schema" || skip 'needs ovsdb-tool'
(exec ip netns exec "$prefix-b" ovsdb-server "$ovs/conf.db" \
	--remote=punix:"$ovs/db.sock" --unixctl="$ovs/db.ctl" \
	-vconsole:off) >"$ovs/db.log" 2>&1 &
ovs_pids+=($!)
wait_for 10 test -S "$ovs/db.sock" || fault "$(cat "$ovs/db.log")"
ovs --no-wait init
(exec ip netns exec "$prefix-b" "$vswitchd" unix:"$ovs/db.sock" \
	--unixctl="$ovs/vs.ctl" --log-file="$ovs/vs.log" -vconsole:off) >"$ovs/vs.out" 2>&1 &
ovs_pids=("$!" "${ovs_pids[@]}")
wait_for 10 test -S "$ovs/vs.ctl" || fault "$(cat "$ovs/vs.out")"

mac=$(in_netns b cat /sys/class/net/wire/address)
make_wire b to-vb vb eth0
ovs add-br br-phy -- set bridge br-phy datapath_type=netdev \
	other-config:hwaddr="$mac" -- add-port br-phy wire || fault 'br-phy'
ip -n "$prefix-b" link set br-phy up
ip -n "$prefix-b" addr add 192.0.2.2/24 dev br-phy
ovs add-br br0 -- set bridge br0 datapath_type=netdev \
	-- add-port br0 to-vb -- add-port br0 gre0 -- set interface gre0 \
	type=gre options:remote_ip=192.0.2.1 options:key=$((5001 * 256)) ||
	fault 'br0'
# its datapath does not finish what a veth leaves to a card
in_netns vb ethtool -K eth0 tx off >/dev/null 2>&1
ip -n "$prefix-vb" link set eth0 address 02:00:00:00:00:07 mtu 1458
ip -n "$prefix-vb" addr add 10.0.0.7/24 dev eth0
ip -n "$prefix-vb" addr add fd00::7/64 dev eth0 nodad

jq '.peers = {"192.0.2.2": {"flowid": false}}' "$work/hosts.json" \
	>"$work/peer.json" && mv "$work/peer.json" "$work/hosts.json"
start_host a
# nor does it take what a card would still cut
in_netns a ethtool -K wire tx off >/dev/null 2>&1
pings va 10.0.0.7
pings vb 10.0.0.5
pings va fd00::7
carries va vb 10.0.0.7 8
carries vb va 10.0.0.5 8
carries va vb fd00::7 2
balanced a
finish
