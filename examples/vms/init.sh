#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
#
# Process 1 of the VMs that run.sh boots: an address, a web server that says
# this VM's name, ping and TCP to the other VM of the tenant, then a shell. The
# lines that begin with "vm:" are what run.sh reads.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tmpfs none /tmp

say() { echo "vm: $*"; }
for word in $(cat /proc/cmdline); do
	case $word in
	vm.*=*) eval "${word#vm.}" ;; # name, me, peer, other
	esac
done
for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev \
	virtio_pci failover net_failover virtio_net; do
	insmod /modules/$module.ko || say "FAIL no $module"
done
for _ in $(seq 100); do [ -e /sys/class/net/eth0 ] && break; sleep 0.1; done
ip link set lo up
ip link set eth0 up
ip addr add "10.0.0.$me/24" dev eth0
ip -6 addr add "fd00::$me/64" dev eth0
say "kernel $(uname -r), MAC $(cat /sys/class/net/eth0/address), MTU $(cat /sys/class/net/eth0/mtu)"

mkdir -p /tmp/www
echo "$name" >/tmp/www/name
head -c 4194304 /dev/urandom >/tmp/www/blob
md5sum </tmp/www/blob >/tmp/www/sum
httpd -p 80 -h /tmp/www || say 'FAIL no httpd'

check() { # check WHAT WANTED GOT
	if [ "$2" = "$3" ]; then
		say "ok $1: $3"
	else
		say "FAIL $1: \"$3\", not \"$2\""
	fi
}
get() { timeout 60 wget -q -O - "http://$1/$2" 2>&1; } # its own -T crashes
received() { sed -n 's/.* \([0-9]*\) packets received.*/\1 answers/p'; }

# The other VM boots when it boots, and serves when it has an address.
for _ in $(seq 150); do
	[ "$(get "10.0.0.$peer" name)" = "$other" ] && break
	sleep 1
done
for address in "10.0.0.$peer" "[fd00::$peer]"; do
	bare=${address#[}
	bare=${bare%]}
	check "ping $bare" '5 answers' "$(ping -c 5 -W 10 "$bare" | received)"
	check "name at $bare" "$other" "$(get "$address" name)"
	get "$address" blob >/tmp/got
	check "4 MB from $bare" "$(get "$address" sum)" "$(md5sum </tmp/got)"
done
check "full size to 10.0.0.$peer" '3 answers' \
	"$(ping -c 3 -W 10 -s 1430 "10.0.0.$peer" | received)"
say done
while :; do setsid cttyhack sh; done
