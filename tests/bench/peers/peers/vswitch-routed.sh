# SPDX-License-Identifier: Apache-2.0
# vswitch as a router: the VMs are in two subnets of one routing domain.
VSW_ROUTED=yes
. "$HERE/peers/vswitch.sh"
peer_desc="vswitch: TAPs, wnv.so; two subnets, the distributed router between them"
vm_routed=1    # the switch numbers them, and the way leads over its gateway
