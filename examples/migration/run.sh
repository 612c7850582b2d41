#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The migration lab: a VM moves between hosts in different provider networks,
# under a TCP transfer and 1,000 pings a second, six times.
#
#   sudo examples/migration/run.sh            everything, under a minute
#   sudo examples/migration/run.sh --keep     then a shell inside; exit cleans up
#
#       vm5                     vm7 ----------> vm7
#      host a                  host b          host c
#   192.0.2.1/24          198.51.100.2/24   203.0.113.3/24
#        |                       |               |
#        +-------- router -------+---------------+
#
# vm7 is a namespace whose cable is plugged into host b, then c, and so on. While
# it is nowhere the three hosts are told one after the other (`vsctl ca move`), in
# each of the six orders; before, all know that it will go (`next-pa`). The table
# says how long the VM was stopped by the one who moved it, how long it took from
# its stop to its first reply, and how many pings were lost outside of the stop.
#
# Environment: BUILD (build directory; made if not given), PFX (prefix of the
# namespaces, vsmv), LOST (how many pings may be lost outside of the stop, 5).
# Exit: 0 all held, 1 something did not, 2 could not run.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/examples/migration
: "${PFX:=vsmv}" "${BUILD:=}" "${LOST:=5}"
namespaces="a b c router vm5 vm7"
. "$top/examples/lab.sh"
while [ $# -gt 0 ]; do lab_option "$1"; shift; done
lab_begin ip ping ss jq python3

port_is() {         # port_is HOST PORT STATE
	[ "$(ctl "$1" --json show | jq -r '.switches[].ports[] |
		select(.name == "'"$2"'").state')" = "$3" ]
}
pa_is_up() {
	ctl "$1" --json pa list | jq -e '[.objects[].status.state] |
		length > 0 and all(. == "preferred")'
}

# --- three hosts, a router, two VMs ---------------------------------------------

say "Three hosts in three provider networks, a VM that moves"
for n in $namespaces; do
	ip netns add "$PFX-$n" || die "cannot make namespace $PFX-$n"
	ipn "$n" link set lo up
done
declare -A pa=([a]=192.0.2.1 [b]=198.51.100.2 [c]=203.0.113.3)
for n in a b c; do
	ipn "$n" link add wire type veth peer name "to$n" netns "$PFX-router" ||
		die "no veth"
	in_ns "$n" sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
	ipn "$n" link set wire up
	ipn router link set "to$n" up
	ipn router addr add "${pa[$n]%.*}.254/24" dev "to$n"
done
in_ns router sysctl -qw net.ipv4.ip_forward=1
ipn vm7 link add eth0 address 02:00:00:00:00:07 mtu 1458 type veth \
	peer name vm7 netns "$PFX-b" || die "no veth"
ipn b link set vm7 up
ipn vm7 link set eth0 up
ipn vm7 addr add 10.0.0.7/24 dev eth0
ipn vm7 addr add fd00::7/64 dev eth0 nodad
# a namespace sees its cable pulled, and forgets its neighbours; a VM does not
ipn vm7 neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev eth0 nud permanent
ipn vm7 neigh add fd00::5 lladdr 02:00:00:00:00:05 dev eth0 nud permanent
sed "s/PFX-/$PFX-/" "$here/lab.json" >"$tmp/lab.json"
for n in a b c; do
	mkdir -p "$tmp/$n" "$tmp/$n.state"
	start_in "$n" "$BUILD/bin/vswitchd" --rundir "$tmp/$n" \
		--statedir "$tmp/$n.state" --group root --host "$n" \
		--extension-dir "$BUILD/lib/vswitch" \
		--document "$tmp/lab.json" 2>"$tmp/$n.log"
done
for n in a b c; do
	wait_for 300 pa_is_up "$n" || die "host $n: $(ctl "$n" pa list; cat "$tmp/$n.log")"
done
wait_for 100 port_is a vm5 up || die "vm5: $(ctl a show)"
wait_for 100 port_is b vm7 up || die "vm7: $(ctl b show)"
wait_for 100 in_ns vm5 ping -c 1 -W 1 10.0.0.7 || die "vm5 does not reach vm7"
wait_for 100 in_ns vm5 ping -c 1 -W 1 fd00::7 || die "vm5 does not reach fd00::7"
good "vm5 on host a talks to vm7 on host b"
ctl c show | sed -n 's/^ *vm7.*/        on c, beforehand: &/p'

# --- one move -------------------------------------------------------------------

everywhere() {      # everywhere VERB FIELD...: both addresses of vm7, all hosts
	local n verb=$1
	shift
	for n in a b c; do tell "$n" "$verb" "$@"; done
}
tell() {            # tell HOST VERB FIELD...
	local n=$1 verb=$2 ca
	shift 2
	for ca in 10.0.0.7 fd00::7; do
		ctl "$n" ca "$verb" "$ca" vsid=5001 "$@" >/dev/null ||
			bad "host $n: ca $verb $ca $*"
	done
}

move() {            # move FROM TO ORDER...
	local from=$1 to=$2 n stopped resumed result
	shift 2
	everywhere set next-pa="${pa[$to]}"
	start_in vm5 python3 "$here/pings.py" send 10.0.0.7 60 >"$tmp/pings"
	local pinging=${pids[-1]}
	sleep 0.7
	stopped=$(date +%s.%N)
	ipn "$from" link set vm7 down
	for n; do tell "$n" move pa="${pa[$to]}"; done
	ipn "$from" link set vm7 netns "$PFX-$to"
	ipn "$to" link set vm7 up
	resumed=$(date +%s.%N)
	sleep 1
	kill -TERM "$pinging"
	wait "$pinging"
	if result=$(python3 "$here/pings.py" tell "$tmp/pings" "$stopped" "$resumed"); then
		# shellcheck disable=SC2086
		printf '  %-8s %-3s %12s %18s %12s\n' "$from -> $to" "$(printf %s "$@")" $result
		[ "${result##* }" -le "$LOST" ] ||
			bad "more than $LOST lost; the order was $*"
	else
		bad "order $*: $result"
		ctl "$to" show
	fi
}

say "Six moves, each order of telling the hosts"
start_in vm7 python3 "$here/stream.py" take 10.0.0.7 5001 >"$tmp/taken"
taker=${pids[-1]}
wait_for 100 in_ns vm7 sh -c 'ss -Hltn "sport = :5001" | grep -q .' ||
	die "no server in vm7"
start_in vm5 python3 "$here/stream.py" give 10.0.0.7 5001 10
giver=${pids[-1]}
sleep 0.5
printf '  %-8s %-3s %12s %18s %12s\n' move order 'stopped, ms' 'to 1st reply, ms' 'lost beyond'
move b c  a b c
move c b  a c b
move b c  b a c
move c b  c a b
move b c  b c a
move c b  c b a
kill -TERM "$giver"
if wait "$giver" && wait "$taker" && grep -q whole "$tmp/taken"; then
	good "one TCP stream lived through all six: $(cat "$tmp/taken")"
else
	bad "the TCP stream: $(cat "$tmp/taken")"
fi

# --- what remains ---------------------------------------------------------------

say "What the hosts know"
in_ns vm5 ping -q -c 3 -i 0.2 fd00::7 >/dev/null && good "vm5 reaches fd00::7" ||
	bad "vm5 does not reach fd00::7"
port_is b vm7 up && good "vm7 is up on b" || bad "vm7 on b: $(ctl b show)"
ctl a log | sed -n 1,4p
ctl a nexthop vm5 10.0.0.7
for n in a b c; do
	[ "$(ctl "$n" --json stats | jq '[.ledger[].balance] | all(. == 0)')" = true ] &&
		good "host $n: the ledger balances" || bad "host $n: the ledger"
done

if [ $keep = 1 ]; then
	say "A shell; ctl a|b|c ... is vsctl of a host. exit cleans up"
	export -f ctl
	BUILD=$BUILD tmp=$tmp bash -i
fi
[ $failed = 0 ] && say "All held." || say "Something did not hold."
exit $failed
