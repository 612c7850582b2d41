#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The extensions that ship, on a daemon at work: a real DHCP client gets its
# record's address, gateway and MTU; a pcap-filter keeps a port from what its
# expression says, one that is no expression is refused; flowstats knows who
# sent most in which subnet.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping busybox ncat
busybox --list | grep -qx udhcpc || skip "needs busybox udhcpc"

for name in host a b; do make_netns "$name"; done
start_vswitchd host
said() { vsctl_in host "$@" >"$work/said" 2>&1; }
do_it() { said "$@" || fault "$*: $(cat "$work/said")"; }
# plug NAME MAC ADDRESS: a veth, whose end in the namespace has no address
plug()
{
	ip -n "$prefix-host" link add "v$1" type veth peer name eth0 \
		address "$2" netns "$prefix-$1"
	ip -n "$prefix-host" link set "v$1" up
	ip -n "$prefix-$1" link set eth0 up
	do_it port add "$1" packet="v$1" vsid=5001 ca="$3" mac="$2"
	wait_for 20 port_is host "$1" up || fault "port $1"
}
do_it network add blue
do_it subnet add 5001 network=blue prefix=10.0.0.0/24 mtu=1400
do_it switch add s stack=flowstats,capture,filter-pcap,dhcp,wnv
do_it dhcp add 5001 switch=s dns=10.0.0.53 domain=blue.example lease=600
plug a 02:00:00:00:00:05 10.0.0.5
plug b 02:00:00:00:00:07 10.0.0.7

# DHCP
cat >"$work/udhcpc" <<'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
echo "$ip/$mask router=$router mtu=$mtu dns=$dns domain=$domain lease=$lease" >"$WORK/lease.$NAME"
ip addr add "$ip/$mask" dev "$interface"
ip link set "$interface" mtu "$mtu"
END
chmod 755 "$work/udhcpc"
lease()
{
	WORK=$work NAME=$1 in_netns "$1" busybox udhcpc -i eth0 -f -q -n -t 10 \
		-T 3 -O mtu -s "$work/udhcpc" >"$work/client.$1" 2>&1 ||
		fault "$1 gets no lease: $(cat "$work/client.$1")"
}
lease a
lease b
expect 'what a was told' \
	'10.0.0.5/24 router=10.0.0.1 mtu=1400 dns=10.0.0.53 domain=blue.example lease=600' \
	"$(cat "$work/lease.a")"
expect 'what b was told' 10.0.0.7/24 "$(cut -d' ' -f1 "$work/lease.b")"
counted() { json host "[.extensions[] | select(.name == \"$1\") | .counters[] | select(.name == \"$2\") | .value] | add" ext list; }
expect 'addresses given' 2 "$(counted dhcp acks)"
wait_for 20 in_netns a ping -q -c 1 -W 1 10.0.0.7 || fault 'a reaches b'
said dhcp add 5009 switch=s && fault 'served a subnet that is not there'
grep -q 'there is no subnet 5009' "$work/said" || fault "$(cat "$work/said")"

# filters
do_it pcap-filter add no-echo port=b expression='icmp and greater 500' direction=in
in_netns a ping -q -c 1 -W 1 -s 600 10.0.0.7 >/dev/null && fault 'a big echo passed'
in_netns a ping -q -c 2 -W 5 -s 100 10.0.0.7 >/dev/null || fault 'a small one did not'
in_netns b ping -q -c 1 -W 1 -s 600 10.0.0.5 >/dev/null && fault 'a big answer passed'
dropped=$(json host '[.drops[] | select(.reason == "pcap_filter") | .count] | add' drops)
[ "${dropped:-0}" -ge 2 ] || fault "dropped pcap_filter: $dropped"
said pcap-filter add bad port=b expression='tcp prot 80' && fault 'took it'
grep -q 'prot' "$work/said" || fault "$(cat "$work/said")"
do_it pcap-filter set no-echo port=b action=pass expression='arp or (icmp and less 500)' direction=both
in_netns a ping -q -c 2 -W 5 -s 100 10.0.0.7 >/dev/null || fault 'what matches passes'
in_netns a ping -q -c 1 -W 1 -s 600 10.0.0.7 >/dev/null && fault 'what does not match passed'
do_it pcap-filter del no-echo port=b
in_netns a ping -q -c 2 -W 5 -s 600 10.0.0.7 >/dev/null || fault 'no filter, no drop'

# who talks most
do_it flowstats forget
in_netns a ping -q -c 20 -i 0.02 -W 5 -s 1200 10.0.0.7 >/dev/null
in_netns b ping -q -c 3 -i 0.02 -W 5 10.0.0.5 >/dev/null
talks() { json host '[.talkers[] | select(.vsid == 5001)][0].sender' flowstats top vsid=5001; }
first_is() { [ "$(talks)" = "$1" ]; }
wait_for 20 first_is 10.0.0.5 || first_is 10.0.0.7 ||
	fault "who talks most: $(vsctl_in host flowstats top)"
sum() { json host '[.talkers[] | select(.sender == "10.0.0.5") | .bytes] | add // 0' flowstats top; }
much() { [ "$(sum)" -ge 24000 ]; }
wait_for 20 much || fault "bytes of a: $(sum)"
expect 'nobody in another subnet' 0 "$(json host '.talkers | length' flowstats top vsid=6001)"

# what is said of them: in show, stats, the ledger and JSON
for where in '.switches[].extensions[]' '.extensions[]'; do
	what=show
	[ "$where" = '.extensions[]' ] && what=stats
	expect "$what: all of the stack, in order" \
		'flowstats capture filter-pcap dhcp wnv ok' \
		"$(json host "[$where | .name] + ([$where | .state] | unique) |
			join(\" \")" $what)"
	expect "$what: dhcp has counted" 2 "$(json host "$where |
		select(.name == \"dhcp\") | .counters.acks" $what)"
	[ "$(json host "$where | select(.name == \"filter-pcap\") |
		[.counters.judged, .dropped_for.pcap_filter] | min" \
		$what)" -ge 2 ] || fault "$what: filter-pcap"
	[ "$(json host "$where | select(.name == \"flowstats\") |
		.counters.frames" $what)" -ge 20 ] || fault "$what: flowstats"
done
expect 'the ledger names reasons' "$(dropped host pcap_filter)" "$(json host \
	'[.ledger[].dropped_for.pcap_filter // 0] | add' stats)"
expect 'each drop has its reason' true "$(json host '[.ledger[] |
	.dropped == ([.dropped_for[]] | add // 0)] | all' stats)"
said show
grep -qE 'filter-pcap +filter .*judged [0-9]+ .*pcap_filter [0-9]+' "$work/said" ||
	fault "show: $(cat "$work/said")"
said stats
grep -qE 's +filter-pcap +dropped +pcap_filter +[0-9]+' "$work/said" ||
	fault "stats: $(cat "$work/said")"
grep -qE 's +dhcp +counter +acks +2' "$work/said" ||
	fault "stats: $(cat "$work/said")"
said ext list
grep -qE 'filter-pcap +filter .*pcap_filter [0-9]+' "$work/said" ||
	fault "ext list: $(cat "$work/said")"
balanced host
finish
