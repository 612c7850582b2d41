#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A journal that is damaged in the middle is not cut there: the daemon does not
# start, says the line, the byte and the way out, and leaves every byte as it
# is; the way out leads to what was whole. A torn last line heals, and is kept.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq

make_netns host
state=$work/host/state

# starts_not WHAT: and said is what it says
starts_not()
{
	sha256sum "$state"/* >"$work/sums"
	said=$(in_netns host timeout 20 "$build/bin/vswitchd" \
		--config /dev/null --rundir "$work/host" --statedir "$state" \
		--extension-dir "$build/lib/vswitch" 2>&1)
	expect "$1" 1 $?
	[ "$(sha256sum "$state"/*)" = "$(cat "$work/sums")" ] ||
		fault "$1: the files were changed"
}
# says WORDS
says()
{
	case $said in
	*"$1"*) ;;
	*) fault "it does not say '$1': $said" ;;
	esac
}
networks() { json host '.networks // {} | keys | join(" ")' dump; }

start_vswitchd host
for name in a b c d e f g h; do
	vsctl_in host network add $name >/dev/null || fault "add $name"
done
stop_vswitchd host KILL 2>/dev/null
cp "$state/journal" "$work/journal"
good=$(head -n 2 "$work/journal" | wc -c)

# one byte in line 3 of 8
printf X | dd of="$state/journal" bs=1 seek=$((good + 20)) conv=notrunc \
	2>/dev/null
starts_not 'a bad byte in line 3'
says "$state: journal: line 3:"
says "from byte $((good + 1)) on"
says 'up to generation 2'
says 'put a good copy back'
says "truncate -s $good journal"
# the way out that it names
cp "$state/journal" "$work/bad"
(cd "$state" && truncate -s "$good" journal)
start_vswitchd host
expect 'what was whole' 'a b' "$(networks)"
[ ! -e "$state/journal.bad" ] || fault 'something was cut'
stop_vswitchd host KILL 2>/dev/null
# or the good copy
cp "$work/journal" "$state/journal"
start_vswitchd host
expect 'the good copy' 'a b c d e f g h' "$(networks)"
stop_vswitchd host KILL 2>/dev/null

# not one line of it is
{ printf 'no\0journal\n'; head -c 1000 /dev/urandom; } >"$state/journal"
starts_not 'a file of random bytes'
says 'line 1'

# a torn last line
cp "$work/journal" "$state/journal"
printf '0123abcd {"generation":9,"ti' | tee "$work/torn" >>"$state/journal"
start_vswitchd host
expect 'all that was whole' 'a b c d e f g h' "$(networks)"
cmp "$work/torn" "$state/journal.bad" || fault 'what was cut is not kept'
cmp "$work/journal" "$state/journal" || fault 'the journal is not cut'
grep -q "kept as $state/journal.bad" "$work/host/log" ||
	fault "$(cat "$work/host/log")"
vsctl_in host network add i >/dev/null || fault 'add i'
stop_vswitchd host KILL 2>/dev/null
# the next one has its place
printf '99' | tee "$work/torn" >>"$state/journal"
start_vswitchd host
expect 'and what came behind it' 'a b c d e f g h i' "$(networks)"
cmp "$work/torn" "$state/journal.bad" || fault 'what was cut is not kept'
stop_vswitchd host KILL 2>/dev/null

# where it can't be kept, it heals all the same, and says so
printf '99' >>"$state/journal"
rm "$state/journal.bad"
mkdir "$state/journal.bad"
start_vswitchd host
expect 'no place to keep it' 'a b c d e f g h i' "$(networks)"
grep -q 'could not be kept' "$work/host/log" || fault "$(cat "$work/host/log")"
finish
