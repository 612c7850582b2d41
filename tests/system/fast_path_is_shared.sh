#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A tenant whose VMs quarrel about a MAC and open flow after flow takes neither
# the fast path nor its places from another one: nine of ten frames of the other
# stay in the kernel, and a new flow of it gets there.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_fast.sh"
need_root
need vswitchd vsctl ip jq ping ss python3
need_tcx

make_netns h
fast_vm h bx 1
fast_vm h by 2
make_netns red
make_wire h to-rx red rx
make_wire h to-ry red ry
for end in h:to-rx h:to-ry red:rx red:ry; do
	in_netns "${end%:*}" sysctl -qw \
		"net.ipv6.conf.${end#*:}.disable_ipv6=1"
done
# so many workers that each has few places; of the null ports there are so many
# that rx is read by the worker of bx
start_vswitchd h --fast-path --workers 15
vsctl_in h switch add s type=private stack=capture >/dev/null ||
	fault 'switch add'
for tenant in blue:5001:10.0.0.0/24 red:6001:10.9.9.0/24; do
	IFS=: read -r name vsid range <<<"$tenant"
	vsctl_in h network add "$name" >/dev/null || fault "network $name"
	vsctl_in h subnet add "$vsid" network="$name" prefixes="$range" \
		>/dev/null || fault "subnet $vsid"
done
pad() { for i in {1..14}; do vsctl_in h port add "pad$i" null=on || fault pad; done; }
for port in by:5001 bx:5001 rx:6001 ry:6001; do
	[ "$port" = rx:6001 ] && pad >/dev/null
	vsctl_in h port add "${port%:*}" packet="to-${port%:*}" \
		vsid="${port#*:}" mac-guard=off ca-guard=off \
		loop-guard=off >/dev/null || fault "port ${port%:*}"
done
ready h
pings bx 10.0.0.2

# counts: what came from blue's VM, and what of that the kernel took
counts()
{
	json h '.links[] | select(.port == "bx") | "\(.received) \(.fast)"' stats
}
came() { [ "$(counts | cut -d' ' -f1)" -gt "$1" ]; }
# stays_fast WHAT: of a thousand frames
stays_fast()
{
	local received fast more kernel
	read -r received fast <<<"$(counts)"
	wait_for 60 came $((received + 1000)) || fault "$1: blue is silent"
	read -r more kernel <<<"$(counts)"
	more=$((more - received)) kernel=$((kernel - fast))
	[ $((10 * kernel)) -ge $((9 * more)) ] ||
		fault "$1: the kernel took $kernel of $more"
}
refused() { [ "$(link_of h "$1" fast_refused)" -gt "$2" ]; }

stream first bx by 10.0.0.2
goes_fast 'blue alone' h bx
stays_fast 'blue alone'
begin_in red python3 "$top/tests/system/_noisy_tenant.py" rx ry
noise=$!
wait_for 60 refused rx 100 ||
	fault "red gets all it wants: $(vsctl_in h stats)"
stays_fast 'beside red'
stream second bx by 10.0.0.2 4001
stream_end first
goes_fast 'a new flow beside red' h bx
stays_fast 'a new flow beside red'
before=$(link_of h rx fast_refused)
wait_for 60 refused rx "$before" || fault 'red has become quiet'
expect "blue's flows without a place" 0 "$(link_of h bx fast_refused)"
kill "$noise"
wait "$noise" 2>/dev/null
whole second
balanced h
finish
