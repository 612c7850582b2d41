/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port_lane.h: which VLANs a port's object says that it is in (core/lane.h),
 * and its isolation mode (hnv.md C8.8).
 *
 * Before this file: store.h. After it: port_vsids.c, check.c, port_plan.c.
 */
#ifndef CONTROL_PORT_LANE_H
#define CONTROL_PORT_LANE_H

#include "control/store.h"
#include "core/lane.h"

/* VS_PORT_PRIVATE */
enum port_private {
	PORT_PRIVATE_ISOLATED,
	PORT_PRIVATE_COMMUNITY,
	PORT_PRIVATE_PROMISCUOUS,
	PORT_PRIVATES
};

/* VS_PORT_ISOLATION; unset: what the other fields say */
enum port_isolation {
	PORT_ISOLATION_NONE,
	PORT_ISOLATION_NATIVE,	 /* a virtual subnet of WNV */
	PORT_ISOLATION_EXTERNAL, /* of somebody else: WNV has no part in it */
	PORT_ISOLATION_VLAN,
	PORT_ISOLATIONS
};

/* port_lane - fills `lane`; false, and VS_LANE_NONE: the port has no VLAN. */
bool port_lane(const struct vs_object *port, struct vs_lane_plan *lane);
/* port_has_lane - only whether it has one. */
bool port_has_lane(const struct vs_object *port);
/* port_is_external - isolation=external-virtual-subnet. */
bool port_is_external(const struct vs_object *port);
/* port_lane_text - "100", "trunk 10-20,30 native 10", "isolated 100:201"; how
 * many bytes it has, the rest may be cut. */
#define PORT_LANE_TEXT 256u
const char *port_lane_text(const struct vs_object *port,
			   char text[PORT_LANE_TEXT]);

/* port_check_lane, port_check_isolation - what the fields of one port must be
 * together; 0, or -errno with `error` filled, also its path. */
int port_check_lane(const struct vs_object *port, struct vs_error *error);
int port_check_isolation(const struct vs_object *port, struct vs_error *error);
/* port_check_lanes - what the ports of one switch must be together: a
 * secondary VLAN has one primary and one kind, and is nobody's own VLAN. */
int port_check_lanes(const struct store *store, const struct vs_object *sw,
		     struct vs_error *error);

#endif
