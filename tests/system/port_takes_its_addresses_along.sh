#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A VM of which policy knows the MAC only moves from host a to host b: what was
# learned of it is saved on a and restored on b, before it says a word there,
# so that va reaches it at once. What does not fit is refused with its place;
# what belongs to an extension that b does not run is left out, and said.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping

make_hosts vb vc
mac=02:00:00:00:00:0c
# with_vc HOST: hosts.json with the VM there
with_vc()
{
	local pa=192.0.2.1
	[ "$1" = b ] && pa=192.0.2.2
	jq --arg mac $mac --arg pa $pa --arg host "$1" --arg ns "$prefix-vc" '
		.networks.blue.subnets["5001"].l2only = {($mac): {"pa": $pa}} |
		.hosts[$host].switches.lab.ports.vc = {"tap": "eth0",
			"netns": $ns, "vsid": 5001, "mac": $mac, "ip-limit": 2}' \
		"$work/hosts.json"
}
with_vc a >"$work/before.json"
with_vc b >"$work/after.json"
cp "$work/before.json" "$work/hosts.json"
start_host a
start_host b
dress()
{
	ip -n "$prefix-vc" addr add 10.0.0.12/24 dev eth0
	ip -n "$prefix-vc" addr add fd00::12/64 dev eth0 nodad
}
dress
pings vc 10.0.0.5
pings vc fd00::5
learned()
{
	json "$1" '[.objects[] | select(.fields.type == "dynamic") | .key] |
		sort | join(" ")' ca list vsid=5001
}
expect 'a learned' '10.0.0.12 fd00::12' "$(learned a)"

said() { vsctl_in "$@" >"$work/said" 2>&1; }
# refused PATTERN HOST WORD ...
refused()
{
	local want=$1
	shift
	said "$@" && fault "$*: was not refused"
	grep -q -e "$want" "$work/said" ||
		fault "$*: wanted '$want', got $(cat "$work/said")"
}

vsctl_in a port save vc >"$work/vc.json" || fault 'port save'
guid=8d1f6c2e-3a57-4c94-b0e2-77a1f5d30c61
expect 'whose it is' "1 vc 5001 $mac wnv" "$(jq -r --arg guid $guid \
	'"\(.format) \(.port.name) \(.port.vsid) \(.port.mac)" +
	 " \(.state[$guid].name)"' "$work/vc.json")"
refused 'no port' a port save nobody
refused 'is an uplink' a port save wire
refused 'knows no --dry-run' a --dry-run port restore vc "$work/vc.json"

# the VM moves: its namespace is the same, the TAP in it another host's
no_device() { ! ip -n "$prefix-vc" link show eth0 >/dev/null 2>&1; }
vsctl_in a apply - <"$work/after.json" >/dev/null || fault 'apply on a'
wait_for 10 no_device || fault "a keeps the VM's device"
vsctl_in b apply - <"$work/after.json" >/dev/null || fault 'apply on b'
wait_for 10 port_is b vc up || fault 'the VM on b'

refused 'it was saved in VSID 5002.*(port.vsid)' b port restore vc - < <(
	jq '.port.vsid = 5002' "$work/vc.json")
refused 'keeps its MAC' b port restore vb "$work/vc.json"
refused "wnv: cut or padded.*(state..$guid...bytes)" b port restore vc - < <(
	jq --arg guid $guid '.state[$guid].bytes += "00"' "$work/vc.json")
refused 'unknown member' b port restore vc - < <(
	jq '.stat = {}' "$work/vc.json")
expect 'b knows nothing yet' '' "$(learned b)"

jq '.state["11111111-2222-3333-4444-555555555555"] =
	{"name": "shaper", "version": "3", "bytes": "00"}' "$work/vc.json" \
	>"$work/more.json"
vsctl_in b port restore vc <"$work/more.json" >"$work/said" 2>&1 ||
	fault "port restore: $(cat "$work/said")"
grep -q 'vc: restored by wnv' "$work/said" || fault "$(cat "$work/said")"
grep -q 'left out.*: shaper' "$work/said" || fault "$(cat "$work/said")"
grep -q 'state_not_restored: port vc: what version 3 of shaper' \
	"$work/b/log" || fault 'nobody logged what was left out'
expect 'b knows' '10.0.0.12 fd00::12' "$(learned b)"

dress
pings vb 10.0.0.12
pings vb fd00::12
pings va 10.0.0.12
vsctl_in b port help | grep -q 'vsctl port restore NAME' || fault 'help'
balanced a
balanced b
finish
