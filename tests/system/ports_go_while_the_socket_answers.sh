#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The kernel takes its time to end a TAP. While hundreds of ports go, the
# control socket answers; a port that is made again, or gets the device of one
# that goes, waits for the name instead of hearing that it is busy; nothing
# stays open; and a daemon that ends does not end them one by one.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq

count=400
make_netns host
make_netns a
for_all() # VALUE: of each port n, as JSON
{
	jq -n --argjson count $count '{format: 1, switches: {s0: {ports:
		[range($count) | {key: "p\(.)", value: '"$1"'}] |
		from_entries}}}'
}
for_all '{tap: "tap\(.)"}' >"$work/many.json"
# the same devices, each another port's
for_all '{tap: "tap\($count - 1 - .)"}' >"$work/turned.json"
echo '{"format": 1, "switches": {"s0": {}}}' >"$work/none.json"

apply() { vsctl_in host -t 60 apply "$work/$1.json" >/dev/null ||
	fault "apply $1: exit $?"; }
devices() { in_netns host ls /sys/class/net | grep -c '^tap'; }
open_files() { find "/proc/${daemons[host]}/fd" -type l | wc -l; }
come() { wait_for 30 all_up host || fault "not every port comes: $(json host \
	'[.switches[].ports[] | select(.state != "up") | .why] | unique' \
	show)"; }
none() { [ "$(devices)" = 0 ]; }
as_before() { [ "$(open_files)" -le "$before" ]; }
# index NETNS DEVICE
index() { in_netns "$1" cat "/sys/class/net/$2/ifindex"; }

start_vswitchd host
apply none
before=$(open_files)

# asked when some were gone, answered when some were not
apply many
come
apply none
answered=0
while left=$(devices) && [ "$left" != 0 ]; do
	vsctl_in host -t 60 version >/dev/null || fault "version: exit $?"
	[ "$left" = $count ] || none || answered=$((answered + 1))
done
[ "$answered" != 0 ] || fault 'the socket answers when every port is gone'
wait_for 10 as_before || fault "$(open_files) files are open, not $before"

# the same names, at once
apply many
come
apply none
apply many
come
apply turned
come
expect 'devices' $count "$(devices)"
apply none
wait_for 30 none || fault "$(devices) devices stay"
for where in host a; do
	again() { vsctl_in host port add again tap=again \
		netns="$prefix-$where" >/dev/null || fault 'port add'; }
	again
	come
	for _ in $(seq 20); do
		was=$(index $where again)
		vsctl_in host port del again >/dev/null || fault 'port del'
		again
		come
		[ "$(index $where again)" != "$was" ] || fault 'the old device'
	done
	vsctl_in host port del again >/dev/null || fault 'port del'
done
# to another switch
vsctl_in host switch add s1 >/dev/null || fault 'switch add'
for from in s0 s1 s0; do
	jq -n --arg from $from '{format: 1, switches: ({s0: {}, s1: {}} |
		.[$from] = {ports: {p: {tap: "tap"}}})}' >"$work/at.json"
	apply at
	come
done
grep -E 'holds it|exists|busy' "$work/host/log" &&
	fault 'a port found its name taken'
grep 'port_lost' "$work/host/log" &&
	fault 'a port took the end of the old device for that of its own'
apply none
wait_for 10 as_before || fault "$(open_files) files are open, not $before"

# a daemon that ends
apply many
come
stop_vswitchd host
expect 'it ends well' 0 $?
none || fault "$(devices) devices stay"
finish
