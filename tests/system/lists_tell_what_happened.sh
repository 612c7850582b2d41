#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What show, acl list and monitor tell of a switch at work: which entry of an
# ACL decided how often, also after a change of policy; a device whose MTU is
# not the port's; ports that come and go.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping

make_netns host
make_netns a
make_netns b
start_vswitchd host
"$build/bin/vsctl" --rundir "$work/host" monitor >"$work/events" &
monitor=$!
vsctl_in host switch add s >/dev/null
plug()
{
	vsctl_in host port add "$1" tap=eth0 netns="$prefix-$1" mtu=1400 \
		>/dev/null
	wait_for 5 port_is host "$1" up || fault "port $1"
	ip -n "$prefix-$1" addr add "10.0.0.$2/24" dev eth0
}
plug a 1
plug b 2
pings a 10.0.0.2

vsctl_in host acl add b deny in remote=10.0.0.0/24 >/dev/null
vsctl_in host acl add b allow in remote=any >/dev/null
silent a 10.0.0.2

# decided KEY FILTER: how often an entry did
decided()
{
	json host '.objects[] | select(.key | startswith("'"$1"'")) |
		.status.frames' acl list port=b
}
expect 'what was denied' 3 "$(decided deny\ in)"
vsctl_in host network add n >/dev/null
expect 'the count outlives a change' 3 "$(decided deny\ in)"
vsctl_in host acl add b allow in remote=10.0.0.1/32 >/dev/null
pings a 10.0.0.2
expect 'another rule decides' true \
	"$([ "$(decided 'allow in remote 10.0.0.1/32')" -gt 0 ] && echo true)"
expect 'the entry that nobody can delete' \
	'deny * vsid≠0 (built in) 0' \
	"$(json host '.objects[0] | "\(.key) \(.status.frames)"' acl list port=b)"
expect 'of each port' 2 "$(vsctl_in host acl list | grep -c 'built in')"
expect 'filters are for entries' 0 \
	"$(vsctl_in host acl list action=allow | grep -c 'built in')"

vsctl_in host drops reason=acl_deney >"$work/said" 2>&1 &&
	fault 'no drops for a reason that there is not'
grep -q 'no reason is called acl_deney' "$work/said" ||
	fault "$(cat "$work/said")"
vsctl_in host drops reason=runt >/dev/null || fault 'no drops of a known one'
vsctl_in host drops reason=wnv:no_route >/dev/null ||
	fault 'no drops of a reason with its extension'
vsctl_in host drops reason=capture:no_route >/dev/null 2>&1 &&
	fault 'drops of a reason that the extension has not'
vsctl_in host apply "$work" >"$work/said" 2>&1 && fault 'applied a directory'
grep -q 'is a directory: name a file' "$work/said" ||
	fault "$(cat "$work/said")"

differs()
{
	vsctl_in host show | grep 'b .* 1300, not 1400 '
}
vsctl_in host show | grep -q ', not 1400' && fault 'an MTU is said to differ'
ip -n "$prefix-b" link set eth0 mtu 1300
wait_for 5 differs || fault "no mark: $(vsctl_in host show)"

ip -n "$prefix-a" link del eth0
wait_for 10 port_is host a up || fault 'port a does not come back'

# a port that leaves takes its MACs with it, and leaves its id alone
vsctl_in host port set b mac-guard=off >/dev/null
ip -n "$prefix-b" link set eth0 address 02:00:00:00:00:77
in_netns b ping -q -c 1 -W 0.2 10.0.0.1 >/dev/null
learned() { vsctl_in host fdb | grep 02:00:00:00:00:77; }
wait_for 5 learned || fault 'nothing is learned on port b'
id() { json host '.switches[].ports[] | select(.name == "'"$1"'").id' show; }
was=$(id b)
vsctl_in host --all port del b >/dev/null
learned >/dev/null && fault 'its MAC is still there'
vsctl_in host port add c null=yes >/dev/null
[ "$(id c)" != "$was" ] || fault "port c has the id of port b, $was"
expect 'what port c received' 0 "$(counted host received c)"

kill "$monitor"
wait "$monitor"
expect 'events of port a' 'port_attached port_lost port_attached' \
	"$(awk '$4 == "a" { printf "%s%s", gap, $5; gap = " " }' \
		"$work/events")"
finish
