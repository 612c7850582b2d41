#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The two-tenants lab holds: isolation of every kind of traffic, swap, attack,
# pull, a clean end. Its sabotage part is a test of its own.
. "$(dirname "$0")/_lib.sh"

need_root
need vswitchd vsctl lab-secret tshark tcpdump jq
BUILD=$build PFX=$prefix "$top/examples/two-tenants/run.sh" --quick
expect 'exit code of the lab' 0 $?
finish
