#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh - what vswitch wants to reach, measured against its peers in one run.
#
#   tests/bench/run.sh [--quick] [--build DIR] [--out DIR]
#
# Root, two CPUs, a release build. Every round brings each switch up afresh, so
# that a slow hour of the machine meets all of them; medians of 5 rounds, with
# --quick of 1. Prints one table: what, ours, the peer's, ratio, floor, verdict.
# It is a report and never a test: the exit code says only that it ran.

here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../build/release
rounds=5
out=
while [ $# -gt 0 ]; do
	case $1 in
	--quick) rounds=1 ;;
	--build) build=$2; shift ;;
	--out) out=$2; shift ;;
	*) sed -n '4,12s/^# \{0,1\}//p' "$0"; exit 2 ;;
	esac
	shift
done
build=$(cd "$build" && pwd) || exit 1
: "${WORK:=/tmp/vsb}" "${BENCH_LOCK:=/run/lock/vsb.lock}" "${PFX:=vsb-}"
: "${out:=$WORK/results/floors-$(date +%Y%m%d-%H%M%S)}"
export WORK BENCH_LOCK PFX BUILD=$build
raw=$out/raw.tsv
mkdir -p "$WORK" "$out" || exit 1
: >"$raw"

# peers ROUND METRICS PEER:MODE... - one round; its samples carry its number
peers()
{
	local round=$1 metrics=$2
	shift 2
	METRICS=$metrics REPS=1 PLACES=split NOISE_RETRY=${NOISE_RETRY:-2} \
		QUIET_SECS=${QUIET_SECS:-4} OUT=$out/round \
		timeout 600 bash "$here/peers/run.sh" "$@" >>"$out/log" 2>&1
	[ -f "$out/round/raw.tsv" ] || return
	awk -F'\t' -v OFS='\t' -v r="$round" '{$5 = r; print}' \
		"$out/round/raw.tsv" >>"$raw"
	rm -r "$out/round"
}

record() # record METRIC ROUND VALUE
{
	printf 'vswitch\thost\t-\t%s\t%s\t%s\n' "$@" >>"$raw"
}

# ticks PID: CPU of all its threads, ns
ticks()
{
	cat "/proc/$1/task/"*/schedstat | awk '{n += $1} END {print n}'
}

# idle ROUND - a daemon with ten TAPs and nothing to do
idle()
{
	local dir=$WORK/idle ns=${PFX}idle i pid before after
	rm -rf "$dir"
	mkdir -p "$dir/state"
	ip netns add "$ns" || return
	{
		echo '{"format": 1, "switches": {"lab": {"stack": ["wnv"], "ports": {'
		for i in 0 1 2 3 4 5 6 7 8 9; do
			[ $i = 0 ] || echo ,
			echo "\"p$i\": {\"tap\": \"t$i\"}"
		done
		echo '}}}}'
	} >"$dir/doc.json"
	ip netns exec "$ns" "$build/bin/vswitchd" --config /dev/null \
		--rundir "$dir" --statedir "$dir/state" --group root \
		--extension-dir "$build/lib/vswitch" \
		--document "$dir/doc.json" 2>>"$out/log" &
	pid=$!
	sleep 3
	before=$(ticks $pid)
	sleep 5
	after=$(ticks $pid)
	record idle_cpu_pct "$1" "$(awk "BEGIN {print ($after - $before) / 5e7}")"
	record idle_rss_mb "$1" \
		"$(awk '/VmRSS/ {print $2 / 1024}' "/proc/$pid/status")"
	kill $pid
	wait $pid 2>/dev/null
	ip netns del "$ns"
}

[ "$(id -u)" = 0 ] || { echo "must be root" >&2; exit 1; }
trap 'ip netns del "${PFX}idle" 2>/dev/null; kill $(jobs -p) 2>/dev/null' EXIT
for round in $(seq "$rounds"); do
	echo "round $round of $rounds" >&2
	peers "$round" "tcp1 tcp4 fix sat rtt1" vswitch:same-host ovs-tap:same-host
	peers "$round" "tcp1 tcp4" kbridge:same-host vswitch-fast:same-host
	peers "$round" tcp1 vswitch-routed:same-host vswitch-routed:cross-host
	peers "$round" "tcp1 fix sat rtt1" vswitch:cross-host ovs-tap:cross-host
	peers "$round" tcp1 vswitch-rewrite-fast:cross-host \
		kbridge:cross-host vswitch-rewrite:cross-host \
		taprelay-wire:cross-host
	idle "$round"
done
exec 9>"$BENCH_LOCK"
flock 9
"$build/bin/vs_bench_memory" --runs 5 | tee "$out/memory.txt" >&2
flock -u 9
python3 "$here/floors.py" "$raw" "$out/memory.txt" | tee "$out/floors.txt"
"$build/bin/vs_bench_fair" | tee "$out/fair.txt"
echo "samples: $raw"
