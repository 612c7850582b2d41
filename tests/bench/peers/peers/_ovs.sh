# SPDX-License-Identifier: Apache-2.0
# Open vSwitch started by hand inside a host namespace, one database and daemon per host.
OVS_VSWITCHD=/usr/lib/openvswitch-switch/ovs-vswitchd
ovs_dir() { echo "$WORK/ovs-$1"; }
ovs_ctl() { local d; d=$(ovs_dir "$1"); shift; ovs-vsctl -t 10 --db=unix:"$d/db.sock" "$@"; }
ovs_app() { local d; d=$(ovs_dir "$1"); shift; ovs-appctl -T 10 -t "$d/vs.ctl" "$@"; }
ovs_start() {                 # ovs_start HOST|'' [other_config=...]   ('' = root namespace)
    local h=$1 d in=; d=$(ovs_dir "${h:-root}"); shift
    [ -n "$h" ] && in="ip netns exec $PFX$h"
    ovs_stop "$h"             # what a killed run left behind
    mkdir -p "$d"; rm -f "$d"/*
    export OVS_RUNDIR=$d OVS_LOGDIR=$d OVS_DBDIR=$d OVS_SYSCONFDIR=$d
    ovsdb-tool create "$d/conf.db" /usr/share/openvswitch/vswitch.ovsschema &&
        $in ovsdb-server "$d/conf.db" --remote=punix:"$d/db.sock" --pidfile="$d/db.pid" --unixctl="$d/db.ctl" \
            --log-file="$d/db.log" -vconsole:off --detach --no-chdir || return 1
    ovs-vsctl --db=unix:"$d/db.sock" --no-wait init -- set Open_vSwitch . "${@:-external_ids:x=y}"
    $in "$OVS_VSWITCHD" unix:"$d/db.sock" --pidfile="$d/vs.pid" --unixctl="$d/vs.ctl" \
        --log-file="$d/vs.log" -vconsole:off --detach --no-chdir
}
ovs_stop() {
    local d; d=$(ovs_dir "${1:-root}")
    [ -S "$d/vs.ctl" ] && ovs-appctl -T 5 -t "$d/vs.ctl" exit --cleanup 2>/dev/null
    kill_pidfile "$d/vs.pid"; kill_pidfile "$d/db.pid"
}
# ovs_uplink HOST PA - br-phy holds the wire and the provider address (as OVS wants it for native tunnels)
ovs_uplink() {
    ovs_ctl "$1" add-br br-phy -- set bridge br-phy datapath_type=netdev \
        other-config:hwaddr="$(nsx "$1" cat /sys/class/net/phy/address)" -- add-port br-phy phy &&
        nsip "$1" link set br-phy up && nsip "$1" addr add "$2/24" dev br-phy
}
ovs_gre() {                   # ovs_gre HOST REMOTE_PA - NVGRE-like: key, transparent Ethernet bridging
    ovs_ctl "$1" add-port br0 gre0 -- set interface gre0 type=gre options:remote_ip="$2" options:key=$VSID
}
ovs_pids() { cat "$WORK"/ovs-host?/vs.pid 2>/dev/null; }
