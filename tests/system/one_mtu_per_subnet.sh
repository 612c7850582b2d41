#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The subnet's MTU is set on TAPs and follows policy; what is too big for the
# device of its destination is dropped by name, TCP from a port with a larger
# MTU goes through; device names that the kernel would cut or expand are refused.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss

for name in host a b c; do
	make_netns "$name"
done
start_vswitchd host
vsctl_in host switch add s0 >/dev/null
vsctl_in host network add blue >/dev/null || fault network
vsctl_in host subnet add 5001 network=blue prefix=10.0.0.0/24 \
	mtu=1400 >/dev/null || fault subnet
for name in a b; do
	vsctl_in host port add $name tap=eth0 netns="$prefix-$name" vsid=5001 \
		ca="10.0.0.$([ $name = a ] && echo 5 || echo 6)" >/dev/null ||
		fault "port $name"
done
# a veth with a larger MTU of its own
make_wire host to-c c eth0 9000
vsctl_in host port add c packet=to-c vsid=5001 ca=10.0.0.7 \
	mac="$(in_netns c cat /sys/class/net/eth0/address)" >/dev/null ||
	fault 'port c'
ip -n "$prefix-c" addr add 10.0.0.7/24 dev eth0
ready host

expect "a's MTU" 1400 "$(in_netns a cat /sys/class/net/eth0/mtu)"
expect "b's address" 10.0.0.6/24 "$(ip -n "$prefix-b" -j addr show eth0 |
	jq -r '.[].addr_info[] | select(.family == "inet") |
		"\(.local)/\(.prefixlen)"')"
vsctl_in host subnet set 5001 network=blue mtu=1300 >/dev/null ||
	fault 'subnet set'
mtu_is() { [ "$(in_netns "$1" cat /sys/class/net/eth0/mtu)" = "$2" ]; }
wait_for 5 mtu_is a 1300 || fault 'a has the old MTU'
wait_for 5 mtu_is b 1300 || fault 'b has the old MTU'
vsctl_in host show | grep -q 9000 || fault 'show hides the other MTU'

pings a 10.0.0.6
pings c 10.0.0.6
# c believes 9000; the switch knows 1300
in_netns c ping -q -c 1 -W 1 -M do -s 1400 10.0.0.6 >"$work/ping" 2>&1 &&
	fault 'too big with DF arrives'
[ "$(dropped host tx_too_big)" -gt 0 ] || fault 'too big, and no drop says so'
carries c a 10.0.0.5 4
carries a c 10.0.0.7 4

balanced host

# refused KEY VALUE WORD [FIELD]: exit 4 and a message with WORD
refused()
{
	local said
	said=$(vsctl_in host port add x "$1=$2" vsid=0 ${4:-} 2>&1)
	expect "port add $1=$2" 4 $?
	case $said in
	*"$3"*) ;;
	*) fault "$1=$2: $said" ;;
	esac
}
refused tap abcdefghijklmnop 15
refused tap 'tap%d' '%'
refused tap 'a/b' '/'
refused tap .. '..'
refused packet abcdefghijklmnop 15
refused tap eth0 netns netns=../x
expect 'nothing was added' 2 "$(vsctl_in host port show x >/dev/null 2>&1
	echo $?)"
finish
