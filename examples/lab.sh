# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the labs have in common: words, options, one lab of a prefix at a time, the
# build, namespaces and processes that are all ended at the end. Sourced by a lab's
# run.sh, which sets before:
#
#   top, here     the tree, the lab's folder; the folder's name is the lab's
#   PFX, BUILD    as its own help says
#   namespaces    all that it makes, without the prefix
#
# and then calls lab_option for what it is told, and lab_begin TOOL...

lab=$(basename "$here")
keep=0 failed=0
patience=50         # tenths of a second until a process is no longer asked to end
pids=()

bold='' red='' plain=''
if [ -t 1 ]; then bold=$'\033[1m' red=$'\033[31m' plain=$'\033[0m'; fi
say()  { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
good() { printf '  ok    %s\n' "$*"; }
bad()  { printf '  %sFAIL%s  %s\n' "$red" "$plain" "$*"; failed=1; }
die()  { printf 'run.sh: %s\n' "$*" >&2; exit 2; }

lab_option() {      # lab_option WORD: --keep, --help; else the lab has no such option
	case $1 in
	--keep) keep=1 ;;
	-h|--help)
		# the comment at the head of the lab
		sed -n '1,3d; /^#/!q; s/^# \{0,1\}//p' "$0"
		exit 0 ;;
	*) die "no option $1; see --help" ;;
	esac
}

# --- namespaces and processes -------------------------------------------------

in_ns() { local n=$1; shift; ip netns exec "$PFX-$n" "$@" {lock}>&-; }
ipn() { local n=$1; shift; ip -n "$PFX-$n" "$@"; }
# A function in the background is a subshell, whose pid is not the command's:
# what is to be ended is started by ip itself.
start_in() {        # start_in NS CMD...: in the background; its pid is ${pids[-1]}
	local n=$1
	shift
	ip netns exec "$PFX-$n" "$@" {lock}>&- &
	pids+=($!)
}
ended() { local s; s=$(ps -o stat= -p "$1"); [ -z "$s" ] || [[ $s == Z* ]]; }
stop_all() {        # asks; after a while does not ask
	local p i
	for p in ${pids[@]+"${pids[@]}"}; do kill "$p" 2>/dev/null; done
	for p in ${pids[@]+"${pids[@]}"}; do
		for ((i = 0; i < patience; i++)); do ended "$p" && break; sleep 0.1; done
		ended "$p" || { bad "process $p does not end"; kill -KILL "$p"; }
		wait "$p" 2>/dev/null
	done
	pids=()
}
remove_namespaces() {
	local n p
	for n in $namespaces; do
		[ -e "/run/netns/$PFX-$n" ] || continue
		for p in $(ip netns pids "$PFX-$n"); do kill -KILL "$p" 2>/dev/null; done
		ip netns del "$PFX-$n"
	done
}
lab_ends() { :; }   # what a lab has besides to end; it may define it anew
cleanup() {
	trap '' INT TERM
	lab_ends
	stop_all
	# what is killed is no news
	{ remove_namespaces; wait; } 2>/dev/null
	rm -rf "$tmp" "$lockfile"
}
wait_for() {        # wait_for TENTHS CMD...
	local i n=$1
	shift
	for ((i = 0; i < n; i++)); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
	return 1
}
ctl() { local n=$1; shift; "$BUILD/bin/vsctl" --rundir "$tmp/$n" "$@"; }
vsctl_a() { ctl a "$@"; }
vsctl_b() { ctl b "$@"; }

# --- the beginning --------------------------------------------------------------

need() {            # need TOOL...: there, or installed now
	local tool
	for tool; do
		command -v "$tool" >/dev/null || "$top/.ci/setup" >/dev/null ||
			die "$tool is missing and could not be installed"
	done
}

lab_begin() {       # lab_begin TOOL...
	local log
	[ "$(id -u)" = 0 ] || die "needs root for network namespaces: sudo $0"
	# One lab of a prefix at a time: the lock goes with this shell, whatever
	# ends it.
	mkdir -p /run/lock
	lockfile=/run/lock/$lab-$PFX
	exec {lock}>"$lockfile" || die "cannot write $lockfile"
	flock -n "$lock" && [ "/proc/$$/fd/$lock" -ef "$lockfile" ] ||
		die "a lab called $PFX is running; end it, or set PFX="
	if [ -z "$BUILD" ]; then
		BUILD=$top/build/release
		say "Installing what is missing, building"
		"$top/.ci/setup" >/dev/null ||
			die "cannot install packages: run .ci/setup to see why"
		log=$(cd "$top" && cmake --preset release 2>&1 &&
			cmake --build --preset release 2>&1) ||
			die "the build failed: $(tail -n 40 <<<"$log")"
	fi
	[ -x "$BUILD/bin/vswitchd" ] || die "no vswitchd in $BUILD/bin"
	need "$@"
	tmp=$(mktemp -d -t "$lab.XXXXXX")
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	remove_namespaces   # of a lab that was killed: we hold its lock
}
