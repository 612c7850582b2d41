/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_groups.c: `groups`: who joined which multicast group, and where
 * routers are, on switches with snooping (core/groups.h). Before it:
 * engine_methods.c.
 */
#include <string.h>

#include "core/groups.h"
#include "engine_methods.h"
#include "engine_switch.h"

static void group_row(struct vs_reply *reply, const struct engine_switch *es,
		      const struct vs_group_member *member)
{
	bool router = vs_ip_is_unspecified(&member->group);
	char text[VS_IP_TEXT];

	reply->ops->open_row(reply, NULL);
	reply->ops->text(reply, "switch", es->name);
	engine_reply_vsid(reply, member->vsid);
	reply->ops->text(reply, "group",
			 router ? "router"
				: vs_ip_format(&member->group, text));
	reply->ops->text(reply, "port", engine_port_name(es, member->port));
	reply->ops->number(reply, "age_s", member->age_ns / 1000000000);
	reply->ops->close(reply);
}

void engine_groups(struct request_engine *methods, struct request_call *call)
{
	struct engine *engine = engine_of_methods(methods);
	const struct vs_value *name = request_value(call, 0);
	struct vs_reply *reply = request_reply(call);

	reply->ops->open_list(reply, "members");
	for (struct engine_switch *es = engine->switches; es; es = es->next) {
		struct vs_group_member member;
		uint64_t cursor = 0;

		if (es->pending ||
		    (name->present && strcmp(es->name, name->text) != 0))
			continue;
		while (vs_switch_group_next(es->sw, &cursor, &member))
			group_row(reply, es, &member);
	}
	reply->ops->close(reply);
	request_finish(call);
}
