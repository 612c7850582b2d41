#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A disk that fails when it is asked to keep a change (fsync: EIO, whichever
# of the files it is): a change that is refused is not there after a SIGKILL,
# one that is accepted is.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip strace

make_netns host
dump() { vsctl_in host dump; }

# failing N [CALL]: the Nth fsync from now on fails; ended by `mended`
failing()
{
	local call=${2:-fsync}
	rm -f "$work/attached"
	strace -f -p "${daemons[host]}" -o "$work/strace" -e "trace=$call" \
		-e "inject=$call:error=EIO:when=$1" 2>"$work/attached" &
	tracer=$!
	wait_for 10 grep -q attached "$work/attached" ||
		skip "strace does not attach: $(cat "$work/attached")"
}
mended()
{
	kill "$tracer" 2>/dev/null
	wait "$tracer" 2>/dev/null
	wait_for 10 ended "$tracer"
}

# change_refused WORDS: and the answer says why, and nothing changed
change_refused()
{
	local said code
	dump >"$work/before"
	said=$(vsctl_in host "$@" 2>&1)
	code=$?
	expect "$*: exit" 4 "$code"
	case $said in
	*'Input/output error; nothing changed'*) ;;
	*) fault "$*: $said" ;;
	esac
	cmp -s "$work/before" <(dump) || fault "$*: refused, and yet there"
}
change() { vsctl_in host "$@" >/dev/null || fault "vsctl $*: exit $?"; }

# killed WHAT: the policy after SIGKILL is the one that was answered
killed()
{
	dump >"$work/before"
	stop_vswitchd host KILL 2>/dev/null
	start_vswitchd host
	dump >"$work/after"
	cmp -s "$work/before" "$work/after" ||
		fault "$1: $(diff "$work/before" "$work/after")"
}

start_vswitchd host
change network add blue

# the journal
failing 1
change_refused network add journal
mended
killed 'a line of the journal that was not synced'
change network add after-journal
killed 'the change after it'

# behind a failure the document is written as a whole: it, its directory, and
# the journal that is emptied then
for place in 1 2; do
	failing 1
	change_refused network add "journal$place"
	mended
	failing "$place"
	change_refused network add "document$place"
	mended
	killed "fsync $place of a document failed"
	change network add "after$place"
	killed "the change after fsync $place failed"
done
failing 1
change_refused network add journal3
mended
failing 3
change network add emptied
mended
killed 'the document was written, its journal not emptied'
change network add after-emptied
killed 'the change after a journal that was not emptied'

# what could not be emptied is before the next line: nothing is appended to it
change network add line
failing 1
change_refused network add journal4
mended
failing 1 ftruncate
change network add kept
mended
change network add behind
expect 'lines of the journal' 1 "$(wc -l <"$work/host/state/journal")"
killed 'the journal was emptied with the next change'

# the same, going on without a restart
failing 1
change_refused network add last
mended
change network add last
change network add last2
killed 'changes after one that was refused'
finish
