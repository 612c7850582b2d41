# SPDX-License-Identifier: Apache-2.0
# lib.sh - topology, measurement and statistics for run.sh.  Sourced, never run.
#
#   same-host:   vsb-vmA1 --[switch in vsb-hostA]-- vsb-vmA2
#   cross-host:  vsb-vmA1 --[switch in vsb-hostA]--phy====phy--[switch in vsb-hostB]-- vsb-vmB1
#
# A VM is a network namespace with one interface, eth0.

: "${PFX:=vsb-}"                # name prefix of the namespaces (must start with vsb-)
SW_CPU=0                      # "split" placement: switches here ...
VM_CPU=1                      # ... both VMs' processes here
VM_IP1=10.77.0.1 VM_MAC1=02:77:00:00:00:01
VM_IP2=10.77.0.2 VM_MAC2=02:77:00:00:00:02
PA_A=192.0.2.1   PHY_MAC_A=02:77:00:00:01:01
PA_B=192.0.2.2   PHY_MAC_B=02:77:00:00:01:02
VSID=5001
ALL_NS="hostA hostB vmA1 vmA2 vmB1"

say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }
die() { say "error: $*"; exit 1; }

nsx()  { local n=$1; shift; ip netns exec "$PFX$n" "$@"; }
nsip() { local n=$1; shift; ip -n "$PFX$n" "$@"; }

# ------------------------------------------------------------------ topology

topo_down() {
    local n
    for n in $ALL_NS; do ip netns del "$PFX$n" 2>/dev/null; done
    return 0
}

# topo_up MODE - fresh namespaces; in cross-host also the wire (hostA phy <-> hostB phy, PA
# addresses are NOT assigned: the peer decides where they live).
topo_up() {
    local n list="hostA vmA1 vmA2"
    topo_down
    [ "$1" = cross-host ] && list="hostA hostB vmA1 vmB1"
    for n in $list; do
        ip netns add "$PFX$n" || return 1
        nsx "$n" sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
        nsip "$n" link set lo up
    done
    if [ "$1" = cross-host ]; then
        ip link add vsbphyA mtu 1500 address $PHY_MAC_A netns ${PFX}hostA type veth \
            peer name vsbphyB mtu 1500 address $PHY_MAC_B netns ${PFX}hostB || return 1
        nsip hostA link set vsbphyA name phy; nsip hostA link set phy up
        nsip hostB link set vsbphyB name phy; nsip hostB link set phy up
        VM2=vmB1 VM_MTU=${VM_MTU_CROSS:-1450}
    else
        VM2=vmA2 VM_MTU=${VM_MTU_SAME:-1500}
    fi
}

# vm_plug HOST VM DEV - move DEV (a TAP the switch holds open) from the host into the VM as eth0.
vm_plug() { nsip "$1" link set "$3" netns "$PFX$2" && nsip "$2" link set "$3" name eth0; }

# vm_veth HOST VM PORT - VM eth0 <-> veth PORT in the host (for switches that take a netdev).
vm_veth() {
    ip link add "$3" netns "$PFX$1" type veth peer name eth0 netns "$PFX$2" && nsip "$1" link set "$3" up
}

# no_offload NS DEV - the sender must emit finished packets (checksums in, at most MTU).
no_offload() { nsx "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null 2>&1 || true; }

# vm_ready - addresses, MACs and MTU on both VMs, then real ARP + ping, then static neighbours.
vm_ready() {
    local i vm ip mac
    for i in 1 2; do
        if [ $i = 1 ]; then vm=vmA1 ip=$VM_IP1 mac=$VM_MAC1; else vm=$VM2 ip=$VM_IP2 mac=$VM_MAC2; fi
        nsip $vm link set eth0 address $mac mtu "$VM_MTU" && nsip $vm link set eth0 up &&
            [ -n "${vm_routed:-}" ] || nsip $vm addr replace $ip/24 dev eth0 || return 1
    done
    for i in 1 2 3 4 5 6 7 8 9 10; do
        nsx vmA1 ping -q -c 1 -W 1 $VM_IP2 >/dev/null 2>&1 && break
        [ $i = 10 ] && { say "no connectivity between the VMs"; return 1; }
    done
    [ -n "${vm_routed:-}" ] && return
    nsip vmA1 neigh replace $VM_IP2 lladdr $VM_MAC2 dev eth0 nud permanent
    nsip $VM2 neigh replace $VM_IP1 lladdr $VM_MAC1 dev eth0 nud permanent
    nsx vmA1 ping -q -c 3 -i 0.05 $VM_IP2 >/dev/null
}

# rps MASK - kernel peers have no process to pin: steer the hosts' softirq work with RPS.
rps() {
    local h q
    for h in hostA hostB; do
        [ -e /run/netns/$PFX$h ] || continue
        nsx $h sh -c 'for q in /sys/class/net/*/queues/rx-*/rps_cpus; do echo '"$1"' > $q; done' 2>/dev/null
    done
}

# ------------------------------------------------------------------ processes

kill_pidfile() {              # kill_pidfile FILE - TERM, then KILL, the process we started
    local p i
    p=$(cat "$1" 2>/dev/null) || return 0
    [ -n "$p" ] && kill -CONT "$p" 2>/dev/null
    [ -n "$p" ] && kill "$p" 2>/dev/null
    for i in $(seq 30); do kill -0 "$p" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$p" 2>/dev/null
    rm -f "$1"
    return 0
}

need_pkgs() {
    local p miss=
    for p in "$@"; do dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || miss="$miss $p"; done
    [ -z "$miss" ] && return 0
    say "installing:$miss"
    { [ -n "$APT_UPDATED" ] || apt-get -o DPkg::Lock::Timeout=300 -q update; } >>"$WORK/apt.log" 2>&1; APT_UPDATED=1
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q install -y --no-install-recommends $miss \
        >>"$WORK/apt.log" 2>&1
}

# ---------------------------------------------------------------- measurement

# The machine-wide measurement lock; hold/release keep it over several measurements.
HELD=0
lock()    { [ $HELD = 1 ] || { exec 9>"$BENCH_LOCK"; flock 9; }; }
unlock()  { [ $HELD = 1 ] || { flock -u 9; exec 9>&-; }; }
hold()    { lock; HELD=1; }
release() { HELD=0; unlock; }

kv() { sed -n "s/.*\\b$2=\\([-0-9.e+]*\\).*/\\1/p" <<<"$1"; }   # kv LINE KEY

# rec METRIC RUN VALUE
rec() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$PEER" "$MODE" "$PLACE" "$1" "$2" "$3" >>"$RAW"; }

calc() { awk "BEGIN{printf \"%.6g\", $1}" 2>/dev/null; }

# switch_ns LINE - CPU ns the switch used: its processes, or for a kernel peer in split
# placement everything the switch CPU did (RPS keeps forwarding there, VMs are elsewhere).
switch_ns() {
    if [ -n "$PIDS" ]; then kv "$1" sw_ns
    elif [ "$PLACE" = split ] && [ "${kernel_peer:-0}" = 1 ]; then kv "$1" cpu${SW_CPU}_ns
    else echo nan; fi
}

tcp_run() {                   # tcp_run STREAMS RUN
    local s=$1 run=$2 log=$WORK/iperf.txt pidf=$WORK/iperf.pid line gbps wall sw sys
    rm -f "$pidf"
    nsx "$VM2" $VMPIN iperf3 -s -1 -D -I "$pidf" >/dev/null 2>&1
    sleep 0.15
    timeout $((TCP_SECS + 15)) "$NVBENCH" cpu ${PIDS:+-P $PIDS} -o "$WORK/cpu.txt" -- \
        ip netns exec ${PFX}vmA1 $VMPIN iperf3 -c $VM_IP2 -t "$TCP_SECS" -P "$s" -f k >"$log" 2>&1
    [ -s "$pidf" ] && kill "$(tr -d '\0' <"$pidf")" 2>/dev/null
    line=$(cat "$WORK/cpu.txt" 2>/dev/null)
    gbps=$(awk '/receiver/{for(i=1;i<=NF;i++)if($i=="Kbits/sec")v=$(i-1)} END{if(v!="")printf "%.4f",v/1e6}' "$log")
    [ -n "$gbps" ] || { say "  iperf3 failed: $(tail -1 "$log")"; return; }
    keep "$line" || return
    wall=$(kv "$line" wall_ns) sw=$(switch_ns "$line")
    sys=$(calc "($(kv "$line" cpu0_ns)+$(kv "$line" cpu1_ns))/$wall*100")
    rec "tcp${s}_gbps" "$run" "$gbps"
    rec "tcp${s}_sys_cpu_pct" "$run" "$sys"
    [ "$sw" = nan ] || rec "tcp${s}_sw_cpu_pct" "$run" "$(calc "$sw/$wall*100")"
}

udp_run() {                   # udp_run pps|ndr RUN
    local run=$2 line r sw secs=$PPS_SECS
    [ "$1" = ndr ] && secs=$NDR_SECS
    line=$("$NVBENCH" "$1" -s ${PFX}vmA1 -d "$PFX$VM2" -a $VM_IP2 -l "$UDP_LEN" -t "$secs" -x "$NDR_LOSS" -i "$NDR_ITERS" \
        -S "$SCPU" -D "$DCPU" ${PIDS:+-P $PIDS}) || return
    keep "$line" || return
    r=$(kv "$line" recv)
    rec "$1_kpps" "$run" "$(calc "$(kv "$line" recv_pps)/1000")"
    [ "${r:-0}" -gt 0 ] 2>/dev/null || return
    sw=$(switch_ns "$line")
    [ "$1" = pps ] && rec pps_offered_kpps "$run" "$(calc "$(kv "$line" offered_pps)/1000")"
    [ "$sw" = nan ] || rec "$1_sw_ns_pkt" "$run" "$(calc "$sw/$r")"
    rec "$1_sys_ns_pkt" "$run" "$(calc "($(kv "$line" cpu0_ns)+$(kv "$line" cpu1_ns))/$r")"
}

# one offered rate; prints nvbench's line
udp_at() {                    # udp_at PPS [OPTION] (0 = flat out)
    "$NVBENCH" pps -r "$1" $2 -s ${PFX}vmA1 -d "$PFX$VM2" -a $VM_IP2 -l "$UDP_LEN" -t "$PPS_SECS" \
        -S "$SCPU" -D "$DCPU" ${PIDS:+-P $PIDS}
}

# fix_run RUN - the switch's CPU per delivered frame at a rate that every peer carries
fix_run() {
    local line r sw rate=$FIX_SAME
    [ "$MODE" = cross-host ] && rate=$FIX_CROSS
    line=$(udp_at "$rate") || return
    keep "$line" || return
    r=$(kv "$line" recv) sw=$(switch_ns "$line")
    rec fix_kpps "$1" "$(calc "$(kv "$line" recv_pps)/1000")"
    [ "${r:-0}" -gt 0 ] && [ "$sw" != nan ] && rec fix_sw_ns_pkt "$1" "$(calc "$sw/$r")"
}

# sat_run RUN - the best rate delivered at any load, and what is delivered at twice that load,
# or at all that the sender can offer.  Whole frames: its IP stack would offer less.
sat_run() {
    local line rate got best=0 at=0
    for rate in $SAT_RATES; do
        line=$(udp_at "$rate" -w) || return
        got=$(kv "$line" recv_pps)
        if awk "BEGIN{exit !($got > $best)}"; then best=$got at=$(kv "$line" offered_pps); fi
    done
    line=$(udp_at "$(calc "2*$best")" -w) || return
    keep "$line" || return
    got=$(kv "$line" recv_pps)
    awk "BEGIN{exit !($got > $best)}" && best=$got
    rec sat_best_kpps "$1" "$(calc "$best/1000")"
    rec sat_best_at_kpps "$1" "$(calc "$at/1000")"
    rec sat_twice_kpps "$1" "$(calc "$got/1000")"
    rec sat_twice_offered_kpps "$1" "$(calc "$(kv "$line" offered_pps)/1000")"
}

rtt_run() {                   # rtt_run RUN rtt|rtt1
    local run=$1 line k
    line=$("$NVBENCH" rtt -s ${PFX}vmA1 -d "$PFX$VM2" -a $VM_IP2 -l "$UDP_LEN" -n "$RTT_COUNT" \
        -S "$SCPU" -D "$DCPU" ${PIDS:+-P $PIDS}) || return
    keep "$line" || return
    for k in min p50 p99 p999; do rec "$2_${k}_us" "$run" "$(kv "$line" ${k}_us)"; done
    rec "$2_lost" "$run" "$(kv "$line" lost)"
}

# clean LINE - was the machine ours during this measurement?  (a disturbed run is repeated)
clean() { awk -v p="$(kv "$1" foreign_pct)" 'BEGIN{exit !(p < 4)}' || { NOISY=1; false; }; }

# one WHAT... - one measurement under the lock, repeated (at most NOISE_RETRY times) while other
# processes disturb it; busy-polling switches run only while it lasts
one() {
    local p try
    for try in $(seq "$NOISE_RETRY"); do
        lock
        NOISY=0 LAST_TRY=0
        [ "$try" = "$NOISE_RETRY" ] && LAST_TRY=1
        "$NVBENCH" quiet -t "$QUIET_SECS"
        if [ "${busy_poll:-0}" = 1 ]; then for p in ${PIDS//,/ }; do kill -CONT "$p"; done; sleep 0.05; fi
        "$@"
        if [ "${busy_poll:-0}" = 1 ]; then for p in ${PIDS//,/ }; do kill -STOP "$p"; done; fi
        unlock
        [ "$NOISY" = 0 ] && return
    done
    rec noisy 1 1
    say "  noisy: $*"
}
# keep LINE - record this run?  yes when clean, or when it was the last try
keep() { clean "$1" || [ "$LAST_TRY" = 1 ]; }

wants() { case " $METRICS " in *" $1 "*) ;; *) false ;; esac; }

measure() {                   # measure PLACE
    local p run
    PLACE=$1
    PIDS=$(pid "$MODE" 2>/dev/null | tr -s ' \n' ',,' | sed 's/,*$//;s/^,*//')
    if [ "$PLACE" = split ]; then
        SCPU=$VM_CPU DCPU=$VM_CPU VMPIN="taskset -c $VM_CPU"
        for p in ${PIDS//,/ }; do taskset -apc $SW_CPU "$p" >/dev/null; done
        [ "${kernel_peer:-0}" = 1 ] && rps $((1 << SW_CPU))
    else
        SCPU=-1 DCPU=-1 VMPIN=
        for p in ${PIDS//,/ }; do taskset -apc $SW_CPU,$VM_CPU "$p" >/dev/null; done
        [ "${kernel_peer:-0}" = 1 ] && rps 0
    fi
    for run in $(seq "$REPS"); do
        [ $(((run - 1) % HOLD_REPS)) = 0 ] && hold
        wants tcp1 && one tcp_run 1 "$run"
        wants tcp4 && one tcp_run 4 "$run"
        if [ "$PLACE" != free ]; then     # unpinned: throughput only, the rest is too noisy on 2 CPUs
            wants pps && one udp_run pps "$run"
            wants ndr && one udp_run ndr "$run"
            wants fix && one fix_run "$run"
            wants sat && one sat_run "$run"
            wants rtt && one rtt_run "$run" rtt
        fi
        if [ $((run % HOLD_REPS)) = 0 ] || [ "$run" = "$REPS" ]; then release; fi
    done
    # rtt1: the switch shares the VMs' CPU, so no cross-CPU wake-up: the bare software path
    if [ "$PLACE" = split ] && [ "$busy_poll" != 1 ] && wants rtt1; then
        for p in ${PIDS//,/ }; do taskset -apc $VM_CPU "$p" >/dev/null; done
        [ "${kernel_peer:-0}" = 1 ] && rps 0
        hold
        for run in $(seq "$REPS"); do one rtt_run "$run" rtt1; done
        release
    fi
}

# machine_facts - the floor under every latency number: waking a thread on the same / the other CPU
machine_facts() {
    local run line
    PEER=machine MODE=wake PIDS=
    hold
    for run in $(seq "$REPS"); do
        PLACE=same-cpu SCPU=$VM_CPU DCPU=$VM_CPU; one wake_run "$run"
        PLACE=cross-cpu DCPU=$SW_CPU; one wake_run "$run"
    done
    release
}
wake_run() {
    local line k
    line=$("$NVBENCH" wake -S "$SCPU" -D "$DCPU" -n "$RTT_COUNT") || return
    keep "$line" || return
    for k in min p50 p99; do rec "rtt_${k}_us" "$1" "$(kv "$line" ${k}_us)"; done
}

# ----------------------------------------------------------------- statistics

summarize() {                 # raw samples -> median/min/max per metric
    printf 'peer\tmode\tplacement\tmetric\tmedian\tmin\tmax\tn\n'
    sort -t "$(printf '\t')" -k1,4 -k6,6g "$1" | awk -F'\t' -v OFS='\t' '
        function out() { if (n) print k, (n % 2 ? v[(n+1)/2] : (v[n/2]+v[n/2+1])/2), v[1], v[n], n }
        { key = $1 OFS $2 OFS $3 OFS $4; if (key != k) { out(); n = 0; k = key } v[++n] = $6 + 0 }
        END { out() }'
}

# human SUMMARY - one row per peer/mode/placement: median [min-max]
human() {
    awk -F'\t' '
    function f(k, d,   s) { if (!((key SUBSEP k) in med)) return "-";
        s = sprintf("%." d "f", med[key,k]);
        return s sprintf(" [%." d "f-%." d "f]", lo[key,k], hi[key,k]) }
    function g(k, d) { return ((key SUBSEP k) in med) ? sprintf("%." d "f", med[key,k]) : "-" }
    NR > 1 && $2 != "in-memory" { key = $1 "\t" $2 "\t" $3; if (!(key in seen)) { seen[key] = 1; order[++n] = key }
             med[key,$4] = $5; lo[key,$4] = $6; hi[key,$4] = $7 }
    NR > 1 && $2 == "in-memory" && $4 ~ /_mpps$/ { c = $4; sub(/_mpps$/, "", c);
             mem[++m] = sprintf("%-12s %-34s %s", $1, c, sprintf("%8.3f Mpps [%.3f-%.3f]  %7.1f ns/pkt", $5, $6, $7, 1000/$5)) }
    END {
        fmt = "%-14s %-10s %-9s | %-20s %-20s %7s | %-19s %-19s %7s %7s | %-19s %-19s %-12s\n"
        for (pass = 0; pass < 3; pass++) {
            want = pass == 0 ? "wake" : pass == 1 ? "same-host" : "cross-host"; head = 0
            for (i = 1; i <= n; i++) { key = order[i]; split(key, p, "\t"); if (p[2] != want) continue
                if (!head++) printf "\n" fmt, "peer", "mode", "place", "TCP x1 Gb/s", "TCP x4 Gb/s", "sw CPU%", "NDR kpps (loss<0.1%)", "overload kpps", "sw ns/p", "sys ns/p", "RTT p50 us", "RTT p99 us", "RTT 1cpu p50"
                printf fmt, p[1], p[2], p[3], f("tcp1_gbps", 2), f("tcp4_gbps", 2), g("tcp1_sw_cpu_pct", 0), f("ndr_kpps", 0), f("pps_kpps", 0), g("ndr_sw_ns_pkt", 0), g("ndr_sys_ns_pkt", 0), f("rtt_p50_us", 1), f("rtt_p99_us", 1), g("rtt1_p50_us", 1) }
        }
        if (m) { print "\nin-memory forwarding, one core, 64-byte frames"; for (i = 1; i <= m; i++) print mem[i] }
    }' "$1"
}
