#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh - measure switches side by side on one machine.
#
#   ./run.sh all                     every peer (installs packages; root needed)
#   ./run.sh kbridge ovs-tap:cross-host vde
#   ./run.sh list                    what there is
#   ./run.sh table FILE...           merge raw.tsv files of earlier runs into one table
#
# Environment: REPS=5 NOISE_RETRY=4 HOLD_REPS=3 (runs per lock hold) TCP_SECS=2 PPS_SECS=1 NDR_SECS=0.3 NDR_ITERS=7 NDR_LOSS=0.001 RTT_COUNT=10000
#   METRICS="tcp1 tcp4 pps ndr rtt rtt1" (also: fix sat) FIX_SAME=200000 FIX_CROSS=50000 QUIET_SECS=8
#   UDP_LEN=64 PLACES="split free" OUT=dir BENCH_LOCK=/run/lock/vsb.lock
# See README.md for the topology and for adding a peer.

HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/lib.sh"

: "${REPS:=5}" "${TCP_SECS:=2}" "${PPS_SECS:=1}" "${NDR_SECS:=0.3}" "${NDR_ITERS:=7}" "${NDR_LOSS:=0.001}" "${RTT_COUNT:=10000}"
: "${METRICS:=tcp1 tcp4 pps ndr rtt rtt1}" "${FIX_SAME:=200000}" "${FIX_CROSS:=50000}" "${SAT_RATES:=50000 100000 200000 400000 0}" "${QUIET_SECS:=8}"
: "${HOLD_REPS:=3}" "${NOISE_RETRY:=4}" "${UDP_LEN:=64}" "${PLACES:=split free}" "${BENCH_LOCK:=/run/lock/vsb.lock}" "${WORK:=/tmp/vsb}"
: "${OUT:=$WORK/results/$(date +%Y%m%d-%H%M%S)}"

peers() { local f; for f in "$HERE"/peers/*.sh; do f=$(basename "$f" .sh); [ "${f#_}" = "$f" ] && echo "$f"; done; }

usage() { sed -n '4,16s/^# \{0,1\}//p' "$0"; exit 2; }

run_peer() (                  # run_peer NAME [MODE] - in a subshell, so peers cannot disturb each other
    PEER=$1 want=$2 kernel_peer=0 busy_poll=0 peer_pkgs= peer_modes="same-host cross-host" peer_places=$PLACES
    pid() { :; }
    . "$HERE/peers/$PEER.sh" || exit 1
    need_pkgs $peer_pkgs || { say "$PEER: cannot install $peer_pkgs"; exit 1; }
    for MODE in $peer_modes; do
        [ -n "$want" ] && [ "$want" != "$MODE" ] && continue
        say "$PEER $MODE: $peer_desc"
        if [ "$MODE" = in-memory ]; then PLACE=1core; inmem; continue; fi
        trap 'kill $(jobs -p) 2>/dev/null; down "$MODE" >/dev/null 2>&1; topo_down' EXIT
        trap 'exit 130' INT TERM
        if topo_up "$MODE" && up "$MODE" && vm_ready; then
            if [ "$busy_poll" = 1 ]; then for p in $(pid "$MODE"); do kill -STOP "$p"; done; fi
            for place in $peer_places; do measure "$place"; done
        else
            say "$PEER $MODE: FAILED to come up"; rec failed 1 1
        fi
        down "$MODE" >/dev/null 2>&1
        topo_down
    done
)

[ $# -gt 0 ] || usage
case $1 in
list) for p in $(peers); do ( . "$HERE/peers/$p.sh"; printf '%-16s %-28s %s\n' "$p" "${peer_modes:-same-host cross-host}" "$peer_desc" ); done; exit ;;
table) shift; t=$(mktemp); cat "$@" >"$t"; summarize "$t" >"$t.s"; human "$t.s"; rm -f "$t" "$t.s"; exit ;;
-h|--help) usage ;;
esac

[ "$(id -u)" = 0 ] || die "must be root"
mkdir -p "$WORK" "$OUT" || exit 1
kill -0 "$(cat "$WORK/run.pid" 2>/dev/null)" 2>/dev/null && die "another run is using $WORK (pid $(cat "$WORK/run.pid"))"
echo $$ >"$WORK/run.pid"
trap 'rm -f "$WORK/run.pid"' EXIT
RAW=$OUT/raw.tsv
APT_UPDATED=
need_pkgs iproute2 iputils-ping ethtool iperf3 gcc libc6-dev procps util-linux || die "packages: see $WORK/apt.log"
NVBENCH=$WORK/nvbench TAPRELAY=$WORK/taprelay
gcc -O2 -Wall -pthread -o "$NVBENCH" "$HERE/nvbench.c" "$HERE/nvbench_wire.c" || exit 1
gcc -O2 -Wall -o "$TAPRELAY" "$HERE/taprelay.c" || exit 1

{ uname -srvm; nproc; grep -m1 'model name' /proc/cpuinfo; date -u; echo "REPS=$REPS TCP_SECS=$TCP_SECS UDP_LEN=$UDP_LEN"; } >"$OUT/machine.txt"
[ "$1" = all ] && set -- $(peers)
case " $METRICS " in *" rtt "*) machine_facts ;; esac
for arg; do
    name=${arg%%:*} mode=; [ "$arg" != "$name" ] && mode=${arg#*:}
    [ -f "$HERE/peers/$name.sh" ] || die "no peer '$name' (try: $0 list)"
    run_peer "$name" "$mode"
done
[ -s "$RAW" ] || die "nothing measured"
summarize "$RAW" >"$OUT/summary.tsv"
human "$OUT/summary.tsv" | tee "$OUT/table.txt"
echo; echo "TSV: $OUT/summary.tsv (samples: $OUT/raw.tsv)"
