/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_group.h: group addresses of the provider network that an uplink's
 * kernel has joined for us (design 8: multicast PA records). A membership is a
 * socket: the kernel sends its IGMP or MLD reports, answers queriers and lets
 * the group's MAC in as long as the socket is open, and leaves when it is
 * closed, after a SIGKILL too.
 *
 * Before it: engine_plan.c says which; engine_port.c says when the device is
 * there. After it: io/privileged_group.c.
 */
#ifndef ENGINE_GROUP_H
#define ENGINE_GROUP_H

#include <stdint.h>

#include <vswitch/types.h>

struct engine_port;
struct engine_membership;

/* Of one uplink; starts zeroed. */
struct engine_groups {
	struct engine_membership *list;
	struct vs_ip *wanted; /* by the policy prepared last */
	uint16_t wanted_count;
};

/* engine_groups_plan - what the policy wants, copied; it holds from the next
 * engine_groups_join on. No memory: as if it were nothing, which is logged. */
void engine_groups_plan(struct engine_port *port, const struct vs_ip *groups,
			uint16_t count);
/* engine_groups_join - of an attached uplink: join what is wanted and not
 * joined yet, leave what is no longer wanted. */
void engine_groups_join(struct engine_port *port);
/* engine_groups_leave - all: the device is gone or let go. */
void engine_groups_leave(struct engine_port *port);
/* engine_groups_destroy - with the port. */
void engine_groups_destroy(struct engine_port *port);

#endif
