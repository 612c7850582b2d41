# SPDX-License-Identifier: Apache-2.0
. "$HERE/peers/_testpmd.sh"
peer_desc="DPDK testpmd io forwarding between two net_af_packet ports (TPACKET_V2 rings on veth)"
up() {
    vm_veth hostA vmA1 p1 && vm_veth hostA vmA2 p2 && no_offload vmA1 eth0 && no_offload vmA2 eth0 &&
        testpmd_start net_af_packet0,iface=p1,blocksz=4096,framesz=2048,framecnt=1024,qpairs=1 \
            net_af_packet1,iface=p2,blocksz=4096,framesz=2048,framecnt=1024,qpairs=1
}
