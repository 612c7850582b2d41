#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# vsctl policy check: a clean fabric of two hosts says so and exits with 0; an
# address on two hosts is an error, exit code 4, with its place, as text and
# as JSON; nothing of it is applied. Without a file it judges what holds.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq

make_netns host
start_vswitchd host
wait_for 5 vsctl_in host show || fault 'it does not answer'

cat >"$work/fabric.json" <<'EOF'
{ "format": 1,
  "networks": { "blue": { "subnets": { "5001": {
    "prefixes": ["10.0.0.0/24"],
    "ca": {
      "10.0.0.5": { "mac": "02:00:00:00:00:05", "pa": "192.0.2.1" },
      "10.0.0.7": { "mac": "02:00:00:00:00:07", "pa": "192.0.2.2" } } } } } },
  "hosts": {
    "a": { "switches": { "lab": {
      "uplinks": { "wire": { "pa": { "192.0.2.1": { "prefix": 24 } } } },
      "ports": { "p5": { "tap": "t5", "vsid": 5001, "ca": ["10.0.0.5"] } } } } },
    "b": { "switches": { "lab": {
      "uplinks": { "wire": { "pa": { "192.0.2.2": { "prefix": 24 } } } },
      "ports": { "p7": { "tap": "t7", "vsid": 5001, "ca": ["10.0.0.7"] } } } } }
  } }
EOF
check() # CODE ARGUMENTS: runs it and compares the exit code
{
	local code=$1 got=0
	shift
	vsctl_in host "$@" >"$work/out" 2>"$work/err" || got=$?
	[ $got = "$code" ] ||
		fault "vsctl $*: exit $got: $(cat "$work/out" "$work/err")"
}

check 0 policy check "$work/fabric.json"
grep -qx 'nothing found' "$work/out" || fault "clean: $(cat "$work/out")"

jq '.hosts.b.switches.lab.uplinks.wire.pa += {"192.0.2.1": {"prefix": 24}}' \
	"$work/fabric.json" >"$work/twice.json"
check 4 policy check "$work/twice.json"
grep -q '^error: hosts.b.switches.lab.uplinks.wire.pa\["192.0.2.1"\]: ' \
	"$work/out" || fault "no place: $(cat "$work/out")"
tail -n 1 "$work/out" | grep -q '^1 error, ' || fault "$(cat "$work/out")"
check 4 --json check - <"$work/twice.json"
jq -e '.errors == 1 and .findings[0].severity == "error"' \
	"$work/out" >/dev/null || fault "json: $(cat "$work/out")"

# nothing was applied
vsctl_in host dump | jq -e '.networks == null' >/dev/null ||
	fault 'a check changed the policy'

# what holds: a peer that no record names
check 0 switch add lab
check 0 peer add 192.0.2.77 flowid=off
check 0 policy check
grep -q '^warning: peers\["192.0.2.77"\]: ' "$work/out" ||
	fault "what holds: $(cat "$work/out")"
