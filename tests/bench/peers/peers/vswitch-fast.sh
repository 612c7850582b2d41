# SPDX-License-Identifier: Apache-2.0
# vswitch with --fast-path, VMs on veths as the kernel bridge has them; what the kernel
# forwards has no process to pin, so RPS places it.
VSW_FAST=yes
. "$HERE/peers/vswitch.sh"
peer_desc="vswitch: veths, wnv.so, fast path"
peer_modes="same-host"
kernel_peer=1
