/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_plan.h: one switch being built, and the plans of its ports.
 */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "control/host_nouns.h"
#include "engine.h"

struct build {
	struct engine *engine;
	struct engine_switch *es;
	const struct store *store;
	const struct vs_object *object; /* the switch */
	struct cursor_maker *maker;
	const struct vs_state *states[ENGINE_STACK];
	uint16_t configured; /* states made and not yet the snapshot's */
	uint16_t first;	     /* of those */
};

static inline const struct schema_noun *build_noun(const struct build *build,
						   enum host_noun noun)
{
	return schema_host(build->engine->schema, noun);
}

/* build_plan_filters - of every uplink, from the states that were made. */
void build_plan_filters(struct build *build);
/* build_add_ports - every wanted port into the snapshot; dresses ordinary
 * ports on the way. */
int build_add_ports(struct build *build, struct vs_snapshot *snapshot,
		    struct vs_error *error);

#endif
