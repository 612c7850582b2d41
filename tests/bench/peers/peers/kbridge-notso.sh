# SPDX-License-Identifier: Apache-2.0
# Kernel bridge with every packet at most MTU-sized end to end: the fair line for a switch without TSO.
. "$HERE/peers/kbridge.sh"
peer_desc="kernel bridge (+VXLAN), offloads off in the VMs and on the wire"
eval "_kbridge_up() $(declare -f up | sed 1d)"
up() {
    local n
    _kbridge_up "$1" || return 1
    no_offload vmA1 eth0; no_offload "$VM2" eth0
    for n in hostA hostB; do [ -e /run/netns/$PFX$n ] && no_offload $n phy; done
    return 0
}
