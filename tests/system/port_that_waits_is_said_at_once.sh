#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A port whose record is another host's, or that requires an extension that is
# not on the stack, waits: the change that makes it so says it and why, later
# ones and a device that comes do not.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq

make_netns a
make_netns far
make_wire a wire far wire
start_vswitchd a
vsctl_in a switch add s uplink=wire >/dev/null
vsctl_in a pa add 192.0.2.1/24 uplink=wire >/dev/null
vsctl_in a network add blue >/dev/null
vsctl_in a subnet add 5001 network=blue prefix=10.0.0.0/24 mtu=1400 >/dev/null
vsctl_in a ca add 10.0.0.6 vsid=5001 mac=02:00:00:00:00:06 pa=192.0.2.2 \
	>/dev/null || fault record

# said WORD...: a change's answer and warnings
said() { vsctl_in a "$@" 2>&1; }
expect 'a port of another host' \
	'vsctl: warning: the port waits: record of 10.0.0.6 names PA 192.0.2.2, which is not on this host (switches.s.ports.blue3)' \
	"$(said port add blue3 null=yes vsid=5001 ca=10.0.0.6 | grep waits)"
expect 'what was said is not said again' 0 \
	"$(said network add red | grep -c waits)"
expect 'a port that requires an extension' \
	'vsctl: warning: the port waits: it requires dnsguard, which is not on the stack: vsctl ext enable dnsguard (switches.s.ports.blue4)' \
	"$(said port add blue4 null=yes vsid=5001 ca=10.0.0.7 require=dnsguard |
		grep waits)"

# the port's own line says it; nothing is about the device
ip -n "$prefix-a" link set wire down
is_down() { vsctl_in a show | grep -q 'wire  *down'; }
wait_for 5 is_down || fault "wire: $(vsctl_in a show)"
expect 'warnings of show' 0 \
	"$(json a '.switches[0].warnings | length' show)"
finish
