#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A guest that is set up otherwise than policy says is an event, and is seen in
# show, in port list and in their JSON, until policy agrees with it, whatever
# else changes: another gateway, IPv4 or IPv6, and another address (hnv.md
# A5.15).
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping

make_hosts
start_host a
start_vswitchd b --host b
# with its addresses
dressed()
{
	ip -n "$prefix-va" -j addr show dev eth0 scope global -tentative |
		jq -e '[.[].addr_info[]?.local] | contains(["10.0.0.5", "fd00::5"])'
}
wait_for 20 dressed || fault "eth0: $(ip -n "$prefix-va" addr)"
monitor_start a

shown()
{
	json a '.switches[0].ports[] | select(.name == "va") |
		.mismatches // [] | join("; ")' show
}
listed() { json a '.objects[0].status.mismatch' port list; }
is_shown() { [ "$(shown)" = "$1" ]; }
# differs WHAT TEXT FIX COMMAND...: the guest's command brings it to light, and
# the filter FIX of the policy mends it
differs()
{
	local what=$1 text=$2 fix=$3
	shift 3
	in_netns va "$@" >/dev/null 2>&1
	wait_for 20 is_shown "$text" || fault "$what: show: $(shown)"
	expect "$what: port list" "$text" "$(listed)"
	vsctl_in a show | grep -qF "  va: $text" ||
		fault "$what: no line: $(vsctl_in a show)"
	vsctl_in a port list | grep -qF "$text" ||
		fault "$what: no column: $(vsctl_in a port list)"
	wait_for 20 grep -qF "guest_mismatch  port va: $text" "$work/events" ||
		fault "$what: no event: $(cat "$work/events")"
	ip -n "$prefix-va" neigh flush dev eth0 # it asks no more
	# another record, another port, another port's device
	vsctl_in a ca set 10.0.0.7 vsid=5001 note="$what" >/dev/null
	expect "$what: after a change elsewhere" "$text" "$(shown)"
	vsctl_in a port add other tap=other0 vsid=0 >/dev/null
	wait_for 10 port_is a other up || fault "$what: no device"
	expect "$what: with another port" "$text" "$(shown)"
	vsctl_in a port del other >/dev/null
	expect "$what: without another port" "$text" "$(shown)"
	# mended in policy, and back
	vsctl_in a dump >"$work/before.json"
	jq "$fix" "$work/before.json" | vsctl_in a apply - >/dev/null ||
		fault "$what: the fix"
	expect "$what: mended" '' "$(shown)"
	vsctl_in a apply "$work/before.json" >/dev/null || fault "$what: back"
}
expect 'nothing differs' '' "$(shown)"
ip -n "$prefix-va" route replace default via 10.0.0.254
differs 'a gateway that is not there' \
	'asks for 10.0.0.254, which nobody has; its gateway is 10.0.0.1' \
	'.networks.blue.subnets["5001"].gateway = ["10.0.0.254"]' \
	ping -c 1 -W 1 198.51.100.1
ip -n "$prefix-va" route del default
ip -n "$prefix-va" -6 route replace default via fd00::7 dev eth0
differs 'a gateway that is none' \
	'what is for 2001:db8:9::9 goes to 02:00:00:00:00:07; its gateway is 02:56:53:00:13:89' \
	'.networks.blue.routes.out =
		{"prefix": "2001:db8:9::/64", "next-hop": "fd00::7"}' \
	ping -c 1 -W 1 2001:db8:9::9
ip -n "$prefix-va" -6 route del default
ip -n "$prefix-va" addr add 10.0.0.9/24 dev eth0
differs 'an address' 'the guest uses 10.0.0.9 in ARP or ND; policy does not give it' \
	'.networks.blue.subnets["5001"].ca["10.0.0.9"] =
		{"mac": "02:00:00:00:00:05", "pa": "192.0.2.1"}' \
	ping -c 1 -W 1 -I 10.0.0.9 10.0.0.7
monitor_stop
balanced a
finish
