# SPDX-License-Identifier: Apache-2.0
# The same wire, with frames of at most MTU: what a switch without TSO could reach at best.
. "$HERE/peers/direct.sh"
peer_desc="veth pair between the VMs, offloads off (MTU-sized frames)"
up() {
    ip link add eth0 netns ${PFX}vmA1 type veth peer name eth0 netns ${PFX}vmA2 &&
        no_offload vmA1 eth0 && no_offload vmA2 eth0
}
