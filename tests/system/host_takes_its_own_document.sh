#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A document for a fabric goes to the host that it names: without --host that is
# the machine's name. Another host's document, alone in its file, is refused
# with the fix and changes nothing, by apply, as first document and by --check.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq

# fabric NAME: a document for that host alone
fabric()
{
	jq -n --arg name "$1" '{format: 1, hosts: {($name):
		{switches: {lab: {ports: {p: {null: true}}}}}}}' \
		>"$work/$1.json"
}
other=not-$(uname -n)
fabric "$(uname -n)"
fabric "$other"

make_netns host
start_vswitchd host
got=0
vsctl_in host apply "$work/$other.json" >"$work/out" 2>&1 || got=$?
expect "another host's" 4 "$got"
grep -q "no host '$(uname -n)', only '$other'.*--host" "$work/out" ||
	fault "says: $(cat "$work/out")"
vsctl_in host dump | jq -e '.switches == null' >/dev/null ||
	fault "another host's switch is here"
vsctl_in host apply "$work/$(uname -n).json" >"$work/out" 2>&1 ||
	fault "its own: $(cat "$work/out")"
vsctl_in host dump | jq -e '.switches.lab.ports.p.null' >/dev/null ||
	fault 'its own switch is missing'
stop_vswitchd host || fault 'ends badly'

# what holds stays, whatever the machine is called
start_vswitchd host --host "$other"
vsctl_in host dump | jq -e '.switches.lab' >/dev/null ||
	fault 'gone after a restart'
vsctl_in host apply "$work/$other.json" >"$work/out" 2>&1 ||
	fault "with --host: $(cat "$work/out")"
stop_vswitchd host

# check FILE [OPTION...]: what --check says of it, its exit code
check()
{
	in_netns host "$build/bin/vswitchd" --rundir "$work/check" \
		--statedir "$work/check" --extension-dir "$build/lib/vswitch" \
		"${@:2}" --check "$work/$1.json" >"$work/out" 2>&1
}
check "$other" && fault '--check takes it'
grep -q -- '--host' "$work/out" || fault "--check says: $(cat "$work/out")"
check "$other" --host "$other" || fault "--check: $(cat "$work/out")"
check "$(uname -n)" || fault "--check: $(cat "$work/out")"
finish
