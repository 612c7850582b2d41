#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A check of a length, a VSID or an ACL that is gone is noticed by a unit test,
# each; and with any one barrier between VSIDs gone no frame crosses, and the
# barrier is named (tests/mutants/).
. "$(dirname "$0")/_lib.sh"

need cmake ninja python3
"$top/tests/mutants/run" "$build"
expect 'exit code of the mutants' 0 $?
finish
