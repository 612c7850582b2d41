#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the kernel lost before the switch could read it (a full TAP queue) is
# shown beside the ledger, and the ledger still balances without it.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl lab-secret ip jq

for name in host a b; do
	make_netns "$name"
done
start_vswitchd host
vsctl_in host switch add s0 stack= >/dev/null || fault 'switch add'
for name in a b; do
	vsctl_in host port add $name tap=eth0 netns="$prefix-$name" vsid=0 \
		>/dev/null || fault "port $name"
done
ready host
ip -n "$prefix-a" addr add 10.1.0.1/24 dev eth0
ip -n "$prefix-b" addr add 10.1.0.2/24 dev eth0
in_netns a ping -q -c 2 -i 0.2 10.1.0.2 >/dev/null || fault 'no ping'

lost() { vsctl_in host --json stats | jq '.links[] | select(.port == "a") | .kernel_drops'; }
expect 'lost at rest' 0 "$(lost)"

# nobody reads for a moment: more frames than the queue holds
printf '%032d' 7 >"$work/secret"
kill -STOP "${daemons[host]}"
in_netns a "$build/bin/lab-secret" noise eth0 "$work/secret" 10.1.0.2 2 6000 \
	>/dev/null
kill -CONT "${daemons[host]}"
some_lost() { [ "$(lost)" -gt 0 ]; }
wait_for 5 some_lost || fault "the kernel's losses are not shown"
in_kernel=$(ip -n "$prefix-a" -s -j link show eth0 | jq '.[].stats64.tx.dropped')
expect 'as the kernel counts' "$in_kernel" "$(lost)"
expect 'the ledger' true "$(vsctl_in host --json stats |
	jq '[.ledger[].balance] | all(. == 0)')"
finish
