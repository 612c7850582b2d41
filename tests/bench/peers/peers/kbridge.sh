# SPDX-License-Identifier: Apache-2.0
# Linux bridge + veth; across hosts bridge + VXLAN (kernel GRE is not in this kernel).
peer_desc="kernel bridge + veth; cross-host adds kernel VXLAN; offloads on"
kernel_peer=1
_kbridge_host() {             # _kbridge_host HOST VM PA REMOTE_PA
    nsip "$1" link add br0 type bridge && nsip "$1" link set br0 up || return 1
    nsip "$1" addr add "$3/24" dev phy &&
        nsip "$1" link add vx0 type vxlan id $VSID local "$3" remote "$4" dstport 4789 dev phy &&
        nsip "$1" link set vx0 master br0 up || return 1
}
_kbridge_port() { vm_veth "$1" "$2" "$3" && nsip "$1" link set "$3" master br0; }
up() {
    if [ "$1" = same-host ]; then
        nsip hostA link add br0 type bridge && nsip hostA link set br0 up &&
            _kbridge_port hostA vmA1 p1 && _kbridge_port hostA vmA2 p2
    else
        _kbridge_host hostA vmA1 $PA_A $PA_B && _kbridge_port hostA vmA1 p1 &&
            _kbridge_host hostB vmB1 $PA_B $PA_A && _kbridge_port hostB vmB1 p1
    fi
}
down() { :; }
