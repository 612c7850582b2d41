# SPDX-License-Identifier: Apache-2.0
# OVS-DPDK, one PMD core: packets from a pcap replayed in memory, sent to a port that drops them.
. "$HERE/peers/_ovs.sh"
. "$HERE/peers/_dpdk.sh"
peer_desc="OVS 3.1 + DPDK 22.11, one PMD core, net_pcap infinite replay -> drop port"
peer_modes="in-memory"
peer_pkgs="openvswitch-switch openvswitch-switch-dpdk librte-net-pcap23 librte-mempool-ring23 librte-bus-vdev23"
OVS_VSWITCHD=/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk
_memns() { ip netns del ${PFX}mem 2>/dev/null; [ "$1" = up ] && ip netns add ${PFX}mem && nsip mem link set lo up; }
# _mem_case NAME FLOWS OPENFLOW [gre-push|gre-pop]   ports of br0: 1 = in, 2 = drop, 3 = gre
_mem_case() {
    local name=$1 flows=$2 flow=$3 kind=$4 run t0 t1 n i out
    "$NVBENCH" pcap -f "$flows" -l 64 ${kind:+$([ "$kind" = gre-pop ] && echo "-k $VSID")} -o "$WORK/in.pcap"
    "$NVBENCH" pcap -f "$flows" -l 64 -R -o "$WORK/teach.pcap"      # reverse frames, replayed once: MAC learning
    lock; "$NVBENCH" quiet -t 8
    _memns up
    ovs_start mem other_config:dpdk-init=true other_config:dpdk-extra="--no-pci $DPDK_MEM" \
        other_config:dpdk-lcore-mask=$((1 << SW_CPU)) other_config:pmd-cpu-mask=$((1 << VM_CPU)) >/dev/null 2>&1
    ovs_ctl mem add-br br0 -- set bridge br0 datapath_type=netdev
    local in=br0 outbr=br0
    [ "$kind" = gre-push ] && outbr=br-phy
    [ "$kind" = gre-pop ] && in=br-phy
    if [ -n "$kind" ]; then
        ovs_ctl mem add-br br-phy -- set bridge br-phy datapath_type=netdev other-config:hwaddr=$PHY_MAC_A
        nsip mem addr add $PA_A/24 dev br-phy; nsip mem link set br-phy up
        ovs_ctl mem add-port br0 gre0 -- set interface gre0 type=gre options:remote_ip=$PA_B options:key=$((VSID << 8)) ofport_request=3
        ovs_app mem tnl/arp/set br-phy $PA_B $PHY_MAC_B >/dev/null
    fi
    ovs-ofctl del-flows "$(ovs_dir mem)/br0.mgmt"; ovs-ofctl add-flow "$(ovs_dir mem)/br0.mgmt" "$flow"
    [ "$kind" = gre-push ] && ovs-ofctl add-flow "$(ovs_dir mem)/br-phy.mgmt" "in_port=LOCAL,actions=output:2"
    ovs_ctl mem add-port $outbr p2 -- set interface p2 type=dpdk options:dpdk-devargs="net_pcap1,rx_pcap=$WORK/teach.pcap" ofport_request=2
    sleep 0.5
    for i in $(seq 0 63); do   # the first taught frames can arrive before the port is ready
        [ "$i" -lt "$flows" ] && [ "$outbr" = br0 ] && ovs_app mem fdb/add br0 p2 0 "$(printf 02:77:bb:00:00:%02x "$i")" >/dev/null
    done
    ovs_ctl mem add-port $in p1 -- set interface p1 type=dpdk options:dpdk-devargs="net_pcap0,rx_pcap=$WORK/in.pcap,infinite_rx=1" ofport_request=1
    sleep 2
    for run in $(seq "$REPS"); do
        ovs_app mem dpif-netdev/pmd-stats-clear >/dev/null; t0=$(date +%s%N); sleep 1
        out=$(ovs_app mem dpif-netdev/pmd-stats-show); t1=$(date +%s%N)
        n=$(awk '/packets received:/{s+=$3} END{print s+0}' <<<"$out")
        rec "${name}_mpps" "$run" "$(calc "$n/($t1-$t0)*1000")"
    done
    { echo "== $name"; echo "$out"; ovs_app mem dpctl/dump-flows 2>/dev/null | head -3; ovs_app mem dpctl/show -s 2>/dev/null | grep -A3 -E 'p1|p2'; } >>"$OUT/ovs-dpdk-mem.log"
    ovs_stop mem; _memns down
    unlock
}
inmem() {
    huge_up
    _mem_case "port-match 1 flow"       1     in_port=1,actions=output:2
    _mem_case "normal 1 flow"           1     actions=normal
    _mem_case "normal 1000 MACs"        1000  actions=normal
    _mem_case "IP-prefix 10k flows"     10000 in_port=1,ip,nw_dst=10.2.0.0/16,actions=output:2
    _mem_case "gre push 1 flow"         1     in_port=1,actions=output:3 gre-push
    _mem_case "gre pop 1 flow"          1     in_port=3,actions=output:2 gre-pop
    huge_down
}
