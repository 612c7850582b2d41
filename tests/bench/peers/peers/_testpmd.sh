# SPDX-License-Identifier: Apache-2.0
# testpmd as a two-port patch panel between the VMs (no learning): poll-mode I/O on one core.
. "$HERE/peers/_dpdk.sh"
peer_pkgs=$DPDK_PKGS
peer_modes="same-host"
busy_poll=1
testpmd_start() {             # testpmd_start VDEV VDEV
    huge_up
    rm -f "$WORK/testpmd.fifo"; mkfifo "$WORK/testpmd.fifo"
    ip netns exec ${PFX}hostA dpdk-testpmd --lcores=0@$SW_CPU,1@$SW_CPU $DPDK_MEM --no-pci --vdev="$1" --vdev="$2" -- \
        --forward-mode=io --auto-start --total-num-mbufs=16384 <>"$WORK/testpmd.fifo" >"$WORK/testpmd.log" 2>&1 &
    echo $! >"$WORK/testpmd.pid"
    sleep 2
}
pid() { cat "$WORK/testpmd.pid"; }
down() { kill_pidfile "$WORK/testpmd.pid"; rm -f "$WORK/testpmd.fifo"; huge_down; }
