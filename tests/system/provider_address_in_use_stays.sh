#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A provider address that a VM's record names cannot be deleted by mistake, be
# it IPv4 or IPv6, by a verb or a document; undo and --force can.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq

make_netns a
ip -n "$prefix-a" link add wire type dummy
ip -n "$prefix-a" link set wire up
start_vswitchd a
vsctl_in a switch add s uplink=wire >/dev/null
vsctl_in a network add blue >/dev/null
vsctl_in a subnet add 5001 network=blue prefix=10.0.0.0/24,fd00::/64 \
	mtu=1400 >/dev/null

# stays FAMILY PA PREFIX CA MAC
stays()
{
	vsctl_in a pa add "$2/$3" uplink=wire >/dev/null || fault "$1: pa add"
	vsctl_in a ca add "$4" vsid=5001 mac="$5" pa="$2" >/dev/null
	vsctl_in a port add vm tap="t$1" vsid=5001 ca="$4" >/dev/null
	vsctl_in a pa del "$2" >/dev/null 2>"$work/refused"
	expect "$1: exit code" 4 $?
	grep -q "$2 is in use by port vm: the record of $4 names it" \
		"$work/refused" || fault "$1: $(cat "$work/refused")"
	vsctl_in a dump >"$work/is.json"
	jq "del(.switches.s.uplinks.wire.pa[\"$2\"])" "$work/is.json" \
		>"$work/less.json"
	vsctl_in a apply "$work/less.json" >/dev/null 2>&1
	expect "$1: a document without it" 4 $?
	json a ".objects | map(.key) | index(\"$2\") != null" pa list ||
		fault "$1: it is gone"
	vsctl_in a apply "$work/less.json" --force >/dev/null ||
		fault "$1: not even by force"
	json a ".switches[0].ports[0].why | contains(\"names PA $2\")" show ||
		fault "$1: the port does not say why it waits"
	vsctl_in a undo >/dev/null || fault "$1: undo"
	vsctl_in a pa del "$2" --force >/dev/null || fault "$1: pa del --force"
	vsctl_in a undo >/dev/null || fault "$1: undo of del"
	vsctl_in a port del vm >/dev/null
	vsctl_in a pa del "$2" >/dev/null || fault "$1: with its port gone"
	vsctl_in a ca del "$4" vsid=5001 >/dev/null
}
stays v4 192.0.2.1 24 10.0.0.5 02:00:00:00:00:05
stays v6 2001:db8::1 64 fd00::5 02:00:00:00:00:06
finish
