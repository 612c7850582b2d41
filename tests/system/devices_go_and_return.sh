#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A device that vanishes: its port waits, says why, costs nothing; when the
# device is back, so is the port, by itself. Of a TAP whose namespace goes, a
# veth that is made again under its name, an uplink without carrier, a device
# that comes after its port, a TAP that somebody deletes.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping

for name in host a b wire; do
	make_netns "$name"
done

made_again()
{
	[ "$(in_netns b cat /sys/class/net/eth0/ifindex)" != "$index" ]
}
# A namespace goes and is made again.
drop_netns()
{
	ip netns del "$prefix-$1"
}
give_netns()
{
	ip netns add "$prefix-$1" && ip -n "$prefix-$1" link set lo up
}
# plugged NAME ADDRESS: waits for a TAP in the namespace, gives it an address
plugged()
{
	wait_for 5 state_is "$1" up || fault "$1 does not come: $(why "$1")"
	ip -n "$prefix-$1" addr replace "10.0.0.$2/24" dev eth0
}
# dress NAME DEVICE ADDRESS
dress()
{
	# as a real card's: nobody has to ask for it again
	ip -n "$prefix-$1" link set "$2" address "02:00:00:00:00:0$3"
	ip -n "$prefix-$1" addr replace "10.0.0.$3/24" dev "$2"
	ip -n "$prefix-$1" link set "$2" up
}
# why NAME: of a port or an uplink
why()
{
	json host '.switches[] | .ports[], .uplinks[] |
		select(.name == "'"$1"'") | .why' show
}
why_is() { why "$1" | grep -q "$2"; }
# waits_for PORT TEXT: what it waits for is found out a moment later
waits_for() { wait_for 5 why_is "$1" "$2"; }
state()
{
	json host '.switches[] | .ports[], .uplinks[] |
		select(.name == "'"$1"'") | .state' show
}
state_is() { [ "$(state "$1")" = "$2" ]; }
rounds() { json host '[.workers[].rounds] | add' stats; }

# What a port's links wrote, over its life.
written()
{
	json host '[.links[] | select(.port == "'"$1"'") | .written] | add // 0' \
		stats
}
# Every copy that the walk sent is in some link's line, and the line balances.
links_balance()
{
	[ "$(json host '([.ledger[].sent] | add) == ([.links[].sent] | add) and
		([.links[] | .sent - .written - ([.dropped[]] | add // 0)] |
		 all(. == 0))' stats)" = true ]
}

# calm WHAT: half a second of nothing costs next to nothing
calm()
{
	local before
	before=$(rounds)
	sleep 0.5
	# a busy loop makes some 100,000 rounds
	[ $(($(rounds) - before)) -lt 100 ] || fault "$1: the worker spins"
}

make_wire host wire wire eth0
start_vswitchd host
vsctl_in host switch add s0 uplink=wire >/dev/null || fault 'switch add'
for name in a b; do
	vsctl_in host port add $name tap=eth0 netns="$prefix-$name" \
		>/dev/null || fault "port $name"
done
vsctl_in host monitor >"$work/events" 2>&1 &
monitor=$!
plugged a 1
plugged b 2
dress wire eth0 9
ready host
pings a 10.0.0.2
pings a 10.0.0.9

# the namespace of a TAP
before=$(written b)
drop_netns b
wait_for 5 state_is b waits || fault "b: $(state b)"
[ "$(written b)" -ge "$before" ] || fault "b forgets: $(written b) < $before"
waits_for b "$prefix-b" || fault "b waits for: $(why b)"
calm 'a namespace gone'
pings a 10.0.0.9
give_netns b
plugged b 2
pings a 10.0.0.2
pings b 10.0.0.9

# somebody deletes the TAP
index=$(in_netns b cat /sys/class/net/eth0/ifindex)
in_netns b ip link del eth0
wait_for 5 made_again || fault "the TAP is not made again: $(why b)"
plugged b 2
pings a 10.0.0.2

# the uplink, deleted and made again under its name
ip -n "$prefix-host" link del wire
wait_for 5 state_is wire waits || fault "the uplink: $(state wire)"
waits_for wire wire || fault "the uplink waits for: $(why wire)"
pings a 10.0.0.2
calm 'no uplink'
make_wire host wire wire eth0
dress wire eth0 9
wait_for 5 state_is wire up || fault "the uplink stays $(why wire)"
pings a 10.0.0.9
# again, and faster than anybody can look
ip -n "$prefix-host" link del wire
make_wire host wire wire eth0
dress wire eth0 9
pings a 10.0.0.9

wait_for 5 links_balance || fault "the links' lines: $(json host . stats)"
[ "$(written b)" -gt "$before" ] || fault "b begins again: $(written b)"

# down and up, from either end
ip -n "$prefix-wire" link set eth0 down
wait_for 5 state_is wire down || fault "no carrier: $(state wire)"
calm 'no carrier'
ip -n "$prefix-wire" link set eth0 up
pings a 10.0.0.9
ip -n "$prefix-host" link set wire down
wait_for 5 state_is wire down || fault "down: $(state wire)"
calm 'uplink down'
ip -n "$prefix-host" link set wire up
pings a 10.0.0.9
for _ in 1 2 3 4 5; do
	ip -n "$prefix-host" link set wire down
	ip -n "$prefix-host" link set wire up
done
pings a 10.0.0.9

# a device that comes after its port
vsctl_in host port add late packet=late mac=02:00:00:00:00:07 >/dev/null || fault 'port late'
expect 'a port without device' waits "$(state late)"
waits_for late late || fault "late waits for: $(why late)"
make_netns guest
make_wire host late guest eth0
dress guest eth0 7
wait_for 5 state_is late up || fault "late does not come: $(why late)"
pings guest 10.0.0.1
# and one that is not up yet
ip -n "$prefix-host" link set late down
wait_for 5 state_is late down
ip -n "$prefix-host" link set late up
pings guest 10.0.0.2

# a namespace that comes after its port
vsctl_in host port add early tap=eth0 netns="$prefix-early" >/dev/null ||
	fault 'port early'
expect 'a port without namespace' waits "$(state early)"
make_netns early
plugged early 8
pings early 10.0.0.1

kill "$monitor"
wait "$monitor" 2>/dev/null
grep -q ' b  port_lost' "$work/events" ||
	fault "monitor did not tell: $(cat "$work/events")"
balanced host
stop_vswitchd host
expect 'it ends well' 0 $?
finish
