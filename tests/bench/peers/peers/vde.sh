# SPDX-License-Identifier: Apache-2.0
# VDE2: one process, poll() + read()/write() per frame.
peer_desc="VDE2 vde_switch, TAP plugs"
peer_pkgs="vde2"
peer_modes="same-host"
up() {
    rm -rf "$WORK/vde.ctl"
    nsx hostA vde_switch -s "$WORK/vde.ctl" -M "$WORK/vde.mgmt" -t t1 -t t2 -d -p "$WORK/vde.pid" </dev/null >/dev/null 2>&1
    sleep 0.3
    vm_plug hostA vmA1 t1 && vm_plug hostA vmA2 t2
}
pid() { cat "$WORK/vde.pid"; }
down() { kill_pidfile "$WORK/vde.pid"; rm -rf "$WORK/vde.ctl" "$WORK/vde.mgmt"; }
