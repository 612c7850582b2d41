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
