# SPDX-License-Identifier: Apache-2.0
#
# What system tests share; sourced first:
#
#	. "$(dirname "$0")/_lib.sh"
#	need_root; need vswitchd vsctl ip
#	make_netns a; make_netns b
#	start_vswitchd a --document "$work/lab.json" --host a
#	vsctl_in a show
#	expect 'pings' 0 "$?"
#	finish
#
# Namespaces are called $prefix-NAME, the prefix is this process's own. A test
# ends what it began, daemons, other programs and namespaces, however it ends,
# and no others.

top=${VS_SOURCE_DIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
build=${VS_BUILD_DIR:-$top/build/debug}
tcp=$top/tests/system/_tcp.py
work=$(mktemp -d)
prefix=vst$$
failed=0
faults=0
netns_made=()
declare -A daemons=() # name -> pid

skip()
{
	echo "skipped: $*"
	exit 77
}

# need_root: skips unless namespaces and TAPs can be made.
need_root()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
	[ -c /dev/net/tun ] || skip "needs /dev/net/tun"
	ip netns add "$prefix-try" 2>/dev/null || skip "needs ip netns"
	ip netns del "$prefix-try"
}

# need PROGRAM...: of the build, where ours must be, or installed; skips if one
# of the others is missing.
need()
{
	local program
	for program; do
		[ ! -x "$build/bin/$program" ] || continue
		case $program in
		vswitchd | vsctl | vswitch-ext-run)
			echo "FAULT: no $program in $build/bin"
			exit 1
			;;
		esac
		command -v "$program" >/dev/null || skip "needs $program"
	done
}

# fault WORDS: says it and goes on, but not for ever; `finish` fails.
fault()
{
	printf 'FAULT: %s\n' "$*"
	failed=1
	[ $((faults += 1)) -lt 6 ] || exit 1
}

# expect WHAT WANTED GOT
expect()
{
	[ "$2" = "$3" ] || fault "$(printf '%s: wanted\n%s\ngot\n%s' "$@")"
}

# wait_for SECONDS COMMAND...: until it succeeds; ten looks a second.
wait_for()
{
	local end=$((SECONDS + $1 + 1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# make_netns NAME: with loopback up.
make_netns()
{
	ip netns add "$prefix-$1" || exit 1
	netns_made+=("$prefix-$1")
	ip -n "$prefix-$1" link set lo up
}

# in_netns NAME COMMAND...
in_netns()
{
	local name=$1
	shift
	ip netns exec "$prefix-$name" "$@"
}

# begin_in NAME COMMAND...: a program in the background, with the test at the
# latest it ends; $! is its pid.
begin_in()
{
	# exec: the pid is the program's
	(exec ip netns exec "$prefix-$1" "${@:2}") &
}

# make_wire A DEVICE B DEVICE [MTU]: a veth pair between two namespaces, up.
make_wire()
{
	ip -n "$prefix-$1" link add "$2" mtu "${5:-1500}" type veth \
		peer name "$4" mtu "${5:-1500}" netns "$prefix-$3" || exit 1
	ip -n "$prefix-$1" link set "$2" up
	ip -n "$prefix-$3" link set "$4" up
}

# start_vswitchd NAME OPTIONS...: in the namespace NAME, with directories of
# its own; its log is $work/NAME/log. Returns when it listens; else
# the test ends.
start_vswitchd()
{
	local name=$1
	shift
	mkdir -p "$work/$name/state"
	begin_in "$name" "$build/bin/vswitchd" \
		--rundir "$work/$name" --statedir "$work/$name/state" \
		--extension-dir "$build/lib/vswitch" "$@" \
		>>"$work/$name/log" 2>&1
	daemons[$name]=$!
	wait_for 10 vsctl_in "$name" version && return
	echo "FAULT: vswitchd $name does not start"
	cat "$work/$name/log"
	exit 1
}

# stop_vswitchd NAME [SIGNAL]: waits for it; returns its exit code.
stop_vswitchd()
{
	local pid=${daemons[$1]:-}
	[ -n "$pid" ] || return 0
	unset "daemons[$1]"
	kill "-${2:-TERM}" "$pid" 2>/dev/null
	if ! wait_for 10 ended "$pid"; then
		fault "vswitchd $1 does not end"
		kill -KILL "$pid"
	fi
	wait "$pid"
}

# ended PID: gone, or a zombie that nobody waited for yet.
ended()
{
	case $(ps -o stat= -p "$1") in
	'' | Z*) return 0 ;;
	esac
	return 1
}

# vsctl_in NAME WORDS...: to the daemon NAME.
vsctl_in()
{
	local name=$1
	shift
	"$build/bin/vsctl" --rundir "$work/$name" "$@"
}

# json NAME FILTER WORDS...: the daemon NAME's answer through jq.
json()
{
	local name=$1 filter=$2
	shift 2
	vsctl_in "$name" --json "$@" | jq -er "$filter"
}

# port_is NAME PORT STATE: for wait_for.
port_is()
{
	json "$1" '.switches[].ports[] | select(.name == "'"$2"'").state' show |
		grep -qx "$3"
}

# all_up NAME: every port and uplink of the daemon NAME has its device.
all_up()
{
	json "$1" '[.switches[] | .ports[], .uplinks[] | .state] |
		length > 0 and all(. == "up")' show
}

# ready NAME: waits until all_up.
ready()
{
	wait_for 10 all_up "$1" && return
	fault "not every port of $1 comes up"
	vsctl_in "$1" show
}

# counted NAME FIELD [PORT]: the sum of a ledger field, of all or of one port.
counted()
{
	json "$1" '[.ledger[] | select("'"${3:-}"'" == "" or
		.port == "'"${3:-}"'") | .'"$2"'] | add // 0' stats
}

# dropped NAME REASON: how many frames were dropped for it.
dropped()
{
	json "$1" '[.drops[] | select(.reason == "'"$2"'") | .count] |
		add // 0' drops
}

# balanced NAME: what came in is accounted for. A frame that walks just now may
# be seen on one side only, so a look may be too early.
balances() { json "$1" '[.ledger[].balance] | all(. == 0)' stats; }
balanced()
{
	wait_for 10 balances "$1" ||
		fault "the ledger of $1 does not balance: $(vsctl_in "$1" stats)"
}

# pings FROM ADDRESS [OPTION...]: once, again for at most 5 s.
pings()
{
	local from=$1 to=$2
	shift 2
	wait_for 5 in_netns "$from" ping -q -c 1 -W 1 "$@" "$to" && return
	fault "$from does not reach $to $*"
	return 1
}

# silent FROM ADDRESS [OPTION...]: no answer to any of three pings.
silent()
{
	local from=$1 to=$2
	shift 2
	in_netns "$from" ping -q -c 3 -i 0.2 -W 0.3 "$@" "$to" >/dev/null &&
		fault "$from reaches $to, and must not"
}

listening()
{
	[ -n "$(in_netns "$1" ss -Hltn "sport = :$2")" ]
}

# carries FROM TO ADDRESS [MIB]: a TCP stream of random bytes arrives whole.
carries()
{
	local from=$1 to=$2 address=$3 port=$((20000 + RANDOM % 10000)) server
	[ -s "$work/blob" ] || head -c 1M /dev/urandom >"$work/blob"
	blob() { for _ in $(seq "$1"); do cat "$work/blob"; done; }
	in_netns "$to" timeout 20 ncat -l --recv-only "$address" "$port" \
		>"$work/received" &
	server=$!
	wait_for 5 listening "$to" "$port"
	blob "${4:-8}" | in_netns "$from" timeout 15 ncat -w 3s --send-only \
		"$address" "$port"
	wait "$server"
	blob "${4:-8}" | cmp -s - "$work/received" && return
	fault "TCP from $from to $to at $address: $(stat -c %s \
		"$work/received") of $((${4:-8} << 20)) bytes"
	return 1
}

cleanup()
{
	local name others
	for name in "${!daemons[@]}"; do
		stop_vswitchd "$name"
	done
	mapfile -t others < <(jobs -pr)
	if [ ${#others[@]} != 0 ]; then
		kill -KILL "${others[@]}"
		wait "${others[@]}"
	fi 2>/dev/null
	for name in "${netns_made[@]}"; do
		ip netns del "$name"
	done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# finish: ends the test with what it found.
finish()
{
	exit "$failed"
}
