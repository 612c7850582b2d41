#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# In the root that systemd_runs_the_unit.sh makes: installs our package there and
# packs /src/guest.tar, a guest's root directory, of it and of what else of this
# machine's packages systemd and _guest_systemd.sh need.
set -e
rm -rf /etc/vswitch /var/lib/vswitch /etc/systemd/system/* # of this machine
cp /src/*.deb /tmp
apt-get -q -y install /tmp/vswitch_*.deb >/tmp/apt.log 2>&1 ||
	{ cat /tmp/apt.log; exit 1; }
cp /src/_guest_systemd.sh /guest.sh
cat >/etc/systemd/system/guest.service <<'END'
[Unit]
Requires=multi-user.target
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash /guest.sh
END
for unit in systemd-firstboot getty.target console-getty systemd-networkd; do
	systemctl -q mask "$unit"
done
tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
version=$(modinfo -F vermagic /src/modules/tun.ko | cut -d ' ' -f 1)
mkdir -p "/lib/modules/$version/kernel"
cp /src/modules/*.ko "/lib/modules/$version/kernel/"
touch "/lib/modules/$version"/modules.{order,builtin}
depmod "$version"

# Under merged /usr a file has one name only; what links point at comes along.
one_name()
{
	local name
	while read -r name; do
		[ -e "$name" ] || [ -L "$name" ] || continue
		echo "$(realpath "${name%/*}/")/${name##*/}"
		[ ! -f "$name" ] || realpath "$name"
	done | sed 's|^//|/|' | sort -u
}

for package in base-files base-passwd bash coreutils diffutils grep \
	iproute2 iputils-ping kmod libc-bin libsystemd-shared mount procps \
	sed systemd util-linux util-linux-extra vswitch; do
	dpkg -L "$package" 2>/dev/null
done | grep -vE '^/usr/share/(doc|man|locale|info|lintian|zsh)/' | one_name \
	>/tmp/files
# the libraries of them all
while read -r name; do
	case $name in
	*.so* | */bin/* | */sbin/* | */lib/systemd/*) ldd "$name" || true ;;
	esac
done </tmp/files 2>/dev/null |
	sed -n 's/.* => \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*\) .*/\1/p' |
	sort -u | one_name >>/tmp/files
find /etc/systemd /etc/passwd /etc/group /etc/nsswitch.conf \
	/etc/machine-id /etc/ld.so.cache /etc/ld.so.conf* /guest.sh \
	"$(realpath "/lib/modules/$version")" /usr/lib/*/libnss_* \
	2>/dev/null >>/tmp/files || true
ls -d /bin /sbin /lib /lib64 /etc/os-release >>/tmp/files
sort -u /tmp/files | tar -C / -c --no-recursion -T - -f /src/guest.tar
