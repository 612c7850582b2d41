#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# README's "Write an extension", word for word, in a clean root: the first part
# as nobody, the last as root with a daemon. What it prints must be what README
# prints, and the learning counter has at most 60 lines.
set -u
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_clean_root.sh"
need_root
need vswitchd vsctl vswitch-ext-run cmake unshare chroot setpriv ip python3
export PYTHONDONTWRITEBYTECODE=1
readme=$top/tests/system/_readme.py
need_installable

make_clean_root || finish
for part in extension extension-root; do
	python3 "$readme" "$top/README.md" script $part >"$clean/src/$part.sh"
	[ -s "$clean/src/$part.sh" ] || fault "README has no part $part"
done
lines=$(sed -n '/^cat >stations\/stations.c/,/^EOF$/p' \
	"$clean/src/extension.sh" | sed '1d;$d' | wc -l)
[ "$lines" -gt 20 ] && [ "$lines" -le 60 ] ||
	fault "the learning counter has $lines lines, at most 60"
chown -R 65534:65534 "$clean/src"

in_clean_root -c 'cd /src && exec setpriv --reuid 65534 --regid 65534 \
	--clear-groups bash -e extension.sh' >"$work/out" 2>&1 ||
	{ cat "$work/out"; fault "the first part does not end well"; finish; }
python3 "$readme" "$top/README.md" check "$work/out" extension ||
	{ cat "$work/out"; fault "README's output is not what comes"; }

cat >"$clean/src/root.sh" <<'END'
cd /src
vswitchd --group root --statedir /run/state 2>/run/log &
for _ in $(seq 100); do
	[ -S /run/vswitch/vswitchd.sock ] && break
	sleep 0.1
done
bash -e extension-root.sh
echo "the end: $?"
END
in_clean_root /src/root.sh >"$work/out" 2>&1
grep -q '^the end: 0$' "$work/out" || fault 'the last part does not end well'
python3 "$readme" "$top/README.md" check "$work/out" extension-root ||
	fault "README's output is not what comes"
grep -q 'stations .*frames [1-9][0-9]*, stations 1$' "$work/out" ||
	fault 'it does not count'
[ "$failed" = 0 ] || cat "$work/out"
finish
