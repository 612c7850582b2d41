#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# REDIRECT and UNREACHABLE on the wire (hnv.md B1b), by NVGRE over IPv4 and
# IPv6 and by VXLAN: byte for byte the golden files and, read by tshark, what
# they should be. If a change is meant: run build/.../wire_advice_file
# tests/wire/advice.pcap, tests/wire/advice6.pcap ipv6 and
# tests/wire/advice_vxlan.pcap vxlan, look at them, commit them.
set -u
build=${VS_BUILD_DIR:?} golden=${VS_SOURCE_DIR:?}/tests/wire
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# expect WHAT WANTED GOT
expect()
{
	[ "$2" = "$3" ] && return
	printf 'FAULT: %s: wanted\n%s\ngot\n%s\n' "$1" "$2" "$3"
	failed=1
}

# fields FILE FIELD...: one line a frame, blank-separated
fields()
{
	local file=$golden/$1.pcap
	shift
	tshark -n -r "$file" -o ip.check_checksum:TRUE \
		-o udp.check_checksum:TRUE -T fields -E separator=' ' \
		"${@/#/-e}" 2>"$work/err" || cat "$work/err"
}

make() { "$build/bin/wire_advice_file" "$work/$1.pcap" "${@:2}" || exit 1; }
make advice
make advice6 ipv6
make advice_vxlan vxlan
for name in advice advice6 advice_vxlan; do
	cmp "$work/$name.pcap" "$golden/$name.pcap" || failed=1
done
command -v tshark >/dev/null || { [ $failed -eq 0 ] && exit 77; exit 1; }

# the outer header, the message's, the quote's; into the quote of a redirect
# tshark looks as far as GRE
sources='192.0.2.2,192.0.2.2,192.0.2.1'
expect 'VSID, addresses' \
"0xffffff00,0x00138900 $sources 192.0.2.1,192.0.2.3,192.0.2.2
0xffffff00,0x00138900 $sources,10.0.0.5 192.0.2.1,192.0.2.1,192.0.2.2,10.0.0.200" \
	"$(fields advice gre.key ip.src ip.dst)"
expect 'the inner target: the new host, or the sender' \
'192.0.2.3
192.0.2.1' "$(fields advice ip.dst | cut -d, -f2)"
expect 'ICMP type, code, gateway' \
'5 10 192.0.2.3
3 10 ' "$(fields advice icmp.type icmp.code icmp.redir_gw)"
expect 'TTL of the message' '128
128' "$(fields advice ip.ttl | cut -d, -f2)"
expect 'MACs of the message are those of the hosts' '02:aa:00:00:00:02' \
	"$(fields advice eth.src | cut -d, -f1,2 | tr , '\n' | sort -u)"
expect 'and its target' '02:aa:00:00:00:01' \
	"$(fields advice eth.dst | cut -d, -f1,2 | tr , '\n' | sort -u)"
expect 'every header and ICMP checksum is good' '1' \
	"$(fields advice ip.checksum.status icmp.checksum.status |
		cut -d, -f1,2 | tr ', ' '\n\n' | grep . | sort -u)"
expect 'no tag anywhere' '' "$(fields advice vlan.id | grep .)"

expect 'ICMPv6 type, code' '137 1
1 1' "$(fields advice6 icmpv6.type icmpv6.code)"
expect 'inner addresses over IPv6' \
'2001:db8::c000:202 2001:db8::c000:203
2001:db8::c000:202 2001:db8::c000:201' \
"$(fields advice6 ipv6.src ipv6.dst |
	sed -E 's/^[^,]*,([^, ]*)\S* [^,]*,([^,]*).*/\1 \2/')"
expect 'ICMPv6 checksums' '1' \
	"$(fields advice6 icmpv6.checksum.status | cut -d, -f1 | sort -u)"

expect 'VNI, ICMP type, code' '16777215 5 10
16777215,5001 3 10' \
"$(fields advice_vxlan vxlan.vni icmp.type icmp.code)"
expect 'the outer UDP checksum' '1' \
	"$(fields advice_vxlan udp.checksum.status | cut -d, -f1 | sort -u)"
exit $failed
