#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The lab's checker finds the leak of a switch without any barrier between
# VSIDs; each barrier alone keeps tenants apart (tests/mutants/).
. "$(dirname "$0")/_lib.sh"

need_root
need vswitchd vsctl lab-secret tshark tcpdump jq cmake ninja patch
PFX=$prefix "$top/examples/two-tenants/sabotage.sh" "$build"
expect 'exit code of the sabotage' 0 $?
finish
