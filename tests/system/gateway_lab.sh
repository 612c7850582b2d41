#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The gateway lab holds: two tenants with equal addresses reach the internet
# and a physical network through one multi-tenant port, and never each other.
. "$(dirname "$0")/_lib.sh"

need_root
need vswitchd vsctl nft ncat tcpdump jq ss
BUILD=$build PFX=$prefix "$top/examples/gateway/run.sh"
expect 'exit code of the lab' 0 $?
finish
