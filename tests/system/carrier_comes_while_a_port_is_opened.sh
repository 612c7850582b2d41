#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A device that gets its carrier while the daemon is opening it, and before it
# is done, has it: what was told meanwhile is not lost. Many TAPs make the time
# between the first step and the last a long one.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq

make_netns a
make_netns b
make_wire a wire b wire
jq -n '{format: 1, switches: {lab: {uplinks: {wire: {}}, ports:
	([range(60)] | map({key: "p\(.)", value: {tap: "t\(.)"}}) |
	 from_entries)}}}' >"$work/lab.json"
uplink_is() { [ "$(json a '.switches[0].uplinks[0].state' show)" = "$1" ]; }

# once_there COUNT: plugs the other end in when there are so many devices
once_there()
{
	in_netns a bash -c "while set -- /sys/class/net/*; [ \$# -lt $1 ]; do
		:
	done"
	ip -n "$prefix-b" link set wire up
}
for devices in 5 20 35 50 61 62 62 62; do
	ip -n "$prefix-b" link set wire down
	once_there "$devices" &
	plug=$!
	start_vswitchd a --document "$work/lab.json"
	wait "$plug"
	wait_for 10 uplink_is up ||
		fault "with $devices devices: $(vsctl_in a show | grep wire)"
	stop_vswitchd a
	rm -r "${work:?}/a"
done
finish
