#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The VM lab holds: real VMs of two tenants with equal addresses, one of each
# on either host, reach their own tenant's by ping and TCP, IPv4 and IPv6,
# whether QEMU holds the TAP or the switch does.
. "$(dirname "$0")/_lib.sh"

need_root
need vswitchd vsctl qemu-system-x86_64 busybox jq
cache=${VS_KERNEL_CACHE:-/var/cache/vswitch-kernel}
[ -s "$cache/virtio_net.ko" ] && [ -s "$cache/vmlinuz" ] ||
	skip "needs Debian's cloud kernel: run .ci/kernel"
BUILD=$build PFX=$prefix PATIENCE=500 "$top/examples/vms/run.sh"
expect 'exit code of the lab' 0 $?
finish
