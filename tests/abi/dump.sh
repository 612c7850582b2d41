#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The ABI that the tree has written down against what was built: libvsext's
# functions, and the descriptor with every type that can be reached from it.
# Nobody changes either without seeing it here. If a change is meant:
#
#	VS_ABI_WRITE=1 VS_BUILD_DIR=build/debug VS_SOURCE_DIR=. tests/abi/dump.sh
#
# and commit what it wrote. From ABI 1 on a change that breaks a library which
# was built before can't be written: append, and raise VS_ABI.
set -u
. "$(dirname "$0")/_abi.sh"
command -v abidw >/dev/null && command -v abidiff >/dev/null ||
	skip "needs abidw and abidiff (abigail-tools)"
[ "$(cached CMAKE_BUILD_TYPE)" = Debug ] && [ -z "$(cached VS_SANITIZE)" ] &&
	case $(basename "$(cached CMAKE_C_COMPILER)") in *gcc* | cc) ;; *) false ;; esac ||
	skip "another compiler's or a sanitizer's debug information"

# dump LIBRARY: no paths, no private symbols; ids that stay from run to run
dump()
{
	abidw --no-corpus-path --no-comp-dir-path --no-show-locs \
		--no-architecture --no-elf-needed --no-write-default-sizes \
		--type-id-style hash --exported-interfaces-only \
		--headers-dir "$top/switch/include" \
		--suppressions "$top/tests/abi/private.suppr" "$1"
}

# compare LIBRARY DUMP
compare()
{
	local code
	dump "$1" >"$work/now.abi" || { fault "abidw $1"; return; }
	if [ ! -e "$2" ] && [ -n "${VS_ABI_WRITE:-}" ]; then
		: # the first
	else
		abidiff --no-show-locs "$2" "$work/now.abi" >"$work/diff" 2>&1
		code=$?
		[ $code -ne 0 ] || return
		cat "$work/diff"
		if [ $((code & 3)) -ne 0 ]; then
			fault "abidiff $2"
			return
		elif [ $((code & 8)) -ne 0 ] && [ "$(abi)" -gt 0 ]; then
			fault "$2: what was built before breaks by this;" \
				"append instead, and raise VS_ABI"
			return
		elif [ -z "${VS_ABI_WRITE:-}" ]; then
			fault "$2 is not what was built; if that is meant:" \
				"VS_ABI_WRITE=1 tests/abi/dump.sh"
			return
		fi
	fi
	cp "$work/now.abi" "$2" && echo "written: $2"
}

compare "$build/lib/libvsext.so" "$top/tests/abi/libvsext.abi"
compare "$build/lib/vswitch/passthrough.so" "$top/tests/abi/descriptor.abi"

# it can fail: one member less, one function less
sed '/elf-symbol name=.vs_frame_pull/d' "$top/tests/abi/libvsext.abi" \
	>"$work/less.abi"
abidiff "$work/less.abi" "$top/tests/abi/libvsext.abi" >/dev/null &&
	fault "a function more is no difference"
abidiff "$top/tests/abi/libvsext.abi" "$work/less.abi" >/dev/null
[ $(($? & 8)) -ne 0 ] || fault "a function less breaks nothing"
mkdir "$work/vswitch"
cp "$top"/switch/include/vswitch/*.h "$work/vswitch/"
sed -i 's/^	size_t shard_size;$/	uint64_t more, shard_size;/' \
	"$work/vswitch/extension.h"
cmp -s "$work/vswitch/extension.h" "$top/switch/include/vswitch/extension.h" &&
	fault "no shard_size in the descriptor"
"$cc" -g -std=gnu11 -shared -fPIC -I"$work" -I"$build/sdk" \
	"$top/examples/passthrough/passthrough.c" -o "$work/passthrough.so" \
	-L"$build/lib" -lvsext || fault "passthrough does not build"
dump "$work/passthrough.so" >"$work/moved.abi"
abidiff "$top/tests/abi/descriptor.abi" "$work/moved.abi" >"$work/diff" &&
	fault "a member in the middle of the descriptor is no difference"
grep -q more "$work/diff" || fault "abidiff does not name the member"
exit $failed
