#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What hostile or broken clients do to the control socket hurts only them:
# long lines, deep nesting, garbage, crowds, slow readers, documents by memfd.
# And what vsctl answers: exit codes, the place, the fix.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip jq python3 ping

make_netns host
make_netns a
make_netns b
start_vswitchd host
vsctl_in host switch add s0 >/dev/null || fault 'switch add'
for name in a b; do
	vsctl_in host port add $name tap=eth0 netns="$prefix-$name" >/dev/null
done
ready host
ip -n "$prefix-a" addr add 10.0.0.1/24 dev eth0
ip -n "$prefix-b" addr add 10.0.0.2/24 dev eth0
pings a 10.0.0.2
begin_in a ping -q -i 0.05 -w 120 10.0.0.2 >"$work/steady"
steady=$!

open_files() { find "/proc/${daemons[host]}/fd" -type l | wc -l; }
before=$(open_files)
python3 "$top/tests/system/_hostile_clients.py" \
	"$work/host/vswitchd.sock" || fault 'the clients have complaints'
calm() { [ "$(open_files)" -le $((before + 1)) ]; }
wait_for 5 calm || fault "$(open_files) files are open, not $before"
kill -INT "$steady"
wait "$steady"
grep -q ' 0% packet loss' "$work/steady" || fault "$(cat "$work/steady")"

# exits CODE TEXT WORDS...: what vsctl says and how it ends
exits()
{
	local code=$1 text=$2 said
	shift 2
	said=$(vsctl_in host "$@" 2>&1)
	expect "vsctl $*: exit" "$code" $?
	case $said in
	*"$text"*) ;;
	*) fault "vsctl $*: no \"$text\" in: $said" ;;
	esac
}
exits 0 unchanged switch add s0
exits 1 'did you mean port' prot list
exits 1 'did you mean type' switch add s1 typ=private
exits 2 s9 switch show s9
exits 2 s9 switch del s9
exits 1 '4096 to 16777214' subnet add 17 network=n1 prefix=10.0.0.0/24
exits 4 switches.s0.ports.p port add p
exits 1 'mac' port add p tap=eth0 mac=01:00:00:00:00:00
exits 3 vswitchd -s "$work/nobody.sock" show
echo '{"format": 1, "switchs": {}}' >"$work/wrong.json"
exits 4 'switchs' apply "$work/wrong.json"
echo '{"format": 1, "switches": {"s0": {}, "s0": {}}}' >"$work/twice.json"
exits 4 s0 apply "$work/twice.json"
exits 1 nowhere apply "$work/nowhere.json"

# large ones, which the daemon parses: each names its file or its place
large() { printf '%s' "$1"; head -c 1000000 /dev/zero | tr '\0' "$2"; echo "$3"; }
large '{"format": 1, "switches": {"s0": {"not' x '' >"$work/broken.json"
exits 4 "$work/broken.json: line 1, column" apply "$work/broken.json"
large '' '[' '' >"$work/deep.json"
exits 4 "$work/deep.json: a document is a JSON object" apply "$work/deep.json"
large '{"format": 1, "switchs": "' x '"}' >"$work/wrong.json"
exits 4 "did you mean 'switches'? (switchs)" apply "$work/wrong.json"
large '{"format": 1, "networks": {}, "switches": {"s0": {}}}' ' ' '' \
	>"$work/large.json"
exits 0 '2 deleted' --dry-run apply "$work/large.json"
# checks CODE TEXT FILE: vswitchd --check, which is asked in the same way
checks()
{
	local said
	said=$("$build/bin/vswitchd" --rundir "$work/none" \
		--statedir "$work/none" --extension-dir "$build/lib/vswitch" \
		--check "$work/$3" 2>&1)
	expect "--check $3: exit" "$1" $?
	case $said in
	*"$work/$3: $2"*) ;;
	*) fault "--check $3: no \"$2\" in: $said" ;;
	esac
}
head -c 1100000 /dev/zero | tr '\0' ' ' >>"$work/large.json"
checks 0 sound large.json
checks 4 "line 1, column" broken.json
checks 4 "switchs: unknown member" wrong.json
: >"$work/empty.json"
checks 4 'the document is empty' empty.json
truncate -s 257M "$work/huge.json"
exits 4 'no document is larger than 256 MiB' apply "$work/huge.json"
head -c 257M /dev/zero | exits 4 'no document is larger than' apply -
kill -STOP "${daemons[host]}"
exits 5 '' -t 1 show
kill -CONT "${daemons[host]}"
exits 0 s0 show
finish
