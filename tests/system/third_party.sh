#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Somebody else's extension, in a clean root: the installed tree is all there
# is. examples/third-party and what `vsctl ext new` writes of each class build,
# pass their own tests without root, are installed and run in a switch; their
# nouns, counters and reasons are there. Every header has its manual page.
set -u
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_clean_root.sh"
need_root
need vswitchd vsctl vswitch-ext-run cmake pkg-config unshare chroot setpriv \
	mandoc ip
need_installable

make_clean_root || finish
cp -r "$top/examples/third-party" "$clean/src/"
chown -R 65534:65534 "$clean/src"

cat >"$clean/src/develop" <<'END'
# as nobody: all of it needs no privilege and no daemon
set -e
cd /src
[ ! -e "$1" ] || { echo "the source tree is in sight: $1"; exit 1; }
project()
{
	cmake -S "$1" -B "$1/build" >"$1.log" &&
		cmake --build "$1/build" >>"$1.log" 2>&1 &&
		ctest --test-dir "$1/build" --output-on-failure >>"$1.log" 2>&1 ||
		{ cat "$1.log"; return 1; }
	# not one warning, with all that a careful author turns on
	cmake -S "$1" -B "$1/strict" -DCMAKE_C_FLAGS="$strict" >"$1.log" 2>&1 &&
		cmake --build "$1/strict" >>"$1.log" 2>&1 ||
		{ cat "$1.log"; return 1; }
}
strict='-Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Werror'
project third-party
for class in capture filter forward translate; do
	vsctl ext new "my-$class" class=$class >/dev/null
	project "my-$class"
done
vsctl ext new my-filter 2>/dev/null && { echo 'overwritten'; exit 1; }
vsctl ext new 7up 2>/dev/null && { echo 'a name that is none'; exit 1; }
vsctl ext new by-default dir=elsewhere | grep -q 'elsewhere is there'
grep -q 'vs_filter_class' elsewhere/by-default.c
guids=$(cat my-*/*.c elsewhere/*.c | grep -c '\.guid = ')
[ "$(cat my-*/*.c elsewhere/*.c | grep '\.guid = ' | sort -u | wc -l)" = \
	"$guids" ]

# a test that is not met fails, and says what came; accepted, it passes
sed -i 's/^0\.5/0.7/' my-filter/tests/frames
ctest --test-dir my-filter/build >log && { echo 'no test'; exit 1; }
VS_ACCEPT=1 ctest --test-dir my-filter/build >log
ctest --test-dir my-filter/build >log

# by pkg-config alone, in C and in C++
cc -shared -fPIC $(pkg-config --cflags vswitch-ext) \
	third-party/src/blocklist.c -o blocklist.so \
	$(pkg-config --libs vswitch-ext)
cat >plus.cc <<'EOP'
#include <vswitch/extension.h>
#include <vswitch/table.h>
#include <vswitch/wire.h>

static void ingress(const vs_call *call, vs_burst *burst)
{
	vs_frame *frame;
	vs_mac mac;

	VS_FOR_EACH (frame, burst) {
		mac = vs_frame_source_mac(frame);
		if (vs_mac_is_zero(&mac))
			vs_drop(frame, VS_REASON(0));
	}
	call->host->count(call, 0, burst->count);
}
static const vs_filter_class filter = {ingress, nullptr};
static const vs_named counters[] = {{"seen", "Frames that came by."}};
static const vs_reason_entry reasons[] = {{1, "zero", "Give it a MAC."}};
const struct vs_extension vs_extension = {
	VS_EXTENSION_HEAD,
	.name = "plus", .version = "1",
	.guid = "6f0f5a52-6a7b-4c52-9f35-0a4b2d7a1c11",
	.help = "is written in C++",
	.filter = &filter,
	.reasons = reasons, .reason_count = 1,
	.counter_count = 1, .counters = counters,
};
EOP
c++ -std=c++20 -Wall -Wextra -Werror -Wno-missing-field-initializers \
	-shared -fPIC $(pkg-config --cflags vswitch-ext) plus.cc -o plus.so \
	$(pkg-config --libs vswitch-ext)
vswitch-ext-run ./plus.so my-filter/tests/frames | grep -q '"plus":{"seen":2}'

# a capture that edits its frames does not compile
sed 's/groups++;/vs_frame_edit(frame, 0, 1);/' my-capture/my-capture.c >bad.c
cp bad.c my-capture/my-capture.c
cmake --build my-capture/build >log 2>&1 && { echo 'edited'; exit 1; }
grep -q 'discard' log || { cat log; exit 1; }

# every header has its page, the page names the header's functions
for header in $2/include/vswitch/*.h; do
	name=$(basename "$header" .h)
	[ "$name" != build ] || continue
	page=$2/share/man/man3/vswitch-$name.3
	mandoc -T lint -W error "$page" &&
		grep -q "^.In vswitch/$name.h" "$page" ||
		{ echo "$page: no page of $name.h"; exit 1; }
done
echo 'developed'
END

cat >"$clean/src/use" <<'END'
# as root: install, run, ask
set -e
cd /src
for project in third-party my-filter my-forward; do
	cmake --install "$project/build" >/dev/null
done
vswitchd --group root --statedir /run/state 2>/run/log &
for _ in $(seq 100); do
	[ -S /run/vswitch/vswitchd.sock ] && break
	sleep 0.1
done
vsctl ext load blocklist # what lay there at the start is loaded: the same
vsctl switch add vs0 type=private stack=capture
for name in blocklist my-filter my-forward; do
	vsctl ext enable $name
done
vsctl ext list
vsctl blocked add 02:00:00:00:00:66 switch=vs0 note='a printer gone mad'
vsctl help blocked
vsctl port add p tap=p0
for _ in $(seq 100); do
	ip link show p0 >/dev/null 2>&1 && break
	sleep 0.1
done
vsctl blocked add "$(cat /sys/class/net/p0/address 2>/dev/null ||
	ip -br link show p0 | grep -o '\(..:\)\{5\}..')"
ip addr add 10.9.0.1/24 dev p0
for _ in $(seq 30); do
	ping -c 1 -W 1 10.9.0.2 >/dev/null || true
	[ -z "$(vsctl drops reason=blocked | grep ' blocked ')" ] || break
done
vsctl drops reason=blocked
sleep 2 # the workers tell once a second
vsctl --json blocked list
vsctl dump
echo 'used'
END

in_clean_root -c 'exec setpriv --reuid 65534 --regid 65534 --clear-groups \
	bash /src/develop "$@"' - "$top" "$installed_prefix" \
	>"$work/developed" 2>&1 || { cat "$work/developed"; fault 'developing'; }
grep -q '^developed$' "$work/developed" || fault 'it was not developed'
[ "$failed" = 0 ] || finish
in_clean_root /src/use >"$work/used" 2>&1 ||
	{ cat "$work/used"; fault 'using it'; finish; }
for text in 'capture *capture' 'blocklist *filter' 'my-filter *filter' \
	'my-forward *forward' 'vsctl blocked set mac' ' blocked .*on the list' \
	'"frames": *[1-9]' '"note": "a printer gone mad"' '^used$'; do
	grep -q -- "$text" "$work/used" ||
		{ cat "$work/used"; fault "no \"$text\""; }
done
finish
