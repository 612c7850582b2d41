#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Ports on a veth into a container, TAP ports and the host's port: TCP and UDP
# between any two, both ways, with nobody calling ethtool; every checksum that
# arrives is right.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ncat ping ss nstat python3

for name in host veth1 veth2 tap1 tap2; do
	make_netns "$name"
done
start_vswitchd host
vsctl_in host switch add s0 host-port=yes >/dev/null
for name in veth1 veth2; do
	make_wire host "to-$name" "$name" eth0
	vsctl_in host port add "$name" packet="to-$name" \
		mac="$(in_netns "$name" cat /sys/class/net/eth0/address)" >/dev/null ||
		fault "port $name"
done
for name in tap1 tap2; do
	vsctl_in host port add "$name" tap=eth0 netns="$prefix-$name" \
		>/dev/null || fault "port $name"
done
wait_for 5 in_netns host test -e /sys/class/net/s0
wait_for 5 in_netns tap1 test -e /sys/class/net/eth0
wait_for 5 in_netns tap2 test -e /sys/class/net/eth0

names=(host veth1 veth2 tap1 tap2)
declare -A address=([host]=1 [veth1]=2 [veth2]=3 [tap1]=4 [tap2]=5)
declare -A device=([host]=s0 [veth1]=eth0 [veth2]=eth0 [tap1]=eth0 [tap2]=eth0)
declare -A judges=()
for name in "${names[@]}"; do
	ip -n "$prefix-$name" addr add "10.0.0.${address[$name]}/24" \
		dev "${device[$name]}"
	ip -n "$prefix-$name" addr add "fd00::${address[$name]}/64" \
		dev "${device[$name]}" nodad
	ip -n "$prefix-$name" link set "${device[$name]}" up
done
ready host
for name in "${names[@]}"; do
	# exec: the signal is for python
	(exec ip netns exec "$prefix-$name" python3 \
		"$top/tests/system/_checksums.py" "${device[$name]}") \
		>"$work/judged-$name" &
	judges[$name]=$!
done
for name in "${names[@]}"; do
	wait_for 10 grep -q ready "$work/judged-$name"
done

# datagrams FROM TO ADDRESS: UDP of some sizes, by a throw-away server
datagrams()
{
	local server
	in_netns "$2" timeout 5 ncat -u -l --recv-only 10.0.0."$3" 4000 \
		>"$work/udp" &
	server=$!
	wait_for 5 udp_listening "$2"
	for size in 1 700 1400 4000; do
		head -c "$size" "$work/blob" | in_netns "$1" timeout 5 \
			ncat -u --send-only 10.0.0."$3" 4000
	done
	# ncat -u listens to the first who sends
	wait_for 5 test -s "$work/udp" || fault "no UDP from $1 to $2"
	kill "$server"
	wait "$server" 2>/dev/null
}
udp_listening() { [ -n "$(in_netns "$1" ss -Hlun 'sport = :4000')" ]; }

for from in "${names[@]}"; do
	for to in "${names[@]}"; do
		[ "$from" = "$to" ] && continue
		carries "$from" "$to" "10.0.0.${address[$to]}" 2
	done
done
carries veth1 tap1 fd00::4 4
carries tap1 veth1 fd00::2 4
carries host veth2 fd00::3 4
datagrams veth1 tap1 4
datagrams tap1 veth1 2
datagrams tap1 host 1

for name in "${names[@]}"; do
	kill "${judges[$name]}"
	wait "${judges[$name]}"
	judged=$(tail -n 1 "$work/judged-$name")
	case $judged in
	[1-9]*' frames, 0 bad') ;;
	*) fault "checksums at $name: $judged" ;;
	esac
	expect "TCP checksum errors in $name" 0 "$(in_netns "$name" \
		nstat -asz TcpInCsumErrors |
		awk '/TcpInCsumErrors/ { print $2 }')"
done
balanced host
finish
