#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The product on Debian 12's own kernel: boots the cloud kernel in QEMU with
# the binaries in an initramfs; ping and 10 MB of TCP on one switch and over
# NVGRE there. That kernel is too old for --fast-path, which says so and does no
# harm. .ci/kernel fetches the kernel.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need vswitchd vsctl ip qemu-system-x86_64 busybox
cache=${VS_KERNEL_CACHE:-/var/cache/vswitch-kernel}
[ -s "$cache/vmlinuz" ] || skip "needs Debian's cloud kernel: run .ci/kernel"
busybox=$(command -v busybox)

root=$work/root
mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,modules,sbin}
cp "$busybox" "$root/bin/busybox"
cp "$cache"/*.ko "$root/modules/"
cp "$top/tests/system/_guest_init.sh" "$root/init"
chmod 755 "$root/init"
ip=$(readlink -f "$(command -v ip)")
cp -L "$ip" "$root/sbin/ip"
echo "build=$build" >"$root/guest.conf"
hosts_document | sed "s/$prefix-//" >"$root/hosts.json"

# Programs stand where they do here, with the libraries that ldd names.
programs=("$build/bin/vswitchd" "$build/bin/vsctl" "$build"/lib/vswitch/*.so)
cp --parents -L "${programs[@]}" "$root" || exit 1
ldd "${programs[@]}" "$ip" "$busybox" 2>/dev/null |
	sed -n 's/.* => \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*\) .*/\1/p' |
	sort -u | while read -r library; do
	cp --parents -L "$library" "$root" || exit 1
done || exit 1
# the loader of programs, under the name that they have in them
[ -e "$root/lib64/ld-linux-x86-64.so.2" ] ||
	{ mkdir -p "$root/lib64" && cp -L /lib64/ld-linux-x86-64.so.2 \
		"$root/lib64/"; }

(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) \
	>"$work/initramfs"
(exec timeout 240 qemu-system-x86_64 -accel tcg -cpu max -smp 1 -m 768 \
	-nodefaults -no-reboot -display none -serial stdio \
	-kernel "$cache/vmlinuz" -initrd "$work/initramfs" \
	-append 'console=ttyS0 quiet panic=-1') </dev/null >"$work/console" 2>&1 &
machine=$!
# a test that is ended takes its machine along
trap 'kill "$machine" 2>/dev/null; wait "$machine" 2>/dev/null; cleanup' EXIT
wait "$machine"
trap cleanup EXIT
tr -d '\r' <"$work/console" >"$work/said"
grep -E '^guest:|vnet_hdr|segmentation|kernel ' "$work/said"
if ! grep -q '^guest: passed' "$work/said"; then
	tail -n 60 "$work/said"
	fault 'the guest did not pass'
fi
grep -q '^guest: kernel 6\.1\.' "$work/said" || fault 'not a kernel 6.1'
finish
