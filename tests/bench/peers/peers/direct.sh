# SPDX-License-Identifier: Apache-2.0
# The wire itself: one veth pair between the VMs, no switch.
peer_desc="veth pair between the two VMs, no switch at all (ceiling)"
peer_modes="same-host"
up() { ip link add eth0 netns ${PFX}vmA1 type veth peer name eth0 netns ${PFX}vmA2; }
down() { :; }
