#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# vsctl over a real socket, against canned answers: exit codes, time-outs,
# documents by line and by memfd, captures through a pipe, completion.
set -u
top=${VS_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
vsctl=${VS_BUILD_DIR:-$top/build/debug}/bin/vsctl
here=$top/tests/system
command -v python3 >/dev/null || exit 77
work=$(mktemp -d)
socket=$work/vswitchd.sock
mkfifo "$work/alive"
failed=0

cleanup()
{
	exec 7>&-
	[ -z "${daemon:-}" ] || wait "$daemon"
	rm -rf "$work"
}
trap cleanup EXIT

# It ends when fd 7, the writing end of its input, is closed.
PYTHONDONTWRITEBYTECODE=1 python3 "$here/_fake_vswitchd.py" "$socket" \
	"$top/tests/support/schema.json" "$work/log" <"$work/alive" &
daemon=$!
exec 7>"$work/alive"
for _ in $(seq 100); do
	[ -S "$socket" ] && break
	sleep 0.1
done

fault()
{
	printf 'FAULT: %s\n' "$*"
	failed=1
}

# run CODE WORDS...: output in $out, complaints in $err
run()
{
	local wanted=$1
	shift
	out=$("$vsctl" --rundir "$work" "$@" 2>"$work/err" 7>&-)
	code=$?
	err=$(cat "$work/err")
	[ $code -eq "$wanted" ] ||
		fault "vsctl $*: exit $code, not $wanted: $out $err"
}

# says TEXT WHERE: the last run's $out or $err holds it
says()
{
	case $2 in
	*"$1"*) ;;
	*) fault "no \"$1\" in: $2" ;;
	esac
}

# 0: all is well
run 0 port
says 'web   vs0' "$out"
run 0 --json port
[ "$(jq -r '.objects[1].key' <<<"$out" 2>/dev/null || echo db)" = db ] ||
	fault "--json port: $out"
run 0 ca
says 'no ca' "$out"
run 0 network add blue
says 'added: network blue' "$out"
says 'vsctl: warning: mind the gap (a.b)' "$err"

# 1: usage
run 1
run 1 prot
says 'did you mean port?' "$err"
run 1 port ad web
run 1 trace web
says 'usage: vsctl trace PORT' "$err"
run 1 undo
says 'no method policy.undo' "$err"
run 1 add-br vs0
says 'vsctl switch add vs0' "$err"
run 1 Set-VMNetworkAdapter -VMName web -DhcpGuard On
says 'vsctl port set web' "$err"
run 1 -t 5 --json --timeout=4 Set-VMNetworkAdapter -VMName web -DhcpGuard On
says 'vsctl port set web' "$err"
run 1 --rundir
says '--rundir needs a value' "$err"

# 2: absent
run 2 port show nobody
run 2 mirror list
says 'extension mirrors' "$err"
run 2 port del ghost
says 'no port ghost (switches.vs0.ports.ghost)' "$err"

# 3: unreachable, and said how to help it
run 3 -s "$work/none.sock" show
says "no vswitchd at $work/none.sock" "$err"
says 'systemctl start vswitchd' "$err"
run 3 show
says 'closed the connection' "$err"

# 4: refused, with the path; in JSON too
run 4 port add bad tap=eth9
says 'vsctl: eth9: no such device' "$err"
says '(switches.vs0.uplinks.eth9)' "$err"
run 4 --json port add bad tap=eth9
says '"path": "switches.vs0.uplinks.eth9"' "$out"

# 5: no answer in time
run 5 -t 0.3 port set web mtu=1400
says 'within 0.3 s' "$err"

# A noun below goes along in the same request: both are made or none.
run 4 switch add vs0 uplink=eth9
grep -q '"fields": {"uplink": "eth9"}, "key": "vs0"' "$work/log" ||
	fault "the uplink did not go with its switch"

# Documents: small in the request, large as a sealed memfd, broken not at all.
echo '{"format": 1}' >"$work/small.json"
run 0 apply "$work/small.json"
says '~ line' "$out"
python3 -c 'import json
print(json.dumps({"n%d" % i: "x" * 100 for i in range(20000)}))' \
	>"$work/large.json"
run 0 apply - <"$work/large.json"
says '~ sealed' "$out"
printf '{\n  "a": 1,\n  "a": 2\n}' >"$work/twice.json"
run 4 apply "$work/twice.json"
says 'twice.json:3:' "$err"
run 1 apply "$work/absent.json"
run 1 apply "$work"
says 'is a directory' "$err"
run 0 apply <(sleep 0.2; cat "$work/small.json")
says '~ line' "$out"
mkfifo "$work/pipe"
run 5 -t 0.1 apply "$work/pipe"
says "$work/pipe is a pipe, and nobody wrote to it within 0.1 s" "$err"
{ sleep 0.2; cat "$work/large.json"; } >"$work/pipe" &
run 0 apply "$work/pipe"
says '~ sealed' "$out"
wait $! || fault "the pipe's writer: $?"
run 4 apply <(:)
says ':1:0: ' "$err"

# capture: all bytes arrive, then it ends by itself; never on a terminal.
size=$("$vsctl" --rundir "$work" capture web 'tcp' count=1 7>&- | wc -c)
[ "$size" -eq 200028 ] || fault "capture gave $size bytes"
run 2 capture nobody
"$vsctl" --rundir "$work" capture web 7>&- | head -c 4 >/dev/null
[ "${PIPESTATUS[0]}" -eq 0 ] || fault "a reader that leaves is no failure"

# what can't be written is said, and is no end as any other
# unwritten HOW WHY: how the capture just now ended, and what it said
unwritten()
{
	[ "$code" = 4 ] || fault "a capture to $1: exit code $code"
	grep -q "capture ends here: the output can't be written: $2" \
		"$work/full" || fault "a capture to $1: $(cat "$work/full")"
}
"$vsctl" --rundir "$work" capture web 7>&- >/dev/full 2>"$work/full"
code=$?
unwritten 'a full disk' 'No space left on device'
"$vsctl" --rundir "$work" capture web 7>&- >&- 2>"$work/full"
code=$?
unwritten 'a closed output' 'Bad file descriptor'

"$vsctl" --rundir "$work" -t 20 capture quiet 7>&- >"$work/quiet" &
quiet=$!
for _ in $(seq 100); do
	grep -q '"port": "quiet"' "$work/log" && break
	sleep 0.1
done
sleep 0.2
kill -TERM $quiet
wait $quiet || fault "ending a capture is no failure: $?"

# monitor: events, until the daemon goes.
run 3 monitor
says '12:00  wnv  policy_mismatch  192.0.2.9' "$out"

# help needs no daemon for verbs, and says so for nouns.
run 0 -s "$work/none.sock" help
says 'capture' "$out"
says 'a running daemon says which there are' "$out"
run 0 -s "$work/none.sock" help trace
says "usage: vsctl trace PORT 'FRAME'" "$out"
run 3 -s "$work/none.sock" help ca
run 0 help ca
says 'encap|rewrite|vxlan|none' "$out"
run 0 ca add --help
says 'vsctl ca move address vsid=... pa=...: another host took it' "$out"

# completion, as bash asks for it
# shellcheck disable=SC1091
. "$top/cli/vsctl.bash-completion"
vsctl() { "$vsctl" "$@"; }
export VSWITCH_RUNDIR=$work
complete_line()
{
	COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=()
	_vsctl
	got="${COMPREPLY[*]}"
}
completes()
{
	complete_line "$1"
	[ "$got" = "$2" ] || fault "\"$1\" completes to \"$got\", not \"$2\""
}
completes 'vsctl sw' 'switch'
completes 'vsctl --json cap' 'capture'
completes 'vsctl ca ' 'add set del list show help move probe'
completes 'vsctl ca move 10.0.0.7 ' 'pa= vsid='
completes 'vsctl port del ' 'web db tap= packet= netns= vsid= ca= mac= mtu= mac-guard= state= switch='
completes 'vsctl port add x mac-' 'mac-guard='
completes 'vsctl port add x mac-guard=' 'yes no'
completes 'vsctl ca add 10.0.0.7 rule=r' 'rewrite'
completes 'vsctl acl add w' 'web'
completes 'vsctl acl add web d' 'deny direction='
completes 'vsctl trace d' 'db'
completes 'vsctl trace db ' 'via='
completes 'vsctl capture w' 'web wire'
completes 'vsctl drops port=w' 'web'
completes 'vsctl drops reason=' 'acl_deny'
completes 'vsctl ext re' 'reload'
completes 'vsctl ext enable ' 'switch= hello'
completes 'vsctl ext enable hello switch' 'switch='
completes 'vsctl help por' 'port'
VSWITCH_RUNDIR=$work/none
completes 'vsctl capt' 'capture'
completes 'vsctl port add ' ''

# vsctl-windows(7) is what a pasted cmdlet is answered with
lines=0
while IFS= read -r cmdlet && IFS= read -r line; do
	read -ra words <<<"${cmdlet//'\(Do'/\$}"
	expected=${line##*    }
	said=$("$vsctl" "${words[@]}" 2>&1 | head -n 1)
	[ "$said" = "$expected" ] ||
		fault "$cmdlet is answered \"$said\", not \"$expected\""
	lines=$((lines + 1))
done < <(sed -n '/^\.Sh LINES/,$ {/^[A-Z]/p; /^    vsctl/p}' \
	"$top/cli/vsctl-windows.7")
[ "$lines" = 42 ] || fault "vsctl-windows(7) has $lines lines, not 42"

# what can't be written was not told
VSWITCH_RUNDIR=$work
vsctl port list >/dev/full 2>"$work/full"
[ $? = 4 ] || fault "a list to a full disk looks good"
grep -q "output can't be written" "$work/full" || fault "and nothing is said"

exit $failed
