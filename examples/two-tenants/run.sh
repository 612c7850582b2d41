#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The two-tenants lab: hosts a and b, tenants blue and red with the same
# addresses, each with its own secret; nothing of one may reach the other.
#
#   sudo examples/two-tenants/run.sh            everything, about a minute
#   sudo examples/two-tenants/run.sh --keep     then a shell inside; exit cleans up
#   ... --only PART[,PART]   parts: show traffic swap attack pull sabotage
#   ... --quick              less traffic, no sabotage (tests use it)
#
# Environment: BUILD (build directory; made if not given), PFX (prefix of the
# namespaces, vslab), FRAMES (how many frames the sniffers must have judged;
# 100000), VSWITCHD_OPTIONS.
# Exit: 0 all held, 1 something did not, 2 could not run, 3 a secret leaked.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/examples/two-tenants
: "${PFX:=vslab}" "${FRAMES:=}" "${BUILD:=}"
parts="show traffic swap attack pull sabotage"
quick=0 only="" leaked=0
vms="blue5 blue6 blue7 red5 red6 red7"
namespaces="a b wire box $vms"
declare -A daemon=() # host -> pid
. "$top/examples/lab.sh"

while [ $# -gt 0 ]; do
	case $1 in
	--quick) quick=1 ;;
	--only) [ $# -gt 1 ] || die "--only needs a part"; only=${2//,/ }; shift ;;
	*) lab_option "$1" ;;
	esac
	shift
done
if [ $quick = 1 ]; then
	: "${FRAMES:=20000}" "${only:=${parts% sabotage}}"
fi
: "${FRAMES:=100000}" "${only:=$parts}"
for part in $only; do
	[[ " $parts " == *" $part "* ]] || die "no part $part; there are: $parts"
done

sabotage=
lab_ends() { [ -z "$sabotage" ] || { kill "$sabotage" 2>/dev/null; wait "$sabotage"; }; }
lab_begin ip tshark tcpdump ping jq
tool=$BUILD/bin/lab-secret

make_wire() {
	local n
	for n in $namespaces; do
		ip netns add "$PFX-$n" || die "cannot make namespace $PFX-$n"
		ip -n "$PFX-$n" link set lo up
	done
	in_ns wire sysctl -qw net.bridge.bridge-nf-call-iptables=0 \
		net.bridge.bridge-nf-call-ip6tables=0 net.bridge.bridge-nf-call-arptables=0 2>/dev/null
	ip -n "$PFX-wire" link add br0 type bridge mcast_snooping 0
	for n in a b box; do
		ip -n "$PFX-wire" link add "to-$n" type veth peer name wire netns "$PFX-$n"
		in_ns wire sysctl -qw "net.ipv6.conf.to-$n.disable_ipv6=1"
		in_ns $n sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
		ip -n "$PFX-wire" link set "to-$n" master br0 up
		ip -n "$PFX-$n" link set wire up
	done
	ip -n "$PFX-wire" link set br0 up
}

start_host() {      # start_host a|b
	mkdir -p "$tmp/$1" "$tmp/$1.state"
	# shellcheck disable=SC2086
	start_in "$1" "$BUILD/bin/vswitchd" --host "$1" --rundir "$tmp/$1" \
		--statedir "$tmp/$1.state" --document "$tmp/lab.json" --group root \
		--extension-dir "$BUILD/lib/vswitch" ${VSWITCHD_OPTIONS:-} 2>"$tmp/$1.log"
	daemon[$1]=$!
}

ready() {           # every port of a host forwards
	"$BUILD/bin/vsctl" --rundir "$tmp/$1" --json show 2>/dev/null |
		jq -e '[.switches[].ports[].state] | length > 0 and all(. == "up")' >/dev/null 2>&1 &&
	"$BUILD/bin/vsctl" --rundir "$tmp/$1" --json show 2>/dev/null |
		jq -e '[.switches[].uplinks[].up] | all' >/dev/null 2>&1
}

wait_ready() {
	local n i
	for n in a b; do
		for i in $(seq 200); do ready $n && break; sleep 0.05; done
		ready $n || { cat "$tmp/$n.log"; "$BUILD/bin/vsctl" --rundir "$tmp/$n" show
			die "host $n did not come up"; }
	done
}

say "Two hosts, two tenants, equal addresses"
sed "s/PFX-/$PFX-/" "$here/lab.json" >"$tmp/lab.json"
sed -e '/"blue5": {/s/5001/SWAP/' -e '/"red5": *{/s/6001/5001/' -e '/"blue5": {/s/SWAP/6001/' \
	"$tmp/lab.json" >"$tmp/swapped.json"
for t in blue red box; do od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$tmp/$t"; done
make_wire
start_host a
start_host b
wait_ready
for vm in $vms; do start_in $vm "$tool" serve "$tmp/${vm%?}"; done
for vm in blue7 red7; do
	for i in $(seq 50); do
		in_ns ${vm%?}5 ping -q -c 1 -W 1 10.0.0.7 >/dev/null 2>&1 && break
		[ "$i" -lt 5 ] || [ -z "${SABOTAGED:-}" ] || break
	done
	in_ns ${vm%?}5 ping -q -c 3 -i 0.1 -W 2 10.0.0.7 >/dev/null &&
		good "${vm%?}5 reaches 10.0.0.7 on the other host" ||
		bad "${vm%?}5 does not reach 10.0.0.7"
done

# --- sniffers -------------------------------------------------------------------

sniffers=()
foreign_to() { case $1 in blue*) echo "$tmp/red $tmp/box" ;; *) echo "$tmp/blue $tmp/box" ;; esac; }
start_sniffers() {  # start_sniffers VM...: and the wire
	local vm
	sniffers=()
	rm -f "$tmp"/sniff.*
	for vm in "$@"; do
		# shellcheck disable=SC2046
		ip netns exec "$PFX-$vm" "$tool" sniff eth0 "$tmp/sniff.$vm" "$tmp/${vm%?}" $(foreign_to $vm) {lock}>&- &
		sniffers+=($!)
	done
	ip netns exec "$PFX-wire" "$tool" sniff to-b "$tmp/sniff.wire" 5001="$tmp/blue" 6001="$tmp/red" {lock}>&- &
	sniffers+=($!)
	sleep 0.2
}
count_of() { sed -n "s/.*\\b$2=\\([0-9]*\\).*/\\1/p" "$tmp/sniff.$1"; }
arrived() {         # arrived VM KIND...: of its own tenant, each kind
	local vm=$1 kind none=
	shift
	for kind; do [ "$(count_of $vm $kind)" -gt 0 ] || none="$none $kind"; done
	[ -z "$none" ] && good "$vm got $(sed -n 2p "$tmp/sniff.$vm")" ||
		bad "$vm got no$none: $(sed -n 2p "$tmp/sniff.$vm")"
}
stop_sniffers() {   # sets judged, foreign; prints the table
	local p f
	sleep 0.2
	for p in "${sniffers[@]}"; do kill "$p"; done
	for p in "${sniffers[@]}"; do wait "$p"; done
	judged=0 foreign=0
	for f in "$tmp"/sniff.*; do
		f=${f##*/sniff.}
		printf '  %-6s %s\n' "$f" "$(head -1 "$tmp/sniff.$f")"
		judged=$((judged + $(count_of $f frames)))
		foreign=$((foreign + $(count_of $f foreign)))
		[ "$(count_of $f lost)" = 0 ] || bad "the sniffer in $f lost $(count_of $f lost) frames unseen"
	done
	if [ "$foreign" -gt 0 ]; then leaked=1; fi
}

# --- the parts --------------------------------------------------------------------

talk() { in_ns "$1" "$tool" talk "$tmp/$2" "$3" "$4" "$5"; }  # VM SECRET ADDRESS BYTES DATAGRAMS

# One NVGRE frame of a tenant as lines NAME|VALUE, outer header first.
decode() {          # decode VSID
	tshark -n -r "$tmp/wire.pcap" -T fields -E separator='|' -E occurrence=a -E aggregator=' ' \
		-Y "udp.dstport==7001 && gre.key>=$(($1 << 8)) && gre.key<=$((($1 << 8) + 255))" \
		-e eth.src -e eth.dst -e ip.src -e ip.dst -e gre.proto -e gre.key \
		-e udp.srcport -e udp.dstport -e udp.payload 2>/dev/null | head -1 |
		while IFS='|' read -r es ed is id proto key sport dport payload; do
			printf 'wire: MAC from|%s\nwire: MAC to|%s\n' "${es% *}" "${ed% *}"
			printf 'wire: PA from|%s\nwire: PA to|%s\n' "${is% *}" "${id% *}"
			printf 'GRE: protocol|%s\nGRE: VSID|%d\nGRE: FlowID|%d\n' "$proto" $((key >> 8)) $((key & 255))
			printf 'VM: MAC from|%s\nVM: MAC to|%s\n' "${es#* }" "${ed#* }"
			printf 'VM: CA from|%s\nVM: CA to|%s\n' "${is#* }" "${id#* }"
			printf 'VM: UDP from|%s\nVM: UDP to|%s\n' "$sport" "$dport"
			printf 'secret|%b\n' "$(printf '%s' "${payload:0:64}" | sed 's/../\\x&/g')"
		done
}

side_by_side() {
	local name blue red differ=
	printf '  %-15s %-33s %s\n' '' blue red
	while IFS='|' read -r name blue red; do
		if [ "$blue" = "$red" ]; then
			printf '  %-15s %-33s %s\n' "$name" "$blue" "$red"
		else
			printf '  %s%-15s %-33s %s%s\n' "$bold" "$name" "$blue" "$red" "$plain"
			differ="$differ $name,"
		fi
	done < <(paste -d'|' "$tmp/decoded.blue" <(cut -d'|' -f2 "$tmp/decoded.red"))
	[ "$differ" = " GRE: VSID, secret," ] && good "only the VSID and the secret differ" ||
		bad "what differs:${differ:- nothing}"
}

part_show() {
	say "One blue and one red frame on the wire, as tshark decodes them"
	ip netns exec "$PFX-wire" timeout 20 tcpdump --immediate-mode -U -q -i to-b -w "$tmp/wire.pcap" 'proto 47' 2>"$tmp/tcpdump.log" {lock}>&- &
	local dump=$! t i
	for ((i = 0; i < 100; i++)); do grep -q listening "$tmp/tcpdump.log" && break; sleep 0.05; done
	for t in blue red; do talk ${t}5 $t 10.0.0.7 0 8 >/dev/null; done
	sleep 0.3
	kill $dump 2>/dev/null; wait $dump 2>/dev/null
	decode 5001 >"$tmp/decoded.blue"
	decode 6001 >"$tmp/decoded.red"
	if [ -s "$tmp/decoded.blue" ] && [ -s "$tmp/decoded.red" ]; then
		side_by_side
	else
		bad "no frame of both tenants was decoded; on the wire were $(tcpdump -n -r "$tmp/wire.pcap" 2>/dev/null | wc -l)"
	fi
	say "vsctl show (host a)"
	vsctl_a show
	say "vsctl trace blue5 'tcp 10.0.0.7:443' (host a)"
	vsctl_a trace blue5 'tcp 10.0.0.7:443'
}

balanced() {        # the ledger's law at rest, on both hosts
	local n
	for n in a b; do
		"$BUILD/bin/vsctl" --rundir "$tmp/$n" --json stats |
			jq -e '[.ledger[] | .balance] | all(. == 0)' >/dev/null &&
			good "host $n: the ledger balances" || bad "host $n: the ledger does not balance"
	done
}

# Noise is a load that the switch can carry on a slow machine, too.
one_round() {       # one_round SECONDS NOISE BYTES: all VMs, all kinds
	local vm peer jobs=() digits
	for vm in $vms; do
		peer=10.0.0.$((5 + (${vm: -1} - 4) % 3))
		digits=$(cat "$tmp/${vm%?}")
		in_ns $vm "$tool" noise eth0 "$tmp/${vm%?}" $peer $1 $2 >/dev/null & jobs+=($!)
		in_ns $vm ping -q -i 0.01 -c 100 -s 200 -p "$digits" $peer >/dev/null & jobs+=($!)
		in_ns $vm ping -q -i 0.05 -c 20 -s 200 -p "$digits" "fe80::ff:fe00:${peer##*.}%eth0" >/dev/null & jobs+=($!)
	done
	for vm in blue5 red5; do
		for peer in 10.0.0.6 10.0.0.7 fd00::6 fd00::7; do
			talk $vm ${vm%?} $peer $3 200 >"$tmp/talk.$vm.$peer" & jobs+=($!)
		done
	done
	wait "${jobs[@]}"
}
received() { vsctl_a --json stats | jq '[.ledger[].received] | add // 0'; }

part_traffic() {
	local vm peer i seconds=6 noise=12000 bytes=100000000
	[ $quick = 1 ] && seconds=2 noise=5000 bytes=5000000
	say "Traffic of every kind, sniffers in every VM and on the wire"
	start_sniffers $vms
	for i in 1 2 3 4; do
		one_round $seconds $noise $bytes
		[ "$(received)" -ge $((FRAMES / 4)) ] && break
	done
	for vm in blue5 red5; do
		for peer in 10.0.0.6 10.0.0.7 fd00::6 fd00::7; do
			i=$(cat "$tmp/talk.$vm.$peer")
			[[ $i == "tcp=own bytes=$bytes udp=own "* ]] && good "$vm <- $peer: $i" || bad "$vm <- $peer: $i"
		done
	done
	stop_sniffers
	[ "$foreign" = 0 ] && good "0 foreign secrets in $judged frames" ||
		bad "$foreign of $judged frames carried a foreign secret"
	[ "$judged" -ge "$FRAMES" ] || bad "only $judged frames were judged, $FRAMES are wanted"
	for vm in blue5 blue6 red5 red6; do arrived $vm arp nd broadcast multicast unknown udp icmp; done
	for vm in blue7 red7; do arrived $vm broadcast multicast udp icmp; done
	for vm in blue5 red5; do arrived $vm tcp4 tcp6; done
	for vm in blue5 red5; do
		[ "$(count_of $vm super)" -gt 0 ] && good "$vm: $(count_of $vm super) super-frames" ||
			bad "no super-frame at $vm"
	done
	say "vsctl drops, vsctl stats (host a)"
	vsctl_a drops
	sleep 1
	vsctl_a stats
	balanced
}

expect_secret() {   # expect_secret VM SECRET
	if talk "$1" "$2" 10.0.0.7 100000 5 >"$tmp/swap.out"; then
		good "$1 gets the secret of $2: $(cat "$tmp/swap.out")"
	else
		bad "$1 should get the secret of $2: $(cat "$tmp/swap.out")"
	fi
}

part_swap() {
	say "Swap: one apply exchanges the VSIDs of blue5 and red5"
	vsctl_a apply "$tmp/swapped.json" || bad "apply was refused"
	expect_secret blue5 red
	expect_secret red5 blue
	vsctl_a apply "$tmp/lab.json" || bad "apply was refused"
	expect_secret blue5 blue
	expect_secret red5 red
}

drops_a() { vsctl_a --json drops | jq "[.drops[] | select(.reason == \"$1\") | .count] | add // 0"; }

attack() {          # attack FROM KIND VSID REASON
	local before after sent
	before=$(drops_a "$4")
	sent=$(in_ns "$1" "$tool" forge "$([ "$1" = box ] && echo wire || echo eth0)" \
		"$tmp/$([ "$1" = box ] && echo box || echo red)" "$2" 200 "$3")
	sleep 0.3
	after=$(drops_a "$4")
	if [ $((after - before)) -ge 200 ]; then
		good "$1 $2: $((after - before)) dropped as $4"
	else
		bad "$1 $2: $sent, but $4 rose by $((after - before)); $(vsctl_a --json drops | jq -c '[.drops[]|{(.reason):.count}]|add')"
	fi
}

part_attack() {
	say "Attack: red forges, a box on the wire injects"
	start_sniffers blue5 blue6 blue7
	attack red5 mac 0 mac_spoof
	attack red5 ca 0 ca_spoof
	attack red5 arp 0 arp_spoof
	attack red5 tag 0 vlan_not_allowed
	in_ns red5 "$tool" forge eth0 "$tmp/red" nvgre 200 5001 >/dev/null
	attack box wire-unknown 5001 pa_src_unknown
	attack box wire-mismatch 5001 pa_src_mismatch
	attack box wire-local 5001 mac_spoof_remote
	attack box wire-vsid 5001 vsid_unknown
	attack box wire-tag 5001 inner_vlan
	attack box wire-short 5001 gre_truncated
	in_ns box "$tool" forge wire "$tmp/box" wire-plain 200 >/dev/null
	stop_sniffers
	[ "$foreign" = 0 ] && good "0 of them arrived at blue" || bad "$foreign arrived at blue"
}

part_pull() {
	local lost
	say "Pull: blue's records go away under load, red loses nothing"
	talk blue5 blue 10.0.0.7 2000000000 0 >"$tmp/pull.blue" & local load=$!
	in_ns red5 ping -q -i 0.01 -c 300 10.0.0.7 >"$tmp/pull.red" & local ping=$!
	sleep 1
	vsctl_a ca del vsid=5001 --all >/dev/null || bad "ca del was refused"
	vsctl_b ca del vsid=5001 --all >/dev/null || bad "ca del was refused"
	wait $ping
	lost=$(sed -n 's/.*transmitted, \([0-9]*\) received.*/\1/p' "$tmp/pull.red")
	[ "$lost" = 300 ] && good "red5: 300 of 300 pings answered" || bad "red5: $lost of 300 pings answered"
	in_ns blue5 ping -q -c 2 -W 1 10.0.0.7 >/dev/null && bad "blue5 still reaches 10.0.0.7" ||
		good "blue5 does not reach 10.0.0.7 any more"
	vsctl_a apply "$tmp/lab.json" >/dev/null && vsctl_b apply "$tmp/lab.json" >/dev/null ||
		bad "apply was refused"
	kill $load 2>/dev/null; wait $load 2>/dev/null
	in_ns blue5 ping -q -c 3 -i 0.2 -W 2 10.0.0.7 >/dev/null && good "blue is back" || bad "blue did not come back"
}

part_sabotage() {
	say "Sabotage: builds with the barriers between VSIDs taken out"
	PFX=${PFX}s "$here/sabotage.sh" "$BUILD" {lock}>&- &
	sabotage=$!
	wait $sabotage || bad "the checker was not right about every build"
	sabotage=
}

for part in $parts; do
	[[ " $only " != *" $part "* ]] || part_$part
done

if [ $keep = 1 ]; then
	say "The lab stays until you leave this shell"
	echo "  vm blue5 ping 10.0.0.7;  vm red5 lab-secret talk $tmp/red 10.0.0.7 1000 1;  vsctl_a show;  vsctl_b drops"
	vm() { in_ns "$@"; }
	export -f vsctl_a vsctl_b in_ns vm talk
	export BUILD PFX tmp tool lock PATH="$PATH:$BUILD/bin"
	if [ -t 0 ]; then bash --rcfile <(echo 'PS1="lab> "') -i; else bash; fi
fi

say "The end: SIGTERM leaves nothing behind"
for host in a b; do
	kill "${daemon[$host]}"
	wait "${daemon[$host]}"
	code=$?
	[ $code = 0 ] && good "host $host: vswitchd ended with 0" ||
		{ bad "host $host: vswitchd ended with $code"; tail -n 60 "$tmp/$host.log"; }
done
for vm in $vms; do
	! ip -n "$PFX-$vm" link show eth0 >/dev/null 2>&1 || bad "$vm still has its TAP"
done

say "$([ $failed = 0 ] && echo "Everything held." || echo "Something did not hold.")"
[ $leaked = 1 ] && exit 3
exit $failed
