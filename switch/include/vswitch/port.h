/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port.h: what an extension may know of a port or uplink.
 *
 * A port is configuration (its object in the document, settings.h) and an
 * attachment that comes and goes. This is the attachment's side. On the
 * packet path host->port() gives it from the snapshot; on the main thread
 * port_event (extension.h) reports each change.
 */
#ifndef VSWITCH_PORT_H
#define VSWITCH_PORT_H

#include <vswitch/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum vs_port_kind {
	VS_PORT_ORDINARY, /* a VM, a container, a host port */
	VS_PORT_UPLINK,	  /* a device of the switch's external port */
};

#define VS_PORT_NAME_SIZE 64u
#define VS_PORT_ADDRESSES 8u

struct vs_port_info {
	uint16_t struct_size;
	uint16_t kind; /* enum vs_port_kind */
	struct vs_port_id id;
	uint16_t mtu; /* of the device now, bytes of IP; 0 = not attached */
	bool up;      /* attached, administratively up, carrier */
	struct vs_mac mac; /* of the device; zero if not attached */
	uint32_t if_index; /* 0 = not attached or no netdev of ours */
	char name[VS_PORT_NAME_SIZE]; /* the object's key */
	/*
	 * Uplinks: the kernel's own unicast addresses on the device, each
	 * with its on-link prefix length (128-bit form). A provider address
	 * that stands here is shared, any other is owned (design 5.7).
	 */
	uint16_t address_count;
	struct vs_prefix addresses[VS_PORT_ADDRESSES]; /* host bits kept */
};

#define VS_PROFILE_MACS 8u
/* Addresses that come and go between VMs, as VRRP's do: the port may send from
 * them beside its own MAC, and where they are now is learned from who sends. */
struct vs_wandering_macs {
	uint16_t count;
	struct vs_mac list[VS_PROFILE_MACS];
};

enum vs_port_change {
	VS_PORT_ADDED,	  /* configured; may be without a device */
	VS_PORT_ATTACHED, /* the device came (back) or changed */
	VS_PORT_DETACHED, /* the device went away; the port waits */
	VS_PORT_REMOVED,  /* no longer configured */
};

#ifdef __cplusplus
}
#endif
#endif
