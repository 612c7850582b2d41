#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A second daemon on a run directory refuses and harms nobody; a socket left
# by SIGKILL is no obstacle; SIGTERM and SIGINT leave no socket, no device and
# no process behind, and what asks other daemons to read their files again ends
# nothing.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping

make_netns host
make_netns a
make_netns b

# another OPTIONS...: a daemon that is expected to refuse; what it said
another()
{
	in_netns host timeout 10 "$build/bin/vswitchd" --config /dev/null \
		--extension-dir "$build/lib/vswitch" "$@" 2>&1
}

start_vswitchd host
vsctl_in host switch add s0 host-port=yes >/dev/null
for name in a b; do
	vsctl_in host port add $name tap=eth0 netns="$prefix-$name" >/dev/null
done
ready host
ip -n "$prefix-a" addr add 10.0.0.1/24 dev eth0
ip -n "$prefix-b" addr add 10.0.0.2/24 dev eth0
pings a 10.0.0.2
in_netns a ping -q -i 0.02 -c 100 -W 1 10.0.0.2 >"$work/steady" &
steady=$!

mkdir "$work/other"
said=$(another --rundir "$work/host" --statedir "$work/other")
expect 'a second daemon' 1 $?
case $said in
*"$work/host"*) ;;
*) fault "it says: $said" ;;
esac
said=$(another --rundir "$work/other" --statedir "$work/host/state")
expect 'a second daemon on the state directory' 1 $?
case $said in
*"$work/host/state"*) ;;
*) fault "it says: $said" ;;
esac
said=$(another --rundir "$work/other" --statedir "$work/other" \
	--group "$prefix")
expect 'a group that is not there' 1 $?
case $said in
*"there is no group $prefix"*) ;;
*) fault "it says: $said" ;;
esac
[ -e "$work/other/vswitchd.sock" ] && fault 'a socket of nobody is left'
getent group vswitch >/dev/null ||
	grep -q 'warning: there is no group vswitch' "$work/host/log" ||
	fault 'nobody says that the usual group is missing'
vsctl_in host show >/dev/null || fault 'the first answers no more'
wait "$steady" || fault 'the first lost frames'
grep -q ' 0% packet loss' "$work/steady" || fault "$(cat "$work/steady")"

# SIGKILL: the socket stays, the next daemon starts
stop_vswitchd host KILL 2>/dev/null
expect 'killed' 137 $?
[ -S "$work/host/vswitchd.sock" ] || fault 'no stale socket to try'
start_vswitchd host
wait_for 5 vsctl_in host show || fault 'it does not answer'
ready host
ip -n "$prefix-a" addr replace 10.0.0.1/24 dev eth0
ip -n "$prefix-b" addr replace 10.0.0.2/24 dev eth0
pings a 10.0.0.2

for signal in HUP USR1 USR2 ALRM; do
	kill "-$signal" "${daemons[host]}"
	vsctl_in host show >/dev/null || fault "SIG$signal ends it"
done
pings a 10.0.0.2

# gone SIGNAL: it ends well and nothing of it is left
gone()
{
	local pid=${daemons[host]}
	stop_vswitchd host "$1"
	expect "SIG$1" 0 $?
	[ -e "/proc/$pid" ] && fault "SIG$1: a process is left"
	expect "SIG$1: files" 'log state vswitchd.lock' \
		"$(cd "$work/host" && echo *)"
	[ -s "$work/host/vswitchd.lock" ] && fault "SIG$1: the lock has words"
	in_netns a test -e /sys/class/net/eth0 && fault "SIG$1: a TAP is left"
	in_netns host test -e /sys/class/net/s0 &&
		fault "SIG$1: the host's TAP is left"
	expect "SIG$1: namespaces" '' "$(ip netns pids "$prefix-host")"
}
gone TERM
start_vswitchd host
ready host
gone INT

# many at once: exactly one lives
for i in 1 2 3 4 5; do
	(exec ip netns exec "$prefix-host" "$build/bin/vswitchd" \
		--rundir "$work/host" --statedir "$work/host/state" \
		--extension-dir "$build/lib/vswitch") >"$work/log$i" 2>&1 &
	daemons[many$i]=$!
done
wait_for 5 vsctl_in host show || fault 'of many none answers'
alive=0
for i in 1 2 3 4 5; do
	wait_for 1 ended "${daemons[many$i]}" && continue
	alive=$((alive + 1))
done
expect 'alive of five' 1 "$alive"
vsctl_in host show >/dev/null || fault 'the one does not answer'
finish
