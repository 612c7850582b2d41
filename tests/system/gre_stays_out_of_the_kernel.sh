#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The host's own IP stack does not see our NVGRE, for owned and for shared
# provider addresses, and nothing of that is left behind after a SIGKILL.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl lab-secret ip jq

for name in a b vma vmb; do make_netns "$name"; done
make_wire a eth1 b eth1
for name in a b; do
	other=$([ $name = a ] && echo b || echo a)
	host=$([ $name = a ] && echo 1 || echo 2)
	start_vswitchd $name
	vsctl_in $name switch add s uplink=eth1 >/dev/null || fault switch
	vsctl_in $name pa add 192.0.2.$host/24 uplink=eth1 >/dev/null || fault pa
	vsctl_in $name network add blue >/dev/null || fault network
	vsctl_in $name subnet add 5001 network=blue prefix=10.0.0.0/24 \
		>/dev/null || fault subnet
	for vm in 1 2; do
		vsctl_in $name ca add 10.0.0.1$vm vsid=5001 pa=192.0.2.$vm \
			mac=02:00:00:00:00:1$vm >/dev/null || fault ca
	done
	vsctl_in $name port add vm tap=eth0 netns="$prefix-vm$name" vsid=5001 \
		ca=10.0.0.1$host >/dev/null || fault port
done
ready a; ready b
wait_for 10 pings vma 10.0.0.12 || fault 'no ping'

# IPv4 packets that the stack of host b was handed
handed() { in_netns b awk '/^Ip:/ && $3 ~ /^[0-9]/ { print $4 }' /proc/net/snmp; }
flood() { in_netns vma ping -q -i 0.002 -c 300 10.0.0.12 | grep -q ' 300 received'; }

before=$(handed)
flood || fault 'pings are lost'
owned=$(($(handed) - before))
[ "$owned" -lt 300 ] || skip 'this kernel has no BPF links at ingress'
expect 'handed to the stack, owned address' 0 "$owned"

ip -n "$prefix-b" addr add 192.0.2.2/24 dev eth1 # now it is shared
sleep 0.5
before=$(handed)
wait_for 5 flood || fault 'pings are lost with a shared address'
expect 'handed to the stack, shared address' 0 "$(($(handed) - before))"

kill -KILL "${daemons[b]}"
sleep 0.3
before=$(handed)
in_netns vma ping -q -i 0.01 -c 50 -W 1 10.0.0.12 >/dev/null
[ $(($(handed) - before)) -ge 50 ] ||
	fault 'something drops GRE after the daemon is dead'
finish
