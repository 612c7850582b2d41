#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A VM that asked moves from host a to host b, with rules that let in what it
# asked for and nothing else: the flows that `port save` kept and `port
# restore` gave to host b let the other side go on there though the VM says
# nothing first; without them it is denied. Both IPv4 and IPv6.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping python3 ss

heard() { grep -qx "$2" "$work/heard$1"; }
said() { vsctl_in "$@" >"$work/said" 2>&1; }

make_hosts vb
jq '.hosts.a.switches.lab.ports.va.mac = "02:00:00:00:00:05"' \
	"$work/hosts.json" >"$work/before.json"
mv "$work/before.json" "$work/hosts.json"
start_host a
start_host b
# guarded HOST: va may ask whom it likes, nobody may ask it
guarded()
{
	vsctl_in "$1" acl add va allow in proto=icmp6 weight=50 &&
		vsctl_in "$1" acl add va allow out weight=10 stateful=on &&
		vsctl_in "$1" acl add va deny in weight=1
} >/dev/null
guarded a || fault 'acl add'
pings va 10.0.0.7
pings va fd00::7

mkfifo "$work/say4" "$work/say6"
exec 4<>"$work/say4" 6<>"$work/say6"
begin_in vb python3 "$tcp" talk 6004 "$work/say4"
begin_in vb python3 "$tcp" talk 6006 "$work/say6"
wait_for 20 listening vb 6004
wait_for 20 listening vb 6006
begin_in va python3 "$tcp" hear 10.0.0.7 6004 >"$work/heard4"
begin_in va python3 "$tcp" hear fd00::7 6006 >"$work/heard6"
for family in 4 6; do
	echo one >&$family
	wait_for 40 heard $family one || fault "IPv$family: not connected"
done

vsctl_in a port save va >"$work/va.json" || fault 'port save'
guid=3f0c2a9e-6d41-4b7e-9a55-1c8be2d47f06
expect 'whose it is' acl "$(jq -r --arg guid $guid '.state[$guid].name' \
	"$work/va.json")"

# the VM moves: its namespace is the same, the TAP in it another host's
jq '.hosts.b.switches.lab.ports.va = .hosts.a.switches.lab.ports.va |
	del(.hosts.a.switches.lab.ports.va) |
	.networks.blue.subnets["5001"].ca |= (
		.["10.0.0.5"].pa = "192.0.2.2" | .["fd00::5"].pa = "192.0.2.2")' \
	"$work/hosts.json" >"$work/after.json"
no_device() { ! ip -n "$prefix-va" link show eth0 >/dev/null 2>&1; }
said a apply "$work/after.json" || fault "apply on a: $(cat "$work/said")"
wait_for 10 no_device || fault "a keeps the VM's device"
said b apply "$work/after.json" || fault "apply on b: $(cat "$work/said")"
guarded b || fault 'acl add on b'
wait_for 10 port_is b va up || fault 'the VM on b'

# what nobody asked for, there
denied=$(dropped b acl_extended_deny)
more_denied() { [ "$(dropped b acl_extended_deny)" -ge $((denied + 4)) ]; }
echo two >&4
echo two >&6
wait_for 40 more_denied || fault 'b let in what no flow asked for'
heard 4 two && fault 'IPv4: heard without a flow'
heard 6 two && fault 'IPv6: heard without a flow'

said b port restore va - < <(jq --arg guid $guid \
	'.state[$guid].bytes += "00"' "$work/va.json") &&
	fault 'a cut or padded state was taken'
grep -q 'these are no flows' "$work/said" || fault "$(cat "$work/said")"
said b port restore va "$work/va.json" || fault "$(cat "$work/said")"
grep -q 'va: restored by.*acl' "$work/said" || fault "$(cat "$work/said")"
for family in 4 6; do
	wait_for 60 heard $family two ||
		fault "IPv$family: the other side is not let in"
	echo three >&$family
	wait_for 40 heard $family three || fault "IPv$family: and no more"
done
# and nothing else is let in by that
silent vb 10.0.0.5
balanced a
balanced b
finish
