# SPDX-License-Identifier: Apache-2.0
. "$HERE/peers/_testpmd.sh"
peer_desc="DPDK testpmd io forwarding between two net_tap ports (busy polling readv/writev)"
up() { testpmd_start net_tap0,iface=t1 net_tap1,iface=t2 && vm_plug hostA vmA1 t1 && vm_plug hostA vmA2 t2; }
