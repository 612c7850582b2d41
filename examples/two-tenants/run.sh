#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The two-tenants lab: hosts a and b, tenants blue and red with the same
# addresses, each with its own secret; nothing of one may reach the other.
#
#   sudo examples/two-tenants/run.sh            everything, about a minute
#   sudo examples/two-tenants/run.sh --keep     then a shell inside; exit cleans up
#   ... --only PART[,PART]   parts: show traffic swap attack pull
#   ... --quick              less traffic (the isolation test uses it)
#
# Environment: BUILD (build directory), PFX (namespace prefix), FRAMES (how
# many frames the sniffers must have judged; 100000).
# Exit: 0 all held, 1 something did not, 2 could not run, 3 a secret leaked.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/examples/two-tenants
: "${PFX:=vslab}" "${FRAMES:=100000}" "${BUILD:=}"
keep=0 quick=0 only="show traffic swap attack pull"
failed=0 leaked=0
vms="blue5 blue6 blue7 red5 red6 red7"

say()  { printf '\n\033[1m%s\033[0m\n' "$*"; }
good() { printf '  ok    %s\n' "$*"; }
bad()  { printf '  FAIL  %s\n' "$*"; failed=1; }
die()  { printf 'run.sh: %s\n' "$*" >&2; exit 2; }

while [ $# -gt 0 ]; do
	case $1 in
	--keep) keep=1 ;;
	--quick) quick=1; FRAMES=20000 ;;
	--only) [ $# -gt 1 ] || die "--only needs a part"; only=${2//,/ }; shift ;;
	-h|--help) sed -n '3,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
	*) die "no option $1; see --help" ;;
	esac
	shift
done
wants() { [[ " $only " == *" $1 "* ]]; }

[ "$(id -u)" = 0 ] || die "needs root for network namespaces: sudo $0"

# --- build ------------------------------------------------------------------

if [ -z "$BUILD" ]; then
	BUILD=$top/build/release
	if [ ! -x "$BUILD/bin/vswitchd" ] || [ -n "${REBUILD:-}" ]; then
		say "Installing what is needed, building"
		"$top/.ci/setup" >/dev/null || die "cannot install packages: run .ci/setup to see why"
		(cd "$top" && cmake --preset release >/dev/null &&
			cmake --build --preset release >/dev/null) || die "the build failed"
	fi
fi
[ -x "$BUILD/bin/vswitchd" ] || die "no vswitchd in $BUILD/bin"
for tool in ip tshark tcpdump ping jq; do
	command -v $tool >/dev/null || "$top/.ci/setup" >/dev/null ||
		die "$tool is missing and could not be installed"
done

# --- hosts, VMs, wire ---------------------------------------------------------

tmp=$(mktemp -d)
pids=()
in_ns() { local n=$1; shift; ip netns exec "$PFX-$n" "$@"; }
# A function in the background is a subshell, whose pid is not the command's:
# what is to be ended is started by ip itself.
start_in() {        # start_in NS CMD...: remembered, ended at the end
	local n=$1
	shift
	ip netns exec "$PFX-$n" "$@" &
	pids+=($!)
}
stop_all() {
	local p
	for p in ${pids[@]+"${pids[@]}"}; do kill "$p" 2>/dev/null; done
	for p in ${pids[@]+"${pids[@]}"}; do wait "$p" 2>/dev/null; done
	pids=()
}
cleanup() {
	local n p
	stop_all
	for n in a b wire box $vms; do
		[ -e "/run/netns/$PFX-$n" ] || continue
		for p in $(ip netns pids "$PFX-$n"); do kill -KILL "$p" 2>/dev/null; done
		ip netns del "$PFX-$n"
	done
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

vsctl_a() { "$BUILD/bin/vsctl" --rundir "$tmp/a" "$@"; }
vsctl_b() { "$BUILD/bin/vsctl" --rundir "$tmp/b" "$@"; }
tool=$BUILD/bin/lab-secret

make_wire() {
	local n
	for n in a b wire box $vms; do
		ip netns add "$PFX-$n" || die "namespace $PFX-$n exists: is a lab running?"
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
		ip netns exec "$PFX-$vm" "$tool" sniff eth0 "$tmp/sniff.$vm" "$tmp/${vm%?}" $(foreign_to $vm) &
		sniffers+=($!)
	done
	ip netns exec "$PFX-wire" "$tool" sniff to-b "$tmp/sniff.wire" 5001="$tmp/blue" 6001="$tmp/red" &
	sniffers+=($!)
	sleep 0.2
}
count_of() { sed -n "s/.*\\b$2=\\([0-9]*\\).*/\\1/p" "$tmp/sniff.$1"; }
stop_sniffers() {   # sets judged, foreign; prints the table
	local p f
	sleep 0.2
	for p in "${sniffers[@]}"; do kill "$p"; done
	for p in "${sniffers[@]}"; do wait "$p"; done
	judged=0 foreign=0
	for f in "$tmp"/sniff.*; do
		f=${f##*/sniff.}
		printf '  %-6s %s\n' "$f" "$(cat "$tmp/sniff.$f")"
		judged=$((judged + $(count_of $f frames)))
		foreign=$((foreign + $(count_of $f foreign)))
	done
	if [ "$foreign" -gt 0 ]; then leaked=1; fi
}

# --- the parts --------------------------------------------------------------------

talk() { in_ns "$1" "$tool" talk "$tmp/$2" "$3" "$4" "$5"; }  # VM SECRET ADDRESS BYTES DATAGRAMS

part_show() {
	say "One blue and one red frame on the wire: equal but for VSID and secret"
	ip netns exec "$PFX-wire" timeout 10 tcpdump -q -i to-b -w "$tmp/wire.pcap" -c 400 'proto 47' 2>/dev/null &
	local dump=$! t
	sleep 0.5
	for t in blue red; do
		talk ${t}5 $t 10.0.0.7 0 40 >/dev/null
		in_ns ${t}5 ping -q -c 20 -i 0.02 10.0.0.7 >/dev/null
	done
	kill $dump 2>/dev/null; wait $dump 2>/dev/null
	for t in 5001:blue 6001:red; do
		tshark -n -r "$tmp/wire.pcap" -Y "udp.dstport==7001 && gre.key>=$((${t%:*} << 8)) && gre.key<=$(((${t%:*} << 8) + 255))" \
			-T fields -E separator=' ' -e ip.src -e ip.dst -e gre.proto -e gre.key \
			-e eth.src -e eth.dst -e udp.dstport -e udp.payload 2>/dev/null |
			head -1 | cut -c1-230 >"$tmp/decoded.${t#*:}"
		sed "s/^/  ${t#*:}	/" "$tmp/decoded.${t#*:}"
		[ -s "$tmp/decoded.${t#*:}" ] && good "${t#*:}: decoded, VSID ${t%:*}" ||
			bad "no ${t#*:} frame was decoded"
	done
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

part_traffic() {
	local vm peer round seconds=6 bytes=200000000
	[ $quick = 1 ] && seconds=2 bytes=20000000
	say "Traffic of every kind, sniffers in every VM and on the wire"
	start_sniffers $vms
	for round in 1 2 3 4; do
		local jobs=()
		for vm in $vms; do
			peer=10.0.0.$((5 + (${vm: -1} - 4) % 3))
			in_ns $vm "$tool" noise eth0 "$tmp/${vm%?}" $peer $seconds 60000 >/dev/null & jobs+=($!)
			in_ns $vm ping -q -i 0.01 -c 100 -s 200 -p "$(tr -d '\n' <"$tmp/${vm%?}")" $peer >/dev/null & jobs+=($!)
			in_ns $vm ping -q -i 0.05 -c 20 "fe80::ff:fe00:${vm: -1}%eth0" >/dev/null 2>&1 & jobs+=($!)
		done
		for vm in blue5 red5; do
			talk $vm ${vm%?} 10.0.0.7 $bytes 200 >"$tmp/talk.$vm.7" & jobs+=($!)
			talk $vm ${vm%?} 10.0.0.6 $bytes 200 >"$tmp/talk.$vm.6" & jobs+=($!)
		done
		wait "${jobs[@]}"
		[ $(($(in_ns a true; vsctl_a --json stats | jq '[.ledger[].received] | add'))) -ge $((FRAMES / 4)) ] && break
	done
	for vm in blue5 red5; do
		for peer in 6 7; do
			if grep -q "tcp=own bytes=$bytes udp=own" "$tmp/talk.$vm.$peer"; then
				good "$vm <- 10.0.0.$peer: $(cat "$tmp/talk.$vm.$peer")"
			else
				bad "$vm <- 10.0.0.$peer: $(cat "$tmp/talk.$vm.$peer")"
			fi
		done
	done
	stop_sniffers
	[ "$foreign" = 0 ] && good "0 foreign secrets in $judged frames" ||
		bad "$foreign frames carried a foreign secret"
	[ "$judged" -ge "$FRAMES" ] || bad "only $judged frames were judged, $FRAMES are wanted"
	[ "$(count_of blue6 super)" -gt 0 ] && good "super-frames stayed whole on one host" ||
		bad "no super-frame arrived at blue6"
	sleep 1
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

for part in show traffic swap attack pull; do
	wants $part && part_$part
done

if [ $keep = 1 ]; then
	say "The lab stays until you leave this shell"
	echo "  ip netns exec $PFX-blue5 ping 10.0.0.7;  vsctl_a show;  vsctl_b drops"
	export -f vsctl_a vsctl_b
	export BUILD tmp
	bash -i
fi

say "$([ $failed = 0 ] && echo "Everything held." || echo "Something did not hold.")"
[ $leaked = 1 ] && exit 3
exit $failed
