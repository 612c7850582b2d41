# SPDX-License-Identifier: Apache-2.0
# The floor for a userspace switch on TAP: read() + write() per frame, nothing in between.
peer_desc="minimal C relay: TAP read/write per frame; cross-host adds an NVGRE header over AF_PACKET"
relay_kind=tap
_relay() { ip netns exec "$PFX$1" "$TAPRELAY" "${@:2}" & echo $! >"$WORK/relay-$1.pid"; }
up() {
    if [ "$1" = same-host ]; then
        _relay hostA $relay_kind t1 t2; sleep 0.3
        vm_plug hostA vmA1 t1 && vm_plug hostA vmA2 t2
    else
        _relay hostA nvgre t1 phy $PA_A $PA_B $PHY_MAC_A $PHY_MAC_B $VSID
        _relay hostB nvgre t1 phy $PA_B $PA_A $PHY_MAC_B $PHY_MAC_A $VSID; sleep 0.3
        vm_plug hostA vmA1 t1 && vm_plug hostB vmB1 t1
    fi
}
pid() { cat "$WORK"/relay-host?.pid; }
down() { kill_pidfile "$WORK/relay-hostA.pid"; kill_pidfile "$WORK/relay-hostB.pid"; }
