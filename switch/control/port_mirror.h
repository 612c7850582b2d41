/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port_mirror.h: mirrors of a switch: whose frames are copied to which monitor
 * port or which other host (hnv.md C8.4).
 *
 * A monitor port is one with see=: it takes nothing in, is flooded nothing,
 * and gets the copies of mirrors, of the VSIDs that it may see (design 3,
 * deliver). Before this file: store.h. After it: check.c, the engine.
 */
#ifndef CONTROL_PORT_MIRROR_H
#define CONTROL_PORT_MIRROR_H

#include "control/store.h"
#include "core/switch.h"

/* Who knows the ids of a switch's ports. */
struct port_finder {
	/* 0 = there is no such port */
	struct vs_port_id (*find)(const struct port_finder *finder,
				  const char *name);
};

/* port_mirror_plan - to which monitors the port's frames go. */
void port_mirror_plan(struct vs_port_plan *plan, const struct store *store,
		      const struct vs_object *port,
		      const struct port_finder *finder);
/* port_check_mirror - 0, or -errno with `error` filled, also its path. */
int port_check_mirror(const struct store *store, const struct vs_object *mirror,
		      struct vs_error *error);

#endif
