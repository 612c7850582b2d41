#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The migration lab holds: a VM moves between hosts in different provider
# networks, in each order of telling three hosts; TCP survives, and next to no
# ping is lost outside of the VM's own stop. (How many is a figure of the lab: a
# loaded machine may lose more, so the test allows for it.)
. "$(dirname "$0")/_lib.sh"

need_root
need vswitchd vsctl python3 jq ss ping
BUILD=$build PFX=$prefix LOST=200 "$top/examples/migration/run.sh"
expect 'exit code of the lab' 0 $?
finish
