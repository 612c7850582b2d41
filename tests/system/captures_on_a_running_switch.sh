#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Captures as an operator makes them: on a switch that nobody prepared for it,
# after its stack was changed under it, and to a file of the daemon; what ends one
# before its reader does is told.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping tcpdump prlimit

make_netns host
make_netns a
make_netns b
start_vswitchd host
vsctl_in host switch add s >/dev/null
plug()
{
	vsctl_in host port add "$1" tap=eth0 netns="$prefix-$1" >/dev/null
	wait_for 5 port_is host "$1" up || fault "port $1"
	ip -n "$prefix-$1" addr add "10.0.0.$2/24" dev eth0
}
plug a 1
plug b 2
pings a 10.0.0.2

echoes() { tcpdump -nr "$1" 'icmp[0] == 8' 2>/dev/null | wc -l; }

# captures WHAT: three pings, seen once each on port a
captures()
{
	rm -f "$work/a.pcapng" # its beginning is waited for
	vsctl_in host -t 20 capture a icmp count=6 >"$work/a.pcapng" &
	local reader=$!
	wait_for 5 test -s "$work/a.pcapng" || fault "$1: no capture begins"
	in_netns a ping -q -c 3 -i 0.2 10.0.0.2 >/dev/null
	wait "$reader"
	expect "$1: echo requests" 3 "$(echoes "$work/a.pcapng")"
}
captures 'a switch as it was added'
vsctl_in host switch set s stack=wnv >/dev/null
vsctl_in host capture a >/dev/null 2>"$work/refused" &&
	fault 'a capture without its extension'
grep -q 'stack=capture,wnv' "$work/refused" || fault 'the refusal has no fix'
vsctl_in host switch set s stack=capture,wnv >/dev/null
captures 'a stack that was changed'

expect 'help of both' 0 "$(vsctl_in host capture help | grep -q 'add name'
	echo $?)"
vsctl_in host capture add both port=b file=both.pcapng >/dev/null ||
	fault 'capture to a file'
file=$work/host/state/captures/both.pcapng
wait_for 5 test -s "$file" || fault "no $file"
in_netns a ping -q -c 3 -i 0.2 10.0.0.2 >/dev/null
counts_six() { json host '.objects[0].status.frames >= 6' capture list; }
wait_for 5 counts_six || fault "$(vsctl_in host capture list)"
vsctl_in host capture del both >/dev/null
wait_for 5 test "$(echoes "$file")" -ge 3 || fault 'what is in the file'
balanced host

# a file that takes no more has failed
file=$work/host/state/captures/full.pcapng
vsctl_in host capture add full port=b file=full.pcapng >/dev/null ||
	fault 'another capture to a file'
wait_for 5 test -s "$file" || fault "no $file"
prlimit --pid "${daemons[host]}" --fsize=4096:
in_netns a ping -q -c 6 -i 0.2 -s 1000 10.0.0.2 >/dev/null
has_failed() { json host '.objects[0].status.state == "failed"' capture list; }
wait_for 5 has_failed || fault "$(vsctl_in host capture list)"
grep -q 'full.pcapng: File too large' "$work/host/log" ||
	fault "the log has no reason: $(tail -n 3 "$work/host/log")"
expect 'frames before it was full' 3 "$(tcpdump -nr "$file" 2>/dev/null | wc -l)"
tcpdump -nr "$file" >/dev/null 2>&1 || fault 'the last frame is cut'
prlimit --pid "${daemons[host]}" --fsize=unlimited:
vsctl_in host capture del full >/dev/null

# a stream ends with its port, or with the daemon, and says so
# ends CODE WORDS COMMAND...: the capture of port b, by that command
ends()
{
	local code=$1 words=$2 reader
	shift 2
	rm -f "$work/b.pcapng"
	vsctl_in host -t 20 capture b >"$work/b.pcapng" 2>"$work/b.said" &
	reader=$!
	wait_for 5 test -s "$work/b.pcapng" || fault "$*: no capture begins"
	"$@" || fault "$*"
	wait_for 20 ended "$reader" || {
		kill "$reader"
		fault "$*: the capture goes on"
	}
	wait "$reader"
	expect "$*: exit code" "$code" $?
	grep -q "$words" "$work/b.said" || fault "$*: $(cat "$work/b.said")"
	tcpdump -nr "$work/b.pcapng" >/dev/null 2>&1 ||
		fault "$*: what is there is no capture"
}
gone() { vsctl_in host port del b >/dev/null; }
ends 2 'the capture ends here: port b was deleted' gone
plug b 2
off() { vsctl_in host switch set s stack=wnv >/dev/null; }
ends 2 'the capture ends here: extension capture is on the stack of no' off
vsctl_in host switch set s stack=capture,wnv >/dev/null
stopped() { stop_vswitchd host; }
ends 3 'the capture ends here: vswitchd has gone' stopped
finish
