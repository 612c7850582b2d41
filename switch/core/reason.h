/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason.h: the switch's own drop reasons. Names and numbers are stable for
 * ever: add at the end, never reuse. Extensions declare theirs in their
 * descriptors; the stack gives each a range of global numbers from
 * VS_CORE_REASONS on.
 */
#ifndef CORE_REASON_H
#define CORE_REASON_H

#include <stdint.h>

enum vs_core_reason {
	VS_REASON_NONE, /* never booked */
	VS_REASON_RUNT,
	VS_REASON_OVERSIZE,
	VS_REASON_BAD_IP,
	VS_REASON_MAC_SPOOF,
	VS_REASON_SOURCE_GROUP, /* group or zero source MAC */
	VS_REASON_CA_SPOOF,
	VS_REASON_ARP_SPOOF,
	VS_REASON_ND_SPOOF,
	VS_REASON_VLAN_NOT_ALLOWED,
	VS_REASON_PA_SPOOF,
	VS_REASON_LINK_LOCAL_MCAST, /* 01:80:c2:00:00:0x */
	VS_REASON_ACL_DENY,
	VS_REASON_NO_DESTINATION,
	VS_REASON_HAIRPIN,
	VS_REASON_VSID_ACL,
	VS_REASON_PORT_DOWN,
	VS_REASON_PORT_WAITS,	  /* source or destination port waits */
	VS_REASON_NO_TRANSLATION, /* VSID != 0 at a wire without translate */
	VS_REASON_UNTRANSLATED,	  /* translate gave no answer */
	VS_REASON_REFLECT_LOOP,
	VS_REASON_NO_UPLINK,
	VS_REASON_NO_BUFFER,
	VS_REASON_INJECT_LIMIT,
	VS_REASON_EXT_BAD_VERDICT,
	VS_REASON_EXCLUDED,    /* an extension took it away, naming nothing */
	VS_REASON_HOLD_LOST,   /* held by an extension that went away */
	VS_REASON_MAC_PINNED,  /* the MAC belongs elsewhere by policy */
	VS_REASON_BAD_OFFLOAD, /* offload metadata that its bytes deny */
	VS_REASON_RA_GUARD,    /* a router where policy has none */
	VS_REASON_EXT_HELD,    /* an extension kept it for too long */
	VS_REASON_DHCP_GUARD,
	VS_REASON_ROUTER_GUARD,
	VS_REASON_STORM_BROADCAST,
	VS_REASON_STORM_MULTICAST,
	VS_REASON_STORM_UNKNOWN,
	VS_REASON_BANDWIDTH_OUT, /* from the VM; the port's own limit */
	VS_REASON_BANDWIDTH_IN,
	VS_REASON_ACL_EXTENDED_DENY,
	VS_REASON_ACL_FLOW_LIMIT, /* a stateful rule's flow found no room */
	VS_REASON_MIRROR_UNREACHABLE,
	VS_REASON_UNTAGGED,	/* on a trunk without a native VLAN */
	VS_REASON_PRIVATE_VLAN, /* isolated, or of another community */
	VS_REASON_LOOP_BLOCKED, /* from or to a port that is in a loop */
	VS_REASON_NOT_JOINED,	/* snooping: nobody here listens */
	VS_CORE_REASONS
};

struct vs_reason_text {
	const char *name;
	const char *help; /* a sentence for vswitch-drops(7), with the cure */
};

/* vs_core_reason - name and sentence of a core reason. */
const struct vs_reason_text *vs_core_reason(uint16_t reason);

#endif
