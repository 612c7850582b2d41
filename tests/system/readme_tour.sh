#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# README's tour and its "way in", word for word but for the build directory,
# in namespaces (mounts, network, processes) of their own; what it prints must
# be what README prints.
set -u
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip ping tcpdump unshare nsenter python3
export PYTHONDONTWRITEBYTECODE=1
here=$top/tests/system

blocks()
{
	python3 "$here/_readme.py" "$top/README.md" script "$1" |
		sed "s|\$PWD/build/release|$build|g"
}

blocks tour >"$work/tour.sh"
blocks way-in >"$work/way-in.sh"
blocks tour-end >"$work/end.sh"
for part in tour way-in end; do
	[ -s "$work/$part.sh" ] || fault "README has no $part"
done
{
	echo 'set -e'
	cat "$work/tour.sh"
	echo "VSWITCH_RUNDIR=/run/hosta nsenter --net=/run/netns/hosta \
		bash -e $work/way-in.sh"
	cat "$work/end.sh"
	echo 'wait; echo the end'
} >"$work/all.sh"

unshare -m -n -p -f --kill-child --mount-proc bash -c '
	mount --make-rprivate / && mount -t tmpfs tmpfs /run &&
	cd "$1" && exec timeout 120 bash "$2"' - "$top" "$work/all.sh" \
	>"$work/out" 2>&1 || fault "the tour ends with $?"
grep -q '^the end$' "$work/out" || fault "the tour does not come to its end"
python3 "$here/_readme.py" "$top/README.md" check "$work/out" ||
	fault "README's output is not what comes"
[ "$failed" = 0 ] || cat "$work/out"
finish
