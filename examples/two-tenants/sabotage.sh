#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Does the lab's checker find a leak? Builds vswitchd from a copy of the tree
# with mutations from tests/mutants/ and lets the lab judge each build:
#
#   without all three barriers (flood, MAC key, deliver)   it must leak
#   without any one of them                                 it must not
#
#   sudo examples/two-tenants/sabotage.sh BUILD
#
# BUILD is the build whose tools, extensions and options are used. Environment:
# PFX (prefix of the namespaces). Exit: 0 the checker was right each time, 1 it
# was not, 2 could not run.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
barriers="flood_ignores_vsid mac_key_ignores_vsid deliver_ignores_vsid"
: "${PFX:=vssab}"
failed=0

good() { printf '  ok    %s\n' "$*"; }
bad()  { printf '  FAIL  %s\n' "$*"; failed=1; }
die()  { printf 'sabotage.sh: %s\n' "$*" >&2; exit 2; }

[ $# = 1 ] && [ -x "$1/bin/vswitchd" ] || die "usage: sabotage.sh BUILD"
[ "$(id -u)" = 0 ] || die "needs root"
build=$(cd "$1" && pwd)
tmp=$(mktemp -d -t two-tenants.XXXXXX)
labs=()
cleanup() {
	trap '' INT TERM
	[ ${#labs[@]} = 0 ] || { kill "${labs[@]}" 2>/dev/null; wait "${labs[@]}"; }
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

option() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }

prepare() {         # a copy of the tree, configured as BUILD is
	mkdir "$tmp/tree"
	tar -C "$top" --exclude=./build --exclude=./.git -cf - . | tar -C "$tmp/tree" -xf - ||
		die "cannot copy the tree"
	cmake -G Ninja -S "$tmp/tree" -B "$tmp/build" -DVS_TESTS=OFF \
		-DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O0 \
		-DCMAKE_C_COMPILER="$(option CMAKE_C_COMPILER)" \
		-DVS_SANITIZE="$(option VS_SANITIZE)" >"$tmp/log" 2>&1 ||
		{ tail -n 20 "$tmp/log"; die "cannot configure"; }
}

# mutate NAME PATCH...: $tmp/NAME becomes a build directory for the lab.
mutate() {
	local name=$1 mutant dir=$tmp/$1
	shift
	for mutant; do
		(cd "$tmp/tree" && patch -p1 -F0 -s -N <"$top/tests/mutants/$mutant.patch") >"$tmp/log" 2>&1 ||
			{ cat "$tmp/log"; die "tests/mutants/$mutant.patch does not apply: core has changed, write it anew"; }
	done
	cmake --build "$tmp/build" --target vswitchd >"$tmp/log" 2>&1 ||
		{ tail -n 20 "$tmp/log"; die "the mutant $name does not compile"; }
	mkdir -p "$dir/bin" "$dir/lib"
	cp "$tmp/build/bin/vswitchd" "$dir/bin/"
	ln -s "$build/bin/vsctl" "$build/bin/lab-secret" "$dir/bin/"
	ln -s "$build/lib/vswitch" "$dir/lib/"
	for mutant; do
		(cd "$tmp/tree" && patch -R -p1 -s <"$top/tests/mutants/$mutant.patch") || die "cannot undo $mutant"
	done
}

start_lab() {       # start_lab NAME
	SABOTAGED=1 FRAMES=6000 BUILD=$tmp/$1 PFX=$PFX${#labs[@]} \
		"$top/examples/two-tenants/run.sh" --quick --only traffic >"$tmp/$1.log" 2>&1 &
	labs+=($!)
}

judged() { sed -n 's/.* \([0-9]*\) frames carried a foreign.*/\1/p; s/.*0 foreign secrets in \([0-9]*\) frames/\1/p' "$tmp/$1.log"; }
stopped() { awk '$NF != "" && / vsid_acl / { n += $1 } END { print n + 0 }' "$tmp/$1.log"; }

# verdict NAME CODE LEAK: what the lab found, LEAK = 1 if it had to find one.
verdict() {
	local frames
	frames=$(judged "$1")
	if [ "${frames:-0}" -lt 6000 ] || { [ "$2" != 0 ] && [ "$2" != 1 ] && [ "$2" != 3 ]; }; then
		tail -n 40 "$tmp/$1.log"
		bad "$1: the lab did not run (code $2)"
	elif [ "$3" = 1 ] && [ "$2" = 3 ]; then
		good "$1: caught, $(sed -n 's/.*FAIL.*  \([0-9]* of [0-9]* frames.*\)/\1/p' "$tmp/$1.log")"
	elif [ "$3" = 0 ] && [ "$2" != 3 ]; then
		good "$1: no leak in $frames frames, deliver stopped $(stopped "$1") copies"
	else
		cat "$tmp/$1.log"
		bad "$1: $([ "$3" = 1 ] && echo "leaks, and nobody noticed" || echo "leaks alone")"
	fi
}

prepare
# shellcheck disable=SC2086
mutate all_three $barriers
start_lab all_three
for barrier in $barriers; do
	mutate "$barrier" "$barrier"
	start_lab "$barrier"
done
i=0
for name in all_three $barriers; do
	wait "${labs[i]}"
	verdict "$name" $? $((i == 0))
	i=$((i + 1))
done
exit $failed
