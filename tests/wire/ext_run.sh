#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# vswitch-ext-run says of every frame what became of it, in the switch's own
# words, and the same in every run; what leaves is a capture file.
set -u
build=${VS_BUILD_DIR:?}
top=${VS_SOURCE_DIR:?}
command -v tshark >/dev/null && command -v jq >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
run=$build/bin/vswitch-ext-run
probe=$build/lib/ext_run_probe.so

# expect WHAT WANTED GOT
expect()
{
	[ "$2" = "$3" ] && return
	printf 'FAULT: %s: wanted\n%s\ngot\n%s\n' "$1" "$2" "$3"
	failed=1
}

# frame SECONDS ETHERTYPE: broadcast, with 46 bytes of payload
frame()
{
	printf '%s ffffffffffff 020000000005 %s %092d # %s\n' "$1" "$2" 0 "$2"
}

# -- every answer has its line, in order of time --
{
	echo '# what the probe does with each'
	frame 0 0800
	frame 0.25 88b5
	frame 1 88b7
	frame 0.5 88b6
	echo
	frame 2 88b8
	frame 2.5 88b9
	frame 3 88bc
	frame 3.000000007 88bb
} >"$work/frames"
"$run" "$probe" "$work/frames" "$work/out.pcap" >"$work/log"
expect 'the exit code of a good run' 0 $?
expect 'what became of each frame' '{"time_ns":0,"frame":1,"port":"in","size":60,"verdict":"drop","drops":{"bad_ip":1}}
{"time_ns":250000000,"frame":2,"port":"in","size":60,"verdict":"drop","drops":{"ext_run_probe:not_wanted":1}}
{"time_ns":500000000,"frame":3,"port":"in","size":60,"verdict":"consume","consumed":{"extension":1}}
{"time_ns":1000000000,"frame":4,"port":"in","size":60,"verdict":"hold","held":1}
{"time_ns":1100000000,"to":["out"],"held":-1}
{"time_ns":2000000000,"frame":5,"port":"in","size":60,"verdict":"pass","to":["out"],"edited":true}
{"time_ns":2500000000,"frame":6,"port":"in","size":60,"verdict":"consume","consumed":{"extension":1},"injected":[{"to":"in","size":60}]}
{"time_ns":3000000000,"frame":7,"port":"in","size":60,"verdict":"drop","drops":{"ext_run_probe:not_there":1}}
{"time_ns":3000000007,"frame":8,"port":"in","size":60,"verdict":"pass","to":["out"]}' \
	"$(grep -v -e event -e end "$work/log")"
expect 'its event' '{"event":"told","by":"ext_run_probe","text":"a frame told me to"}' \
	"$(jq -c 'select(.event) | del(.time_ns)' "$work/log")"
expect 'the sum' '{"received":8,"injected":1,"replicas":0,"sent":4,"consumed":{"extension":2},"dropped":{"bad_ip":1,"ext_run_probe:not_wanted":1,"ext_run_probe:not_there":1},"held":0,"balances":true,"rules_broken":false,"counters":{"ext_run_probe":{"seen":7}}}' \
	"$(jq -c 'select(.end) | .end' "$work/log")"
expect 'what left, and when' '1.100000000 0x88b7
2.000000000 0x88b8
2.500000000 0x88b9
3.000000007 0x88bb' "$(tshark -n -r "$work/out.pcap" -T fields \
	-E separator=' ' -e frame.time_epoch -e eth.type 2>/dev/null)"

# -- a capture file says the same as the text; again is the same again --
"$run" -l "$work/log2" "$probe" "$work/frames" "$work/out2.pcap" &&
	cmp "$work/log" "$work/log2" && cmp "$work/out.pcap" "$work/out2.pcap" ||
	{ echo 'FAULT: two runs differ'; failed=1; }
"$run" "$build/lib/vswitch/passthrough.so" "$work/out.pcap" \
	"$work/again.pcap" >/dev/null && cmp "$work/out.pcap" "$work/again.pcap" ||
	{ echo 'FAULT: a file that passes is not the same file'; failed=1; }

# -- who breaks a rule is told, and the exit code says so --
frame 0 88ba | "$run" "$probe" - >"$work/log"
expect 'the exit code of a broken rule' 3 $?
expect 'the rule' 'rule_broken ext_run_probe' \
	"$(jq -r 'select(.event) | .event + " " + .by' "$work/log")"
expect 'its frame' '{"ext_bad_verdict":1}' \
	"$(jq -c 'select(.frame) | .drops' "$work/log")"

# -- a whole host: WNV, its document, both directions --
{
	echo '5 ffffffffffff 02aa00000002 0806 0001080006040002 # its neighbour'
	echo '8.01 020000010002 02aa00000002 0806 0001080006040002'
} | sed '1s/ #/ 02aa00000002 c0000202 02aa00000002 c0000202 #/
	2s/$/ 02aa00000002 c0000202 020000010002 c0000201/' >"$work/wire"
echo '8 020000000007 020000000005 0800 4500001c00000000 401166c9' \
	'0a000005 0a000007 03e8 07d0 0008 0000' >"$work/vm"
"$run" -d "$top/tests/scenario/two-tenants.json" -H a \
	-e "$build/lib/vswitch/passthrough.so" \
	-p wire="$work/wire" "$build/lib/vswitch/wnv.so" "$work/vm" \
	"$work/out.pcap" >"$work/log"
expect 'the exit code of a host' 0 $?
expect 'a VM waits for the next hop, and is sent' 'hold
3010000000 wire' "$(jq -r 'select(.port == "blue5") | .verdict' "$work/log"
	jq -r 'select(.held == -1) | "\(.time_ns) \(.to[0])"' \
		"$work/log")"
expect 'it leaves as NVGRE' '192.0.2.1,10.0.0.5 0x001389' "$(
	tshark -n -r "$work/out.pcap" -Y 'gre && udp' -T fields \
		-E separator=' ' -e ip.src -e gre.key 2>/dev/null |
		sed 's/..$//')"

# -- policies of the document's ports: extended ACLs, their flows, mirrors --
cat >"$work/policies" <<'END'
{"format": 1, "switches": {"x": {
  "flows": 16, "flows-per-vsid": 1,
  "ports": {
    "in": {"null": true, "mac-guard": false, "acl": {
      "ask": {"action": "allow", "direction": "out", "weight": 10,
              "stateful": true, "timeout": 5},
      "no": {"action": "deny", "direction": "in", "weight": 1}}},
    "out": {"null": true, "mac-guard": false},
    "mon": {"null": true, "see": [0]}},
  "mirrors": {"m": {"from": ["in"], "to": "mon"}}}}}
END
# udp SECONDS FROM TO PORT PORT
udp()
{
	printf '%s 02000000000%s 02000000000%s 0800 ' "$1" "$3" "$2"
	printf '4500001c00000000401166c9 '
	printf '0a00000%s 0a00000%s %04x %04x 0008 0000\n' "$2" "$3" "$4" "$5"
}
{
	udp 1 5 7 1000 53
	udp 3 5 7 1000 54 # one flow is all that the VSID may have
} >"$work/asks"
{
	udp 0.5 7 5 53 1000
	udp 2 7 5 53 1000
	udp 9 7 5 53 1000
} >"$work/answers"
"$run" -d "$work/policies" -p in="$work/asks" -p out="$work/answers" \
	"$build/lib/vswitch/passthrough.so" /dev/null >"$work/log"
expect 'what rules and mirrors make of it' 'out drop {"acl_extended_deny":1}
in pass mon,out
out pass in,mon
in drop {"acl_flow_limit":1}
out drop {"acl_extended_deny":1}' "$(jq -r 'select(.frame) |
	"\(.port) \(.verdict) \(.drops // (.to | join(",")))"' "$work/log")"

# -- what cannot be is refused, with the place --
refused()
{
	local wanted=$1
	shift
	"$run" "$@" >"$work/log" 2>&1
	expect "the exit code of: $*" 2 $?
	grep -q "$wanted" "$work/log" ||
		{ echo "FAULT: $*:"; cat "$work/log"; failed=1; }
}
frame 0 88b4 >"$work/good"
echo '0 ffff 0' >"$work/odd"
head -c 60 "$work/out.pcap" >"$work/cut.pcap"
echo '{"format":1,"switches":{"x":{"stack":["nobody"]}}}' >"$work/nobody"
refused 'line 1' "$probe" "$work/odd"
refused 'cut.pcap: record 1 is cut' "$probe" "$work/cut.pcap"
refused 'no port up' -p up="$work/good" "$probe"
refused 'nobody' -d "$work/nobody" "$probe" "$work/good"
refused 'give NAME.so' "$work/good" "$work/good"
refused 'vs_extension' "$build/lib/libvsext.so"
"$run" >/dev/null 2>&1
expect 'the exit code without words' 1 $?
"$run" -t x "$probe" "$work/good" >/dev/null 2>&1
expect 'the exit code of a wrong word' 1 $?

exit $failed
