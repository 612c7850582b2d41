#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The tasks that a new user has, typed as the documentation prints them: those
# of this version work, those of later versions say so and what to do instead.
set -u
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip ping tcpdump

make_netns a
make_netns b
make_netns web
make_netns db
make_wire a eth1 b eth1
start_vswitchd a || finish
start_vswitchd b || finish

# task CODE TEXT WORDS...: its exit code, and what it says
task()
{
	local wanted=$1 text=$2 out code
	shift 2
	out=$(vsctl_in a "$@" 2>&1)
	code=$?
	[ $code -eq "$wanted" ] || fault "vsctl $*: exit $code, not $wanted: $out"
	case $out in
	*"$text"*) ;;
	*) fault "vsctl $*: no \"$text\" in: $out" ;;
	esac
}

# The other host, so that there is somebody to talk to.
{
	vsctl_in b switch add vs0 uplink=eth1
	vsctl_in b pa add 192.0.2.2/24 uplink=eth1
	vsctl_in b network add blue
	vsctl_in b subnet add 5001 network=blue prefix=10.0.0.0/24
	vsctl_in b port add db tap=eth0 netns="$prefix-db" vsid=5001 \
		ca=10.0.0.7 mac=02:00:00:00:00:07
} >/dev/null || fault "host b refuses"

task 0 'no switch yet' show
task 0 'added: switch vs0' switch add vs0 uplink=eth1
task 0 'added: pa' pa add 192.0.2.1/24 uplink=eth1
task 0 'added: network blue' network add blue
task 0 'added: subnet 5001' subnet add 5001 network=blue prefix=10.0.0.0/24
task 0 'added: port web' port add web tap=eth0 netns="$prefix-web" vsid=5001 \
	ca=10.0.0.5
ip -n "$prefix-a" tuntap add vnet0 mode tap
task 0 'added: port vm1' port add vm1 packet=vnet0 vsid=5001 ca=10.0.0.6 \
	mac=52:54:00:12:34:56
task 0 'added: ca 10.0.0.7' ca add 10.0.0.7 vsid=5001 mac=02:00:00:00:00:07 \
	pa=192.0.2.2
task 0 'unchanged' ca add 10.0.0.7 vsid=5001 mac=02:00:00:00:00:07 \
	pa=192.0.2.2

mac=$(ip -n "$prefix-web" -br link show eth0 | awk '{ print $3 }')
vsctl_in b ca add 10.0.0.5 vsid=5001 mac="$mac" pa=192.0.2.1 >/dev/null ||
	fault "host b refuses the record"
wait_for 30 in_netns web ping -c 1 -W 1 10.0.0.7 ||
	fault "web does not reach 10.0.0.7"

task 0 'tap eth0' show
expect 'ports in the order of making' 'web vm1' \
	"$(json a '[.switches[0].ports[].name] | join(" ")' show)"
task 0 '10.0.0.7' ca list vsid=5001
task 0 '10.0.0.5' ca list vsid=5001
task 0 '192.0.2.2' peer list
task 0 'leaves by eth1' trace web 'tcp 10.0.0.7:443'
task 0 'verdict: leaves by eth1' trace web 'icmp 10.0.0.7'
task 0 'leaves by eth1, 1514 bytes' trace web 'icmp 10.0.0.7 size=1430 df'
task 0 'dropped: oversize' trace web 'icmp 10.0.0.7 size=1431 df'
task 0 'leaves by eth1' trace web 'udp 224.0.0.251:5353'
task 0 'leaves by eth1' trace web 'icmp 255.255.255.255'
task 4 'different families' trace web 'tcp 10.0.0.7 from=fd00::5'
task 0 'answered: arp_proxy' trace web 'arp 10.0.0.7'
task 0 'sent to 192.0.2.2 through eth1' nexthop web 10.0.0.7
task 0 '64 bytes from 10.0.0.7: seq=1' ping web 10.0.0.7 count=1
task 0 'findings' --json doctor
task 0 '' drops port=web

# vsctl capture web 'tcp port 443' | wireshark -k -i -
vsctl_in a capture web 'icmp' count=2 >"$work/web.pcapng" &
capture=$!
captured()
{
	in_netns web ping -c 1 -W 1 10.0.0.7
	! kill -0 $capture
}
wait_for 30 captured || { fault "capture does not end"; kill $capture; }
wait $capture || fault "capture: exit $?"
expect "captured" 2 \
	"$(tcpdump -nr "$work/web.pcapng" icmp 2>/dev/null | wc -l)"

task 1 '10.0.0.7/32' acl add web deny in remote=10.0.0.7
task 0 'added: acl' acl add web deny in remote=10.0.0.7/32
in_netns web ping -c 1 -W 1 10.0.0.7 >/dev/null &&
	fault "a denied ping is answered"
task 0 'acl_deny' drops
says=$(vsctl_in b trace db 'icmp 10.0.0.5' via="$work/a" 2>&1)
case $says in
*'rule "deny in remote 10.0.0.7/32" of web decides'*) ;;
*) fault "the trace does not name the rule: $says" ;;
esac
task 0 'acl["deny in remote 10.0.0.7/32"]' acl del web action=deny
wait_for 30 in_netns web ping -c 1 -W 1 10.0.0.7 ||
	fault "web does not reach 10.0.0.7 after the rule"

vsctl_in a dump >"$work/lab.json" || fault "dump"
task 0 'no changes' diff "$work/lab.json"
sed 's/52:54:00:12:34:56/52:54:00:12:34:57/' "$work/lab.json" \
	>"$work/new.json"
task 0 '52:54:00:12:34:57' diff "$work/new.json"
task 0 '1 change' apply "$work/new.json" confirm=60
task 0 '' confirm
task 0 '52:54:00:12:34:56' undo

task 0 'changed' ca move 10.0.0.7 vsid=5001 pa=192.0.2.3
task 0 'hello is there' ext new hello class=filter dir="$work/hello"
task 2 'cannot be opened' ext load hello
task 2 'not loaded' ext order capture hello wnv
task 0 'passes every frame' ext available
task 0 'changed' ext order capture passthrough wnv
task 0 'changed' ext disable passthrough
task 0 'capture' ext

# wrong input names the thing and the fix
task 1 '16777215' subnet add 16777215 network=blue prefix=10.9.0.0/24
task 1 '10.0.0.0/24' subnet add 5002 network=blue prefix=10.0.0.1/24
task 1 'did you mean' prot add x
task 1 'vsctl port show web' show web
task 1 'vsctl port show web' show port web
task 1 'vsctl port list' show port
task 2 'vsctl ext enable flowstats' top
task 1 'did you mean vsid' port add y tap=y vsdi=5001
task 4 'vsid' port add y tap=y
task 2 'no uplink' pa add 192.0.2.9/24 uplink=eth7
task 2 '' port show nobody
task 2 '' trace nobody 'icmp 10.0.0.7'
task 4 '10.0.0.5' port add y tap=y vsid=5001 ca=10.0.0.5

# asking needs no directories, so no privilege, and leaves nothing behind
quiet()
{
	"$build/bin/vswitchd" --config /dev/null --rundir "$work/none/run" \
		--statedir "$work/none/state" \
		--extension-dir "$build/lib/vswitch" "$@"
}
quiet --check "$work/lab.json" | grep -q sound || fault "vswitchd --check"
quiet --schema | grep -q '"switch"' || fault "vswitchd --schema"
quiet 2>"$work/err" && fault "it runs without its directory"
grep -q "$work/none/run" "$work/err" || fault "no path in: $(cat "$work/err")"

finish
