#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `vsctl ping` echoes in the name of a port's VM, through the whole walk, and
# times the reply, which the VM never sees; it need not be up. What drops one of
# the two here is named (hnv.md A12.2). `trace via=` goes on at the other host.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping tcpdump

make_hosts vb
start_host a
start_host b
pings va 10.0.0.7
wait_for 30 vsctl_in a ping va fd00::7 count=1 || fault "fd00::7 does not come up"

# results PORT ADDRESS [WORD...]: how each echo ended
results()
{
	vsctl_in a --json ping "$@" wait=10000 | jq -r '.echoes[].result' |
		tr '\n' ' '
}

# the guest hears nothing of it, though it is up and has the address
ip netns exec $prefix-va tcpdump --immediate-mode -Uni eth0 -w "$work/guest.pcap" \
	'icmp or (icmp6 and ip6[40] > 127 and ip6[40] < 130)' 2>"$work/tcpdump" &
tcpdump=$!
wait_for 30 grep -q listening "$work/tcpdump" || fault 'no tcpdump'
for to in 10.0.0.7 fd00::7 10.0.0.1 fd00::1; do
	expect "ping $to" 'reply reply ' \
		"$(results va $to count=2 interval=10)"
done
ip netns exec $prefix-va ping -c 1 -W 10 10.0.0.7 >/dev/null || fault 'own ping'
kill $tcpdump
wait $tcpdump
expect 'frames that the guest saw: its own' 2 \
	"$(tcpdump -nr "$work/guest.pcap" 2>/dev/null | wc -l)"
text=$(vsctl_in a ping va 10.0.0.7 count=1 wait=10000)
case $text in
*'64 bytes from 10.0.0.7: seq=1 ttl=64 time='*' ms'*'1 sent, 1 answered, 0% lost'*) ;;
*) fault "text: $text" ;;
esac

# full size; more is refused with the number that fits
expect 'full size' 'reply ' "$(results va 10.0.0.7 count=1 size=1430 df=on)"
expect 'full size, IPv6' 'reply ' "$(results va fd00::7 count=1 size=1410)"
vsctl_in a ping va 10.0.0.7 count=1 size=1431 2>&1 | grep -q 'at most 1430' ||
	fault 'too large for the port'

# trace goes on at the other host, by run directory and by ssh
vsctl_in a trace va 'tcp 10.0.0.7:443' via="$work/b" >"$work/both"
for words in 'leaves by wire, 96 bytes, nvgre' "at $work/b:" \
	'record 10.0.0.7 in 5001' 'verdict: leaves by vb'; do
	grep -qF "$words" "$work/both" || fault "$words: $(cat "$work/both")"
done
cat >"$work/ssh" <<-END
	#!/bin/sh
	shift 2
	exec $build/bin/vsctl --rundir $work/b "\$@"
END
chmod +x "$work/ssh"
PATH=$work:$PATH vsctl_in a --json trace va 'icmp fd00::7' via=admin@hostb |
	jq -e '.there.verdict == "leaves by vb"' >/dev/null || fault 'by ssh'
vsctl_in a trace va 'icmp 10.0.0.7' via='x;y' 2>/dev/null
expect 'no host' 1 $?
vsctl_in b ca del 10.0.0.5 vsid=5001 >/dev/null
vsctl_in a trace va 'icmp 10.0.0.7' via="$work/b" >"$work/both"
tail -1 "$work/both" | grep -q pa_src_mismatch ||
	fault "the other host drops it by name: $(cat "$work/both")"
vsctl_in b undo >/dev/null

# the near guest is down, then has no address, then its device is gone
ip -n $prefix-va link set eth0 down
for to in 10.0.0.7 fd00::7; do
	expect "guest down: $to" 'reply ' "$(results va $to count=1)"
done
ip netns del $prefix-va
wait_for 30 sh -c "$(declare -f vsctl_in); $(declare -p build work)
	vsctl_in a --json show | jq -e '.switches[].ports[] |
	select(.name == \"va\") | .state != \"up\"'" || fault 'va is still up'
for to in 10.0.0.7 fd00::7; do
	expect "guest gone: $to" 'reply ' "$(results va $to count=1)"
done
ip netns add $prefix-va

# who does not answer, and where it ends
expect 'nobody' 'unresolved ' "$(results va 10.0.0.77 count=1)"
vsctl_in a ping va 10.0.0.77 count=1 >"$work/nobody"
expect 'exit code of silence' 5 $?
grep -q no_lookup_record "$work/nobody" || fault "nobody: $(cat "$work/nobody")"
vsctl_in a acl add va deny out remote=10.0.0.7/32 >/dev/null
reason=$(vsctl_in a --json ping va 10.0.0.7 count=1 |
	jq -r '.echoes[0] | .result + " " + .reason')
expect 'request dropped' 'dropped acl_deny' "$reason"
vsctl_in a undo >/dev/null
vsctl_in a acl add va deny in remote=10.0.0.7/32 >/dev/null
reason=$(vsctl_in a --json ping va 10.0.0.7 count=1 wait=10000 |
	jq -r '.echoes[0] | .result + " " + .reason')
expect 'reply dropped' 'reply dropped acl_deny' "$reason"
vsctl_in a undo >/dev/null
ip -n $prefix-vb link set eth0 down
expect 'far guest down' 'silence ' \
	"$(vsctl_in a --json ping va 10.0.0.7 count=1 wait=300 |
		jq -r '.echoes[].result' | tr '\n' ' ')"
ip -n $prefix-vb link set eth0 up
vsctl_in a ping vx 10.0.0.7 2>/dev/null
expect 'no such port' 2 $?
vsctl_in a ping va 224.0.0.1 2>/dev/null
expect 'a group' 4 $?
balanced a

finish
