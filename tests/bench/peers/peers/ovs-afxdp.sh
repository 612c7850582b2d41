# SPDX-License-Identifier: Apache-2.0
# The same OVS, VM ports and uplink are AF_XDP sockets on veth (type=afxdp-nonpmd: no busy polling).
. "$HERE/peers/ovs-tap.sh"
peer_desc="OVS 3.1 userspace datapath, VM ports AF_XDP (afxdp-nonpmd, generic mode) on veth"
peer_modes="same-host"
_ovs_vm() {
    vm_veth "$1" "$2" "$3" && no_offload "$2" eth0 &&
        ovs_ctl "$1" add-port br0 "$3" -- set interface "$3" type=afxdp-nonpmd options:xdp-mode=generic
}
