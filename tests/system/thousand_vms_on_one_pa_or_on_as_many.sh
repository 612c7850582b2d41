#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A thousand VMs of one host talk to one on another: with rule=encap all from
# one provider address, with rule=rewrite each from its own, every one of which
# answers ARP and was looked for before it is used (hnv.md A3.10, B2.2, B2.11).
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq python3 tcpdump tshark

thousand="$(dirname "$0")/_thousand.py"
for name in a b vms other; do make_netns "$name"; done
make_wire a wire b wire
for name in a b; do
	in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
done

preferred() { [ "$(json a '[.. | objects | select(.state? == "preferred")] |
	length' pa list)" = "$1" ]; }

# their TAPs of before are gone
unplugged() { [ -z "$(in_netns vms ls /sys/class/net | grep '^t[0-9]')" ]; }

run() # RULE PAS
{
	python3 "$thousand" document "$1" "$prefix-vms" "$prefix-other" \
		>"$work/$1.json"
	for name in a b; do
		start_vswitchd $name --host $name --document "$work/$1.json"
	done
	wait_for 60 all_up a || ready a
	ready b
	wait_for 60 preferred "$2" || {
		fault "not all $2 provider addresses become preferred"
		vsctl_in a pa list | awk '{ print $NF }' | sort | uniq -c
	}
	(exec ip netns exec "$prefix-b" tcpdump -q -U -s 96 -B 16384 \
		-i wire -w "$work/$1.pcap" ip) 2>"$work/$1.log" &
	sniffer=$!
	wait_for 5 grep -q listening "$work/$1.log"
	expect "VMs that have an answer by $1" 1000 \
		"$(in_netns vms python3 "$thousand" ping)"
	sleep 0.5
	kill "$sniffer"
	wait "$sniffer"
	expect "provider addresses that they use by $1" "$2" \
		"$(tshark -r "$work/$1.pcap" -T fields -E occurrence=f -e ip.src \
			2>/dev/null | grep '^198\.18\.' | grep -vx 198.18.255.1 |
			sort -u | wc -l)"
	balanced a
	balanced b
	stop_vswitchd a
	stop_vswitchd b
	wait_for 30 unplugged || fault 'TAPs are left behind'
	rm -rf "$work"/a/state "$work"/b/state
}

run rewrite 1000
run encap 1
finish
