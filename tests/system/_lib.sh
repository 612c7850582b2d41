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
# ends daemons and namespaces that it made, however it ends, and no others.

top=${VS_SOURCE_DIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
build=${VS_BUILD_DIR:-$top/build/debug}
work=$(mktemp -d)
prefix=vst$$
failed=0
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

# need PROGRAM...: of the build or installed; skips if one is missing.
need()
{
	local program
	for program; do
		[ -x "$build/bin/$program" ] || command -v "$program" \
			>/dev/null || skip "needs $program"
	done
}

# fault WORDS: says it and goes on; `finish` fails.
fault()
{
	printf 'FAULT: %s\n' "$*"
	failed=1
}

# expect WHAT WANTED GOT
expect()
{
	[ "$2" = "$3" ] || fault "$(printf '%s: wanted\n%s\ngot\n%s' "$@")"
}

# wait_for SECONDS COMMAND...: until it succeeds; ten looks a second.
wait_for()
{
	local rounds=$(($1 * 10))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $((rounds -= 1)) -gt 0 ] || return 1
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

# make_wire A DEVICE B DEVICE [MTU]: a veth pair between two namespaces, up.
make_wire()
{
	ip -n "$prefix-$1" link add "$2" mtu "${5:-1500}" type veth \
		peer name "$4" mtu "${5:-1500}" netns "$prefix-$3" || exit 1
	ip -n "$prefix-$1" link set "$2" up
	ip -n "$prefix-$3" link set "$4" up
}

# start_vswitchd NAME OPTIONS...: in the namespace NAME, with directories of
# its own; its log is $work/NAME/log. Returns when it answers, or fails.
start_vswitchd()
{
	local name=$1
	shift
	mkdir -p "$work/$name/state"
	# exec: the pid is the daemon's
	(exec ip netns exec "$prefix-$name" "$build/bin/vswitchd" \
		--rundir "$work/$name" --statedir "$work/$name/state" \
		--extension-dir "$build/lib/vswitch" "$@") \
		>>"$work/$name/log" 2>&1 &
	daemons[$name]=$!
	wait_for 10 test -S "$work/$name/vswitchd.sock" && return
	fault "vswitchd $name does not start"
	cat "$work/$name/log"
	return 1
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

cleanup()
{
	local name
	for name in "${!daemons[@]}"; do
		stop_vswitchd "$name"
	done
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
