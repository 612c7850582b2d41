#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A daemon that may open no more files says that, of the ports that wait and
# of itself; the ports come up when there are files again.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq prlimit

make_netns host
make_netns a
start_vswitchd host
pid=${daemons[host]}
vsctl_in host switch add s0 >/dev/null || fault 'switch add'
make_netns b
make_wire host wire0 b wire1

# so many more than now: enough for some of the ports
open=$(find "/proc/$pid/fd" -type l | wc -l)
prlimit --pid "$pid" --nofile=$((open + 12)):
for i in $(seq 12); do
	vsctl_in host port add "t$i" tap="t$i" >/dev/null
	vsctl_in host port add "n$i" tap="n$i" netns="$prefix-a" >/dev/null
done
vsctl_in host port add wire packet=wire0 mac-guard=off >/dev/null

why() { json host '.switches[].ports[] | select(.state != "up") | .why' show; }
waits() { why | grep -q 'Too many open files'; }
wait_for 10 waits || fault "nobody lacks files: $(vsctl_in host show)"
settled() { ! why | grep -q 'being opened'; }
wait_for 10 settled
for said in 'is gone' 'no device' vanished 'Cannot allocate'; do
	why | grep "$said" && fault 'a port says what is not so'
	grep "$said" "$work/host/log" && fault 'the log says what is not so'
done
prlimit --pid "$pid" --nofile=1024:
wait_for 30 all_up host || fault "not all come up: $(vsctl_in host show)"

# from nothing to enough, it says why it does not start
said_memory=0 started=0
for most in $(seq 4 60); do
	mkdir -p "$work/few/state"
	said=$(timeout -s KILL 20 prlimit --nofile="$most": \
		ip netns exec "$prefix-host" "$build/bin/vswitchd" \
		--rundir "$work/few" --statedir "$work/few/state" \
		--config /dev/null --extension-dir "$build/lib/vswitch" \
		--document /dev/zero 2>&1)
	case $said in
	*'Cannot allocate memory'*) said_memory=$most ;;
	*'/dev/zero is not a regular file'*) started=$most && break ;;
	esac
done
expect 'memory lacks with files' 0 "$said_memory"
[ "$started" = 0 ] && fault "with $most files it does not start: $said"
finish
