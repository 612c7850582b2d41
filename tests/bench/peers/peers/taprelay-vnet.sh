# SPDX-License-Identifier: Apache-2.0
# The same relay with IFF_VNET_HDR: TSO and checksum offload cross the switch untouched.
. "$HERE/peers/taprelay.sh"
peer_desc="minimal C relay, TAP with vnet header (TSO super-frames pass through)"
peer_modes="same-host"
relay_kind=tapvnet
