#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `pa ping` echoes between provider addresses, owned and shared ones, and says
# what fits; `peer probe` tells a peer that answers in the tunnel from one that
# only answers ping, one that is silent and one that nobody resolves (hnv.md
# A12.3, A12.5). A lonely peer is asked by itself.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping

make_hosts vb
start_host a
start_host b
pings va 10.0.0.7

# results ADDRESS [WORD...]: how each echo ended
results()
{
	vsctl_in a --json pa ping "$@" wait=10000 | jq -r '.echoes[].result' |
		tr '\n' ' '
}
reach() { json a .reach peer probe "$1"; }

# both owned: no kernel answers, the switches do
expect 'owned' 'reply reply ' "$(results 192.0.2.2 count=2 interval=10)"
expect 'as large as the wire' 'reply ' "$(results 192.0.2.2 count=1 size=1472)"
text=$(vsctl_in a pa ping 192.0.2.2 count=1 wait=10000)
case $text in
*'64 bytes from 192.0.2.2: seq=1 ttl=64 time='*'1 sent, 1 answered'*) ;;
*) fault "text: $text" ;;
esac
expect 'reachable' reachable "$(reach 192.0.2.2)"
expect 'in the list' reachable \
	"$(json a '.objects[] | select(.key == "192.0.2.2") | .status.reach' \
	peer list)"
expect 'not sent for a VM' 0 \
	"$(json a '[.ledger[] | select(.vsid == 16777215)] | length' stats)"

# another program of the provider network, by the kernel on b, and its ping
ip -n $prefix-b addr add 192.0.2.22/24 dev wire
expect 'a kernel' 'reply ' "$(results 192.0.2.22 count=1)"
wait_for 30 ip netns exec $prefix-b ping -c 1 -W 1 192.0.2.1 ||
	fault 'an owned address answers no kernel'
expect 'nobody' 'unresolved ' \
	"$(vsctl_in a --json pa ping 192.0.2.77 count=1 wait=300 |
		jq -r '.echoes[].result' | tr '\n' ' ')"
expect 'no way' 'unresolved ' "$(results 203.0.113.7 count=1)"
vsctl_in a pa ping 203.0.113.7 count=1 wait=100 >/dev/null
expect 'exit code of silence' 5 $?
vsctl_in a pa ping 224.0.0.1 2>/dev/null
expect 'a group' 4 $?
vsctl_in a peer probe 192.0.2.99 2>/dev/null
expect 'no peer' 2 $?

# ping only: a host whose kernel answers and that has no vswitch
vsctl_in a ca add 10.0.0.22 vsid=5001 mac=02:00:00:00:00:22 pa=192.0.2.22 \
	>/dev/null
expect 'ping only' 'ping only' "$(reach 192.0.2.22)"
in_netns b sysctl -qw net.ipv4.icmp_echo_ignore_all=1
expect 'silent' silent "$(reach 192.0.2.22)"
in_netns b sysctl -qw net.ipv4.icmp_echo_ignore_all=0
vsctl_in a ca add 10.0.0.23 vsid=5001 mac=02:00:00:00:00:23 pa=192.0.2.23 \
	>/dev/null
expect 'not resolved' 'not resolved' "$(reach 192.0.2.23)"

# frames that leave and find no echo: it is asked without being told to
asked()
{
	[ "$(json a '.objects[] | select(.key == "192.0.2.22") |
		.status.reach' peer list)" = 'ping only' ]
}
in_netns va ping -c 60 -i 0.5 10.0.0.22 >/dev/null 2>&1 &
wait_for 60 asked || fault "lonely: $(vsctl_in a peer list)"
wait_for 30 grep -q 'peer_state: 192.0.2.22: answers ping' "$work/a/log" ||
	fault 'no event'
balanced a
balanced b
finish
