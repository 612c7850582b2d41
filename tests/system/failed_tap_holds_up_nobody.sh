#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The name of a port's TAP is taken in its namespace: the port waits, says why,
# tries again, and comes up when the name is free. Each try makes a TAP that is
# closed again, which takes the kernel long: the thread that answers does not
# do that, and none is left behind.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq strace

why()
{
	json host '.switches[].ports[] | select(.name == "'"$1"'") | .why' show
}
# taps_closed: by which threads, a line each
taps_closed()
{
	grep 'close([0-9]*</dev/net/tun' "$work/calls" | awk '{ print $1 }'
}
fds() { ls "/proc/${daemons[host]}/fd" | wc -l; }
tried() { [ "$(taps_closed | wc -l)" -ge "$1" ]; }

make_netns host
make_netns a
make_wire host unused a eth0
start_vswitchd host
vsctl_in host switch add s0 >/dev/null || fault 'switch add'
before=$(fds)
strace -f -y -e trace=close -o "$work/calls" -p "${daemons[host]}" &
tracer=$!
wait_for 10 grep -q TracerPid:.[1-9] "/proc/${daemons[host]}/status" ||
	skip "needs to trace a process"
vsctl_in host port add a tap=eth0 netns="$prefix-a" >/dev/null ||
	fault 'port a'
wait_for 30 tried 3 || fault "it is not tried again: $(why a)"
expect 'the port' waits "$(json host '.switches[].ports[].state' show)"
why a | grep -q 'eth0.*File exists' || fault "a waits for: $(why a)"
taps_closed | grep -qx "${daemons[host]}" &&
	fault 'the thread that answers closes a TAP'
ip -n "$prefix-a" link del eth0
wait_for 30 port_is host a up || fault "a does not come: $(why a)"
kill "$tracer"
wait "$tracer" 2>/dev/null
vsctl_in host port del a >/dev/null || fault 'port del'
none_left() { [ "$(fds)" -le "$before" ]; }
wait_for 10 none_left || fault "$before fds before, $(fds) now"
stop_vswitchd host
expect 'it ends well' 0 $?
finish
