#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Two switches in one daemon with two workers, each between two namespaces:
# ping and TCP by IPv4 and IPv6, super-frames whole, nothing crosses over.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ncat ping ss

make_netns host
for name in a b c d; do
	make_netns "$name"
done
start_vswitchd host --workers 2

# plug SWITCH NAME ADDRESS: the same addresses on both switches
plug()
{
	vsctl_in host port add "$2" switch="$1" tap=eth0 \
		netns="$prefix-$2" >/dev/null || fault "port $2"
	wait_for 5 port_is host "$2" up
	ip -n "$prefix-$2" addr add "10.0.0.$3/24" dev eth0
	ip -n "$prefix-$2" addr add "fd00::$3/64" dev eth0 nodad
	ip -n "$prefix-$2" link set eth0 up
}
vsctl_in host switch add s1 >/dev/null
vsctl_in host switch add s2 >/dev/null
plug s1 a 1
plug s1 b 2
plug s2 c 1
plug s2 d 3
ready host

pings a 10.0.0.2
pings b 10.0.0.1
pings c 10.0.0.3
pings a fd00::2
pings c fd00::3
silent a 10.0.0.3
silent c 10.0.0.2

before=$(counted host received a)
carries a b 10.0.0.2 64
frames=$(($(counted host received a) - before))
# 64 MiB are 46,000 packets of 1,460 bytes
[ "$frames" -lt 15000 ] || fault "$frames frames for 64 MiB"
carries b a 10.0.0.1
carries a b fd00::2
carries d c fd00::1
balanced host

expect 'both workers worked' 2 "$(json host \
	'[.workers[] | select(.frames > 100)] | length' stats)"
expect 'nothing is full: a mailbox' 0 "$(json host \
	'[.workers[].mailbox_full] | add' stats)"
expect 'every worker tells of missing buffers' true "$(json host \
	'[.workers[] | select(.frames) | .no_buffer | numbers] | length == 2' \
	stats)"
expect 'nothing is dropped at a link' 0 "$(json host \
	'[.links[].dropped[]] | add // 0' stats)"
stop_vswitchd host
expect 'SIGTERM ends well' 0 $?
finish
