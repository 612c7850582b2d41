# SPDX-License-Identifier: Apache-2.0
# What a userspace switch that copies can reach across hosts: frames and their offload
# headers from TAP to AF_PACKET and back, no header, no lookup.
. "$HERE/peers/taprelay.sh"
peer_desc="minimal C relay: TAP to AF_PACKET, vnet headers on both, frames as they are"
peer_modes="cross-host"
up() {
    _relay hostA wire t1 phy
    _relay hostB wire t1 phy; sleep 0.3
    vm_plug hostA vmA1 t1 && vm_plug hostB vmB1 t1
}
