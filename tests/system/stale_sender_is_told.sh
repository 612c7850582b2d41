#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Host a's records are old: what it sends to b for a VM that has left, b drops
# and says where the VM is now, and of one that it knows nothing of that it does
# not. Both are events on a, and no VM sees them. redirect=apply follows the
# one, and nexthop says so; redirect=off ends it. At last a's own policy moves
# the VM, an event too.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping

make_hosts vb
start_host a
start_host b
pings va 10.0.0.7
pings va fd00::7

monitor_start a
# told EVENT TEXT: a was told so
told()
{
	wait_for 20 grep -q "$1  $2" "$work/events" ||
		fault "no $1 '$2': $(cat "$work/events")"
}

ca() { vsctl_in b ca "$@" >/dev/null || fault "ca $*"; }
ca move 10.0.0.7 vsid=5001 pa=192.0.2.3
ca move fd00::7 vsid=5001 pa=192.0.2.3
silent va 10.0.0.7
told redirect '10.0.0.7 in 5001 is at 192.0.2.3, says 192.0.2.2'
sleep 1.1 # the same VM is told of once a second
silent va fd00::7
told redirect 'fd00::7 in 5001 is at 192.0.2.3, says 192.0.2.2'
[ "$(dropped b dst_not_local)" -gt 0 ] || fault 'b dropped nothing'
expect 'messages were taken' true "$(json a \
	'[.ledger[].consumed.redirect // 0] | add > 0' stats)"

# redirect=apply: it is followed, and nexthop says so
vsctl_in a ca add 10.0.0.30 vsid=5001 mac=02:00:00:00:00:30 pa=192.0.2.3 \
	>/dev/null # a host of the tenant
vsctl_in a network set blue redirect=apply >/dev/null || fault 'redirect=apply'
target() { json a ".[\"$2\"]" nexthop va "$1"; }
for to in 10.0.0.7 fd00::7; do
	expect "$to: by the record" 192.0.2.2 "$(target $to target-pa)"
	expect "$to: nothing is followed" null "$(target $to redirect)"
done
sleep 1.1
silent va 10.0.0.7 # tells of the VM, which has both addresses
told redirect '10.0.0.7 in 5001 is at 192.0.2.3, says 192.0.2.2: followed'
for to in 10.0.0.7 fd00::7; do
	expect "$to: by the redirect" 192.0.2.3 "$(target $to target-pa)"
	expect "$to: which" '192.0.2.2, whom the record names, said that the VM is at 192.0.2.3; followed until the record says so' \
		"$(target $to redirect)"
done
vsctl_in a network set blue redirect=notify >/dev/null
expect 'followed no more' 192.0.2.2 "$(target 10.0.0.7 target-pa)"

vsctl_in b port del vb >/dev/null || fault 'port del'
ca del 10.0.0.7
ca del fd00::7 # its MAC would say where it is
sleep 1.1
silent va 10.0.0.7
told unreachable '10.0.0.7 in 5001 is unknown to 192.0.2.2'

vsctl_in b network set blue redirect=off >/dev/null || fault 'redirect=off'
said() { grep -cE '(redirect|unreachable)  ' "$work/events"; }
before=$(said)
sleep 1.1
silent va 10.0.0.7
silent va fd00::7
expect 'off: nothing more is said' "$before" "$(said)"
# policy brings host a's records up to date, and who watches hears of it
vsctl_in a ca move 10.0.0.7 vsid=5001 pa=192.0.2.3 >/dev/null ||
	fault 'ca move on a'
told vm_moved '10.0.0.7 in 5001 moved from 192.0.2.2 to 192.0.2.3'
vsctl_in a ca move fd00::7 vsid=5001 pa=192.0.2.3 >/dev/null
told vm_moved 'fd00::7 in 5001 moved from 192.0.2.2 to 192.0.2.3'
vsctl_in a --dry-run ca move 10.0.0.7 vsid=5001 pa=192.0.2.2 >/dev/null
vsctl_in a ca set 10.0.0.7 vsid=5001 note=here >/dev/null
vsctl_in a ca add 10.0.0.31 vsid=5001 mac=02:00:00:00:00:31 pa=192.0.2.3 \
	>/dev/null
# and what moves after them is told next
vsctl_in a ca move 10.0.0.7 vsid=5001 pa=192.0.2.2 >/dev/null
told vm_moved '10.0.0.7 in 5001 moved from 192.0.2.3 to 192.0.2.2'
expect 'what only pretends to move is not told' 3 \
	"$(grep 'vm_moved  ' "$work/events" | grep -vc ' 10.0.0.200 ')"

monitor_stop
balanced a
balanced b
finish
