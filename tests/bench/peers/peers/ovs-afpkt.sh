# SPDX-License-Identifier: Apache-2.0
# The same OVS, but each VM is a veth whose host end OVS opens with AF_PACKET (recvmmsg/sendmmsg).
. "$HERE/peers/ovs-tap.sh"
peer_desc="OVS 3.1 userspace datapath, VM ports AF_PACKET on veth, type=gre key"
_ovs_vm() { vm_veth "$1" "$2" "$3" && no_offload "$2" eth0 && ovs_ctl "$1" add-port br0 "$3"; }
