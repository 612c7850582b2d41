#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A file that has no end or no writer is refused by name, wherever vswitchd
# takes one; what a shell puts in a file's place is read. While a document is
# awaited, SIGTERM ends it.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd ip mkfifo

sound='{"format": 1, "switches": {"s0": {}}}'
echo "$sound" >"$work/sound.json"
mkfifo "$work/fifo"

make_netns host
daemon=(ip netns exec "$prefix-host" "$build/bin/vswitchd" --rundir "$work/none" --statedir "$work/none"
	--extension-dir "$build/lib/vswitch")

# says CODE TEXT OPTIONS...: how vswitchd ends, and with which words
says()
{
	local code=$1 text=$2 said
	shift 2
	said=$(timeout -s KILL 20 "${daemon[@]}" "$@" 2>&1)
	expect "$*: exit" "$code" $?
	case $said in
	*"$text"*) ;;
	*) fault "$*: no \"$text\" in: $said" ;;
	esac
}
says 4 "$work/fifo is a named pipe" --check "$work/fifo"
says 4 '/dev/zero is a device' --check /dev/zero
says 4 "$work is a directory" --check "$work"
says 2 "$work/nowhere: No such file" --check "$work/nowhere"
says 4 'the document is empty' --check /dev/null
says 0 sound --check "$work/sound.json"
says 0 sound --check <(echo "$sound")
says 0 sound --check - <"$work/sound.json"
echo "$sound" | says 0 sound --check -
says 4 'no document is larger than 256 MiB' --check - </dev/zero
truncate -s 257M "$work/huge.json"
says 4 'no document is larger than 256 MiB' --check "$work/huge.json"

says 1 "$work/fifo is a named pipe" --config "$work/fifo" --check \
	"$work/sound.json"
says 1 '/dev/zero is a device' --config /dev/zero --check "$work/sound.json"
says 1 "$work/nowhere: No such file" --config "$work/nowhere" --check \
	"$work/sound.json"
says 0 sound --config <(echo '{"workers": 2}') --check "$work/sound.json"
says 0 sound --config /dev/null --check "$work/sound.json"
for special in "$work/fifo" /dev/zero; do
	says 1 "$special is not a regular file" --config /dev/null \
		--document "$special"
done

# somebody writes, but not yet
exec 9<> <(:)
"${daemon[@]}" --check - <&9 >"$work/said" 2>&1 &
waits=$!
reads() { grep -qE '^(0|.*read)' "/proc/$waits/wchan" "/proc/$waits/syscall"; }
wait_for 10 reads
kill -TERM "$waits"
gone() { [ ! -e "/proc/$waits" ] || grep -q '^State:.Z' "/proc/$waits/status"; }
wait_for 10 gone || fault 'a check that waits does not end by SIGTERM'
kill -KILL "$waits" 2>/dev/null
finish
