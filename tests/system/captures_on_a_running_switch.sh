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
expect 'a noun alone lists' both \
	"$(vsctl_in host capture | awk 'NR == 2 { print $1 }')"
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
has_failed() { json host '.objects[0].status |
	.state == "failed" and .frames >= 3 and .lost >= 1' capture list; }
wait_for 5 has_failed || fault "$(vsctl_in host capture list)"
grep -q 'full.pcapng: File too large' "$work/host/log" ||
	fault "the log has no reason: $(tail -n 3 "$work/host/log")"
expect 'frames before it was full' \
	"$(json host '.objects[0].status.frames' capture list)" \
	"$(tcpdump -nr "$file" 2>/dev/null | wc -l)"
tcpdump -nr "$file" >/dev/null 2>&1 || fault 'the last frame is cut'
prlimit --pid "${daemons[host]}" --fsize=unlimited:
vsctl_in host capture del full >/dev/null

# a reader that does not keep up: what it missed is counted, and in the file
# counter NAME: of all captures of the switch
counter() { json host '.extensions[] | select(.name == "capture") |
	.counters[] | select(.name == "'"$1"'") | .value' ext list; }
lost() { counter frames_lost; }
sum() # FILE: its frames and, by its last statistics, those that it misses
{
	python3 - "$1" <<'EOF'
import struct
import sys

at, frames, missing = 0, 0, 0
with open(sys.argv[1], "rb") as file:
    bytes = file.read()
while at < len(bytes):
    kind, size = struct.unpack_from("=II", bytes, at)
    frames += kind == 6
    if kind == 5:
        missing = struct.unpack_from("=Q", bytes, at + size - 16)[0]
    at += size
print(frames, missing)
EOF
}
before=$(lost) given=$(counter frames_written)
rm -f "$work/a.pcapng"
mkfifo "$work/slow"
"$build/bin/vsctl" --rundir "$work/host" capture a udp >"$work/slow" &
reader=$!
exec 8<"$work/slow"
head -c 16 <&8 >"$work/a.pcapng"
in_netns a python3 -c '
import socket
to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(6000):
    to.sendto(bytes(1000), ("10.0.0.2", 9))
'
has_lost() { [ "$(lost)" -gt "$before" ]; }
wait_for 10 has_lost || fault 'what a slow reader missed is not counted'
cat <&8 >>"$work/a.pcapng" &
cat=$!
exec 8<&-
all_there()
{
	read -r frames missing < <(sum "$work/a.pcapng" 2>/dev/null)
	[ "$((frames + missing))" = $(($(counter frames_written) - given)) ] &&
		[ "$missing" -gt 0 ]
}
wait_for 20 all_there || fault "a slow reader's $frames frames, $missing missing"
expect 'as many are counted' "$missing" $(($(lost) - before))
kill "$reader" "$cat"
wait "$reader" "$cat"

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
