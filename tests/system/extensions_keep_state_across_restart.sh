#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What an extension keeps outlives a daemon that ends as it should: the next one
# gives it back by GUID, each switch's own, once. What belongs to nobody on the
# stack, or is not understood, is said and forgotten; so is a damaged file.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq
specimens=$build/tests/specimens
[ -e "$specimens/1/keeper.so" ] || skip "needs the specimens"

make_netns host
mkdir "$work/ext"
chmod 755 "$work" "$work/ext"
install -m 755 "$build"/lib/vswitch/{capture,wnv}.so "$work/ext"
version() { install -m 755 "$specimens/$1/keeper.so" "$work/ext"; }
start() { start_vswitchd host --extension-dir "$work/ext"; }
lives() { json host .lives keeper lives switch="$1"; }
saved=$work/host/state/saved.json

version 1
start
vsctl_in host switch add s stack=keeper >/dev/null || fault 'switch s'
vsctl_in host switch add t stack=keeper >/dev/null || fault 'switch t'
expect 'its first life' '1 1' "$(lives s) $(lives t)"
for life in 2 3; do
	stop_vswitchd host || fault 'the daemon ends badly'
	expect 'what is left' 's t' \
		"$(jq -r '.switches | keys | join(" ")' "$saved")"
	start
	expect "life $life" "$life $life" "$(lives s) $(lives t)"
	[ -s "$saved" ] && fault 'it would be used twice'
done

# a newer version understands it; a crash leaves nothing
stop_vswitchd host
version 2
start
expect 'in a newer version' '4 4' "$(lives s) $(lives t)"
stop_vswitchd host KILL
start
expect 'after a crash' '1 1' "$(lives s) $(lives t)"

# who can't read it, who is somebody else
stop_vswitchd host
version forgets
start
expect 'one that forgets' 1 "$(lives s)"
grep -q 'state_not_restored.*keeper.*is forgotten: version 2 is not understood' \
	"$work/host/log" || fault "nobody said: $(tail -n 5 "$work/host/log")"
stop_vswitchd host
version stranger
start
expect 'a stranger' 1 "$(lives s)"
grep -q 'is forgotten: it is not on the stack' "$work/host/log" ||
	fault "nobody said that it belongs to nobody: $(tail -n 5 "$work/host/log")"

# a file that was damaged stops nobody
stop_vswitchd host
version 1
head -c 40 "$saved" >"$work/half"
cp "$work/half" "$saved"
start
expect 'half a file' 1 "$(lives s)"
grep -q 'saved.json: ' "$work/host/log" || fault 'nobody said so'
finish
