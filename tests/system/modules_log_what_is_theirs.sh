#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every module that a level can be set for has something to say, extensions
# under their own name; and what is set is obeyed.
. "$(dirname "$0")/_lib.sh"
need_root
need vswitchd vsctl ip

log=$work/host/log
# says MODULE WORDS: a line of its
says() { grep -q "^vswitchd: $1: .*$2" "$log"; }
# told MODULE WORDS: soon
told() { wait_for 5 says "$1" "$2" || fault "$1 does not say \"$2\""; }

make_netns host
make_netns a
"$build/bin/vswitchd" --rundir "$work/none" --statedir "$work/none" \
	--extension-dir "$build/lib/vswitch" --log nobody:debug 2>"$work/none"
expect 'a level for nobody' 1 $?
grep -q 'log nobody: no module and no extension' "$work/none" ||
	fault "nobody: $(cat "$work/none")"

start_vswitchd host --log wnv:debug
told engine ready
vsctl_in host switch add s >/dev/null
told control 'generation 1: switch add s'
told wnv 'switch s: configured'
says capture . && fault 'debug lines that nobody asked for'
vsctl_in host log level all debug
vsctl_in host switch set s stack=capture,wnv >/dev/null
told capture 'switch s: configured'
told core 'switch s: published'
vsctl_in host port add a tap=eth0 netns="$prefix-a" >/dev/null
told keeper "open tap eth0.* in namespace $prefix-a: done"
told io 'a: port_attached'
vsctl_in host port add b packet=nowhere mac-guard=off >/dev/null
told keeper 'nowhere: .*No such device'
told io 'port b waits'
vsctl_in host ext unload flowstats >/dev/null
vsctl_in host ext load flowstats >/dev/null
told loader 'extension flowstats .*: loaded'

# levels: of a module alone, also of one that was loaded anew
vsctl_in host log level wnv fatal
vsctl_in host ext reload wnv >/dev/null
lines() { grep -c '^vswitchd: wnv: ' "$log"; }
before=$(lines)
vsctl_in host switch set s stack=wnv >/dev/null
told control 'generation 5: switch set s'
expect 'lines of a module that is to be quiet' "$before" "$(lines)"
vsctl_in host log level nobody debug 2>"$work/said" && fault 'a level for nobody'
grep -q 'no module "nobody"; try engine, .*keeper.*wnv.* or all' "$work/said" ||
	fault "$(cat "$work/said")"
finish
