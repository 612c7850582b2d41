#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The gateway lab: tenants blue and red, with the same addresses, reach an
# internet and a physical network through one gateway on one port.
#
#   sudo examples/gateway/run.sh            everything, under a minute
#   sudo examples/gateway/run.sh --keep     then a shell inside; exit cleans up
#
#   blue5 red5                blue7 red7
#      host a ---- wire ---- host b
#                               | port gw: rdmap=100:5009,200:6009
#                            trunk (gw)        one device, two VLAN tags
#                            /        \
#                        gwblue      gwred     a compartment per tenant
#                        |    \      /   |
#                        |   internet    |     NAT for both, v4 and v6
#                        +---- phys -----+     blue is forwarded, red has NAT
#
# A VM knows its distributed router only. The gateway lives in a subnet of its
# own (5009, 6009), and a gateway wildcard there (`gateways`) makes it the way
# to everything outside.
#
# Environment: BUILD (build directory; made if not given), PFX (prefix of the
# namespaces, vsgw).
# Exit: 0 all held, 1 something did not, 2 could not run.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/examples/gateway
: "${PFX:=vsgw}" "${BUILD:=}"
vms="blue5 red5 blue7 red7"
namespaces="a b gw gwblue gwred internet phys $vms"
declare -A daemon=() # name -> pid
. "$top/examples/lab.sh"
while [ $# -gt 0 ]; do lab_option "$1"; shift; done
lab_begin ip nft ncat ping tcpdump ss jq python3

cable() {           # cable NS DEVICE NS DEVICE
	ipn "$1" link add "$2" type veth peer name "$4" netns "$PFX-$3" || die "no veth"
	ipn "$1" link set "$2" up
	ipn "$3" link set "$4" up
}
address() {         # address NS DEVICE ADDRESS...
	local n=$1 device=$2 one
	shift 2
	for one; do
		case $one in *:*) ipn "$n" addr add "$one" dev "$device" nodad ;;
		*) ipn "$n" addr add "$one" dev "$device" ;; esac
	done
}
router() { in_ns "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; }

start_daemon() {    # start_daemon NAME NS OPTIONS...
	local name=$1 ns=$2
	shift 2
	mkdir -p "$tmp/$name" "$tmp/$name.state"
	start_in "$ns" "$BUILD/bin/vswitchd" --rundir "$tmp/$name" \
		--statedir "$tmp/$name.state" --group root \
		--extension-dir "$BUILD/lib/vswitch" "$@" 2>"$tmp/$name.log"
	daemon[$name]=$!
}
all_up() {
	"$BUILD/bin/vsctl" --rundir "$tmp/$1" --json show |
		jq -e '[.switches[] | .ports[], .uplinks[] | .state] |
			length > 0 and all(. == "up")'
}
wait_up() {
	wait_for 300 all_up "$1" && return
	cat "$tmp/$1.log"
	"$BUILD/bin/vsctl" --rundir "$tmp/$1" show
	die "daemon $1 did not come up"
}

# --- hosts and VMs --------------------------------------------------------------

say "Two hosts, two tenants, equal addresses, one gateway"
for n in $namespaces; do
	ip netns add "$PFX-$n" || die "cannot make namespace $PFX-$n"
	ipn "$n" link set lo up
done
cable a wire b wire
for n in a b; do in_ns $n sysctl -qw net.ipv6.conf.wire.disable_ipv6=1; done
sed "s/PFX-/$PFX-/" "$here/lab.json" >"$tmp/lab.json"
sed "s/PFX-/$PFX-/" "$here/split.json" >"$tmp/split.json"
for n in a b; do
	start_daemon $n $n --host $n --document "$tmp/lab.json"
done
for n in a b; do wait_up $n; done

# --- the gateway: from one device with tags to a compartment per tenant --------

# The kernel takes the tags off, if it knows VLANs; else a second switch does,
# whose trunk port is a multi-tenant port too.
split() {
	local t tag
	for t in blue:100 red:200; do
		tag=${t#*:} t=${t%:*}
		ipn gw link add link trunk name "$t" type vlan id "$tag" 2>/dev/null || return 1
		ipn gw link set "$t" netns "$PFX-gw$t" name tenant
		ipn "gw$t" link set tenant up
	done
}
in_ns gw sysctl -qw net.ipv6.conf.trunk.disable_ipv6=1 # it speaks by tags only
ipn gw link set trunk up
if split; then
	good "the kernel's VLAN devices take the tags off"
else
	start_daemon split gw --document "$tmp/split.json"
	wait_up split
	good "this kernel has no VLAN devices: a second switch takes the tags off"
fi

for t in blue red; do
	[ $t = blue ] && i=1 || i=2
	router gw$t
	address gw$t tenant 10.0.9.2/24 fd00:0:0:9::2/64
	ipn gw$t route add 10.0.0.0/24 via 10.0.9.1
	ipn gw$t route add fd00::/64 via fd00:0:0:9::1
	cable gw$t out internet $t
	address gw$t out 203.0.113.$((4 * i + 2))/30 2001:db8:$i::2/64
	address internet $t 203.0.113.$((4 * i + 1))/30 2001:db8:$i::1/64
	ipn gw$t route add default via 203.0.113.$((4 * i + 1))
	ipn gw$t route add default via 2001:db8:$i::1
	cable gw$t phys phys $t
	address gw$t phys 192.168.$i.2/24
	address phys $t 192.168.$i.1/24
	ipn gw$t route add 192.168.77.0/24 via 192.168.$i.1
	[ $t = blue ] && outside='"out"' || outside='{ "out", "phys" }'
	in_ns gw$t nft -f - <<-END || die "nft failed in gw$t"
		table inet nat {
			chain post {
				type nat hook postrouting priority 100
				oifname $outside masquerade
			}
		}
	END
done
address internet lo 198.51.100.1/32 2001:db8:ffff::1/128
address phys lo 192.168.77.1/32
# physical machines know the way to blue's VMs; red hides behind its gateway
ipn phys route add 10.0.0.0/24 via 192.168.1.2

# Servers say their name and whom they see: "internet 203.0.113.6"
serve() {           # serve NS NAME
	# shellcheck disable=SC2016
	start_in "$1" ncat -lk 80 --sh-exec "echo $2 \$NCAT_REMOTE_ADDR" 2>/dev/null
	# shellcheck disable=SC2016
	start_in "$1" ncat -6 -lk 81 --sh-exec "echo $2 \$NCAT_REMOTE_ADDR" 2>/dev/null
}
listens() { [ "$(in_ns "$1" ss -Hltn 'sport = :80 or sport = :81' | wc -l)" -ge 2 ]; }
serve internet internet
serve phys phys
for vm in $vms; do serve $vm $vm; done
for n in internet phys $vms; do
	wait_for 100 listens $n || die "no server in $n"
done

# --- who reaches whom, and as whom ----------------------------------------------

ask() {             # ask VM ADDRESS: what the server there answers
	local port=80
	[[ $2 == *:* ]] && port=81
	in_ns "$1" timeout 20 ncat --recv-only -w 15 "$2" $port 2>&1
}
sees() {            # sees VM ADDRESS ANSWER
	local answer
	answer=$(ask "$1" "$2")
	[ "$answer" = "$3" ] && good "$1 -> $2: \"$answer\"" ||
		bad "$1 -> $2: \"$answer\", not \"$3\""
}
pings() {           # pings VM ADDRESS
	wait_for 20 in_ns "$1" ping -q -c 1 -W 1 "$2" && good "$1 pings $2" ||
		bad "$1 does not reach $2"
}

# The hosts' provider addresses are probed for before they are used.
wait_for 300 in_ns blue5 ping -q -c 1 -W 1 10.0.0.7 || die "the hosts do not meet"

say "To the internet, by NAT: each tenant has an address of its own there"
for vm in $vms; do
	[[ $vm == blue* ]] && i=1 || i=2
	pings $vm 198.51.100.1
	sees $vm 198.51.100.1 "internet 203.0.113.$((4 * i + 2))"
	pings $vm 2001:db8:ffff::1
	sees $vm 2001:db8:ffff::1 "internet 2001:db8:$i::2"
done

say "To the physical network: blue as itself, red by NAT"
sees blue5 192.168.77.1 "phys 10.0.0.5"
sees blue7 192.168.77.1 "phys 10.0.0.7"
sees red5 192.168.77.1 "phys 192.168.2.2"
sees red7 192.168.77.1 "phys 192.168.2.2"
sees phys 10.0.0.5 "blue5 192.168.1.1"
sees phys 10.0.0.7 "blue7 192.168.1.1"

say "Inside: the same addresses, each tenant its own VMs"
sees blue5 10.0.0.7 "blue7 10.0.0.5"
sees red5 10.0.0.7 "red7 10.0.0.5"
sees blue7 fd00::5 "blue5 fd00::7"
sees red7 fd00::5 "red5 fd00::7"
sees gwblue 10.0.0.5 "blue5 10.0.9.2"
sees gwred 10.0.0.5 "red5 10.0.9.2"

say "A large transfer, both tenants at once"
head -c 10000000 /dev/urandom >"$tmp/blob"
# ncat's --sh-exec may lose bytes of the last block when its child ends
start_in internet python3 -c '
import socketserver, sys

class Blob(socketserver.BaseRequestHandler):
    def handle(self):
        with open(sys.argv[1], "rb") as blob:
            self.request.sendall(blob.read())

socketserver.ThreadingTCPServer(("", 82), Blob).serve_forever()
' "$tmp/blob"
wait_for 100 in_ns internet sh -c 'ss -Hltn "sport = :82" | grep -q .' || die "no server"
jobs=()
for vm in $vms; do
	in_ns $vm timeout 120 ncat --recv-only -w 60 198.51.100.1 82 >"$tmp/got.$vm" &
	jobs+=($!)
done
wait "${jobs[@]}"
for vm in $vms; do
	cmp -s "$tmp/blob" "$tmp/got.$vm" && good "$vm has 10 MB from the internet" ||
		bad "$vm has $(stat -c %s "$tmp/got.$vm") bytes of 10000000"
done

# --- nothing of one tenant is seen by the other ------------------------------------

say "While one tenant talks, nothing of it is seen on the other's side"
watch() {           # watch NS DEVICE: ICMP with blue's or red's pattern
	start_in "$1" tcpdump --immediate-mode -U -q -n -i "$2" -w "$tmp/pcap.$1" icmp 2>"$tmp/tcpdump.$1"
	wait_for 100 grep -q listening "$tmp/tcpdump.$1" || die "no tcpdump in $1"
}
found() { tcpdump -r "$tmp/pcap.$1" -X -n 2>/dev/null | grep -c "$2 $2 $2"; }
for t in blue red; do
	watch ${t}5 eth0
	watch ${t}7 eth0
	watch gw$t tenant
done
in_ns blue5 ping -q -i 0.02 -c 100 -p b1ae 198.51.100.1 >/dev/null & one=$!
in_ns red5 ping -q -i 0.02 -c 100 -p 4ed0 198.51.100.1 >/dev/null & two=$!
in_ns gwblue ping -q -i 0.02 -c 50 -p b1ae 10.0.0.7 >/dev/null & three=$!
in_ns gwred ping -q -i 0.02 -c 50 -p 4ed0 10.0.0.7 >/dev/null & four=$!
wait $one $two $three $four
sleep 0.5
for n in blue5 blue7 gwblue; do
	[ "$(found $n b1ae)" -gt 50 ] || bad "$n saw only $(found $n b1ae) lines of its own tenant"
	[ "$(found $n 4ed0)" = 0 ] && good "$n: nothing of red" || bad "$n saw red"
done
for n in red5 red7 gwred; do
	[ "$(found $n 4ed0)" -gt 50 ] || bad "$n saw only $(found $n 4ed0) lines of its own tenant"
	[ "$(found $n b1ae)" = 0 ] && good "$n: nothing of blue" || bad "$n saw blue"
done

say "vsctl show, and the way of a packet to the outside"
vsctl_b show
vsctl_a trace blue5 'tcp 198.51.100.1:443'
says() {            # says WORDS FRAME: the trace of a frame from the gateway
	vsctl_b trace gw "$2" | grep -q "$1" && good "trace gw '$2': $1" ||
		bad "trace gw '$2' lacks: $1"
}
inward='icmp 10.0.0.5 from=198.51.100.1 dmac=02:56:53:00'
says 'its tag names VSID 5009 on gw' "$inward:13:91 vlan=100"
says 'verdict: leaves by wire' "$inward:13:91 vlan=100"
says 'verdict: leaves by wire' "$inward:17:79 vlan=200"
says 'dropped: vlan_not_allowed' "$inward:13:91 vlan=300"
says 'dropped: vlan_not_allowed' "$inward:13:91"
vsctl_b drops
sleep 1
for n in a b; do
	"$BUILD/bin/vsctl" --rundir "$tmp/$n" --json stats |
		jq -e '[.ledger[] | .balance] | all(. == 0)' >/dev/null &&
		good "host $n: the ledger balances" || bad "host $n: the ledger does not balance"
done

if [ $keep = 1 ]; then
	say "The lab stays until you leave this shell"
	echo "  vm blue5 ping 198.51.100.1;  vm gwred tcpdump -ni tenant;  vsctl_b show;  vsctl_b gateway"
	vm() { in_ns "$@"; }
	export -f vsctl_a vsctl_b in_ns vm
	export BUILD PFX tmp lock PATH="$PATH:$BUILD/bin"
	if [ -t 0 ]; then bash --rcfile <(echo 'PS1="lab> "') -i; else bash; fi
fi

say "The end: SIGTERM leaves nothing behind"
for name in "${!daemon[@]}"; do
	kill "${daemon[$name]}"
	wait "${daemon[$name]}"
	code=$?
	[ $code = 0 ] && good "$name: vswitchd ended with 0" ||
		{ bad "$name: vswitchd ended with $code"; tail -n 60 "$tmp/$name.log"; }
done
! ipn gw link show trunk >/dev/null 2>&1 || bad "the gateway still has its TAP"

say "$([ $failed = 0 ] && echo "Everything held." || echo "Something did not hold.")"
exit $failed
