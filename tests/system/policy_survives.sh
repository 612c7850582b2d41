#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The policy after a restart is the policy before: after every verb, after a
# SIGKILL at any moment (old or new, never a third), with a torn journal. A
# full disk refuses the change and nothing else; a damaged document is refused
# with a message. confirm, undo and log.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping

make_netns host
make_netns a
make_netns b
state=$work/host/state

change() { vsctl_in host "$@" >/dev/null || fault "vsctl $*: exit $?"; }
dump() { vsctl_in host dump; }
restart()
{
	stop_vswitchd host "${1:-TERM}" 2>/dev/null
	start_vswitchd host
	wait_for 5 vsctl_in host show || fault 'it does not answer'
}
# survives WHAT: a restart changes nothing
survives()
{
	dump >"$work/before"
	restart
	dump >"$work/after"
	cmp -s "$work/before" "$work/after" ||
		fault "$1: $(diff "$work/before" "$work/after")"
}

start_vswitchd host
change switch add s0
change network add blue
change subnet add 5001 network=blue prefix=10.0.0.0/24
change ca add 10.0.0.7 vsid=5001 mac=02:00:00:00:00:07 pa=192.0.2.2
for name in a b; do
	change port add $name tap=eth0 netns="$prefix-$name"
done
survives add
change acl add a deny in remote=10.9.0.0/16
change port set a ca-guard=off
change ca set 10.0.0.7 vsid=5001 pa=192.0.2.3
survives set
change ca del 10.0.0.7 vsid=5001
change acl del --all port=a
survives del
dump >"$work/one.json"
jq '.networks.green = {"subnets": {"6001": {"prefixes": ["10.1.0.0/24"]}}}' \
	"$work/one.json" >"$work/two.json"
change apply "$work/two.json"
survives apply
vsctl_in host diff "$work/two.json" >/dev/null || fault 'diff of the same'
change undo
survives undo
expect 'undo' "$(cat "$work/one.json")" "$(dump)"
vsctl_in host log | grep -q apply || fault "log: $(vsctl_in host log)"
vsctl_in host --dry-run switch add s9 >/dev/null || fault 'dry run'
expect 'after a dry run' "$(cat "$work/one.json")" "$(dump)"

# confirm: without it the old policy comes back by itself, or by a restart
is_one() { dump | cmp -s - "$work/one.json"; }
change apply "$work/two.json" confirm=2
is_one && fault 'apply with confirm did nothing'
wait_for 5 is_one || fault 'it does not go back by itself'
change apply "$work/two.json" confirm=2
change confirm
sleep 2.5
is_one && fault 'what was confirmed went back'
survives confirm
change undo
change apply "$work/two.json" confirm=60
restart KILL
is_one || fault 'an unconfirmed policy survives the daemon'

# SIGKILL at any moment of a loop of changes
kills=${KILLS:-25}
acknowledged=0
for ((i = 1; i <= kills; i++)); do
	(
		for ((k = i * 1000; k < i * 1000 + 200; k++)); do
			vsctl_in host network add "n$k" >/dev/null 2>&1 ||
				break
			echo "$k" >"$work/last"
		done
	) &
	loop=$!
	echo 0 >"$work/last"
	sleep "0.0$((RANDOM % 30 + 10))"
	stop_vswitchd host KILL 2>/dev/null
	wait "$loop"
	start_vswitchd host
	wait_for 5 vsctl_in host show || fault "kill $i: it does not answer"
	last=$(cat "$work/last")
	acknowledged=$((acknowledged + (last > 0)))
	# all that was answered is there, and at most the next
	got=$(json host '[.networks // {} | keys[] | select(startswith("n")) |
		.[1:] | tonumber | select(. >= '$((i * 1000))')] | length' dump)
	want=$((last ? last - i * 1000 + 1 : 0))
	[ "$got" -eq "$want" ] || [ "$got" -eq $((want + 1)) ] ||
		fault "kill $i: $got networks, $want were answered"
done
[ "$acknowledged" -gt 0 ] || fault 'no change was ever answered'

# a journal whose last line was torn
dump >"$work/before"
stop_vswitchd host KILL 2>/dev/null
printf '{"generation":99999,"half' >>"$state/journal"
start_vswitchd host
dump >"$work/after"
cmp -s "$work/before" "$work/after" || fault 'a torn tail'
grep -qi journal "$work/host/log" || fault 'nobody says that it was torn'
change network add torn
survives 'after a torn tail'

# a document that was damaged: refused, and left as it is
wait_for 3 test -s "$state/policy.json"
stop_vswitchd host
if [ -s "$state/policy.json" ]; then
	cp -a "$state" "$work/copy"
	printf 'x' | dd of="$state/policy.json" bs=1 seek=40 conv=notrunc \
		2>/dev/null
	said=$(in_netns host timeout 10 "$build/bin/vswitchd" \
		--config /dev/null --rundir "$work/host" --statedir "$state" \
		--extension-dir "$build/lib/vswitch" 2>&1)
	expect 'a damaged document' 1 $?
	case $said in
	*"$state"*damaged*) ;;
	*) fault "a damaged document: $said" ;;
	esac
	rm -rf "$state"
	mv "$work/copy" "$state"
else
	fault "no policy.json: $(ls -l "$state")"
fi

# a full disk
rm -rf "$state"
mkdir "$state"
mount -t tmpfs -o size=64k none "$state" || fault 'no tmpfs'
trap 'cleanup_disk; cleanup' EXIT
cleanup_disk()
{
	stop_vswitchd host 2>/dev/null
	umount "$state"
}
start_vswitchd host
change switch add s0
for name in a b; do
	change port add $name tap=eth0 netns="$prefix-$name"
done
ready host
ip -n "$prefix-a" addr add 10.0.0.1/24 dev eth0
ip -n "$prefix-b" addr add 10.0.0.2/24 dev eth0
pings a 10.0.0.2
in_netns a ping -q -i 0.05 -c 40 -W 1 10.0.0.2 >"$work/steady" &
steady=$!
dd if=/dev/zero of="$state/fill" bs=1k 2>/dev/null
dump >"$work/before"
note=$(head -c 250 /dev/zero | tr '\0' x)
for ((i = 0; i < 100; i++)); do
	said=$(vsctl_in host network add "full$i" note="$note" 2>&1)
	code=$?
	[ $code -ne 0 ] && break
	dump >"$work/before"
done
expect 'a change on a full disk' 4 "$code"
case $said in
*"$state: No space left"*) ;;
*) fault "a full disk: $said" ;;
esac
cmp -s "$work/before" <(dump) || fault 'refused, and yet there'
wait "$steady"
grep -q ' 0% packet loss' "$work/steady" || fault "$(cat "$work/steady")"
rm "$state/fill"
change network add room
survives 'a disk that was full'
finish
