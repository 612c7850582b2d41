#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The VM lab: real VMs on two hosts. Each tenant has one on each host, and both
# tenants have the same addresses, down to the MACs: four VMs, two per host.
#
#   sudo examples/vms/run.sh            boots them, ping and TCP, under a minute
#   sudo examples/vms/run.sh --keep     then a shell inside; exit cleans up
#
#   blue5 red5        10.0.0.5  fd00::5     QEMU holds the TAP: packet=vnet-blue
#     host a
#       | wire
#     host b
#   blue7 red7        10.0.0.7  fd00::7     the switch holds it: tap=vnet-blue,
#                                           and QEMU a macvtap on it
#
# The VMs run Debian's cloud kernel, which .ci/kernel fetches, and busybox.
#
# Environment: BUILD (build directory; made if not given), PFX (prefix of the
# namespaces, vsvm), ACCEL (QEMU's -accel, tcg), PATIENCE (seconds for all VMs
# together, 240), VS_KERNEL_CACHE.
# Exit: 0 all held, 1 something did not, 2 could not run.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/examples/vms
: "${PFX:=vsvm}" "${BUILD:=}" "${ACCEL:=tcg}" "${PATIENCE:=240}"
cache=${VS_KERNEL_CACHE:-/var/cache/vswitch-kernel}
modules="virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev
	virtio_pci failover net_failover virtio_net"
vms="blue5 red5 blue7 red7"
namespaces="a b"
declare -A daemon=() machine=() # name -> pid
. "$top/examples/lab.sh"
patience=100
while [ $# -gt 0 ]; do lab_option "$1"; shift; done
lab_begin ip qemu-system-x86_64 busybox jq
busybox=$(command -v busybox)
for file in vmlinuz $(printf '%s.ko ' $modules); do
	[ -s "$cache/$file" ] || "$top/.ci/kernel"
	[ -s "$cache/$file" ] || die "Debian's cloud kernel lacks $file in $cache: run .ci/kernel to see why"
done

is_up() {           # is_up HOST PORT
	"$BUILD/bin/vsctl" --rundir "$tmp/$1" --json show |
		jq -e '.switches[].ports[] | select(.name == "'"$2"'").state == "up"'
}

# --- two hosts ------------------------------------------------------------------

say "Two hosts, two tenants, equal addresses"
for n in a b; do
	ip netns add "$PFX-$n" || die "cannot make namespace $PFX-$n"
	ipn $n link set lo up
	# VMs speak on these devices, the host does not
	in_ns $n sysctl -qw net.ipv6.conf.default.disable_ipv6=1
done
ipn a link add wire type veth peer name wire netns "$PFX-b" || die "no veth"
for n in a b; do ipn $n link set wire up; done

cp "$here/lab.json" "$tmp/lab.json"
ours=yes
ipn b link add link wire name probe type macvtap 2>/dev/null && ipn b link del probe || ours=no
if [ $ours = no ]; then
	sed -i 's/"tap": /"packet": /' "$tmp/lab.json"
	good "this kernel has no macvtap: QEMU holds the TAPs on host b too"
fi

for n in a b; do
	mkdir -p "$tmp/$n" "$tmp/$n.state"
	start_in $n "$BUILD/bin/vswitchd" --host $n --rundir "$tmp/$n" \
		--statedir "$tmp/$n.state" --document "$tmp/lab.json" --group root \
		--extension-dir "$BUILD/lib/vswitch" 2>"$tmp/$n.log"
	daemon[$n]=$!
done
for n in a b; do
	wait_for 300 "$BUILD/bin/vsctl" --rundir "$tmp/$n" version ||
		die "host $n does not start: $(cat "$tmp/$n.log")"
done

# --- VMs --------------------------------------------------------------------------

make_image() {
	local root=$tmp/root m
	mkdir -p "$root"/{bin,dev,proc,sys,tmp,modules}
	cp "$busybox" "$root/bin/busybox"
	# one that is not static brings its libraries
	ldd "$busybox" 2>/dev/null | grep -o '/[^ ]*' | while read -r m; do
		mkdir -p "$root/${m%/*}" && cp -L "$m" "$root$m"
	done
	for m in $modules; do cp "$cache/$m.ko" "$root/modules/"; done
	cp "$here/init.sh" "$root/init"
	(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$tmp/initramfs"
}

# The near end of a VM's cable, as an option of QEMU.
plug() {            # plug HOST DEVICE VM: sets netdev
	local numbers
	if [ "$1" = a ] || [ $ours = no ]; then
		ipn "$1" tuntap add dev "$2" mode tap vnet_hdr || die "cannot make the TAP $2"
		ipn "$1" link set "$2" mtu 1458 up
		netdev="tap,id=n,ifname=$2,script=no,downscript=no"
		return
	fi
	# The switch has made the TAP; its other end is this device.
	wait_for 300 is_up "$1" "$3" || die "port $3 did not come up"
	ipn "$1" link add link "$2" name "$2-q" type macvtap mode passthru || die "no macvtap on $2"
	ipn "$1" link set "$2-q" up
	# its character device; udev, if there is one, makes one more
	numbers=$(in_ns "$1" sh -c "cat /sys/class/net/$2-q/tap*/dev") || die "no /dev/tapN of $2-q"
	mknod "$tmp/tap-$3" c "${numbers%:*}" "${numbers#*:}" || die "mknod failed"
	netdev="tap,id=n,fd=9"
}

boot() {            # boot VM HOST LAST PEER OTHER
	local vm=$1 host=$2 device=vnet-${1%?} netdev
	plug "$host" "$device" "$vm"
	[ -e "$tmp/tap-$vm" ] || : >"$tmp/tap-$vm"
	# shellcheck disable=SC2016
	start_in "$host" bash -c 'exec 9<>"$0" && exec "$@"' "$tmp/tap-$vm" \
		qemu-system-x86_64 -accel "$ACCEL" -cpu max -smp 1 -m 160 \
		-nodefaults -no-reboot -display none \
		-chardev "socket,id=c,path=$tmp/console.$vm,server=on,wait=off,logfile=$tmp/said.$vm" \
		-serial chardev:c -kernel "$cache/vmlinuz" -initrd "$tmp/initramfs" \
		-append "console=ttyS0 quiet panic=-1 vm.name=$vm vm.me=$3 vm.peer=$4 vm.other=$5" \
		-netdev "$netdev" \
		-device "virtio-net-pci,netdev=n,mac=52:54:00:00:00:0$3,host_mtu=1458,romfile=" \
		</dev/null 2>"$tmp/qemu.$vm"
	machine[$vm]=$!
}

say "Four VMs boot ($ACCEL)"
make_image
boot blue5 a 5 7 blue7
boot red5 a 5 7 red7
boot blue7 b 7 5 blue5
boot red7 b 7 5 red5
for vm in blue5 red5; do wait_for 300 is_up a $vm || bad "port $vm did not come up"; done
for vm in blue7 red7; do wait_for 300 is_up b $vm || bad "port $vm did not come up"; done

lines() { tr -d '\r' <"$tmp/said.$1" 2>/dev/null | grep '^vm: '; }
finished() {
	local vm
	for vm in $vms; do
		ended "${machine[$vm]}" && return 0
		lines $vm | grep -q '^vm: done' || return 1
	done
}
wait_for $((PATIENCE * 10)) finished || bad "not all VMs were done after $PATIENCE s"
for vm in $vms; do
	say "$vm says"
	while read -r _ word rest; do
		case $word in
		ok) good "$rest" ;;
		FAIL) bad "$rest" ;;
		*) printf '        %s %s\n' "$word" "$rest" ;;
		esac
	done < <(lines $vm)
	[ "$(lines $vm | grep -c '^vm: ok')" = 7 ] || {
		bad "$vm: $(lines $vm | grep -c '^vm: ok') checks of 7 held"
		tail -n 20 "$tmp/said.$vm" "$tmp/qemu.$vm"
	}
done

say "vsctl show (both hosts)"
vsctl_a show
vsctl_b show
vsctl_a drops
sleep 1
for n in a b; do
	"$BUILD/bin/vsctl" --rundir "$tmp/$n" --json stats |
		jq -e '[.ledger[] | .balance] | all(. == 0)' >/dev/null &&
		good "host $n: the ledger balances" || bad "host $n: the ledger does not balance"
done

if [ $keep = 1 ]; then
	say "The lab stays until you leave this shell"
	echo "  console blue5 (^C leaves it);  vsctl_a show;  vsctl_a capture blue5 icmp | tcpdump -nr -"
	console() { ncat -U "$tmp/console.$1"; }
	export -f vsctl_a vsctl_b in_ns console
	export BUILD PFX tmp lock PATH="$PATH:$BUILD/bin"
	if [ -t 0 ]; then bash --rcfile <(echo 'PS1="lab> "') -i; else bash; fi
fi

say "The end: SIGTERM leaves nothing behind"
for vm in $vms; do kill "${machine[$vm]}" 2>/dev/null; wait "${machine[$vm]}" 2>/dev/null; done
for n in a b; do
	kill "${daemon[$n]}"
	wait "${daemon[$n]}"
	code=$?
	[ $code = 0 ] && good "host $n: vswitchd ended with 0" ||
		{ bad "host $n: vswitchd ended with $code"; tail -n 60 "$tmp/$n.log"; }
done
[ $ours = no ] || ! ipn b link show vnet-blue >/dev/null 2>&1 || bad "host b still has the switch's TAP"

say "$([ $failed = 0 ] && echo "Everything held." || echo "Something did not hold.")"
exit $failed
