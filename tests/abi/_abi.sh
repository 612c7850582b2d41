# SPDX-License-Identifier: Apache-2.0
#
# What the tests of the ABI share; sourced first.

build=${VS_BUILD_DIR:?}
top=${VS_SOURCE_DIR:?}
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# cached NAME: of the build's configuration.
cached()
{
	sed -n "s/^$1:[^=]*=//p" "$build/CMakeCache.txt"
}

skip()
{
	echo "skipped: $*"
	exit 77
}

fault()
{
	printf 'FAULT: %s\n' "$*"
	failed=1
}

# abi: the number of the headers.
abi()
{
	sed -n 's/^#define VS_ABI \([0-9]*\)u$/\1/p' \
		"$top/switch/include/vswitch/extension.h"
}

# compile SOURCE OUT [INCLUDE]: an extension against the tree's headers, or
# others.
compile()
{
	"$cc" -std=gnu11 -O2 -shared -fPIC -I"${3:-$top/switch/include}" \
		-I"$build/sdk" "$1" -o "$2" -L"$build/lib" -lvsext
}
