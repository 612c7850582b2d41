#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Networks stand in the policy before a switch has wnv on its stack: what is
# wrong with them is refused when it is written, not when the switch comes
# (hnv.md A4).
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq

make_netns h
start_vswitchd h

refused() # WHERE SUBNET
{
	local said
	said=$(echo "{\"format\": 1, \"networks\": {\"x\": {\"subnets\":
		{\"5001\": $2}}}}" | vsctl_in h apply - 2>&1)
	expect "exit code of $2" 4 $?
	case $said in
	*"$1"*) ;;
	*) fault "$2: not at $1: $said" ;;
	esac
}
for stack in none capture; do
	refused 'networks.x.subnets.5001.ca["10.0.0.1"].pa' '{"prefixes":
		["10.0.0.0/24"], "ca": {"10.0.0.1":
		{"mac": "02:00:00:00:00:01", "pa": "224.0.0.1"}}}'
	refused 'networks.x.subnets.5001' '{"prefixes":
		["10.0.0.0/24", "10.0.0.0/16"]}'
	expect 'what was refused left nothing' 'no network' "$(vsctl_in h network list)"
	[ "$stack" = none ] || break
	vsctl_in h switch add priv type=private stack=capture >/dev/null
done
# what is right may wait for its switch
vsctl_in h network add blue >/dev/null || fault 'a network is refused'
vsctl_in h subnet add 5001 network=blue prefix=10.0.0.0/24 >/dev/null ||
	fault 'a subnet is refused'
vsctl_in h ca add 10.0.0.7 vsid=5001 mac=02:00:00:00:00:07 pa=192.0.2.2 \
	>/dev/null || fault 'a record is refused'
vsctl_in h ca add 10.0.0.8 vsid=5001 mac=02:00:00:00:00:08 pa=224.0.0.1 \
	>/dev/null 2>&1
expect 'a record that can be no record' 4 $?
vsctl_in h switch add vs0 type=internal stack=wnv >/dev/null ||
	fault 'the switch that uses them is refused'
finish
