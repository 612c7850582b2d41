#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A switch is removed while the kernel forwards for it: what was counted since the
# last sweep is in nobody's books, the daemon goes on, and a switch of the same name
# has flows again.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_fast.sh"
need_root
need vswitchd vsctl ip jq ss python3
need_tcx

make_netns a
fast_vm a va 5
fast_vm a vb 7
document() # SWITCHES
{
	cat >"$work/document.json" <<-END
		{ "format": 1, "networks": { "blue": { "subnets": { "5001": {
		    "prefixes": ["10.0.0.0/24"], "gateway": ["none"], "ca": {
		      "10.0.0.5": {"mac": "02:00:00:00:00:05", "rule": "none"},
		      "10.0.0.7": {"mac": "02:00:00:00:00:07", "rule": "none"} } } } } },
		  "hosts": { "a": { "switches": { $1 } } } }
	END
}
lab='"lab": { "stack": ["wnv"], "ports": {
	"va": {"packet": "to-va", "vsid": 5001, "ca": ["10.0.0.5"]},
	"vb": {"packet": "to-vb", "vsid": 5001, "ca": ["10.0.0.7"]} } }'
document "$lab"
start_vswitchd a --host a --document "$work/document.json" --fast-path
ready a
stream removed va vb 10.0.0.7
goes_fast "before" a va

document ""
vsctl_in a apply "$work/document.json" >/dev/null || fault "no apply"
stops "a switch that was removed" removed
sleep 1 # it is swept
document "$lab"
vsctl_in a apply "$work/document.json" >/dev/null || fault "the daemon is gone"
ready a
comes "a switch that is there again" removed
goes_fast "after" a va
stream_end removed
balanced a
finish
