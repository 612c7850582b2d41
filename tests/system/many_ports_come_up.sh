#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# More ports at once than the privileged side takes requests: those that did
# not get through at first are tried again.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq
ulimit -n 8192 || skip 'needs 8192 open files'

make_netns host
mkdir "$work/out"
jq -n --arg out "$work/out" '
	def ports(from): {ports: [range(from; from + 750) | {key: "p\(.)",
		value: {pcap: "-", "pcap-out": "\($out)/\(.)"}}] |
		from_entries};
	{format: 1, switches: {s0: ports(0), s1: ports(750)}}' >"$work/many.json"
start_vswitchd host
vsctl_in host -t 60 apply "$work/many.json" >/dev/null ||
	fault "apply: exit $?"
# the writer takes only some of them; who is told so was asked
asked() { [ "$(json host '[.switches[].ports[] | select(.state == "up" or
	(.why | startswith("too many captures")))] | length' show)" = 1500 ]; }
wait_for 20 asked || fault "waiting: $(json host '[.switches[].ports[] |
	select(.state != "up") | .why] | group_by(.) |
	map("\(length) x \(.[0])") | .[]' show)"
stop_vswitchd host
expect 'it ends well' 0 $?
finish
