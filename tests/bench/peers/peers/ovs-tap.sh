# SPDX-License-Identifier: Apache-2.0
# OVS userspace datapath (datapath_type=netdev), VM ports type=tap, GRE with key across hosts.
. "$HERE/peers/_ovs.sh"
peer_desc="OVS 3.1 userspace datapath, VM ports type=tap, uplink AF_PACKET, type=gre key"
peer_pkgs="openvswitch-switch"
_ovs_vm() {                   # _ovs_vm HOST VM PORT
    ovs_ctl "$1" add-port br0 "$3" -- set interface "$3" type=tap && vm_plug "$1" "$2" "$3"
}
up() {
    ovs_start hostA && ovs_ctl hostA add-br br0 -- set bridge br0 datapath_type=netdev && _ovs_vm hostA vmA1 t1 || return 1
    if [ "$1" = same-host ]; then _ovs_vm hostA vmA2 t2; return; fi
    ovs_uplink hostA $PA_A && ovs_gre hostA $PA_B &&
        ovs_start hostB && ovs_ctl hostB add-br br0 -- set bridge br0 datapath_type=netdev && _ovs_vm hostB vmB1 t1 &&
        ovs_uplink hostB $PA_B && ovs_gre hostB $PA_A
}
pid() { ovs_pids; }
down() { ovs_stop hostA; ovs_stop hostB; }
