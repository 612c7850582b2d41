#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Who may talk and how to see it: ACLs in and out with their drops counted,
# captures that tshark reads and that filter, trace naming every station, and
# events as devices go.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss tshark

make_hosts vb
start_host a
start_host b
pings va 10.0.0.7

# ACLs: local is the VM's side, in is what it receives
vsctl_in a acl add va deny out remote=10.0.0.7/32 >/dev/null ||
	fault 'acl add'
silent va 10.0.0.7
[ "$(dropped a acl_deny_out 2>/dev/null || dropped a acl)" -ge 3 ] ||
	[ "$(json a '[.drops[] | select(.reason | startswith("acl")) |
	.count] | add // 0' drops port=va)" -ge 3 ] ||
	fault "drops of the rule: $(vsctl_in a drops)"
vsctl_in a acl del --all port=va >/dev/null || fault 'acl del'
pings va 10.0.0.7
vsctl_in a acl add va deny in remote=10.0.0.0/24 >/dev/null
vsctl_in a acl add va allow in remote=10.0.0.7/32 >/dev/null
pings va 10.0.0.7
vsctl_in a acl del --all port=va action=allow >/dev/null ||
	fault 'acl del of one'
silent va 10.0.0.7
pings va fd00::7
vsctl_in a acl del --all port=va >/dev/null
pings va 10.0.0.7

# a rule is deleted by the words that made it, and no other
for rule in 'deny in remote=10.0.0.7/32' 'deny out remote=10.0.0.7/32' \
	'deny in remote=10.0.0.7/32 proto=udp weight=9'; do
	# shellcheck disable=SC2086 # words
	vsctl_in a acl add va $rule >/dev/null || fault "acl add va $rule"
done
vsctl_in a acl del va deny >"$work/said" 2>&1
expect 'which of three' 4 $?
grep -q "3 acl match ('deny in remote 10.0.0.7/32', .*name one" "$work/said" ||
	fault "$(cat "$work/said")"
vsctl_in a acl del va deny in remote=10.0.0.7/32 >/dev/null ||
	fault 'acl del by its words'
vsctl_in a acl del va deny in remote=10.0.0.8/32 >"$work/said" 2>&1
expect 'a rule that is not there' 2 $?
silent va 10.0.0.7
vsctl_in a acl del va 'deny out remote 10.0.0.7/32' >/dev/null ||
	fault 'acl del by its name'
pings va 10.0.0.7
expect 'what is left' 9 "$(json a '.objects | map(.fields.weight) | join(" ")' \
	acl list va deny)"
vsctl_in a acl del va deny in remote=10.0.0.7/32 weight=9 >/dev/null ||
	fault 'acl del of the last, which says more'
vsctl_in a acl add va deny in remote=10.0.0.9/32 >/dev/null
vsctl_in a acl add va deny in remote=10.0.0.9/32 proto=udp weight=7 >/dev/null
vsctl_in a acl del va action=deny direction=in remote=10.0.0.9/32 >/dev/null ||
	fault 'acl del by fields'
vsctl_in a acl del va weight=7 direction=in >/dev/null ||
	fault 'acl del by weight'
expect 'nothing is left' 0 "$(json a '.objects | length' acl list va deny)"

# captures to the output; as the switch sees a VM, and the wire
vsctl_in a -t 0 capture va 'icmp' count=4 >"$work/va.pcapng" &
one=$!
vsctl_in a -t 0 capture wire 'ip proto 47' count=4 >"$work/wire.pcapng" &
two=$!
sleep 0.5
in_netns va ping -q -c 3 -i 0.1 fd00::7 >/dev/null
in_netns va ping -q -c 3 -i 0.1 10.0.0.7 >/dev/null
wait_for 5 ended "$one" || kill "$one"
wait_for 5 ended "$two" || kill "$two"
wait "$one" "$two"
expect 'frames that the filter took' '1 1 1 1' "$(tshark \
	-r "$work/va.pcapng" -T fields -e ip.proto 2>/dev/null |
	paste -sd ' ')"
expect 'the wire shows GRE' 4 "$(tshark -r "$work/wire.pcapng" -Y gre \
	2>/dev/null | wc -l)"
said=$(vsctl_in a capture va 'no such filter' 2>&1)
expect 'a filter that does not compile' 4 $?
case $said in
*filter*) ;;
*) fault "a wrong filter: $said" ;;
esac
# who reads no more ends it
vsctl_in a -t 0 capture va 2>/dev/null | head -c 1 >/dev/null
(for _ in 1 2 3; do in_netns va ping -q -c 1 10.0.0.7; done) >/dev/null

# trace
vsctl_in a trace va 'tcp 10.0.0.7:443' >"$work/trace" 2>&1 ||
	fault "trace: exit $? $(cat "$work/trace")"
for word in admit capture decide wnv 192.0.2.2 'leaves by wire' verdict; do
	grep -q -- "$word" "$work/trace" ||
		fault "trace does not say $word: $(cat "$work/trace")"
done
said=$(vsctl_in a trace va 'icmp 10.0.0.99' 2>&1) &&
	fault "a frame that no VM would send: $said"
vsctl_in a trace va 'icmp 10.0.0.99 dmac=02:00:00:00:00:99' \
	>"$work/trace" 2>&1
grep -q no_ "$work/trace" || fault "no reason in $(cat "$work/trace")"
# the VM may say something of its own accord meanwhile: not every time
uncounted()
{
	local before
	before=$(counted a received)
	vsctl_in a trace va 'icmp 10.0.0.99 dmac=02:00:00:00:00:99'
	[ "$before" = "$(counted a received)" ]
}
wait_for 20 uncounted || fault 'a trace counts as traffic'

# events
monitor_start a
ip netns del "$prefix-va"
wait_for 5 grep -q port_lost "$work/events" || fault 'no event'
monitor_stop
grep -q ' va ' "$work/events" || fault "events: $(cat "$work/events")"
balanced a
balanced b
finish
