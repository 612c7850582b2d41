#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `vsctl nexthop` says which way a packet would go, the customer's part and the
# provider's, and why not where it would not (hnv.md A12.1, A12.4); what it
# says is what `trace` shows and what the VM finds.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping

make_hosts vb
start_host a
start_host b
pings va 10.0.0.7
# said MEMBER WORD...: of the answer to `nexthop WORD...` on host a
said() { local member=$1; shift; json a ".[\"$member\"]" nexthop "$@"; }

for to in 10.0.0.7 fd00::7; do
	expect "$to: record" "$to" "$(said next-hop va $to)"
	expect "$to: MAC" 02:00:00:00:00:07 "$(said next-hop-mac va $to)"
	expect "$to: way" record "$(said way va $to)"
	expect "$to: rule" encap "$(said rule va $to)"
	expect "$to: from" 192.0.2.1 "$(said source-pa va $to)"
	expect "$to: to" 192.0.2.2 "$(said target-pa va $to)"
	expect "$to: hop" 192.0.2.2 "$(said pa-next-hop va $to)"
	expect "$to: its MAC" "$(in_netns b cat /sys/class/net/wire/address)" \
		"$(said pa-next-hop-mac va $to)"
	expect "$to: verdict" 'sent to 192.0.2.2 through wire' \
		"$(said verdict va $to)"
done
expect 'its own address' 'delivered on this host' "$(said verdict va 10.0.0.5)"
expect 'the gateway' 'answered here, by the gateway' \
	"$(said verdict va 10.0.0.1)"
expect 'what if' 'sent to 192.0.2.2 through wire' \
	"$(said verdict ca=10.0.0.7 vsid=5001 src=10.0.0.99)"
expect 'a source without a record is odd' true \
	"$(json a '.odd != null' nexthop ca=10.0.0.7 vsid=5001 src=10.0.0.99)"

dropped() { said verdict "$@" | sed -n 's/^dropped \([a-z_]*\):.*/\1/p'; }
expect 'nobody there' no_lookup_record "$(dropped va 10.0.0.77)"
expect 'nowhere' no_route "$(dropped va 198.51.100.1)"

# another subnet: through the gateway; and a customer route to a VM in it
vsctl_in a subnet add 5002 network=blue prefix=10.0.1.0/24 >/dev/null
vsctl_in a ca add 10.0.1.8 vsid=5002 mac=02:00:00:00:00:08 pa=192.0.2.2 \
	>/dev/null
vsctl_in a route add blue 198.51.100.0/24 10.0.1.8 >/dev/null
expect 'routed: way' 'record, through the gateway' "$(said way va 10.0.1.8)"
expect 'routed: gateway' 10.0.0.1 "$(said gateway va 10.0.1.8)"
expect 'routed: VSID' 5002 "$(said next-hop-vsid va 10.0.1.8)"
expect 'customer route: way' 'customer route' "$(said way va 198.51.100.1)"
expect 'customer route: which' '198.51.100.0/24 via 10.0.1.8' \
	"$(said route va 198.51.100.1)"
expect 'customer route: next hop' 10.0.1.8 "$(said next-hop va 198.51.100.1)"
vsctl_in a route add blue 203.0.113.0/24 10.0.1.9 >/dev/null
expect 'next hop without a record' next_hop_unusable \
	"$(dropped va 203.0.113.5)"
vsctl_in a ca add 10.0.0.66 vsid=5001 mac=02:00:00:00:00:66 pa=203.0.113.66 \
	>/dev/null
expect 'no way to its PA' pa_no_route "$(dropped va 10.0.0.66)"
vsctl_in a ca add 10.0.0.67 vsid=5001 mac=02:00:00:00:00:67 rule=none \
	>/dev/null
expect 'rule=none' rule_none "$(dropped va 10.0.0.67)"

# trace is of the same opinion
for to in 10.0.0.77 10.0.0.66 10.0.0.67; do
	trace=$(vsctl_in a trace va "icmp $to" dmac=02:00:00:00:00:${to##*.})
	case $trace in
	*$(dropped va $to)*) ;;
	*) fault "trace to $to says otherwise: $trace" ;;
	esac
done

# of several provider addresses, the one that speaks for the VM: of an address
# that VMs share, not its first owner's, who is elsewhere
vsctl_in a pa add 192.0.2.11/24 uplink=wire >/dev/null
vsctl_in a ca add 10.0.0.100 vsid=5001 type=shared mac=02:00:00:00:00:07 \
	pa=192.0.2.2 also-mac=02:00:00:00:00:05 >/dev/null || fault 'shared'
expect 'shared: MAC' 02:00:00:00:00:05 \
	"$(said source-mac va 10.0.0.7 src=10.0.0.100)"
expect 'shared: from' 192.0.2.1 "$(said source-pa va 10.0.0.7 src=10.0.0.100)"
expect 'of two: from' 192.0.2.1 "$(said source-pa va 10.0.0.7)"

refused() { vsctl_in a nexthop "$@" 2>&1 >/dev/null; }
expect 'no such port' 'no port "vx"' "$(refused vx 10.0.0.7 |
	grep -o 'no port "vx"')"
expect 'no address' 'ca: missing' "$(refused va | grep -o 'ca: missing')"
expect 'no subnet' 'say vsid=' "$(refused ca=10.0.0.7 | grep -o 'say vsid=')"
expect 'a group' 'no next hop' "$(refused va 224.0.0.1 | grep -o 'no next hop')"
vsctl_in a help nexthop | grep -q 'customer address' || fault 'no help'
vsctl_in a nexthop va 10.0.0.7
balanced a
finish
