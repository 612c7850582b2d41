/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_fast.c: see engine_fast.h. Before it: engine_port.c; after it:
 * io/fast.c, and the privileged side, which attaches the programs.
 */
#include "engine_fast.h"

#include <stdio.h>
#include <string.h>

#include "engine_store.h"
#include "engine_switch.h"
#include "io/fast.h"
#include "log.h"

void engine_fast_open(struct engine *engine)
{
	struct priv_request request = {.op = PRIV_OPEN_FAST};
	struct vs_error error = {0};
	int fds[2], result;

	if (!engine->config.fast_path)
		return;
	result = engine_ask_fds(engine, &request, fds, &error);
	if (!result) {
		result = fast_create(&engine->run.fast, fds);
		snprintf(error.text, sizeof(error.text), "%s",
			 strerror(-result));
	}
	if (result)
		log_warnx(LOG_IO, "no fast path: %s", error.text);
}

bool engine_fast_reaches(const struct engine_port *port)
{
	return port->owner->engine->run.fast && engine_port_uses_netdev(port) &&
	       !port->intent.netns[0];
}

void engine_fast_enter(struct engine_port *port)
{
	if (port->link && port->held_fds[HELD_FAST] >= 0)
		port->link->fast = port->info.if_index;
}

void engine_fast_leave(struct engine_port *port)
{
	if (port->held_fds[HELD_FAST] < 0)
		return;
	/* in this order: who still sees its link in the fast path has an old
	 * generation */
	if (port->link)
		port->link->fast = 0;
	changes_count(&fast_changes(port->owner->engine->run.fast)->all);
}
