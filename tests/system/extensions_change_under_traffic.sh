#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Extensions come, go and change places while two guests talk through a daemon
# with two workers: no echo is lost, the ledger balances, and what may not be
# loaded or unloaded is refused with the cure.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq ping
specimens=$build/tests/specimens
[ -e "$specimens/good.so" ] || skip "needs the specimens"

make_netns host
make_netns a
make_netns b
mkdir "$work/ext"
chmod 755 "$work" "$work/ext"
install -m 755 "$build"/lib/vswitch/{capture,wnv}.so "$work/ext"
start_vswitchd host --extension-dir "$work/ext" --workers 2
vsctl_in host switch add s >/dev/null
plug()
{
	vsctl_in host port add "$1" tap=eth0 netns="$prefix-$1" >/dev/null
	wait_for 5 port_is host "$1" up || fault "port $1"
	ip -n "$prefix-$1" addr add "10.0.0.$2/24" dev eth0
}
plug a 1
plug b 2
wait_for 10 in_netns a ping -q -c 1 -W 1 10.0.0.2 || fault 'a reaches b'

ext() { vsctl_in host ext "$@" >"$work/said" 2>&1; }
# refused WHAT PATTERN WORDS...: the answer says so
refused()
{
	local what=$1 pattern=$2
	shift 2
	ext "$@" && fault "$what: was not refused"
	grep -q -e "$pattern" "$work/said" ||
		fault "$what: wanted '$pattern', got $(cat "$work/said")"
}
stack() { json host '[.extensions[].name] | join(" ")' ext list; }
usual='capture wnv'
expect 'the usual stack' "$usual" "$(stack)"

# what is not there, and what may not be
refused 'no file' 'cannot be opened' load passthrough
refused 'not loaded' 'vsctl ext load' enable passthrough
refused 'another directory' "install passthrough.so there" \
	load passthrough "$build/lib/vswitch/passthrough.so"
refused 'a relative path' 'begin with /' load passthrough ./passthrough.so
echo 'no library' >"$work/ext/text.so"
refused 'text' 'not an ELF file' load text
for bad in abi size build symbol renamed classes reason twins pair needs; do
	install -m 755 "$specimens/$bad.so" "$work/ext"
	ext load "$bad" && fault "$bad.so was loaded"
	grep -q "$bad" "$work/said" ||
		fault "$bad.so: the refusal does not name it: $(cat "$work/said")"
done
install -m 777 "$build/lib/vswitch/passthrough.so" "$work/ext"
refused 'a file that others can write' 'chmod go-w' load passthrough
expect 'the refusal is kept' true "$(json host '[.extensions[] |
	select(.name == "passthrough" and .state == "refused") | .why |
	contains("chmod go-w")] | any' ext available)"
chmod 755 "$work/ext/passthrough.so"

# loaded, it can be chosen, and is not chosen yet
ext load passthrough || fault "load: $(cat "$work/said")"
ext load passthrough && grep -q unchanged "$work/said" || fault 'load again'
install -m 755 "$specimens/good.so" "$work/ext"
ext load good || fault "load good: $(cat "$work/said")"
expect 'nothing changed yet' "$usual" "$(stack)"
ext enable passthrough || fault "enable: $(cat "$work/said")"
expect 'a filter stands between' 'capture passthrough wnv' "$(stack)"
refused 'unload of what is used' 'vsctl ext disable passthrough' \
	unload passthrough

# a hundred changes while two guests talk
in_netns a ping -q -i 0.005 -c 2000 -W 20 10.0.0.2 >"$work/echoes" &
talk=$!
RANDOM=4711
for ((i = 0; i < 100; i++)); do
	case $((RANDOM % 6)) in
	0) ext enable good ;;
	1) ext disable good ;;
	2) ext enable passthrough ;;
	3) ext disable passthrough ;;
	4) ext order capture good passthrough wnv ;;
	5) ext order capture passthrough good wnv ;;
	esac || fault "change $i: $(cat "$work/said")"
done
ext disable good
# the policy that names it may come back
vsctl_in host dump >"$work/without.json"
ext enable good || fault "enable: $(cat "$work/said")"
vsctl_in host apply "$work/without.json" confirm=60 >/dev/null ||
	fault 'apply with confirm'
refused 'unload while the policy may go back' 'confirm or undo' unload good
vsctl_in host confirm >/dev/null || fault confirm
ext unload good || fault "unload: $(cat "$work/said")"
kill -0 "$talk" || fault 'the guests were silent before the last change'
wait "$talk" || fault 'ping fails'
expect 'echoes lost' '2000 2000' "$(sed -n \
	's/\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' \
	"$work/echoes")"
balanced host
refused 'what was unloaded' 'not loaded' enable good

# the counters speak, and the choice is policy: it survives a restart
ext order capture passthrough wnv || fault "order: $(cat "$work/said")"
in_netns a ping -q -c 3 -i 0.2 10.0.0.2 >/dev/null
expect 'the counters' true "$(json host '[.extensions[] |
	select(.name == "passthrough") | .counters[] |
	select(.name == "frames_in") | .value >= 6] | any' ext list)"
vsctl_in host ext list | grep -q 'frames_in' || fault 'ext list as a table'
vsctl_in host ext available | grep -q 'passes every frame' ||
	fault 'ext available as a table'
expect 'the schema of its objects' '#/$defs/ca' "$(vsctl_in host ext schema \
	wnv | jq -r '."$defs".subnet.properties.ca.additionalProperties."$ref"')"
stop_vswitchd host
start_vswitchd host --extension-dir "$work/ext" --workers 2
expect 'the stack after a restart' 'capture passthrough wnv' "$(stack)"
ready host
ip -n "$prefix-a" addr add 10.0.0.1/24 dev eth0 # the TAPs are new ones
ip -n "$prefix-b" addr add 10.0.0.2/24 dev eth0

# a port that requires an extension does not forward without it
why() { json host '.switches[].ports[] | select(.name == "a") |
	"\(.state) \(.why)"' show; }
vsctl_in host port set a require=passthrough >/dev/null || fault 'require='
wait_for 10 in_netns a ping -q -c 1 -W 1 10.0.0.2 || fault 'it is there'
ext disable passthrough
in_netns a ping -q -c 1 -W 1 10.0.0.2 >/dev/null && fault 'forwards without it'
why | grep -q 'waits.*requires passthrough.*ext enable' || fault "$(why)"
expect 'what it sent is a named drop' true \
	"$([ "$(dropped host port_waits)" -gt 0 ] && echo true)"
ext enable passthrough
wait_for 10 in_netns a ping -q -c 1 -W 1 10.0.0.2 || fault 'it is back'
vsctl_in host port set a require= >/dev/null || fault 'require= nothing'

# none at all, and back
for each in capture passthrough wnv; do ext disable "$each"; done
expect 'an empty stack' '' "$(stack)"
wait_for 10 in_netns a ping -q -c 1 -W 1 10.0.0.2 || fault 'without any'
ext order capture wnv || fault "order: $(cat "$work/said")"
expect 'back' "$usual" "$(stack)"
balanced host
finish
