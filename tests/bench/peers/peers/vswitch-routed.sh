# SPDX-License-Identifier: Apache-2.0
# vswitch as a router: the VMs are in two subnets of one routing domain.
VSW_ROUTED=yes
. "$HERE/peers/vswitch.sh"
peer_desc="vswitch: TAPs, wnv.so; two subnets, the distributed router between them"
