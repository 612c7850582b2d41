#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
#
# Process 1 of the guest that debian_kernel_61.sh boots: namespaces on a switch
# and two hosts over NVGRE, ping and 10 MB of TCP, then the machine ends. The
# lines that begin with "guest:" are what the test reads.
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/sbin:/usr/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tmpfs none /run
mkdir -p /run/guest # a mount on /tmp would hide a build that lies there
. /guest.conf # build=

end()
{
	echo "guest: $*"
	sync
	reboot -f
}
fail()
{
	cat /run/guest/*/log
	end "FAILED: $*"
}
insmod /modules/tun.ko && insmod /modules/veth.ko || end 'FAILED: modules'
mkdir -p /dev/net
[ -c /dev/net/tun ] || mknod /dev/net/tun c 10 200
echo "guest: kernel $(uname -r)"

ip() { /sbin/ip "$@"; } # busybox's knows no namespaces
in_netns() { local name=$1; shift; ip netns exec "$name" "$@"; }
vsctl() { local name=$1; shift; "$build/bin/vsctl" --rundir "/run/guest/$name" "$@"; }
daemon()
{
	local name=$1
	shift
	mkdir -p "/run/guest/$name/state"
	in_netns "$name" "$build/bin/vswitchd" --config /dev/null \
		--rundir "/run/guest/$name" --statedir "/run/guest/$name/state" \
		--extension-dir "$build/lib/vswitch" "$@" \
		>"/run/guest/$name/log" 2>&1 &
	for _ in $(seq 100); do
		vsctl "$name" version >/dev/null 2>&1 && return
		sleep 0.2
	done
	fail "vswitchd $name does not answer"
}
pings()
{
	for _ in $(seq 30); do
		in_netns "$1" ping -q -c 1 -W 1 "$2" >/dev/null 2>&1 && return
		sleep 0.2
	done
	vsctl a show
	vsctl a drops
	fail "$1 does not reach $2"
}
head -c 10485760 /dev/urandom >/run/guest/blob
mkfifo /run/guest/hold
exec 9<>/run/guest/hold # an input that never ends: nc would hang up at its end
carries()
{
	in_netns "$2" nc -l -p 5000 </run/guest/hold >/run/guest/received &
	local server=$!
	sleep 1
	in_netns "$1" nc "$3" 5000 </run/guest/blob
	wait $server
	cmp /run/guest/blob /run/guest/received || fail "TCP from $1 to $2"
	echo "guest: 10 MB from $1 to $2"
}

for name in a b va vb vc; do
	ip netns add $name
	ip -n $name link set lo up
done
ip -n a link add wire type veth peer name wire netns b
ip -n a link set wire up
ip -n b link set wire up
daemon a --host a --document /hosts.json
daemon b --host b --document /hosts.json
vsctl a version
vsctl a switch add s1 || fail 'switch add'
vsctl a port add vc switch=s1 tap=eth0 netns=vc || fail 'port vc'
vsctl a port add vd switch=s1 tap=eth1 netns=va || fail 'port vd'
sleep 1
ip -n vc addr add 10.2.0.1/24 dev eth0
ip -n va addr add 10.2.0.2/24 dev eth1
pings vc 10.2.0.2
carries vc va 10.2.0.2
pings va 10.0.0.7
carries va vb 10.0.0.7
carries vb va 10.0.0.5
vsctl a stats

# a kernel without tcx: no fast path, and everything as ever
for name in c p q; do
	ip netns add $name
	ip -n $name link set lo up
done
daemon c --fast-path
vsctl c switch add s type=private || fail 'switch add'
for name in p q; do
	ip -n c link add to-$name type veth peer name eth0 netns $name
	ip -n c link set to-$name up
	ip -n $name link set eth0 up
	vsctl c port add $name packet=to-$name mac-guard=off || fail "port $name"
done
ip -n p addr add 10.3.0.1/24 dev eth0
ip -n q addr add 10.3.0.2/24 dev eth0
sleep 1
pings p 10.3.0.2
carries p q 10.3.0.2
grep -q 'no fast path: ' /run/guest/c/log || fail 'it does not say so'
vsctl c version | grep fast_path | grep -q no || fail 'it claims a fast path'
end passed
