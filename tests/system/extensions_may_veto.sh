#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# An extension says no: to a port that is to come, to a change of one, to a
# device. The whole change is refused in its name and nothing of it holds; a
# device that it does not let in waits; it may lower the MTU of a new one. What
# was there before it came, it hears of and can't refuse.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq
specimens=$build/tests/specimens
[ -e "$specimens/warden.so" ] || skip "needs the specimens"

make_netns host
make_netns a
make_netns b
mkdir "$work/ext"
chmod 755 "$work" "$work/ext"
install -m 755 "$build"/lib/vswitch/{capture,wnv}.so "$specimens/warden.so" \
	"$work/ext"
start_vswitchd host --extension-dir "$work/ext" --workers 2
said() { vsctl_in host "$@" >"$work/said" 2>&1; }
# refused PATTERN VSCTL...: and the policy is as it was
refused()
{
	local pattern=$1 before
	shift
	before=$(vsctl_in host dump)
	said "$@" && fault "$*: was not refused"
	grep -q -e "$pattern" "$work/said" ||
		fault "$*: wanted '$pattern', got $(cat "$work/said")"
	expect "$*: nothing of it holds" "$before" "$(vsctl_in host dump)"
}
heard() { json host "[.added, .attached, .detached, .removed] | join(\" \")" warden heard; }
port() { json host ".switches[].ports[] | select(.name == \"$1\") | $2" show; }
mtu_of() { cat <(ip netns exec "$prefix-a" cat "/sys/class/net/$1/mtu"); }

said switch add s stack=capture,wnv || fault "$(cat "$work/said")"
said port add noone switch=s null=yes || fault "$(cat "$work/said")"
said port add one switch=s tap=one netns="$prefix-a" mtu=1400 ||
	fault "$(cat "$work/said")"
wait_for 10 port_is host one up || fault 'port one'

# who comes late hears of what is there, and can't refuse it
said ext enable warden switch=s || fault "$(cat "$work/said")"
expect 'what it heard of' '2 2 0 0' "$(heard)"

refused 'extension warden does not allow it: its name begins with no (switches.s.ports.nothing)' \
	port add nothing switch=s null=yes
vsctl_in host dump | jq '.switches.s.ports.fine = {"null": true} |
	.switches.s.ports.not = {"null": true}' >"$work/two.json"
refused 'extension warden does not allow it' apply "$work/two.json"
refused 'extension warden does not allow it' apply "$work/two.json" --dry-run
expect 'and it heard of none of them' '2 2 0 0' "$(heard)"
said port add fixed switch=s null=yes || fault "$(cat "$work/said")"
refused 'warden does not allow it: it is to stay as it is (switches.s.ports.fixed)' \
	port set fixed mtu=1400
said port del fixed || fault "to delete is no question: $(cat "$work/said")"
expect 'one came and went' '3 3 0 1' "$(heard)"

# devices
said port add bare switch=s tap=bare netns="$prefix-a" || fault "$(cat "$work/said")"
wait_for 10 port_is host bare waits || fault 'bare does not wait'
wait_for 10 grep -q 'extension warden does not allow it: it is to be bare' \
	"$work/host/log" || fault 'nobody said why'
port bare .why | grep -q 'warden does not allow it: it is to be bare' ||
	fault "show: $(port bare .why)"
ip -n "$prefix-a" link show dev bare >"$work/said" 2>&1 &&
	grep -q 'state UP' "$work/said" && fault 'bare is up'
said port add small switch=s tap=small netns="$prefix-a" mtu=1400 ||
	fault "$(cat "$work/said")"
wait_for 10 port_is host small up || fault 'port small'
expect 'the MTU of the device' 1300 "$(mtu_of small)"
expect 'what policy wants' 1400 "$(port small .mtu_wanted)"
grep -q 'warden lowers its MTU from 1400 to 1300' "$work/host/log" ||
	fault 'nobody said that the MTU was lowered'
attached=$(json host .attached warden heard)
said port set small mtu=1350 || fault "$(cat "$work/said")"
said port set small mtu=1280 || fault "$(cat "$work/said")"
small_is() { [ "$(mtu_of small)" = "$1" ]; }
wait_for 10 small_is 1280 || fault "policy below it: $(mtu_of small)"
heard_more() { [ "$(json host .attached warden heard)" -gt "$attached" ]; }
wait_for 10 heard_more || fault 'it did not hear of the new MTU'
said port set small mtu=1400 || fault "$(cat "$work/said")"
wait_for 10 small_is 1300 || fault "and above: $(mtu_of small)"
said port add huge switch=s tap=huge netns="$prefix-a" mtu=1400 ||
	fault "$(cat "$work/said")"
wait_for 10 port_is host huge waits || fault 'huge does not wait'
port huge .why | grep -q 'makes an MTU of 9000 from 1400' ||
	fault "show: $(port huge .why)"

# a device that is not ours to change
ip -n "$prefix-host" link add small-v type veth peer name v netns "$prefix-b"
said port add small-v switch=s packet=small-v mac-guard=off || fault "$(cat "$work/said")"
wait_for 10 port_is host small-v waits || fault 'small-v does not wait'
port small-v .why | grep -q 'ip link set small-v mtu 1300' ||
	fault "show: $(port small-v .why)"
ip -n "$prefix-host" link set small-v mtu 1300 up
ip -n "$prefix-b" link set v up
wait_for 20 port_is host small-v up || fault 'small-v'

# without it nobody says no; and the next daemon starts with what is there
said ext disable warden switch=s || fault "$(cat "$work/said")"
wait_for 20 port_is host bare up || fault 'bare waits for nobody'
said ext enable warden switch=s || fault "$(cat "$work/said")"
balanced host
stop_vswitchd host
start_vswitchd host --extension-dir "$work/ext"
wait_for 10 port_is host noone up || fault 'noone is not there any more'
wait_for 10 port_is host bare waits || fault 'bare is let in'
finish
