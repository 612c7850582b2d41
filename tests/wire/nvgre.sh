#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What WNV puts on the wire: byte for byte nvgre.pcap, and, read by tshark,
# what it should be. If a change is meant: run build/.../wire_nvgre_file
# tests/wire/nvgre.pcap, look at it, commit it.
set -u
build=${VS_BUILD_DIR:?} golden=${VS_SOURCE_DIR:?}/tests/wire/nvgre.pcap
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

# fields FIELD...: one line a frame, blank-separated
fields()
{
	tshark -n -r "$golden" -o ip.check_checksum:TRUE \
		-o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-o ip.defragment:"${defragment:-FALSE}" \
		-T fields -E separator=' ' "${@/#/-e}" 2>"$work/err" ||
		cat "$work/err"
}

"$build/bin/wire_nvgre_file" "$work/nvgre.pcap" || exit 1
cmp "$work/nvgre.pcap" "$golden" || failed=1
command -v tshark >/dev/null || { [ $failed -eq 0 ] && exit 77; exit 1; }

outer='192.0.2.1,10.0.0.5 192.0.2.2,10.0.0.7'
expect 'VSID, protocol, addresses' \
"0x001389 0x6558 $outer
0x001771 0x6558 $outer
0x001389 0x6558 192.0.2.1 192.0.2.2
0x001389 0x6558 $outer
0x001389 0x6558 192.0.2.1,10.0.0.5 192.0.2.2,10.0.0.255
0x001389 0x6558 192.0.2.1,10.0.0.5 192.0.2.3,10.0.0.255
0x001389 0x6558 $outer
0x001389 0x6558 $outer
0x001389 0x6558 $outer
0x001389 0x6558 $outer
0x001389 0x6558 $outer
0x001389 0x6558 192.0.2.1,10.0.0.5 192.0.2.3,10.0.0.8" \
"$(fields gre.key gre.proto ip.src ip.dst |
	sed -E 's/^(0x[0-9a-f]{6})[0-9a-f]{2}/\1/')"

expect 'the inner addresses of IPv6' 'fd00::5 fd00::7' \
	"$(fields ipv6.src ipv6.dst | grep f)"

expect 'GRE flags, outer TTL, outer DF' '12 0x2000 128 1' \
	"$(fields gre.flags_and_version ip.ttl ip.flags.df |
		sed -E 's/^(\S+) ([0-9]+)\S* ([01])\S*$/\1 \2 \3/' |
		sort | uniq -c | sed 's/^ *//')"

expect 'no FlowID for the peer that reads none' '0x00138900 0x00138900' \
	"$(fields gre.key ip.dst | grep -F 192.0.2.3 | cut -d' ' -f1 |
		paste -sd ' ')"

expect 'every header checksum is good' '' \
	"$(fields ip.checksum.status | grep -vE '^1(,1)?$')"
defragment=TRUE
expect 'every TCP and UDP checksum is good' '1' \
	"$(fields tcp.checksum.status udp.checksum.status | tr -d ' ' |
		grep . | sort -u)"
defragment=FALSE

expect 'the clamped SYN' '1418' "$(fields tcp.options.mss_val | grep .)"
expect 'segments of the super-frame' '5000 1418
6418 1418
7836 164' "$(fields tcp.seq_raw tcp.len | tail -n 4 | head -n 3)"
expect 'no wire frame above 1514 bytes' '1514' \
	"$(fields frame.len | sort -n | tail -n 1)"

exit $failed
