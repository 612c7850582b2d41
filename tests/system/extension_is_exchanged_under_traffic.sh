#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A newer version takes the place of an extension on the stack of a daemon with
# two workers while two guests talk: no echo is lost, its objects stay, what it
# saved is handed over. What cannot take its place leaves everything as it was.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping
specimens=$build/tests/specimens
[ -e "$specimens/1/keeper.so" ] || skip "needs the specimens"

make_netns host
make_netns a
make_netns b
mkdir "$work/ext"
chmod 755 "$work" "$work/ext"
install -m 755 "$build"/lib/vswitch/{capture,wnv}.so "$work/ext"
# version NAME: what the directory holds from now on
version() { install -m 755 "$specimens/$1/keeper.so" "$work/ext"; }
version 1
start_vswitchd host --extension-dir "$work/ext" --workers 2
vsctl_in host switch add s stack=capture,keeper,wnv >/dev/null
vsctl_in host switch add t stack=keeper >/dev/null
plug()
{
	vsctl_in host port add "$1" switch=s tap=eth0 netns="$prefix-$1" \
		>/dev/null
	wait_for 5 port_is host "$1" up || fault "port $1"
	ip -n "$prefix-$1" addr add "10.0.0.$2/24" dev eth0
}
plug a 1
plug b 2
vsctl_in host note add kept >/dev/null || fault 'a note'
wait_for 10 in_netns a ping -q -c 1 -W 1 10.0.0.2 || fault 'a reaches b'

ext() { vsctl_in host ext "$@" >"$work/said" 2>&1; }
versions()
{
	json host '[.extensions[] | select(.name == "keeper") | .version] |
		join(" ")' ext list
}
lives() { json host .lives keeper lives; }
# refused VERSION PATTERN: and what was there stays
refused()
{
	local before
	before=$(versions)
	version "$1"
	ext reload keeper && fault "$1: was not refused"
	grep -q -e "$2" "$work/said" ||
		fault "$1: wanted '$2', got $(cat "$work/said")"
	expect "$1: the versions stay" "$before" "$(versions)"
	expect "$1: the note stays" true "$(json host \
		'.objects | any(.key == "kept")' note list)"
}

expect 'the first' '1 1' "$(versions)"
expect 'its life' 1 "$(lives)"
ext reload keeper && grep -q unchanged "$work/said" ||
	fault "the same file: $(cat "$work/said")"
expect 'still its first life' 1 "$(lives)"

in_netns a ping -q -i 0.005 -c 1000 -W 20 10.0.0.2 >"$work/echoes" &
talk=$!
for ((i = 2; i <= 21; i++)); do
	version $((i % 2 + 1))
	ext reload keeper || fault "reload $i: $(cat "$work/said")"
done
expect 'twenty exchanges on both switches' '2 2' "$(versions)"
expect 'its lives' 21 "$(lives)"
refused refuses 'not today'
expect 'and its life' 21 "$(lives)"
refused stranger 'another extension'
kill -0 "$talk" || fault 'the guests were silent before the last exchange'
wait "$talk" || fault 'ping fails'
expect 'echoes lost' '1000 1000' "$(sed -n \
	's/\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' \
	"$work/echoes")"

version loud # the same GUID, in capitals
ext reload keeper || fault "a GUID in capitals: $(cat "$work/said")"
expect 'what was saved is handed over to it' 22 "$(lives)"
version forgets
ext reload keeper || fault "one that forgets: $(cat "$work/said")"
expect 'it begins anew' 1 "$(lives)"
grep -q 'state_not_restored: version forgets begins anew' "$work/host/log" ||
	fault 'nobody said that the state was lost'
vsctl_in host note add another >/dev/null || fault 'its noun takes objects'
expect 'the objects' 'another kept' \
	"$(json host '[.objects[].key] | sort | join(" ")' note list)"
ext disable keeper switch=s
ext disable keeper switch=t
ext unload keeper && fault 'unloaded though it has objects'
grep -q 'the policy has a note' "$work/said" || fault "$(cat "$work/said")"
vsctl_in host note del kept >/dev/null
vsctl_in host note del another >/dev/null
ext unload keeper || fault "unload: $(cat "$work/said")"

# whose is what a GUID tags, if two have it?
install -m 755 "$specimens"/{good,twin}.so "$work/ext"
ext load good || fault "load: $(cat "$work/said")"
ext load twin && fault 'two extensions with one GUID'
grep -q 'its GUID .* is that of good' "$work/said" ||
	fault "$(cat "$work/said")"
balanced host
finish
