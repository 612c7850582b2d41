# SPDX-License-Identifier: Apache-2.0
# vswitch by IP rewrite, VMs on veths as the kernel bridge has them, --fast-path: what
# the kernel forwards has no process to pin, so RPS places it.
VSW_RULE=rewrite VSW_FAST=yes
. "$HERE/peers/vswitch.sh"
peer_desc="vswitch: veths, wnv.so; cross-host IP rewrite, fast path"
peer_modes="cross-host"
kernel_peer=1
