#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A service manager that waits for the daemon's word (Type=notify) gets it, at a
# path or at an abstract name, and from then on the daemon answers. A socket
# that is not there is said, and does no harm.
set -u
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl python3
make_netns a

# Waits for the word at $1, then asks once: no second try.
cat >"$work/manager.py" <<'END'
import socket, subprocess, sys
name, *command = sys.argv[1:]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("\0" + name[1:] if name[0] == "@" else name)
manager.settimeout(100)
print("listens", flush=True)
print(manager.recv(4096).decode(), flush=True)
print("answers" if subprocess.run(command, stdout=subprocess.DEVNULL)
      .returncode == 0 else "does not answer", flush=True)
END

for name in "$work/notify" "@$prefix-notify"; do
	# there: abstract names belong to a network namespace
	begin_in a python3 "$work/manager.py" "$name" "$build/bin/vsctl" \
		--rundir "$work/a" version >"$work/told"
	manager=$!
	wait_for 10 grep -q listens "$work/told" || fault "no manager at $name"
	NOTIFY_SOCKET=$name start_vswitchd a
	wait "$manager"
	expect "what $name is told" 'listens READY=1 answers' \
		"$(tr '\n' ' ' <"$work/told" | sed 's/ $//')"
	stop_vswitchd a
	rm -f "$work/notify" "$work/told"
done
NOTIFY_SOCKET=$work/nowhere start_vswitchd a
grep -q 'NOTIFY_SOCKET.*No such file' "$work/a/log" ||
	fault "it does not say that nobody listens"
finish
