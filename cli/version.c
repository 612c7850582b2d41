// SPDX-License-Identifier: Apache-2.0
/*
 * version.c: both versions, the limits, and what the daemon's probes found
 * the kernel able to do.
 */
#include <stdint.h>
#include <string.h>

#include "render.h"
#include "value.h"

static void print_members(FILE *stream, const char *title,
			  const json_t *members)
{
	char text[VALUE_SIZE];
	const char *name;
	json_t *value;

	if (!json_object_size(members))
		return;
	fprintf(stream, "%s:\n", title);
	json_object_foreach((json_t *)(uintptr_t)members, name, value)
	{
		fprintf(stream, "  %-24s %s\n", name,
			value_text(value, text, sizeof(text)));
	}
}

static void print_part(FILE *stream, const char *name, const json_t *value)
{
	char text[VALUE_SIZE];

	if (json_is_object(value)) {
		print_members(stream, name, value);
	} else if (json_is_object(json_array_get(value, 0))) {
		fprintf(stream, "%s:\n", name);
		render_rows(stream, value, "  ");
	} else if (strcmp(name, "version") != 0) {
		fprintf(stream, "%s %s\n", name,
			value_text(value, text, sizeof(text)));
	}
}

void render_version(FILE *stream, const struct view *view, const json_t *result)
{
	char text[VALUE_SIZE];
	const char *name;
	json_t *value;

	(void)view;
	fprintf(stream, "vsctl %s\n", VS_VERSION);
	fprintf(stream, "vswitchd %s\n",
		value_text(json_object_get(result, "version"), text,
			   sizeof(text)));
	json_object_foreach((json_t *)(uintptr_t)result, name, value)
	{
		print_part(stream, name, value);
	}
}

void render_nothing(FILE *stream, const struct view *view, const json_t *result)
{
	(void)stream;
	(void)view;
	(void)result;
}
