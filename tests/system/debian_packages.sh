#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The Debian packages: they build, lintian finds nothing, apt installs them, what
# they hold runs, who is in the group may use the daemon and others may not, an
# extension builds against vswitch-dev; removed, the policy stays, and purged,
# nothing does but the group.
set -u
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_clean_root.sh"
. "$(dirname "$0")/_packages.sh"
need_root
need apt-get dpkg-deb unshare chroot setpriv cmake pkg-config cc man
dpkg-query -W vswitch vswitch-dev >/dev/null 2>&1 &&
	skip "the packages are installed here"
in_package_root -c true 2>/dev/null || skip "needs overlayfs"
make_packages || finish

expect 'the version of the packages' \
	"$(sed -n 's/^project(vswitch VERSION \([^ ]*\) .*/\1/p' \
		"$top/CMakeLists.txt")" \
	"$(dpkg-deb -f "$packages"/vswitch_*.deb Version)"
dpkg-deb -f "$packages"/vswitch_*.deb Depends >"$work/depends"
for library in libbpf libc6 libevent-core libjansson libpcap; do
	grep -q "$library" "$work/depends" || fault "it does not depend on $library"
done
if command -v lintian >/dev/null; then
	lintian --allow-root --fail-on error,warning "$packages"/*.changes \
		>"$work/lintian" 2>&1 ||
		{ cat "$work/lintian"; fault 'lintian finds something'; }
fi

cp "$packages"/vswitch_*.deb "$packages"/vswitch-dev_*.deb "$clean/src/"
readme_packages | tail -n +2 >"$clean/src/install.sh"
cat >"$clean/src/inside.sh" <<'END'
fault() { echo "FAULT: $*"; }
all() { find /usr /etc /var | sort; }
nobody() { setpriv --reuid 65534 --regid 65534 "$@"; }
apt()
{
	apt-get -q -y "$@" </dev/null >/tmp/apt.log 2>&1 ||
		{ cat /tmp/apt.log; fault "apt $*"; }
}
cd /tmp
rm -rf /etc/vswitch /var/lib/vswitch # of this machine
all >/tmp/before
mkdir tree
cp /src/*.deb .
# shellcheck disable=SC1091
(cd tree && . /src/install.sh)
for page in 8/vswitchd 8/vsctl 5/vswitch.json 7/vswitch-drops 7/vswitch-rpc \
	3/vswitch-extension 3/vswitch-packet 1/vswitch-ext-run; do
	[ -s "/usr/share/man/man${page%/*}/${page#*/}.${page%/*}.gz" ] ||
		fault "no page $page"
done
[ -s /usr/share/bash-completion/completions/vsctl ] || fault 'no completion'
grep -q '^ExecStart=/usr/bin/vswitchd' /lib/systemd/system/vswitchd.service ||
	fault 'no unit, or it starts something else'
[ -L /etc/systemd/system/multi-user.target.wants/vswitchd.service ] ||
	fault 'the unit is not enabled'
[ -s /usr/share/doc/vswitch-dev/examples/passthrough/passthrough.c ] ||
	fault 'no examples'
getent group vswitch >/dev/null || fault 'no group vswitch'

echo '{"format": 1, "switches": {"s": {"type": "private"}}}' >/tmp/sound
echo '{"format": 1, "switches": {"s": {"type": "odd"}}}' >/tmp/odd
vswitchd --check /tmp/sound >/dev/null || fault '--check refuses what is sound'
vswitchd --check /tmp/odd >/dev/null 2>&1 && fault '--check takes what is not'
vswitchd --document /tmp/sound 2>/tmp/log &
daemon=$!
for _ in $(seq 100); do
	vsctl version >/tmp/version 2>&1 && break
	sleep 0.1
done
grep -q wnv /tmp/version || { cat /tmp/log; fault 'vsctl version'; }
nobody --groups "$(getent group vswitch | cut -d : -f 3)" \
	vsctl show >/dev/null || fault 'the group is not let in'
nobody --clear-groups vsctl show >/dev/null 2>&1 && fault 'others are let in'

cp /usr/share/doc/vswitch-dev/examples/passthrough/passthrough.c .
# shellcheck disable=SC2046
cc -Wall -Wextra -Werror -shared -fPIC $(pkg-config --cflags vswitch-ext) \
	passthrough.c -o passthrough.so $(pkg-config --libs vswitch-ext) ||
	fault 'pkg-config: passthrough does not build'
cat >CMakeLists.txt <<'EOT'
cmake_minimum_required(VERSION 3.18)
project(passthrough C)
find_package(VSwitchExt REQUIRED)
vswitch_add_extension(passthrough SOURCES passthrough.c)
EOT
{ cmake -S . -B out && cmake --build out && cmake --install out; } \
	>/tmp/cmake.log 2>&1 || { cat /tmp/cmake.log; fault 'CMake'; }
echo '0 ffffffffffff 020000000005 88b6 00' >frames
vswitch-ext-run out/passthrough.so frames | grep -q '"verdict":"pass"' ||
	fault 'vswitch-ext-run'
vsctl ext load passthrough >/dev/null || fault 'it does not load'
vsctl switch set s stack=passthrough >/dev/null || fault 'no stack with it'
kill $daemon
wait $daemon || fault 'the daemon does not end well'
rm -f "$(pkg-config --variable=extensiondir vswitch-ext)/passthrough.so"

apt remove vswitch vswitch-dev
[ -s /var/lib/vswitch/journal ] || fault 'the policy went with a removal'
apt purge vswitch vswitch-dev
# the group stays (files may be its), and so do the books of dpkg and apt
all | comm -13 /tmp/before - | grep -vE \
	'^/etc/g?(shadow|roup)-$|^/etc/\.pwd\.lock$|^/var/(log|cache)/|^/var/lib/(apt|dpkg)/' &&
	fault 'that is left'
all | comm -23 /tmp/before - | grep -vE '^/var/(log|cache)/|^/var/lib/(apt|dpkg)/' &&
	fault 'that went'
echo 'the end'
END
in_package_root /src/inside.sh >"$work/out" 2>&1
if ! grep -q '^the end$' "$work/out" || grep -q FAULT "$work/out"; then
	cat "$work/out"
	fault 'in the root with the packages'
fi
finish
