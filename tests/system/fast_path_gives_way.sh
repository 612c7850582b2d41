#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the kernel forwards for the switch it stops forwarding when the switch
# would: a rule, a capture, a port, a record, a VM that moves to another host or
# to another port count from the moment that the command returns, and each
# datagram that did not come has a name. A frame that is too large or has no hop
# left is answered; of a daemon that was killed nothing stays behind.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_fast.sh"
need_root
need vswitchd vsctl ip jq ping ss nstat python3 tshark
need_tcx

# -- three hosts on one wire of 1400 bytes; vb and vc are one VM, before and
#    after its move; vr is in another subnet ------------------------------------
make_netns net
ip -n "$prefix-net" link add wires mtu 1400 type bridge
ip -n "$prefix-net" link set wires up
for name in a b c; do
	make_netns $name
	make_wire $name wire net to-$name 1400
	ip -n "$prefix-net" link set to-$name master wires
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
done
fast_vm a va 5
fast_vm b vb 7
fast_vm c vc 7
fast_vm b vr 8 1
ip -n "$prefix-va" route add 10.0.1.0/24 via 10.0.0.1
ip -n "$prefix-vr" route add 10.0.0.0/24 via 10.0.1.1

record() { # CA MAC PA
	echo "\"$1\": {\"mac\": \"02:00:00:00:$2\", \"rule\": \"rewrite\",
		\"pa\": \"192.0.2.$3\"}"
}
host() { # NAME PAS PORT...
	local name=$1 pa pas= ports=
	for pa in $2; do
		pas+="${pas:+,} \"192.0.2.$pa\": {\"prefix\": 24}"
	done
	shift 2
	for port; do ports+="${ports:+,} $port"; done
	echo "\"$name\": {\"switches\": {\"lab\": {
	  \"uplinks\": {\"wire\": { \"pa\": { $pas } } },
	  \"stack\": [\"capture\", \"wnv\"], \"ports\": { $ports } } } }"
}
port() { # NAME VSID CA
	echo "\"$1\": {\"packet\": \"to-$1\", \"vsid\": $2, \"ca\": [\"$3\"]}"
}
document() { # the PA of vb and vc
	cat <<-END
	{ "format": 1, "networks": { "blue": { "subnets": {
	    "5001": { "prefixes": ["10.0.0.0/24"], "mtu": 1400,
	      "ca": { $(record 10.0.0.5 00:05 55), $(record 10.0.0.7 00:07 $1) } },
	    "5002": { "prefixes": ["10.0.1.0/24"], "mtu": 1400,
	      "ca": { $(record 10.0.1.8 01:08 58) } } } } },
	  "hosts": { $(host a 55 "$(port va 5001 10.0.0.5)"),
	    $(host b '57 58' "$(port vb 5001 10.0.0.7)" "$(port vr 5002 10.0.1.8)"),
	    $(host c 67 "$(port vc 5001 10.0.0.7)") } }
	END
}
document 57 >"$work/before.json"
document 67 >"$work/after.json"
for name in a b; do
	start_vswitchd $name --host $name --document "$work/before.json" --fast-path
done
start_vswitchd c --host c --document "$work/after.json" --fast-path
for name in a b c; do ready $name; done
pings va 10.0.0.7
pings va 10.0.1.8
stream main va vb 10.0.0.7
goes_fast 'at first' a va
goes_fast 'at first' b wire

# refuses WHAT DAEMON REASON COMMAND... -- COMMAND...: the first stops the
# stream, the second brings it back; all that was missed has that reason
refuses()
{
	local what=$1 daemon=$2 reason=$3 missed named do=()
	shift 3
	missed=$(missing main)
	named=$(dropped "$daemon" "$reason")
	while [ "$1" != -- ]; do do+=("$1"); shift; done
	shift
	vsctl_in "$daemon" "${do[@]}" >/dev/null || fault "$what: ${do[*]}"
	stops "$what" main
	vsctl_in "$daemon" "$@" >/dev/null || fault "$what: $*"
	comes "$what, taken back" main
	expect "$what: missed, as $reason" "$(($(missing main) - missed))" \
		"$(($(dropped "$daemon" "$reason") - named))"
	goes_fast "$what, taken back" a va
	goes_fast "$what, taken back" b wire
}
refuses 'a rule where it comes in' a acl_deny \
	acl add va deny out remote=10.0.0.7/32 -- acl del --all port=va
refuses 'a rule where it goes out' b acl_deny \
	acl add vb deny in remote=10.0.0.5/32 -- acl del --all port=vb
refuses 'a record that is gone' a no_lookup_record \
	ca del 10.0.0.7 vsid=5001 -- ca add 10.0.0.7 vsid=5001 \
	mac=02:00:00:00:00:07 pa=192.0.2.57 rule=rewrite

# a port that is gone: it was the last of its VSID there
vsctl_in b port del vb >/dev/null || fault 'port del'
stops 'a port that is gone' main
vsctl_in b port add vb packet=to-vb vsid=5001 ca=10.0.0.7 >/dev/null ||
	fault 'port add'
comes 'a port that is back' main
goes_fast 'a port that is back' b wire

# -- a capture sees each frame, from beginning to end ---------------------------
# captured FILE: from the first number to the last, and how many there are
captured()
{
	tshark -r "$work/$1" -Y 'udp.dstport == 4000' -T fields -e udp.payload \
		2>/dev/null | python3 -c 'import sys
seen = [int(line[:16], 16) for line in sys.stdin]
print(max(seen) - min(seen) + 1, len(seen), len(set(seen)))'
}
# captures DAEMON WHERE: of the stream, that goes past the switch before and
# after
captures()
{
	local reader all fast
	rm -f "$work/seen.pcapng"
	(exec "$build/bin/vsctl" --rundir "$work/$1" -t 0 capture "$2" udp) \
		>"$work/seen.pcapng" 2>/dev/null &
	reader=$!
	wait_for 10 test -s "$work/seen.pcapng" || fault "capture $2 of $1"
	goes_slow "a capture of $2" "$1" "$3"
	kill "$reader"
	wait "$reader" 2>/dev/null
	read -r all fast _ <<<"$(captured seen.pcapng)"
	expect "capture $2 of $1: numbers" "$all" "$fast"
	[ "$fast" -gt 100 ] || fault "capture $2 of $1: only $fast"
	goes_fast "no capture of $2 any more" "$1" "$3"
}
captures a va va
captures b vb wire
captures b wire wire
vsctl_in a -t 20 capture va udp count=50 >"$work/seen.pcapng" ||
	fault 'capture of 50'
goes_fast 'a capture that has all it wants' a va

# -- the VM moves to another host ------------------------------------------------
: >"$work/moved"
begin_in vc python3 "$datagrams" hear main 4000 "$work/moved"
hearer=$!
wait_for 10 udp_listening vc 4000
vsctl_in a ca move 10.0.0.7 vsid=5001 pa=192.0.2.67 >/dev/null || fault 'ca move'
stops 'the host that it left' main
comes 'the host that it moved to' moved
goes_fast 'the host that it moved to' c wire
vsctl_in a ca move 10.0.0.7 vsid=5001 pa=192.0.2.57 >/dev/null || fault 'ca move'
stops 'the host that it left again' moved
comes 'the host that it is back on' main
goes_fast 'the host that it is back on' b wire
kill "$hearer"
wait "$hearer" 2>/dev/null
grep -q bad "$work/moved" && fault 'datagrams that nobody sent'

# -- its device is deleted and made again ----------------------------------------
ip -n "$prefix-b" link del to-vb
wait_for 10 port_is b vb waits || fault 'a device that is gone'
fast_vm b vb 7
comes 'a device that is back' main
goes_fast 'a device that is back' b wire

# -- what a switch answers -------------------------------------------------------
heard_icmp() { in_netns va nstat -asz "$1" | awk 'NR > 1 { print $2 }'; }
more_icmp() { [ "$(heard_icmp "$1")" -gt "$2" ]; }
stream routed va vr 10.0.1.8 4001
goes_fast 'to another subnet' b wire
for flow in main routed; do
	was=$(heard_icmp IcmpInDestUnreachs)
	stream_sends $flow USR1
	wait_for 10 more_icmp IcmpInDestUnreachs "$was" ||
		fault "$flow: too large, and nobody says so"
done
was=$(heard_icmp IcmpInTimeExcds)
stream_sends routed USR2
wait_for 10 more_icmp IcmpInTimeExcds "$was" ||
	fault 'no hop left, and nobody says so'
stream_sends main USR2 # no router is on its way
sleep 0.5
expect 'who says that no hop is left' $((was + 1)) \
	"$(heard_icmp IcmpInTimeExcds)"
expect 'TTL at the end of a way over a router' 63 "$(in_netns vr timeout 20 \
	tshark -c 1 -f 'udp port 4001' -T fields -e ip.ttl 2>/dev/null)"
goes_fast 'after all that' a va
for name in a b c; do balanced $name; done
# what was answered never came
stream_end routed
expect 'lost on a routed way' 2 "$(missing routed)"

# -- a daemon that is killed ------------------------------------------------------
for name in to-va wire; do # the wire has another one, which holds tunnels
	[ "$(programs_at a $name)" -gt 0 ] || fault "no program at $name"
done
stop_vswitchd a KILL
stops 'a daemon that was killed' main
for device in to-va wire; do
	expect "programs left at $device" 0 "$(programs_at a "$device")"
done
start_vswitchd a --host a --fast-path
ready a
comes 'another daemon' main
goes_fast 'another daemon' a va
# and one that ends as it should
stop_vswitchd a
expect 'it ends well' 0 $?
stops 'a daemon that ended' main
expect 'programs left' 0 "$(programs_at a to-va)"
stream_end main
missing main >/dev/null
stop_vswitchd b
stop_vswitchd c

# -- a MAC moves to another port --------------------------------------------------
make_netns h
fast_vm h x 1 2
fast_vm h p 9 2
fast_vm h q 9 2
start_vswitchd h --fast-path
vsctl_in h switch add s type=private >/dev/null || fault 'switch add'
for name in x p q; do
	vsctl_in h port add $name packet=to-$name mac-guard=off loop-guard=off \
		>/dev/null || fault "port $name"
done
ready h
for name in p q; do # they speak when they are told to
	in_netns $name sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
done
ip -n "$prefix-x" neigh replace 10.0.2.9 lladdr 02:00:00:00:02:09 dev eth0
# speaks VM: one frame, by which its place is learned
speaks() { in_netns "$1" ping -q -c 1 -W 1 10.0.2.1 >/dev/null; }
speaks p
stream mine x p 10.0.2.9
goes_fast 'to p' h x
: >"$work/yours"
begin_in q python3 "$datagrams" hear mine 4000 "$work/yours"
hearer=$!
wait_for 10 udp_listening q 4000
speaks q
stops 'to p, where it was' mine
comes 'to q, where it is now' yours
goes_fast 'to q' h x
speaks p
stops 'to q, where it is no more' yours
comes 'to p, where it is again' mine
goes_fast 'to p again' h x
kill "$hearer"
wait "$hearer" 2>/dev/null
# addresses that are forgotten are learned anew; from q nobody answers
ip -n "$prefix-q" link set eth0 down
vsctl_in h fdb flush >/dev/null || fault 'fdb flush'
comes 'after fdb flush' mine
stream_end mine
expect 'lost between p and q' 0 "$(sort -un "$work/mine" "$work/yours" |
	awk 'NR == 1 { first = $1 } END { print $1 - first + 1 - NR }')"
balanced h
finish
