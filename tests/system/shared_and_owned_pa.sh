#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A provider address that the kernel has is shared, one that it lacks is ours:
# both carry NVGRE both ways, and the one becomes the other while the daemon
# runs. What is reported of addresses, peers, records and conflicts is true.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ncat ping tcpdump python3

for name in a b vm5 vm7; do
	make_netns "$name"
done
make_wire a wire b wire
ip -n "$prefix-a" addr add 192.0.2.1/24 dev wire
ip -n "$prefix-b" addr add 192.0.2.22/24 dev wire # the kernel's, no PA
wire_mac_a=$(in_netns a cat /sys/class/net/wire/address)

cat >"$work/lab.json" <<END
{ "format": 1,
  "networks": { "blue": { "subnets": { "5001": {
    "prefixes": ["10.0.0.0/24"],
    "ca": { "10.0.0.5": { "mac": "02:00:00:00:00:05", "pa": "192.0.2.1" },
            "10.0.0.7": { "mac": "02:00:00:00:00:07", "pa": "192.0.2.2" },
            "10.0.0.9": { "mac": "02:00:00:00:00:09", "pa": "192.0.2.9" },
            "10.0.0.10": { "mac": "02:00:00:00:00:10", "rule": "none" } } } } } },
  "hosts": {
    "a": { "switches": { "s": { "stack": ["wnv"],
      "uplinks": { "wire": { "pa": { "192.0.2.1": { "prefix": 24 } } } },
      "ports": { "vm5": { "tap": "eth0", "netns": "$prefix-vm5", "vsid": 5001,
        "ca": ["10.0.0.5", "10.0.0.50"], "mac": "02:00:00:00:00:05" } } } } },
    "b": { "switches": { "s": { "stack": ["wnv"],
      "uplinks": { "wire": { "pa": { "192.0.2.2": { "prefix": 24 } } } },
      "ports": { "vm7": { "tap": "eth0", "netns": "$prefix-vm7", "vsid": 5001,
        "ca": ["10.0.0.7"] } } } } } } }
END

# What the wire carries, as seen at b's end.
(exec ip netns exec "$prefix-b" tcpdump -n -e -l -i wire 'arp or icmp') \
	>"$work/wire.txt" 2>"$work/tcpdump.txt" &
sniffer=$!
wait_for 5 grep -q listening "$work/tcpdump.txt"

for name in a b; do
	mkdir -p "$work/$name/state"
	start_vswitchd "$name" --host "$name"
	vsctl_in "$name" apply "$work/lab.json" >/dev/null || fault "apply at $name"
	ready "$name"
done

# pa_is NAME ADDRESS STATE: for wait_for
pa_is()
{
	[ "$(json "$1" '.objects[] | select(.key == "'"$2"'").status.state' \
		pa list)" = "$3" ]
}
# reported NAME NOUN KEY COLUMN
reported()
{
	json "$1" '.objects[] | select(.key == "'"$3"'").status["'"$4"'"]' \
		"$2" list
}
# arp_of ADDRESS: the MAC that b's kernel finds for it
arp_of()
{
	ip -n "$prefix-b" neigh flush dev wire
	in_netns b ping -q -c 1 -W 1 "$1" >/dev/null
	pinged=$?
	in_netns b ip -j neigh show "$1" dev wire | jq -r '.[0].lladdr'
}
both_ways()
{
	pings vm5 10.0.0.7
	pings vm7 10.0.0.5
	carries vm5 vm7 10.0.0.7 2
	carries vm7 vm5 10.0.0.5 2
}

# --- shared ---
pa_is a 192.0.2.1 shared || fault "a kernel's address is not shared"
wait_for 10 pa_is b 192.0.2.2 preferred ||
	fault "an address of ours is not preferred"
both_ways
expect "who answers for the shared address" "$wire_mac_a" "$(arp_of 192.0.2.1)"
arp_of 192.0.2.1 >/dev/null
expect "the kernel answers on a shared address" 0 "$pinged"
grep -q "who-has 192.0.2.2 .*tell 192.0.2.1" "$work/wire.txt" ||
	fault "requests do not come from the shared address"

# --- what is reported ---
wait_for 5 test "$(reported a peer 192.0.2.2 state)" = resolved ||
	fault "the peer is not resolved"
# 2 MiB are 32 super-frames at the least
[ "$(reported a peer 192.0.2.2 in)" -ge 32 ] || fault "little came from b"
[ "$(reported a peer 192.0.2.2 out)" -ge 32 ] || fault "little left for b"
[ "$(reported a peer 192.0.2.2 heard)" -lt 10 ] || fault "b was not heard of"
case $(reported a peer 192.0.2.9 state) in
silent | asking) ;;
*) fault "nobody is 192.0.2.9: $(vsctl_in a peer list)" ;;
esac
expect "unusable records" 10.0.0.10 \
	"$(json a '.objects[].key' ca list usable=no)"
expect "the same in a word" 10.0.0.10 \
	"$(json a '.objects[].key' ca list unusable)"
expect "automatic records" 10.0.0.50 \
	"$(json a '.objects[].key' ca list auto=yes)"
vsctl_in a dump | grep -q 10.0.0.50\": && fault "an automatic record is dumped"

# --- events ---
# exec: the signal is for vsctl
(exec "$build/bin/vsctl" --rundir "$work/a" monitor) >"$work/events" &
monitor=$!
sleep 0.5

# --- owned from now on, and back ---
ip -n "$prefix-a" addr del 192.0.2.1/24 dev wire
wait_for 5 pa_is a 192.0.2.1 tentative || fault "a lost address is not ours"
wait_for 10 pa_is a 192.0.2.1 preferred || fault "and does not become preferred"
both_ways
expect "who answers for the owned address" "$wire_mac_a" "$(arp_of 192.0.2.1)"
arp_of 192.0.2.1 >/dev/null
expect "it answers an echo itself" 0 "$pinged"

# somebody else on the wire: claims the address, forges a tenant's frame
in_netns b python3 - <<END
import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("wire", 0))
mac = bytes.fromhex("02bad0000001")
to = bytes.fromhex("$wire_mac_a".replace(":", ""))
pa = socket.inet_aton
s.send(b"\xff" * 6 + mac + bytes.fromhex("0806000108000604" "0001") + mac +
       pa("192.0.2.1") + bytes(6) + pa("192.0.2.1"))
vm5, vm9 = bytes.fromhex("020000000005"), bytes.fromhex("020000000009")
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20, 0, 0, 64, 59, 0,
                 pa("10.0.0.9"), pa("10.0.0.5"))
inner = vm5 + vm9 + b"\x08\x00" + ip
gre = bytes.fromhex("20006558") + struct.pack("!I", 5001 << 8)
head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(inner), 0, 0x4000, 128,
                   47, 0, pa("192.0.2.2"), pa("192.0.2.1"))
total = sum(struct.unpack("!10H", head))
total = (total & 0xffff) + (total >> 16)
head = head[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + head[12:]
s.send(to + mac + b"\x08\x00" + head + gre + inner)
END
wait_for 5 grep -q "pa_conflict" "$work/events" || fault "no event pa_conflict"
wait_for 5 grep -q "policy_mismatch.*pa_src_mismatch.*192.0.2.2" \
	"$work/events" || fault "no event policy_mismatch"
grep -q "pa_state.*192.0.2.1: preferred" "$work/events" ||
	fault "no event pa_state: $(cat "$work/events")"
expect "a forged frame's name" 1 "$(dropped a pa_src_mismatch)"
[ "$(reported a peer 192.0.2.2 drops)" -ge 1 ] ||
	fault "the drop is not its peer's"

ip -n "$prefix-a" addr add 192.0.2.1/24 dev wire
wait_for 5 pa_is a 192.0.2.1 shared || fault "an address that came is not shared"
both_ways
arp_of 192.0.2.1 >/dev/null
expect "the kernel answers again" 0 "$pinged"

kill "$monitor" "$sniffer"
wait "$monitor" "$sniffer" 2>/dev/null
grep -q "unreachable" "$work/wire.txt" &&
	fault "a kernel complains: $(grep -m 1 unreachable "$work/wire.txt")"
balanced a
balanced b
finish
