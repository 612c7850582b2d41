# SPDX-License-Identifier: Apache-2.0
# Hugepages for DPDK: taken for the run, given back after it.
DPDK_PKGS="dpdk-dev librte-net-null23 librte-net-ring23 librte-net-pcap23 librte-net-tap23 librte-net-af-packet23 librte-net-af-xdp23 librte-mempool-ring23 librte-bus-vdev23"
huge_up() {
    HUGE_OLD=$(cat /proc/sys/vm/nr_hugepages)
    [ "$HUGE_OLD" -ge 640 ] || sysctl -qw vm.nr_hugepages=640
    if [ "$(cat /proc/sys/vm/nr_hugepages)" -ge 600 ]; then DPDK_MEM="--in-memory -m 512"; else DPDK_MEM="--no-huge -m 512"; fi
}
huge_down() { [ -n "$HUGE_OLD" ] && sysctl -qw vm.nr_hugepages="$HUGE_OLD"; }
