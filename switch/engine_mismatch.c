/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_mismatch.c: what guests do otherwise than policy says, in show and in
 * port list. Before it: core/mismatch.h, which found it. After it: the client.
 */
#include <stdio.h>

#include "engine_methods.h"

static const char *mismatch(const struct engine_port *port, uint32_t index)
{
	return vs_switch_mismatch(port->owner->sw, port->info.id, index);
}

void engine_show_mismatches(struct vs_reply *reply,
			    const struct engine_port *port)
{
	const char *each;
	uint32_t i;

	for (i = 0; (each = mismatch(port, i)); i++) {
		if (i == 0)
			reply->ops->open_list(reply, "mismatches");
		reply->ops->text(reply, NULL, each);
	}
	if (i)
		reply->ops->close(reply);
}

void engine_port_status(struct engine *engine, const struct vs_object *object,
			struct vs_reply *reply)
{
	const struct engine_port *port = engine_port_of(engine, object);
	const char *each;
	char text[512] = "";
	size_t at = 0;
	uint32_t i;

	if (!port)
		return;
	for (i = 0; at < sizeof(text) && (each = mismatch(port, i)); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
				       i ? "; " : "", each);
	if (i)
		reply->ops->text(reply, "mismatch", text);
}
