// SPDX-License-Identifier: Apache-2.0
/*
 * flows.c: `acl flows PORT`: what the stateful rules of a port let through.
 */
#include <stdio.h>
#include <string.h>

#include "render.h"
#include "table.h"
#include "value.h"

static void end_text(const json_t *flow, const char *ip, const char *port,
		     char text[VALUE_SIZE])
{
	const char *address = member_text(flow, ip);
	json_int_t number = member_number(flow, port);

	if (!number)
		snprintf(text, VALUE_SIZE, "%s", address);
	else
		snprintf(text, VALUE_SIZE,
			 strchr(address, ':') ? "[%s]:%" JSON_INTEGER_FORMAT
					      : "%s:%" JSON_INTEGER_FORMAT,
			 address, number);
}

void render_flows(FILE *stream, const struct view *view, const json_t *result)
{
	static const char *const names[] = {"vsid", "proto"};
	const json_t *flows = json_object_get(result, "flows");
	struct table *table =
		table_create("VSID PROTO LOCAL REMOTE MADE #IDLE #TIMEOUT");
	json_int_t count = member_number(result, "count");
	char text[VALUE_SIZE];
	json_t *flow;
	size_t i;

	(void)view;
	json_array_foreach(flows, i, flow)
	{
		table_row(table);
		table_values(table, flow, names,
			     sizeof(names) / sizeof(names[0]));
		end_text(flow, "local", "lport", text);
		table_cell(table, text);
		end_text(flow, "remote", "rport", text);
		table_cell(table, text);
		table_value(table, json_object_get(flow, "made"));
		table_value(table, json_object_get(flow, "idle_s"));
		table_value(table, json_object_get(flow, "timeout"));
	}
	if (i)
		table_print(table, stream, "");
	else
		fputs("no flows\n", stream);
	if (count > (json_int_t)i)
		fprintf(stream, "and %" JSON_INTEGER_FORMAT " more\n",
			count - (json_int_t)i);
	table_destroy(table);
}
