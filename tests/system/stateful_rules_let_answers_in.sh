#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Extended ACLs with real stacks on two hosts: what may be asked and what may
# answer, of IPv4 and IPv6, TCP and ICMP; SYNs of a denied connection stay
# denied, however often; fragments follow their first; flows are listed, end
# when they are idle, and are no more than a VSID may have; what contradicts is
# refused, what is without effect is said.
. "$(dirname "$0")/_lib.sh"
. "$(dirname "$0")/_hosts.sh"
need_root
need vswitchd vsctl ip jq ping python3 ss

# serve NETNS PORT...
serve()
{
	begin_in "$1" python3 "$tcp" serve "${@:2}"
	wait_for 20 listening "$1" "${!#}" || fault "nobody listens at $1"
}

# talks NETNS ADDRESS PORT: a connection both ways
talks()
{
	in_netns "$1" python3 "$tcp" ask "$2" "$3" 40 ||
		fault "$1 does not reach $2 at $3"
}

# refused NETNS ADDRESS PORT: somebody listens there, and none of three SYNs
# gets an answer
refused()
{
	local before after
	before=$(dropped a acl_extended_deny)
	in_netns "$1" python3 "$tcp" ask "$2" "$3" 4
	expect "$1 is not let in at $2 $3" 1 $?
	after=$(dropped a acl_extended_deny)
	[ "$after" -ge $((before + 2)) ] ||
		fault "SYNs to $2 $3: $((after - before)) of 3 were denied"
}

flows() { json a .count acl flows va; }
no_flows() { [ "$(flows)" = 0 ]; }

make_hosts vb
jq '.hosts.a.switches.lab["flows-per-vsid"] = 32' "$work/hosts.json" \
	>"$work/limited.json"
mv "$work/limited.json" "$work/hosts.json"
start_host a
start_host b
pings va 10.0.0.7
pings va fd00::7
serve va 5555 20022 30000
serve vb 5555
talks vb 10.0.0.5 5555

# va may ask whom it likes, nobody may ask it; neighbours resolve
rule() { vsctl_in a acl add va "$@" >/dev/null || fault "acl add $*"; }
rule allow in proto=icmp6 weight=50
rule allow out weight=10 stateful=on timeout=4
rule deny in weight=1
for address in 10.0.0.7 fd00::7; do
	pings va $address
	talks va $address 5555
done
for address in 10.0.0.5 fd00::5; do
	refused vb $address 5555
done
silent vb 10.0.0.5
# but from 20000 to 30000, and from its tenant's addresses only
rule allow in proto=tcp lport=20000-30000 remote=10.0.0.0/28 weight=100
rule allow in proto=tcp lport=20000-29999 remote=fd00::/64 weight=99
talks vb 10.0.0.5 20022
talks vb 10.0.0.5 30000
talks vb fd00::5 20022
refused vb fd00::5 30000
refused vb 10.0.0.5 5555
# fragments of the answers, both families
in_netns va ping -c 2 -W 20 -s 4000 10.0.0.7 >/dev/null ||
	fault 'fragments of IPv4'
in_netns va ping -c 2 -W 20 -s 4000 fd00::7 >/dev/null ||
	fault 'fragments of IPv6'

# what is seen of it
expect 'flows are va'\''s own' true "$(json a '[.flows[] |
	.made == "out"] | length > 0 and all' acl flows va)"
vsctl_in a acl flows va | grep -q '10.0.0.7' ||
	fault "flows: $(vsctl_in a acl flows va)"
[ "$(json a '[.objects[] | select(.fields.weight == 1)][0].status.frames' \
	acl list port=va)" -ge 8 ] || fault 'the deny has not counted'
case $(vsctl_in a trace va 'tcp 10.0.0.7:9999') in
*'weight 10'*) ;;
*) fault "trace: $(vsctl_in a trace va 'tcp 10.0.0.7:9999')" ;;
esac

# a flow without frames ends: then the answer is a question, and denied
wait_for 60 no_flows || fault "flows stay: $(vsctl_in a acl flows va)"

# no more of them than its VSID may have; what ended makes room
made=$(in_netns va python3 "$tcp" many 10.0.0.7 5555 3 200)
{ [ "$made" -ge 16 ] && [ "$made" -le 100 ]; } ||
	fault "$made of 200 connections, with room for 32"
[ "$(flows)" -le 32 ] || fault "$(flows) flows of 32"
[ "$(dropped a acl_flow_limit)" -ge 100 ] || fault 'none met the limit'
wait_for 60 no_flows || fault "flows stay: $(vsctl_in a acl flows va)"
talks va 10.0.0.7 5555

# what makes no sense
said() { vsctl_in a acl add va "$@" >"$work/said" 2>&1; }
said deny in weight=100
expect 'the same weight twice' 4 $?
grep -q 'has this weight' "$work/said" || fault "$(cat "$work/said")"
said allow in lport=80
expect 'ports without weight' 4 $?
grep -q 'say weight=' "$work/said" || fault "$(cat "$work/said")"
said deny in remote=any || fault 'a basic deny'
grep -q 'denies all that this rule allows' "$work/said" ||
	fault "nothing is said of a rule without effect: $(cat "$work/said")"
silent va 10.0.0.7 # both must allow
vsctl_in a acl del --all port=va action=deny >/dev/null

# without rules
vsctl_in a acl del --all port=va >/dev/null || fault 'acl del'
talks vb 10.0.0.5 5555

balanced a
balanced b
finish
