#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The installed unit, run by systemd on Debian 12's own kernel: boots a guest of
# this machine's packages and ours in QEMU. Started is ready; root and the group
# are let in; TAPs in namespaces, captures, an uplink and the policy over a
# restart work under the unit's restrictions; stopped, nothing is left.
set -u
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_clean_root.sh"
. "$(dirname "$0")/_packages.sh"
need_root
need apt-get qemu-system-x86_64 busybox depmod unshare chroot jq
cache=${VS_KERNEL_CACHE:-/var/cache/vswitch-kernel}
[ -s "$cache/vmlinuz" ] || skip "needs Debian's cloud kernel: run .ci/kernel"
[ -x /lib/systemd/systemd ] || skip "needs the package systemd"
dpkg-query -W vswitch >/dev/null 2>&1 && skip "vswitch is installed here"
in_package_root -c true 2>/dev/null || skip "needs overlayfs"
make_packages || finish

cp "$packages"/vswitch_*.deb "$clean/src/"
cp "$top"/tests/system/_guest_{pack,systemd}.sh "$clean/src/"
mkdir "$clean/src/modules"
cp "$cache"/{tun,veth}.ko "$clean/src/modules/"
in_package_root /src/_guest_pack.sh >"$work/packed" 2>&1
[ -s "$clean/src/guest.tar" ] || { cat "$work/packed"; fault 'no guest'; finish; }

boot=$work/boot
mkdir -p "$boot"/{bin,proc,dev,root}
cp "$(readlink -f "$(command -v busybox)")" "$boot/bin/busybox"
ln "$clean/src/guest.tar" "$boot/guest.tar"
cat >"$boot/init" <<'END'
#!/bin/busybox sh
/bin/busybox mount -t tmpfs -o mode=755,size=90% none /root
/bin/busybox tar -x -f /guest.tar -C /root
cd /root
/bin/busybox mkdir -p proc sys dev run tmp var/lib root mnt
/bin/busybox mount -t devtmpfs none dev
exec /bin/busybox switch_root /root /lib/systemd/systemd
END
chmod 755 "$boot/init"
(cd "$boot" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) \
	>"$work/initramfs"
(exec timeout 900 qemu-system-x86_64 -accel tcg -cpu max -smp 1 -m 1536 \
	-nodefaults -no-reboot -display none -serial stdio \
	-kernel "$cache/vmlinuz" -initrd "$work/initramfs" -append \
	'console=ttyS0 quiet panic=-1 systemd.unit=guest.service systemd.show_status=0') \
	</dev/null >"$work/console" 2>&1 &
machine=$!
# a test that is ended takes its machine along
trap 'kill "$machine" 2>/dev/null; wait "$machine" 2>/dev/null; cleanup' EXIT
wait "$machine"
trap cleanup EXIT
tr -d '\r' <"$work/console" >"$work/said"
grep '^guest:' "$work/said"
if ! grep -q '^guest: passed' "$work/said"; then
	tail -n 150 "$work/said"
	fault 'the guest did not pass'
fi
finish
