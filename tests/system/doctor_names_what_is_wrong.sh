#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `vsctl doctor` on a real host: what is broken by hand is found in the daemon's
# namespace, wherever vsctl runs, and the command that it names cures it.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping

make_hosts vb
start_host a
pa_is() { [ "$(json a '.objects[0].status.state' pa list)" = "$1" ]; }
wait_for 20 pa_is preferred || fault 'the provider address is not preferred'
vsctl_in a show | grep -q '^  wire .* 192.0.2.1 preferred ' ||
	fault "show has no provider address: $(vsctl_in a show)"

# found SEVERITY ABOUT: the cure
found()
{
	vsctl_in a --json doctor | jq -r --arg s "$1" --arg a "$2" \
		'.findings[] | select(.severity == $s and .about == $a).cure'
}
errors() { vsctl_in a --json doctor | jq '[.findings[] |
	select(.severity == "error")] | length'; }
cure() { in_netns a bash -c "$1"; }

expect 'errors of a healthy host' 0 "$(errors)"
vsctl_in a doctor >/dev/null
expect 'exit code of a healthy host' 0 $?

ip -n "$prefix-a" link set wire mtu 1400
# the same is seen from any namespace: vsctl goes where the daemon is
no_room() { [ "$(found error wire)" = 'ip link set wire mtu 1500' ]; }
wait_for 20 no_room || fault "MTU: $(vsctl_in a doctor)"
vsctl_in a doctor >/dev/null 2>&1
expect 'exit code with errors' 4 $?
cure "$(found error wire)"
well() { [ "$(errors)" = 0 ]; }
wait_for 20 well || fault "the cure of the MTU cures nothing"

ip -n "$prefix-a" link set wire down
is_down() { [ "$(found error wire)" = 'ip link set wire up' ]; }
wait_for 20 is_down || fault "down: $(vsctl_in a doctor)"
cure "$(found error wire)"
wait_for 20 well || fault "the cure of the uplink cures nothing"

vsctl_in a ca add 10.0.0.66 vsid=5001 mac=02:00:00:00:00:66 rule=none >/dev/null
expect 'a record that nothing can use' 'vsctl ca show 10.0.0.66 vsid=5001' \
	"$(found warning 10.0.0.66)"
vsctl_in a ca del 10.0.0.66 vsid=5001 >/dev/null

# a kernel tunnel is in the way of rule=vxlan, as soon as there is one
ip -n "$prefix-a" link add vx type vxlan id 7 dstport 4789 local 192.0.2.1 \
	dev wire 2>/dev/null && {
	vsctl_in a subnet set 5001 mtu=1450 >/dev/null
	vsctl_in a ca add 10.0.0.8 vsid=5001 mac=02:00:00:00:00:08 \
		pa=192.0.2.2 rule=vxlan >/dev/null
	expect 'a kernel vxlan device' 'ip link del vx' "$(found error vx)"
	cure "$(found error vx)"
	expect 'without it' '' "$(found error vx)"
}

# a machine takes our provider address, long after it was verified
ip -n "$prefix-b" addr add 192.0.2.1/24 dev wire
thief=$(in_netns b cat /sys/class/net/wire/address)
in_netns b ping -q -c 1 -W 0.2 192.0.2.77 >/dev/null # its ARP tells
expect 'who uses our provider address too' "preferred $thief" \
	"$(json a '.objects[0].status | "\(.state) \(.["claimed-by"])"' pa list)"
expect 'what finds out about it' 'arping -D -c 3 -I wire 192.0.2.1' \
	"$(found error 192.0.2.1)"
vsctl_in a doctor
finish
