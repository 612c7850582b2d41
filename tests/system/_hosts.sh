# SPDX-License-Identifier: Apache-2.0
#
# Two hosts on one wire, sourced after _lib.sh: host a with the VM va
# (10.0.0.5, fd00::5), host b with vb (10.0.0.7, fd00::7), both in VSID 5001;
# PAs 192.0.2.1 and 192.0.2.2.

# hosts_document: the policy of both
hosts_document()
{
	cat <<-END
	{ "format": 1,
	  "networks": { "blue": { "subnets": { "5001": {
	    "prefixes": ["10.0.0.0/24", "fd00::/64"],
	    "ca": {
	      "10.0.0.5": {"mac": "02:00:00:00:00:05", "pa": "192.0.2.1"},
	      "fd00::5": {"mac": "02:00:00:00:00:05", "pa": "192.0.2.1"},
	      "10.0.0.7": {"mac": "02:00:00:00:00:07", "pa": "192.0.2.2"},
	      "fd00::7": {"mac": "02:00:00:00:00:07", "pa": "192.0.2.2"} } } } } },
	  "hosts": {
	    "a": { "switches": { "lab": {
	      "uplinks": { "wire": { "pa": { "192.0.2.1": { "prefix": 24 } } } },
	      "stack": ["capture", "wnv"],
	      "ports": { "va": { "tap": "eth0", "netns": "$prefix-va",
	        "vsid": 5001, "ca": ["10.0.0.5", "fd00::5"] } } } } },
	    "b": { "switches": { "lab": {
	      "uplinks": { "wire": { "pa": { "192.0.2.2": { "prefix": 24 } } } },
	      "stack": ["capture", "wnv"],
	      "ports": { "vb": { "tap": "eth0", "netns": "$prefix-vb",
	        "vsid": 5001, "ca": ["10.0.0.7", "fd00::7"] } } } } } } }
	END
}

# make_hosts [NAME...]: namespaces and the wire; b only among the names
make_hosts()
{
	local name
	for name in a b va "$@"; do
		make_netns "$name"
	done
	make_wire a wire b wire
	for name in a b; do
		in_netns $name sysctl -qw net.ipv6.conf.wire.disable_ipv6=1
	done
	hosts_document >"$work/hosts.json"
}

# start_host NAME: its daemon, with its part of the document
start_host()
{
	start_vswitchd "$1" --host "$1" --document "$work/hosts.json"
	ready "$1"
}

# sniffs NETNS DEVICE FILE WORD...: what passes there, by tcpdump's words, until
# $sniffer is ended
sniffs()
{
	begin_in "$1" tcpdump -q -U --immediate-mode -B 16384 -i "$2" \
		-w "$work/$3" "${@:4}" 2>"$work/$3.log"
	sniffer=$!
	wait_for 20 grep -q listening "$work/$3.log" ||
		fault "tcpdump at $1: $(cat "$work/$3.log")"
}
# wire_start FILE [FILTER]: what passes host b's end of the wire, by tcpdump's
# FILTER; wire_stop: until here
wire_start() { sniffs b wire "$1" "${2:-ip or ip6}"; }
wire_stop()
{
	sleep 0.3
	kill "$sniffer"
	wait "$sniffer"
}
# wire_saw FILE FIELD: tshark's field in it, the different values
wire_saw()
{
	tshark -r "$work/$1" -T fields -E occurrence=f -e "$2" 2>/dev/null |
		sort -u | paste -sd ' '
}

# monitor_start NAME: from here on events of the daemon NAME are in $work/events;
# the first are of 10.0.0.200, which moves until one is there. monitor_stop:
# until here
monitor_start()
{
	local looks=0
	vsctl_in "$1" ca add 10.0.0.200 vsid=5001 mac=02:00:00:00:00:c8 \
		pa=192.0.2.100 >/dev/null || fault "ca add at $1"
	(exec "$build/bin/vsctl" --rundir "$work/$1" -t 0 monitor) \
		>"$work/events" 2>&1 &
	monitor=$!
	wait_for 20 monitor_hears "$1" ||
		fault "monitor of $1: $(cat "$work/events")"
	vsctl_in "$1" ca del 10.0.0.200 vsid=5001 >/dev/null
}
monitor_hears()
{
	vsctl_in "$1" ca move 10.0.0.200 vsid=5001 \
		pa=192.0.2.$((101 + (looks += 1) % 100))
	grep -q 'vm_moved  10.0.0.200 ' "$work/events"
}
monitor_stop()
{
	kill "$monitor"
	wait "$monitor" 2>/dev/null
}

# vms_talk [A B]: from the VM in namespace A (va) to the one in B (vb), and back
vms_talk()
{
	local a=${1:-va} b=${2:-vb}
	pings "$a" 10.0.0.7
	pings "$b" 10.0.0.5
	pings "$a" fd00::7
	carries "$a" "$b" 10.0.0.7 4
	carries "$b" "$a" 10.0.0.5 4
	carries "$a" "$b" fd00::7 4
}
