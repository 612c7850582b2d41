#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A subnet's MTU that the uplink can't carry: refused with both numbers when
# policy says it; when the device shrinks later it is shown and an event.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq

make_netns host
make_netns far
make_wire host eth1 far eth1
make_netns vm
start_vswitchd host
vsctl_in host switch add s uplink=eth1 >/dev/null || fault switch
vsctl_in host pa add 192.0.2.1/24 uplink=eth1 >/dev/null || fault pa
vsctl_in host network add blue >/dev/null || fault network
vsctl_in host subnet add 5001 network=blue prefix=10.0.0.0/24 >/dev/null ||
	fault subnet
vsctl_in host port add vm tap=eth0 netns="$prefix-vm" vsid=5001 ca=10.0.0.5 \
	>/dev/null || fault port
ready host
vsctl_in host subnet set 5001 network=blue mtu=1459 2>"$work/refused" >/dev/null
expect 'exit code of a refusal' 4 $?
grep -q 1501 "$work/refused" && grep -q 1500 "$work/refused" ||
	fault "both numbers are wanted: $(cat "$work/refused")"
expect 'warnings before' 0 "$(vsctl_in host --json show |
	jq '.switches[0].warnings | length')"

vsctl_in host monitor >"$work/events" &
listener=$!
sleep 0.3
ip -n "$prefix-host" link set eth1 mtu 1400
shown() { vsctl_in host show | grep -q 'warning: .*1400'; }
wait_for 5 shown || fault "not shown: $(vsctl_in host show)"
wait_for 5 grep -q policy_warning "$work/events" || fault 'no event'
ip -n "$prefix-host" link set eth1 mtu 1500
gone() { ! vsctl_in host show | grep -q warning:; }
wait_for 5 gone || fault 'the warning stays'
kill $listener
finish
