#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# VXLAN over IPv4, NVGRE and VXLAN over IPv6 on the wire: byte for byte the
# golden files, and, read by tshark, what they should be; NVGRE over IPv4 is
# nvgre.sh. If a change is meant: run build/.../wire_nvgre_file
# tests/wire/vxlan.pcap vxlan, tests/wire/vxlan6.pcap vxlan ipv6 and
# tests/wire/nvgre6.pcap ipv6, look at them, commit them.
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
		-o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-o ip.defragment:"${defragment:-FALSE}" \
		-T fields -E separator=' ' "${@/#/-e}" 2>"$work/err" ||
		cat "$work/err"
}
# first FILE FIELD...: the same of the outermost header only, with its counts
first()
{
	fields "$@" | sed -E 's/,[^ ]*//g' | sort | uniq -c | sed 's/^ *//'
}

for name in vxlan nvgre6 vxlan6; do
	words=${name/nvgre/}
	words=${words/6/ ipv6}
	# shellcheck disable=SC2086
	"$build/bin/wire_nvgre_file" "$work/$name.pcap" $words || exit 1
	cmp "$work/$name.pcap" "$golden/$name.pcap" || failed=1
done
command -v tshark >/dev/null || { [ $failed -eq 0 ] && exit 77; exit 1; }

for name in vxlan nvgre6 vxlan6; do
	expect "$name: every IPv4 header checksum is good" '' \
		"$(fields $name ip.checksum.status | grep . |
			grep -vE '^1(,1)?$')"
	defragment=TRUE
	expect "$name: every TCP and UDP checksum is good" '1' \
		"$(fields $name tcp.checksum.status udp.checksum.status |
			tr ', ' '\n\n' | grep . | sort -u)"
	defragment=FALSE
	expect "$name: no wire frame above 1514 bytes" '1514' \
		"$(fields $name frame.len | sort -n | tail -n 1)"
	expect "$name: frames" 12 "$(fields $name frame.len | wc -l)"
done

for name in vxlan vxlan6; do
	expect "$name: VNIs" '11 5001
1 6001' "$(first $name vxlan.vni | sort -rn)"
	expect "$name: flags, destination" '12 0x0800 4789' \
		"$(first $name vxlan.flags udp.dstport)"
	expect "$name: source ports below 49152" 0 "$(fields $name udp.srcport |
		sed 's/,.*//' | awk '$1 < 49152' | wc -l)"
	expect "$name: open checksums" 0 \
		"$(fields $name udp.checksum | grep -c '^0x0000')"
done
expect 'nvgre6: keys' '11 0x001389
1 0x001771' "$(fields nvgre6 gre.key | cut -c1-8 | sort | uniq -c |
	sed 's/^ *//' | sort -rn)"
expect 'nvgre6: flags, protocol' '12 0x2000 0x6558' \
	"$(first nvgre6 gre.flags_and_version gre.proto)"
expect 'vxlan: outer TTL, DF' '12 128 1' "$(first vxlan ip.ttl ip.flags.df)"
for name in nvgre6 vxlan6; do
	expect "$name: hop limit, source" '12 128 2001:db8::c000:201' \
		"$(first $name ipv6.hlim ipv6.src)"
	expect "$name: frames without a flow label" 0 "$(fields $name ipv6.flow |
		sed 's/,.*//' | grep -cE '^0x0*$')"
	expect "$name: what is inside" '12' "$(fields $name eth.type |
		grep -cE '^0x86dd,0x(0800|86dd)$')"
done
expect 'vxlan: segments of the super-frame' '5000 1410
6410 1410
7820 180' "$(fields vxlan tcp.seq_raw tcp.len | tail -n 4 | head -n 3)"
expect 'vxlan6: segments of the super-frame' '5000 1390
6390 1390
7780 220' "$(fields vxlan6 tcp.seq_raw tcp.len | tail -n 4 | head -n 3)"

exit $failed
