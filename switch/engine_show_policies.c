/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_show_policies.c: what `show` says of a port's policies: those that
 * are set otherwise than they would be by themselves. Before it:
 * engine_show.c. What they do is core's.
 */
#include <stdio.h>
#include <string.h>

#include "control/host_nouns.h"
#include "control/value.h"
#include "engine_methods.h"
#include "engine_switch.h"

/* In the order in which they are shown. */
static const uint16_t policies[] = {
	VS_PORT_MAC_GUARD,    VS_PORT_CA_GUARD,
	VS_PORT_DHCP_GUARD,   VS_PORT_ROUTER_GUARD,
	VS_PORT_STORM_LIMIT,  VS_PORT_BANDWIDTH_OUT,
	VS_PORT_BANDWIDTH_IN, VS_PORT_BANDWIDTH_WEIGHT,
	VS_PORT_PRIORITY_TAG, VS_PORT_LOOP_GUARD,
	VS_PORT_TEAM,	      VS_PORT_ISOLATION,
};

/* Guards of sources hold unless they are switched off; else nothing does. */
static bool is_as_ever(uint16_t field, const struct vs_value *value)
{
	if (!value->present)
		return true;
	if (field == VS_PORT_MAC_GUARD || field == VS_PORT_CA_GUARD ||
	    field == VS_PORT_LOOP_GUARD)
		return value->truth;
	if (field == VS_PORT_BANDWIDTH_WEIGHT)
		return value->number == 1;
	if (value->kind == VS_KIND_NUMBER)
		return !value->number;
	return value->kind == VS_KIND_BOOL && !value->truth;
}

void engine_show_policies(struct vs_reply *reply,
			  const struct vs_object *object)
{
	const struct vs_field *fields = host_nouns[HOST_PORT].fields;
	char value[VALUE_TEXT], text[VALUE_TEXT + 64];
	bool open = false;

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		uint16_t field = policies[i];

		if (is_as_ever(field, object_value(object, field)))
			continue;
		if (!open)
			reply->ops->open_list(reply, "policies");
		open = true;
		snprintf(text, sizeof(text), "%s=%s", fields[field].name,
			 value_text(&fields[field], object_value(object, field),
				    value));
		reply->ops->text(reply, NULL, text);
	}
	if (open)
		reply->ops->close(reply);
}
