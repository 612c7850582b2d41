#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What is counted of a switch and its ports (hnv.md A12.9), frame by frame and
# byte by byte: received and sent, what was flooded, what rules and extensions
# dropped on either side, which MACs were learned and how often they moved.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq python3

make_netns h
for name in a b c; do
	make_netns $name
	in_netns $name sysctl -qw net.ipv6.conf.default.disable_ipv6=1
done
start_vswitchd h
vsctl_in h switch add s stack=filter-pcap >/dev/null || fault 'switch add'
for name in a b c; do
	vsctl_in h port add $name tap=eth0 netns="$prefix-$name" mac-guard=off \
		loop-guard=off >/dev/null
	wait_for 10 port_is h $name up || fault "port $name"
done
mac() { in_netns "$1" cat /sys/class/net/eth0/address; }

# sends FROM TO COUNT BYTES [SOURCE]: frames to a MAC
sends()
{
	in_netns "$1" python3 - "$2" "$3" "$4" "${5:-$(mac "$1")}" <<-'END'
	import socket, sys
	to, count, size, source = sys.argv[1:]
	octets = lambda mac: bytes.fromhex(mac.replace(":", ""))
	wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
	wire.bind(("eth0", 0))
	frame = octets(to) + octets(source) + b"\x88\xb5"
	frame += bytes(int(size) - len(frame))
	for i in range(int(count)):
	    wire.send(frame)
	END
}
# line PORT MEMBER...: of its line in the ledger
line()
{
	local port=$1
	shift
	json h "[.ledger[] | select(.port == \"$port\")][0] |
		[$(printf '.%s,' "$@" | sed 's/,$//')] | join(\" \")" stats
}
is_line() { [ "$(line "$1" "${@:3}")" = "$2" ]; }
# counts WHAT PORT NUMBERS MEMBER...
counts()
{
	wait_for 20 is_line "$2" "$3" "${@:4}" ||
		expect "$1" "$3" "$(line "$2" "${@:4}")"
}
both='received received_bytes sent sent_bytes replicas dropped'
all=ff:ff:ff:ff:ff:ff

sends a $all 10 100
counts 'to all: each is flooded to two' a '10 1000 20 2000 10 0' $both
sends b $all 1 60
counts 'from b' b '1 60 2 120 1 0' $both
sends a "$(mac b)" 5 200
counts 'to a MAC that was learned' a '15 2000 25 3000 10 0' $both
sends a 02:00:00:00:99:99 2 100
counts 'to one that was not' a '17 2200 29 3400 12 0' $both
sends a 01:00:5e:7f:00:01 4 100
counts 'to a group' a '21 2600 37 4200 16 0' $both

# a rule: what a says does not come to c; c says nothing to all
vsctl_in h acl add c deny in remote-mac="$(mac a)" >/dev/null || fault 'acl in'
sends a $all 3 100
counts 'one of two is denied' a '24 2900 40 4500 19 3' $both
vsctl_in h acl add c deny out remote-mac=any >/dev/null || fault 'acl out'
sends c $all 6 100
counts 'denied where it comes in' c '6 600 0 0 0 6' $both
# an extension: what b says in this type is dropped by it, in and out
vsctl_in h pcap-filter add quiet port=b expression='ether proto 0x88b5' \
	direction=both >/dev/null || fault 'pcap-filter'
sends b $all 7 60
counts 'dropped by an extension where it comes in' b '8 480 2 120 1 7' $both
sends a "$(mac b)" 2 200
counts 'dropped by an extension where it goes out' a '26 3300 40 4500 19 5' \
	$both

# by reason, port by port; who has it is in its name and sentence
reasons()
{
	json h '[.drops[] | "\(.port) \(.reason) \(.count)"] | sort | join(", ")' \
		drops
}
expect 'drops' 'a acl_deny 3, a pcap_filter 2, b pcap_filter 7, c acl_deny 6' \
	"$(reasons)"

# what left the switch for each device: as above, from the other end
written()
{
	json h ".links[] | select(.port == \"$1\") |
		\"\\(.received) \\(.written)\"" stats
}
expect 'link a' '26 1' "$(written a)"
expect 'link b' '8 24' "$(written b)"
expect 'link c' '6 17' "$(written c)"

# the same for Prometheus: sample NAME 'LABELS'
sample() { vsctl_in h metrics | sed -n "s/^vswitch_$1{$2} //p"; }
expect 'metrics: received' 26 "$(sample frames_received_total \
	'switch="s",port="a",vsid="0"')"
expect 'metrics: dropped' 3 "$(sample frames_dropped_total \
	'switch="s",port="a",vsid="0",reason="acl_deny"')"
expect 'metrics: written' 24 "$(sample link_frames_written_total \
	'switch="s",port="b"')"
expect 'metrics: bytes' '480 2900' "$(sample link_bytes_received_total \
	'switch="s",port="b"') $(sample link_bytes_sent_total \
	'switch="s",port="b"')"
expect 'metrics: up' 1 "$(sample port_up \
	'switch="s",port="c",driver="tap",device="eth0"')"

# MACs: learned, moved, forgotten; a device's own is not learned
learned()
{
	json h "[.entries[] | select(.port == \"$1\" and .kind == \"learned\")] |
		length" fdb
}
moves() { json h "[.entries[] | select(.mac == \"$1\") | .moves] | add" fdb; }
learned_are() { [ "$(learned a) $(learned c)" = "$1" ]; }
expect 'learned at first' '0 0' "$(learned a) $(learned c)"
for i in 1 2 3; do sends a $all 1 60 02:00:00:00:00:0$i; done
wait_for 20 learned_are '3 0' || fault "learned: $(vsctl_in h fdb)"
expect 'not moved' 0 "$(moves 02:00:00:00:00:01)"
vsctl_in h acl del --all port=c >/dev/null
sends c 02:00:00:00:00:02 1 60 02:00:00:00:00:01
wait_for 20 learned_are '2 1' || fault "moved: $(vsctl_in h fdb)"
expect 'moved' 1 "$(moves 02:00:00:00:00:01)"
vsctl_in h fdb flush >/dev/null
expect 'purged' '0 0' "$(learned a) $(learned c)"
balanced h
finish
