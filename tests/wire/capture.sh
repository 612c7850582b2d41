#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the capture extension writes, read by capinfos and tshark.
set -u
build=${VS_BUILD_DIR:?}
command -v tshark >/dev/null && command -v capinfos >/dev/null || exit 77
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
	local file=$1
	shift
	tshark -n -r "$file" -T fields -E separator=' ' "${@/#/-e}" \
		2>"$work/err" || cat "$work/err"
}

"$build/bin/wire_capture_file" "$work/ports" "$work/wire" || exit 1

capinfos -M "$work/ports" >"$work/info" 2>&1 || { cat "$work/info"; exit 1; }
expect 'interfaces' 'external web' \
	"$(sed -n 's/^ *Name = //p' "$work/info" | paste -sd ' ')"
expect 'what else the header says' \
'File type:           pcapng
File timestamp precision:  nanoseconds (9)
Capture application: vswitch capture' \
"$(grep -E '^(File type|File timestamp|Capture app)' "$work/info")"

expect 'frames of the ports' \
'1700000000.000000000 web 54 54 0x00000001 vsid 5001 10.0.0.5 443
1700000000.000001500 web 5000 128 0x00000002 vsid 5001 10.0.0.5 443' \
"$(fields "$work/ports" frame.time_epoch frame.interface_name frame.len \
	frame.cap_len frame.packet_flags frame.comment ip.src tcp.dstport)"

expect 'frames of the wire' \
'1700000000.000003000 wire0 96 0x00000002 0x2000 192.0.2.1,10.0.0.5 443' \
"$(fields "$work/wire" frame.time_epoch frame.interface_name frame.len \
	frame.packet_flags gre.flags_and_version ip.src tcp.dstport)"

exit $failed
