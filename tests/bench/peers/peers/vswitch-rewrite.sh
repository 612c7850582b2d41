# SPDX-License-Identifier: Apache-2.0
# vswitch by IP rewrite: the VMs' packets go out under provider addresses of their own.
VSW_RULE=rewrite
. "$HERE/peers/vswitch.sh"
peer_desc="vswitch: TAPs, wnv.so; cross-host IP rewrite, PAs owned"
peer_modes="cross-host"
