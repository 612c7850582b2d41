#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# With --fast-path known flows go from veth to veth in the kernel, and nobody
# sees a difference: IP rewrite between two hosts, two ports of one host, two
# tenants with the same addresses, a switch to its uplink. TCP both ways and
# UDP, IPv4 and IPv6, sums that are finished and sums that are not: data whole,
# books that balance and agree with the devices' own. Without the rights for it
# everything goes on, slowly.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
. "$(dirname "$0")/_fast.sh"
need_root
need vswitchd vsctl ip jq ping ncat ss nstat python3 ethtool setpriv \
	tcpdump tshark
need_tcx

# -- what VMs and links count --------------------------------------------------
# device VM DIRECTION: frames and bytes by the VM's kernel
device()
{
	ip -n "$prefix-$1" -s -j link show eth0 |
		jq -r ".[0].stats64.$2 | \"\\(.packets) \\(.bytes)\""
}
# tally HOST VM PORT: what the VM sent, what the switch had of it; what the
# switch wrote, what the VM had of it; while nothing moves
tally()
{
	local before=
	while [ "$before" != "$(device "$2" tx) $(device "$2" rx)" ]; do
		before="$(device "$2" tx) $(device "$2" rx)"
		tallied="$(device "$2" tx) $(json "$1" "[.ledger[] |
			select(.port == \"$3\") | .received, .received_bytes] |
			join(\" \")" stats) \
			$(device "$2" rx) $(link_of "$1" "$3" written)"
	done
	echo "$tallied"
}
# agrees HOST VM PORT BEFORE: the differences since then
agrees()
{
	local was now
	read -ra was <<<"$4"
	read -ra now <<<"$(tally "$1" "$2" "$3")"
	for i in 0 1 2 3 4 5 6; do : $((now[i] -= was[i])); done
	[ "${now[0]} ${now[1]} ${now[4]}" = "${now[2]} ${now[3]} ${now[6]}" ] &&
		return
	echo "sent, received, got, written: ${now[*]}" >"$work/tally"
	return 1
}
# all_agree: of each line of $counted, HOST VM PORT BEFORE
all_agree()
{
	local line
	for line in "${tallies[@]}"; do
		read -r host vm port before <<<"$line"
		wait_for 3 agrees "$host" "$vm" "$port" "$before" ||
			fault "$vm: $(cat "$work/tally")"
	done
}
counts_from() # HOST VM...
{
	local host=$1 vm
	shift
	for vm; do tallies+=("$host $vm $vm $(tally "$host" "$vm" "$vm")"); done
}
sums_are_right()
{
	local vm
	for vm; do
		expect "$vm: wrong sums" 0 "$(in_netns "$vm" nstat -asz \
			TcpInCsumErrors UdpInCsumErrors Udp6InCsumErrors |
			awk 'NR > 1 { sum += $2 } END { print sum }')"
	done
}
# most_fast HOST PORT: nine of ten that came by this link
most_fast()
{
	local all fast
	all=$(link_of "$1" "$2" received)
	fast=$(link_of "$1" "$2" fast)
	[ $((fast * 10)) -gt $((all * 9)) ] ||
		fault "$2 of $1: the kernel forwarded $fast of $all"
}
# both_ways A B ADDRESS_A ADDRESS_B: 20 MB each way at once
both_ways()
{
	local server i clients=()
	begin_in "$2" python3 "$tcp" serve 5000
	server=$!
	wait_for 10 listening "$2" 5000
	for i in 1 2; do
		in_netns "$1" timeout 60 python3 "$tcp" ask "$4" 5000 20 &
		clients+=($!)
	done
	carries "$1" "$2" "$4" 20
	carries "$2" "$1" "$3" 20
	for i in "${clients[@]}"; do
		wait "$i" || fault "TCP both ways, $1 to $4"
	done
	kill "$server"
	wait "$server" 2>/dev/null
}
# datagrams_both_ways A B A4 B4 A6 B6: for three seconds
datagrams_both_ways()
{
	stream "$1-4" "$1" "$2" "$4" 4001
	stream "$1-6" "$1" "$2" "$6" 4002
	stream "$2-4" "$2" "$1" "$3" 4003 10 # as one super-frame
	stream "$2-6" "$2" "$1" "$5" 4004 10
	sleep 2
	stream_sends "$1-4" HUP # in fragments
	stream_sends "$1-6" HUP
	sleep 1
	for name in "$1-4" "$1-6" "$2-4" "$2-6"; do whole "$name"; done
}
# exchange A B A4 B4 A6 B6: everything between two VMs
exchange()
{
	pings "$1" "$4"
	pings "$2" "$3"
	pings "$1" "$6"
	pings "$2" "$5"
	both_ways "$1" "$2" "$3" "$4"
	both_ways "$1" "$2" "$5" "$6"
	datagrams_both_ways "$@"
}

# -- two hosts ----------------------------------------------------------------
for name in a b; do make_netns $name; done
make_wire a wire b wire
for name in a b; do in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1; done
fast_vm a va 5
fast_vm b vb 7
record() { # NUMBER
	echo "\"10.0.0.$1\": {\"mac\": \"02:00:00:00:00:0$1\", \"rule\": \"rewrite\",
		\"pa\": \"192.0.2.5$1\"},
	      \"fd00::$1\": {\"mac\": \"02:00:00:00:00:0$1\", \"rule\": \"rewrite\",
		\"pa\": \"2001:db8::5$1\"}"
}
host() { # NAME NUMBER
	echo "\"$1\": {\"switches\": {\"lab\": {
	  \"uplinks\": {\"wire\": { \"pa\": { \"192.0.2.5$2\": {\"prefix\": 24},
		\"2001:db8::5$2\": {\"prefix\": 64} } } },
	  \"stack\": [\"capture\", \"wnv\"], \"ports\": { \"v$1\":
		{\"packet\": \"to-v$1\", \"vsid\": 5001,
		 \"ca\": [\"10.0.0.$2\", \"fd00::$2\"]} } } } }"
}
cat >"$work/hosts.json" <<END
{ "format": 1, "networks": { "blue": { "subnets": { "5001": {
    "prefixes": ["10.0.0.0/24", "fd00::/64"], "mtu": 1500,
    "ca": { $(record 5), $(record 7) } } } } },
  "hosts": { $(host a 5), $(host b 7) } }
END
for name in a b; do
	start_vswitchd $name --host $name --document "$work/hosts.json" --fast-path
done
ready a
ready b
expect 'the fast path' true "$(json a .probes.fast_path version)"
pings va 10.0.0.7
# crossed: frames that left by one end of the wire and did not come in at the
# other: before both switches were there
crossed()
{
	echo "$(($(link_of a wire written) - $(link_of b wire received))) $((
		$(link_of b wire written) - $(link_of a wire received)))"
}
crossed_are() { [ "$(crossed)" = "$1" ]; }
before=$(crossed)
tallies=()
counts_from a va
counts_from b vb
hosts=(va vb 10.0.0.5 10.0.0.7 fd00::5 fd00::7)
exchange "${hosts[@]}"
wait_for 3 crossed_are "$before" ||
	expect 'frames on the wire, less the first' "$before" "$(crossed)"
# wire_is_right WHAT: between the hosts, where no VM's kernel mends a thing
wire_is_right()
{
	local file="$work/wire.pcap" bad
	wire_start wire.pcap
	datagrams_both_ways "${hosts[@]}"
	carries va vb 10.0.0.7 1
	carries vb va fd00::5 1
	wire_stop
	bad=$(tshark -r "$file" -o tcp.check_checksum:TRUE \
		-o ip.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-Y 'ip.checksum.status == 0 || tcp.checksum.status == 0 ||
			udp.checksum.status == 0' 2>/dev/null | wc -l)
	expect "$1: wrong sums on the wire" 0 "$bad"
	[ "$(tshark -r "$file" -Y 'udp && !(udp.checksum == 0)' 2>/dev/null |
		wc -l)" -gt 1000 ] || fault "$1: few datagrams on the wire"
	[ "$(tshark -r "$file" -Y 'udp.checksum == 0' 2>/dev/null | wc -l)" \
		-gt 20 ] || fault "$1: few datagrams without a sum"
}
for name in a b; do # the kernel finishes what the VM began
	in_netns $name ethtool -K wire tx off >/dev/null 2>&1 || fault ethtool
done
wire_is_right 'sums of the wire'
for name in va vb; do # sums that are finished before they come to the switch
	in_netns $name ethtool -K eth0 tx off >/dev/null 2>&1 || fault ethtool
done
wire_is_right 'sums of the VM'
exchange "${hosts[@]}"
all_agree
most_fast a va
most_fast a wire
most_fast b vb
most_fast b wire
balanced a
balanced b
sums_are_right va vb
stop_vswitchd a
stop_vswitchd b

# -- one host: a tenant's two VMs, another's with the same addresses, a switch
#    with an uplink -----------------------------------------------------------
make_netns h
make_netns out
make_wire h wire out eth0
in_netns h sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
ip -n "$prefix-out" addr add 10.0.1.9/24 dev eth0
ip -n "$prefix-out" addr add fd00:1::9/64 dev eth0 nodad
for name in b r; do
	fast_vm h ${name}5 5
	fast_vm h ${name}7 7
done
fast_vm h plain 3 1
make_netns tap
tenant() { # VSID
	echo "{ \"subnets\": { \"$1\": { \"mtu\": 1500,
		\"prefixes\": [\"10.0.0.0/24\", \"fd00::/64\"] } } }"
}
port() { # NAME VSID NUMBER
	echo "\"$1\": {\"packet\": \"to-$1\", \"vsid\": $2,
		\"mac\": \"02:00:00:00:00:0$3\",
		\"ca\": [\"10.0.0.$3\", \"fd00::$3\"]}"
}
cat >"$work/one.json" <<END
{ "format": 1,
  "networks": { "blue": $(tenant 5001), "red": $(tenant 6001) },
  "switches": {
    "inside": { "type": "private", "stack": ["wnv"], "ports": {
	$(port b5 5001 5), $(port b7 5001 7),
	"tap": {"tap": "eth0", "netns": "$prefix-tap", "vsid": 5001,
		"ca": ["10.0.0.6"]},
	$(port r5 6001 5), $(port r7 6001 7) } },
    "outside": { "uplinks": {"wire": {}}, "stack": ["capture"], "ports": {
	"plain": {"packet": "to-plain", "mac": "02:00:00:00:01:03"} } } } }
END
start_vswitchd h --document "$work/one.json" --fast-path --workers 2
ready h
pings b5 10.0.0.7
pings r5 10.0.0.7
pings plain 10.0.1.9
tallies=()
counts_from h b5 b7 r5 r7 plain
# at once, each tenant's datagrams under a name of its own
stream blue b5 b7 10.0.0.7
stream red r5 r7 10.0.0.7
stream blue-6 b7 b5 fd00::5 4006
stream red-6 r7 r5 fd00::5 4006
exchange b5 b7 10.0.0.5 10.0.0.7 fd00::5 fd00::7
exchange plain out 10.0.1.3 10.0.1.9 fd00:1::3 fd00:1::9
for name in blue red blue-6 red-6; do whole $name; done
all_agree
for name in b5 b7 r5 r7 plain wire; do most_fast h $name; done
# a TAP is none of those devices: its flows are the switch's
pings b5 10.0.0.6
carries b5 tap 10.0.0.6 4
carries tap b5 10.0.0.5 4
expect 'from a TAP' 0 "$(link_of h tap fast)"
vsctl_in h port del tap >/dev/null || fault 'port del'
balanced h
sums_are_right b5 b7 r5 r7 plain out
stop_vswitchd h

# -- without the rights to load programs --------------------------------------
mkdir -p "$work/h/state"
begin_in h setpriv --bounding-set=-sys_admin,-bpf "$build/bin/vswitchd" \
	--rundir "$work/h" --statedir "$work/h/state" --fast-path \
	--extension-dir "$build/lib/vswitch" >"$work/h/log" 2>&1
daemons[h]=$!
wait_for 10 vsctl_in h version || fault "no daemon: $(cat "$work/h/log")"
ready h
grep -q 'fast path' "$work/h/log" ||
	fault "it does not say that it has none: $(cat "$work/h/log")"
expect 'the fast path without rights' false \
	"$(vsctl_in h --json version | jq .probes.fast_path)"
pings b5 10.0.0.7
carries b5 b7 10.0.0.7 4
expect 'past the switch' 0 "$(link_of h b5 fast)"
balanced h
finish
