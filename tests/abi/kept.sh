#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Libraries that were kept when an ABI was released load into this switch and
# do what they did then. While VS_ABI is 0 none is kept; what would keep and
# load them is shown on what this build makes.
set -u
. "$(dirname "$0")/_abi.sh"
command -v "$cc" >/dev/null || skip "needs a C compiler"
[ -z "$(cached VS_SANITIZE)" ] || skip "a sanitized build loads its own only"
run=$build/bin/vswitch-ext-run

# play DIR: 0 if what is kept there does what it did
play()
{
	"$run" -d "$1/policy.json" -e "$1/passthrough.so" "$1/blocklist.so" \
		"$1/frames" >"$work/log" 2>&1 &&
		diff "$1/expected" "$work/log" >"$work/diff"
}

for kept in "$top"/tests/abi/kept/*-"$(uname -m)"; do
	[ -d "$kept" ] || continue
	number=$(basename "$kept")
	number=${number%%-*}
	[ "$number" -ge 1 ] || fault "$kept: 0 is not for ever"
	[ "$number" -le "$(abi)" ] || fault "$kept: of a later switch?"
	play "$kept" || { cat "$work/log"; fault "$kept does not do what it did"; }
	echo "kept: $kept"
done
number=$(abi)
for ((abi = 1; abi <= number; abi++)); do
	[ -d "$top/tests/abi/kept/$abi-$(uname -m)" ] ||
		fault "nothing is kept of ABI $abi: tests/abi/_keep"
done

# the machinery
umask 022
bash "$top/tests/abi/_keep" "$work/kept" >"$work/said" ||
	{ cat "$work/said"; fault "_keep"; }
own=$work/kept/$number-$(uname -m)
grep -q "^\[$number\] = {[0-9]*, " "$work/said" || fault "_keep says no sizes"
play "$own" || { cat "$work/log" "$work/diff"; fault "what was just kept"; }

# a library of a later ABI, and one that does something else, are found out
mkdir "$work/vswitch"
cp "$top"/switch/include/vswitch/*.h "$work/vswitch/"
sed -i 's/^#define VS_ABI .*/#define VS_ABI 77u/' "$work/vswitch/extension.h"
cp "$own/blocklist.so" "$work/good.so"
compile "$top/examples/third-party/src/blocklist.c" "$own/blocklist.so" "$work"
play "$own" && fault "a library of ABI 77 is loaded"
grep -q "built for ABI 77, this switch has ABI $number" "$work/log" ||
	{ cat "$work/log"; fault "the refusal names no numbers"; }
cp "$work/good.so" "$own/blocklist.so"
play "$own" || fault "the good one again"
sed -i 's/:66"/:05"/' "$own/policy.json"
play "$own" && fault "another outcome is the same"
exit $failed
