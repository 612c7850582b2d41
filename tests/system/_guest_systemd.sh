#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What systemd_runs_the_unit.sh has run by the guest's systemd, once everything
# else is up. The lines that begin with "guest:" are what the test reads.
export PATH=/usr/bin:/usr/sbin:/bin:/sbin LC_ALL=C.UTF-8
exec </dev/null >/dev/console 2>&1
faults=0
fault()
{
	echo "guest: FAULT: $*"
	faults=$((faults + 1))
}
wait_for() # SECONDS COMMAND...
{
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}
state() { systemctl show -P "$1" vswitchd; }
is_active() { [ "$(state ActiveState)" = active ]; }
nobody() { setpriv --reuid 65534 --regid 65534 "$@"; }
shows() { vsctl show | grep -q "$1"; }
device() { ip -n "$1" link show "$2"; }
pings() { ip netns exec "$1" ping -q -c 1 -W 1 "$2"; }
netns() { ip netns add "$1" && ip -n "$1" link set lo up; }
start()
{
	systemctl start vswitchd || fault "systemctl start ($1)"
	vsctl version >/dev/null || fault "it does not answer at once ($1)"
}

echo "guest: kernel $(uname -r), $(systemctl --version | head -n 1)"
wait_for 60 is_active || fault 'enabled, and not up after boot'
[ -c /dev/net/tun ] || fault 'no /dev/net/tun'

# ready is ready, each time
for round in 1 2 3 4 5; do
	systemctl stop vswitchd
	start "$round"
done
vsctl version

# who may
vsctl show >/dev/null || fault 'root is not let in'
nobody --groups "$(getent group vswitch | cut -d : -f 3)" \
	vsctl show >/dev/null || fault 'the group is not let in'
nobody --clear-groups vsctl show >/dev/null 2>&1 && fault 'others are let in'
[ "$(stat -c '%a %U %G' /run/vswitch/vswitchd.sock)" = \
	'660 root vswitch' ] || fault 'whose socket is that?'
[ "$(stat -c %a /var/lib/vswitch)" = 750 ] || fault 'the mode of the state'

# TAPs in namespaces that come after the daemon
vsctl switch add s type=private stack=capture >/dev/null || fault 'switch add'
for name in p q; do
	netns $name
	vsctl port add $name switch=s tap=eth0 netns=$name mac-guard=off \
		>/dev/null || fault "port add $name"
done
# A daemon that ends takes its TAPs along: a new one's are new ones.
tap_up() # NAMESPACE ADDRESS
{
	wait_for 30 device "$1" eth0 || fault "no TAP in $1"
	ip -n "$1" link set eth0 up
	ip -n "$1" addr add "$2/24" dev eth0
}
taps_speak()
{
	tap_up p 10.1.0.1
	tap_up q 10.1.0.2
	wait_for 30 pings p 10.1.0.2 || { vsctl show; fault "TAPs: $1"; }
}
taps_speak 'new'

# a capture to a file
vsctl capture add c port=p file=c.pcapng >/dev/null || fault 'capture add'
pings p 10.1.0.2 >/dev/null || fault 'no ping while it captures'
captured() { [ "$(stat -c %s /var/lib/vswitch/captures/c.pcapng)" -gt 300 ]; }
wait_for 30 captured || {
	ls -l /var/lib/vswitch/captures
	fault 'the capture is empty'
}
vsctl capture del c >/dev/null || fault 'capture del'

# files of a port: in the state directory, and nowhere else
wrote() { [ -s "$1" ]; }
for place in /var/lib/vswitch /srv; do
	mkdir -p $place
	vsctl port add "file${place##*/}" switch=s pcap=- \
		pcap-out=$place/f.pcap >/dev/null || fault "pcap-out=$place"
done
wait_for 30 wrote /var/lib/vswitch/f.pcap || fault 'no file of pcap-out='
[ -e /srv/f.pcap ] && fault 'it writes where the unit lets nobody write'

# an uplink, an existing device, the flag of the fast path
netns far
ip link add wire type veth peer name wire netns far
ip link set wire up
ip -n far link set wire up
ip -n far addr add 192.0.2.9/24 dev wire
netns r
ip link add to-r type veth peer name eth0 netns r
ip link set to-r up
ip -n r link set eth0 up
ip -n r addr add 192.0.2.3/24 dev eth0
vsctl switch add up uplink=wire >/dev/null || fault 'uplink'
vsctl port add r switch=up packet=to-r mac-guard=off >/dev/null ||
	fault 'packet='
wait_for 30 pings r 192.0.2.9 || { vsctl show; fault 'no way by the uplink'; }

mkdir -p /etc/vswitch
echo '{"fast-path": true}' >/etc/vswitch/vswitchd.json
vsctl dump >/run/before || fault 'dump'
systemctl restart vswitchd || fault 'restart'
vsctl dump >/run/after || fault 'it does not answer after a restart'
cmp /run/before /run/after || fault 'the policy did not survive'
taps_speak 'after a restart'
wait_for 30 pings r 192.0.2.9 || fault 'the uplink does not after a restart'
journalctl -u vswitchd -o cat | grep 'fast path' ||
	vsctl version | grep 'fast_path.*yes' || fault 'no word of the fast path'

# killed, it comes back, and the policy with it
old=$(state MainPID)
kill -KILL "$old"
back() { [ "$(state MainPID)" != "$old" ] && vsctl version; }
wait_for 60 back || fault 'killed, it does not come back'
shows 'tap eth0 in p' || fault 'killed, it forgot'
taps_speak 'after it was killed'

systemctl stop vswitchd || fault 'stop'
[ "$(state Result)" = success ] || fault "it ended by $(state Result)"
pgrep vswitchd && fault 'a process is left'
for name in p q; do
	device $name eth0 2>/dev/null && fault "a TAP is left in $name"
done
[ -e /run/vswitch ] && fault 'the run directory is left'

systemd-analyze verify --man=no vswitchd.service >/run/verify 2>&1 ||
	fault "systemd-analyze verify: $(cat /run/verify)"
grep vswitchd /run/verify && fault 'systemd-analyze verify finds something'
systemd-analyze security --no-pager vswitchd.service | cat
[ $faults = 0 ] || journalctl -u vswitchd -o cat --no-pager | tail -n 60
[ $faults = 0 ] && echo 'guest: passed'
sync
systemctl reboot -ff
