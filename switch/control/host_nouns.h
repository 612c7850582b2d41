/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host_nouns.h: the host's own nouns: switch, uplink, port, acl.
 *
 * Field indices of switch, uplink and port are in vswitch/settings.h, because
 * extensions read them; those of acl are here, core's policy is made from it.
 * Before this file: vswitch/settings.h. After it: schema.h.
 */
#ifndef CONTROL_HOST_NOUNS_H
#define CONTROL_HOST_NOUNS_H

#include <vswitch/settings.h>

enum host_noun {
	HOST_SWITCH,
	HOST_UPLINK,
	HOST_PORT,
	HOST_ACL,
	HOST_MIRROR,
	HOST_NOUNS
};

/* Bits a second: what a bucket can count with (core/police.h). */
#define HOST_BANDWIDTH_MINIMUM 8000u
#define HOST_BANDWIDTH_MAXIMUM 400000000000u

extern const struct vs_noun host_nouns[HOST_NOUNS];

/* VS_SWITCH_TYPE; unset: external if the switch has an uplink, else private */
enum host_switch_type {
	HOST_SWITCH_EXTERNAL,
	HOST_SWITCH_INTERNAL,
	HOST_SWITCH_PRIVATE,
	HOST_SWITCH_TYPES
};

/* An ACL entry, child of a port. A basic one (hnv.md D1) has exactly one of the
 * four sides; value.any = every address (both families) or MAC. One with a
 * weight is extended (D2, acl_extended.h). */
enum host_acl_field {
	HOST_ACL_KEY,
	HOST_ACL_ACTION,    /* CHOICE enum host_acl_action */
	HOST_ACL_DIRECTION, /* CHOICE enum host_direction, the VM's view */
	HOST_ACL_LOCAL,	    /* PREFIX or any */
	HOST_ACL_REMOTE,
	HOST_ACL_LOCAL_MAC, /* MAC or any */
	HOST_ACL_REMOTE_MAC,
	HOST_ACL_WEIGHT, /* from here on: of extended rules (hnv.md D2) */
	HOST_ACL_PROTO,	 /* TEXT: a name or a number (acl_extended.h) */
	HOST_ACL_LPORT,	 /* TEXT: a port or a range */
	HOST_ACL_RPORT,
	HOST_ACL_STATEFUL,
	HOST_ACL_TIMEOUT, /* NUMBER, seconds */
	HOST_ACL_VSID,
	HOST_ACL_VLAN,	 /* NUMBER: in the place of vsid */
	HOST_ACL_FRAMES, /* NUMBER, status: how often it decided */
	HOST_ACL_BYTES,	 /* NUMBER, status: what a meter has counted */
	HOST_ACL_FIELDS
};

enum host_acl_action {
	HOST_ACL_ALLOW,
	HOST_ACL_DENY,
	HOST_ACL_METER,
	HOST_ACL_ACTIONS
};

/* An ACL entry's, and a mirror's: as the VM sees it. */
enum host_direction {
	HOST_DIRECTION_IN,
	HOST_DIRECTION_OUT,
	HOST_DIRECTION_BOTH,
	HOST_DIRECTIONS
};

#endif
