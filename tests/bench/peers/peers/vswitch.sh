# SPDX-License-Identifier: Apache-2.0
# vswitch itself: TAPs that it puts into the VMs, wnv in the stack, guards on; across
# hosts NVGRE from a provider address of its own.  BUILD = the build directory;
# VSW_RULE = rewrite or vxlan instead of encap; VSW_ROUTED = yes: the VMs are in two
# subnets, and the distributed router between them.
# VSW_FAST = yes: the VMs are on veths, their flows in the kernel's fast path.
: "${VSW_FAST:=no}" "${BUILD:=$HERE/../../../build/release}" "${VSW_RULE:=encap}" "${VSW_ROUTED:=no}"
peer_desc="vswitch: TAPs, wnv.so; cross-host NVGRE, PA owned"
_vsw_vsid() {                 # _vsw_vsid IP
    [ "$VSW_ROUTED$1" = "yes$VM_IP2" ] && echo $((VSID + 1)) || echo $VSID
}
_vsw_ports() {                # _vsw_ports VM IP [VM IP] - the ports of one host
    local sep=
    while [ $# -gt 0 ]; do
        if [ "$VSW_FAST" = yes ]; then
            printf '%s"%s": { "packet": "p-%s", "vsid": %s, "ca": ["%s"] }' "$sep" "$1" "$1" "$(_vsw_vsid "$2")" "$2"
        else
            printf '%s"%s": { "tap": "eth0", "netns": "%s", "vsid": %s, "ca": ["%s"] }' \
                "$sep" "$1" "$PFX$1" "$(_vsw_vsid "$2")" "$2"
        fi
        sep=', '; shift 2
    done
}
_vsw_document() {             # _vsw_document MODE
    local pa1=', "rule": "none"' a b= mtu
    local pa2=$pa1
    if [ "$1" = cross-host ]; then
        pa1=", \"rule\": \"$VSW_RULE\", \"pa\": \"$PA_A\"" pa2=", \"rule\": \"$VSW_RULE\", \"pa\": \"$PA_B\""
        a="\"uplinks\": { \"phy\": { \"pa\": { \"$PA_A\": { \"prefix\": 24 } } } },"
        b="\"uplinks\": { \"phy\": { \"pa\": { \"$PA_B\": { \"prefix\": 24 } } } },"
        mtu=", \"mtu\": 1450"
        [ "$VSW_RULE" != rewrite ] || mtu=", \"mtu\": 1500"
        b=", \"hostB\": { \"switches\": { \"lab\": { $b \"stack\": [\"wnv\"],
            \"ports\": { $(_vsw_ports vmB1 $VM_IP2) } } } }"
        a="\"hostA\": { \"switches\": { \"lab\": { $a \"stack\": [\"wnv\"],
            \"ports\": { $(_vsw_ports vmA1 $VM_IP1) } } } }"
    else
        mtu=", \"mtu\": 1500"
        a="\"hostA\": { \"switches\": { \"lab\": { \"stack\": [\"wnv\"],
            \"ports\": { $(_vsw_ports vmA1 $VM_IP1 vmA2 $VM_IP2) } } } }"
    fi
    local subnets ca1="\"$VM_IP1\": { \"mac\": \"$VM_MAC1\"$pa1 }" ca2="\"$VM_IP2\": { \"mac\": \"$VM_MAC2\"$pa2 }"
    if [ "$VSW_ROUTED" = yes ]; then
        subnets="\"$VSID\": { \"prefixes\": [\"${VM_IP1%.*}.0/31\"], \"gateway\": [\"${VM_IP1%.*}.0\"]$mtu, \"ca\": { $ca1 } },
            \"$((VSID + 1))\": { \"prefixes\": [\"$VM_IP2/31\"], \"gateway\": [\"${VM_IP2%.*}.3\"]$mtu, \"ca\": { $ca2 } }"
    else
        subnets="\"$VSID\": { \"prefixes\": [\"10.77.0.0/24\"], \"gateway\": [\"none\"]$mtu, \"ca\": { $ca1, $ca2 } }"
    fi
    cat <<DOC
{ "format": 1,
  "networks": { "blue": { "subnets": { $subnets } } },
  "hosts": { $a$b } }
DOC
}
_vsw_up() {                   # _vsw_up HOST - a daemon; returns when its ports forward
    local d=$WORK/vsw-$1 i
    rm -rf "$d"; mkdir -p "$d/state"
    ip netns exec "$PFX$1" "$BUILD/bin/vswitchd" --config /dev/null --rundir "$d" --statedir "$d/state" \
        --extension-dir "$BUILD/lib/vswitch" --group root --host "$1" --document "$WORK/vsw.json" \
        $VSWITCHD_OPTIONS 2>"$d/log" &
    echo $! >"$WORK/vsw-$1.pid"
    for i in $(seq 100); do
        "$BUILD/bin/vsctl" --rundir "$d" --json show 2>/dev/null | tr -d ' \n' | grep -q '"state":"up"' && return 0
        sleep 0.1
    done
    cat "$d/log" >&2; "$BUILD/bin/vsctl" --rundir "$d" show >&2
    return 1
}
up() {
    _vsw_document "$1" >"$WORK/vsw.json"
    if [ "$VSW_FAST" = yes ]; then
        VSWITCHD_OPTIONS="$VSWITCHD_OPTIONS --fast-path"
        vm_veth hostA vmA1 p-vmA1
        if [ "$1" = same-host ]; then vm_veth hostA vmA2 p-vmA2; else vm_veth hostB vmB1 p-vmB1; fi
        nsip vmA1 link set eth0 up && nsip $VM2 link set eth0 up
    fi
    _vsw_up hostA || return 1
    [ "$1" = same-host ] || _vsw_up hostB
}
pid() { cat "$WORK"/vsw-host?.pid 2>/dev/null; }
down() { kill_pidfile "$WORK/vsw-hostA.pid"; kill_pidfile "$WORK/vsw-hostB.pid"; }
