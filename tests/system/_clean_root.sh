# SPDX-License-Identifier: Apache-2.0
#
# A root directory with this machine's tools and the installed product, and
# nothing of the source or build tree; sourced after _lib.sh.
#
#	need_installable            skips where this cannot work
#	make_clean_root             sets $clean and $installed_prefix
#	in_clean_root SCRIPT [WORD...]   bash there, in namespaces of its own
#	in_package_root SCRIPT [WORD...]   the same, where packages can be installed
#
# The mounts live in the namespace of each call and end with it; what is
# written below /src lasts until the test ends.

clean=$work/clean
installed_prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:[^=]*=//p' \
	"$build/CMakeCache.txt")

need_installable()
{
	case $(sed -n 's/^VS_SANITIZE:[^=]*=//p' "$build/CMakeCache.txt") in
	'') ;;
	*) skip "a sanitized build loads sanitized extensions only" ;;
	esac
	case $installed_prefix in
	/usr/local | /opt/*) ;;
	*) skip "the build's prefix $installed_prefix is where tools are" ;;
	esac
}

make_clean_root()
{
	local entry

	umask 022
	mkdir -p "$clean" "$work/product"
	chmod 755 "$work"
	DESTDIR=$work/product cmake --install "$build" \
		>"$work/install.log" 2>&1 ||
		{ cat "$work/install.log"; fault 'cmake --install'; return 1; }
	for entry in bin sbin lib lib32 lib64 libx32; do
		if [ -L "/$entry" ]; then
			cp -d "/$entry" "$clean/"
		elif [ -d "/$entry" ]; then
			mkdir "$clean/$entry"
		fi
	done
	mkdir -p "$clean"/{usr,etc,proc,dev,run,src,tmp,var/lib} \
		"$clean$installed_prefix"
}

in_clean_root()
{
	unshare -m -n -p -f --kill-child bash -c '
		clean=$1 product=$2 prefix=$3
		shift 3
		set -e
		mount --make-rprivate /
		for entry in bin sbin lib lib32 lib64 libx32 usr etc; do
			[ ! -d "$clean/$entry" ] || [ -L "$clean/$entry" ] ||
				mount --bind -o ro "/$entry" "$clean/$entry"
		done
		mount -t tmpfs -o mode=755 none "$clean$prefix"
		cp -a "$product/." "$clean$prefix/"
		mount -t proc none "$clean/proc"
		mount --rbind /dev "$clean/dev"
		mount -t tmpfs -o mode=755 none "$clean/run"
		mount -t tmpfs none "$clean/tmp"
		ip link set lo up
		exec env -i HOME=/tmp LC_ALL=C.UTF-8 \
			PATH="$prefix/bin:/usr/bin:/usr/sbin:/bin:/sbin" \
			chroot "$clean" timeout 500 bash "$@"
	' - "$clean" "$work/product$installed_prefix" "$installed_prefix" "$@"
}

# in_package_root SCRIPT [WORD...]: bash in a root to which packages can be
# installed: this machine's /usr, /etc and /var with nothing of /usr/local, and
# what is written there ends with the call. /src is $clean/src.
in_package_root()
{
	mkdir -p "$clean/src"
	unshare -m -n -p -f --kill-child bash -c '
		clean=$1
		shift
		set -e
		mount --make-rprivate /
		mkdir -p "$clean/root"
		mount -t tmpfs -o mode=755 none "$clean/root"
		cd "$clean/root"
		mkdir -p new/{proc,dev,run,tmp,src,root} upper work
		for entry in bin sbin lib lib32 lib64 libx32 usr etc var; do
			if [ -L "/$entry" ]; then
				cp -d "/$entry" new/
			elif [ -d "/$entry" ]; then
				mkdir "new/$entry" "upper/$entry" "work/$entry"
				mount -t overlay -o "lowerdir=/$entry,upperdir=$PWD/upper/$entry,workdir=$PWD/work/$entry" none "new/$entry"
			fi
		done
		mount -t tmpfs -o mode=755 none new/usr/local
		mount --bind "$clean/src" new/src
		mount -t proc none new/proc
		mount --rbind /dev new/dev
		mount -t tmpfs -o mode=755 none new/run
		chmod 1777 new/tmp
		ip link set lo up
		exec env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			PATH=/usr/bin:/usr/sbin:/bin:/sbin \
			chroot new timeout 500 bash "$@"
	' - "$clean" "$@"
}
