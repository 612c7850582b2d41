# SPDX-License-Identifier: Apache-2.0
#
# The Debian packages of this tree; sourced after _lib.sh.
#
#	make_packages    $packages/vswitch_*.deb, vswitch-dev_*.deb, as README
#	                 says it; skips where they cannot be built
#	readme_packages  README's lines: one builds, one installs
#
# Built in a copy, at one place in the build directory, so that a compiler cache
# knows it again; and only if the tree is another than the last time.

packages=$build/packages

# sources [OPTION...]: what the packages are made from, as an archive.
sources()
{
	tar -C "$top" -c --exclude=./build --exclude=./tests --exclude=./.git \
		--exclude='./obj-*' --exclude=./debian/tmp \
		--exclude=./debian/vswitch --exclude=./debian/vswitch-dev \
		--exclude=./debian/.debhelper --exclude='./debian/*stamp' \
		--sort=name --owner=0 --group=0 --numeric-owner "$@" .
}

# what README says: a line that builds, a line that installs
readme_packages()
{
	PYTHONDONTWRITEBYTECODE=1 python3 "$top/tests/system/_readme.py" \
		"$top/README.md" script packages
}

make_packages()
{
	local digest launcher

	need dpkg-buildpackage dh cmake ninja clang python3
	(cd "$top" && dpkg-checkbuilddeps) 2>"$work/lacking" ||
		skip "$(cat "$work/lacking")"
	exec 8>"$build/packages.lock" # one at a time
	flock 8
	digest=$(sources --mtime=@0 | sha256sum)
	[ "$digest" != "$(cat "$packages/digest" 2>/dev/null)" ] || { exec 8>&-; return 0; }
	rm -rf "$packages"
	mkdir -p "$packages/tree"
	sources | tar -C "$packages/tree" -x
	launcher=$(sed -n 's/^CMAKE_C_COMPILER_LAUNCHER:[^=]*=//p' \
		"$build/CMakeCache.txt")
	(cd "$packages/tree" &&
		env -u CFLAGS -u LDFLAGS \
			${launcher:+CMAKE_C_COMPILER_LAUNCHER="$launcher"} \
			bash -c "$(readme_packages | head -n 1)") \
		>"$packages/log" 2>&1 </dev/null || {
		tail -n 40 "$packages/log"
		fault 'dpkg-buildpackage'
		return 1
	}
	rm -rf "$packages/tree"
	echo "$digest" >"$packages/digest"
	exec 8>&-
}
