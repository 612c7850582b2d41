# SPDX-License-Identifier: Apache-2.0
. "$HERE/peers/_testpmd.sh"
peer_desc="DPDK testpmd io forwarding between two net_af_xdp ports (copy mode on veth)"
up() {
    vm_veth hostA vmA1 p1 && vm_veth hostA vmA2 p2 && no_offload vmA1 eth0 && no_offload vmA2 eth0 &&
        testpmd_start net_af_xdp0,iface=p1,force_copy=1 net_af_xdp1,iface=p2,force_copy=1
}
