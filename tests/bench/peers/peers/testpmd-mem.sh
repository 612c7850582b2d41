# SPDX-License-Identifier: Apache-2.0
# DPDK testpmd between in-memory vdevs: what a poll loop costs when the I/O is free.
. "$HERE/peers/_dpdk.sh"
peer_desc="DPDK 22.11 testpmd, net_null / net_ring / net_pcap, one forwarding core"
peer_modes="in-memory"
peer_pkgs=$DPDK_PKGS
_testpmd_case() {             # _testpmd_case NAME MODE VDEV... - one process, one sample per second after warm-up
    local name=$1 fwd=$2 v i=0; shift 2
    local args=(); for v; do args+=("--vdev=$v"); done
    lock; "$NVBENCH" quiet -t 8
    sleep $((REPS + 2)).6 | timeout 40 dpdk-testpmd --lcores=0@$SW_CPU,1@$VM_CPU $DPDK_MEM --no-pci "${args[@]}" -- \
        --forward-mode="$fwd" --auto-start --stats-period 1 --total-num-mbufs=16384 >"$WORK/testpmd.log" 2>&1
    unlock
    # a stats block lists both ports; the first block is start-up, each later one is a sample
    for v in $(awk '/Rx-pps:/{v[++n]=$2} END{for(i=3;i<n;i+=2)printf "%.4f ",(v[i]+v[i+1])/1e6}' "$WORK/testpmd.log"); do
        [ $((++i)) -le "$REPS" ] && rec "${name}_mpps" "$i" "$v"
    done
}
inmem() {
    huge_up
    "$NVBENCH" pcap -f 1 -l 64 -o "$WORK/one.pcap"
    _testpmd_case "null-io"       io      net_null0,size=64 net_null1,size=64
    _testpmd_case "null-copy-io"  io      net_null0,size=64,copy=1 net_null1,size=64,copy=1
    _testpmd_case "null-macswap"  macswap net_null0,size=64 net_null1,size=64
    _testpmd_case "pcap-io"       io      net_pcap0,rx_pcap="$WORK/one.pcap",infinite_rx=1 net_pcap1,rx_pcap="$WORK/one.pcap",infinite_rx=1
    huge_down
}
