#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The extensions among the examples on a daemon at work: static-forward reaches
# the stations that policy names and nobody else, learning-counter counts each
# station once, mirror-to-socket gives a client a port's frames.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping python3

for name in host a b; do make_netns "$name"; done
start_vswitchd host --workers 2
said() { vsctl_in host "$@" >"$work/said" 2>&1; }
do_it() { said "$@" || fault "$*: $(cat "$work/said")"; }
do_it switch add s stack=learning-counter,mirror-to-socket,static-forward
plug()
{
	do_it port add "$1" switch=s tap=eth0 netns="$prefix-$1" mac="$2"
	wait_for 20 port_is host "$1" up || fault "port $1"
	ip -n "$prefix-$1" addr add "$3/24" dev eth0
}
plug a 02:00:00:00:00:05 10.0.0.5
plug b 02:00:00:00:00:07 10.0.0.7

# nobody is where policy does not say
in_netns a ping -q -c 1 -W 1 10.0.0.7 >/dev/null && fault 'b is reached'
json host '[.drops[].reason] | any(. == "no_destination")' drops | grep -qx true ||
	fault 'nothing was dropped as no_destination'
do_it station add 02:00:00:00:00:05 switch=s port=a
do_it station add 02:00:00:00:00:07 switch=s port=b
wait_for 20 in_netns a ping -q -c 1 -W 1 10.0.0.7 || fault 'b is not reached'
said station add 02:00:00:00:00:09 switch=s port=nowhere && fault 'took it'
grep -q 'the switch has no port nowhere' "$work/said" || fault "$(cat "$work/said")"

counted() { json host '[.extensions[] | select(.name == "learning-counter") | .counters[0].value] | add' ext list; }
learned=$(counted)
[ "$learned" -ge 2 ] || fault "stations learned: $learned"
in_netns a ping -q -c 20 -i 0.01 -W 5 10.0.0.7 >/dev/null
expect 'known stations are not learned again' "$learned" "$(counted)"

python3 "$(dirname "$0")/_mirror_client.py" "$work/host/vswitchd.sock" b 4 \
	>"$work/mirror" 2>&1 &
client=$!
wait_for 20 grep -q mirrored "$work/mirror" || fault "no mirror: $(cat "$work/mirror")"
four() { in_netns a ping -q -c 4 -i 0.1 -W 1 10.0.0.7; [ "$(grep -c '^0800 98$' "$work/mirror")" -ge 2 ]; }
wait_for 30 four || fault "what came: $(cat "$work/mirror")"
wait "$client" || fault "the client: $(cat "$work/mirror")"
balanced host
finish
