#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The migration lab holds: a VM moves between hosts in different provider
# networks, in each order of telling three hosts; it answers again each time, and
# TCP survives all. (How many pings are lost outside of its stop is a figure of the
# lab, which a test does not judge.)
. "$(dirname "$0")/_lib.sh"

need_root
need vswitchd vsctl python3 jq ss ping
BUILD=$build PFX=$prefix LOST=2000 "$top/examples/migration/run.sh"
expect 'exit code of the lab' 0 $?
finish
