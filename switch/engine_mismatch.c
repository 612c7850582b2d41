/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_mismatch.c: what guests do otherwise than policy says, in show and in
 * port list. Before it: core/mismatch.h, which found it. After it: the client.
 */
#include <stdio.h>

#include "engine_methods.h"
#include "engine_switch.h"

void engine_show_mismatches(struct vs_reply *reply,
			    const struct engine_port *port)
{
	const struct vs_switch *sw = port->owner->sw;
	const char *text = vs_switch_mismatch(sw, port->info.id, 0);
	uint32_t i;

	if (!text)
		return;
	reply->ops->open_list(reply, "mismatches");
	for (i = 1; text; i++) {
		reply->ops->text(reply, NULL, text);
		text = vs_switch_mismatch(sw, port->info.id, i);
	}
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

	for (i = 0; port && at < sizeof(text); i++) {
		each = vs_switch_mismatch(port->owner->sw, port->info.id, i);
		if (!each)
			break;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
				       i ? "; " : "", each);
	}
	if (text[0])
		reply->ops->text(reply, "mismatch", text);
}
