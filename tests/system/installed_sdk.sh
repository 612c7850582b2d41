#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The installed tree stands on its own: what is installed runs from where it
# was put, an extension builds against its headers and its pkg-config file
# alone, and the installed daemon loads it.
set -u
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip cmake pkg-config
cc=${CC:-cc}
command -v "$cc" >/dev/null || skip "needs a C compiler"

case $(sed -n 's/^VS_SANITIZE:[^=]*=//p' "$build/CMakeCache.txt") in
'') ;;
*) skip "a sanitized build loads sanitized extensions only" ;;
esac

root=$work/root
DESTDIR=$root cmake --install "$build" >"$work/install.log" ||
	{ cat "$work/install.log"; fault "cmake --install"; finish; }
# another prefix than the build was made for: all of it moves there
(cd / && cmake --install "$build" --prefix "$work/else") \
	>"$work/else.log" || fault "cmake --install --prefix"
grep -o '^-- [A-Za-z-]*: .*' "$work/else.log" | grep -v "$work/else/" &&
	fault "files outside of the prefix"
expect 'the include path of the moved SDK' "-I$work/else/include" "$(
	PKG_CONFIG_PATH=$(dirname "$(find "$work/else" -name vswitch-ext.pc)") \
		pkg-config --cflags vswitch-ext | sed 's|/[^ ]*/\.\./[^ ]*|&|' |
		xargs -n 1 | sed 's/^-I//' | xargs realpath -m | sed 's/^/-I/')"

prefix_dir=$(sed -n 's/^CMAKE_INSTALL_PREFIX:[^=]*=//p' \
	"$build/CMakeCache.txt")
installed=$root$prefix_dir

for file in share/man/man8/vswitchd.8 share/man/man8/vsctl.8 \
	share/man/man5/vswitch.json.5 share/man/man7/vswitch-drops.7 \
	share/man/man7/vswitch-rpc.7 \
	share/bash-completion/completions/vsctl \
	lib/systemd/system/vswitchd.service; do
	[ -s "$installed/$file" ] || fault "$file is not installed"
done
bash -n "$installed/share/bash-completion/completions/vsctl" ||
	fault "the completion does not parse"
page=$(find "$installed/share/man" -name 'vswitch-drops.7')
grep -q mac_spoof "$page" || fault "vswitch-drops(7) lacks its table"

# the extension, with nothing of this tree on its include path
package=$(find "$installed" -name vswitch-ext.pc)
[ -n "$package" ] || { fault "no vswitch-ext.pc"; finish; }
export PKG_CONFIG_PATH=${package%/*}
extension_dir=$(pkg-config --variable=extensiondir vswitch-ext)
[ -e "$extension_dir/wnv.so" ] || fault "no wnv.so in $extension_dir"
cp "$top/examples/passthrough/passthrough.c" "$work/"
# shellcheck disable=SC2046
(cd "$work" && "$cc" -std=gnu11 -Wall -Wextra -Werror -shared -fPIC \
	$(pkg-config --cflags vswitch-ext) passthrough.c -o passthrough.so \
	$(pkg-config --libs vswitch-ext)) || { fault "it does not build"; finish; }
install -m 644 "$work/passthrough.so" "$extension_dir/" ||
	fault "no extension directory"

# the installed daemon, its own libraries, its own extensions
make_netns a
mkdir -p "$work/a"
(exec ip netns exec "$prefix-a" "$installed/bin/vswitchd" \
	--rundir "$work/a" --statedir "$work/a/state" --group root \
	--extension-dir "$extension_dir") >"$work/a/log" 2>&1 &
daemons[a]=$!
if ! wait_for 10 test -S "$work/a/vswitchd.sock"; then
	cat "$work/a/log"
	fault "the installed vswitchd does not start"
	finish
fi
ours()
{
	"$installed/bin/vsctl" --rundir "$work/a" "$@"
}
ours version | grep -q '^ *passthrough' || fault "passthrough is not loaded"
ours switch add vs0 type=private stack=capture,passthrough >/dev/null ||
	fault "passthrough does not go on a stack"
ours show | grep -q 'capture,passthrough' || fault "it is not on the stack"
ours port add p tap=p0 >/dev/null || fault "port add"
wait_for 10 ip -n "$prefix-a" link show p0 || fault "no p0"
ip -n "$prefix-a" addr add 10.9.0.1/24 dev p0
counted()
{
	ip netns exec "$prefix-a" ping -c 1 -W 1 10.9.0.2
	ours stats | grep -q 'passthrough .*frames_in *[1-9]'
}
wait_for 30 counted || fault "passthrough sees no frame"

finish
