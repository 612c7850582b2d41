// SPDX-License-Identifier: Apache-2.0
/*
 * spec.c: the fields of the noun capture, the arguments of the method, and what
 * they say. Before this file: the daemon's settings and requests; after it:
 * capture.c.
 */
#include "spec.h"

#include <stdio.h>
#include <string.h>

static const char *const directions[] = {"both", "in", "out", NULL};
_Static_assert(sizeof(directions) / sizeof(directions[0]) ==
		       CAPTURE_DIRECTIONS + 1,
	       "a word per direction");

#define PORT_FIELD                                                             \
	{                                                                      \
		.name = "port", .kind = VS_KIND_NAME, .unset = "all",          \
		.help = "a port; external, the switch's side of the wire; an " \
			"uplink or wire, the provider side"                    \
	}
#define DIRECTION_FIELD                                                        \
	{                                                                      \
		.name = "direction", .kind = VS_KIND_CHOICE,                   \
		.choices = directions, .unset = "both",                        \
		.help = "in: from the port into the switch"                    \
	}
#define WIRE_FIELD                                                             \
	{                                                                      \
		.name = "wire", .kind = VS_KIND_BOOL, .unset = "no",           \
		.help = "the provider side, with outer headers"                \
	}
#define FILTER_FIELD                                                           \
	{                                                                      \
		.name = "filter", .kind = VS_KIND_TEXT,                        \
		.maximum = FILTER_TEXT - 1, .unset = "every frame",            \
		.help = "pcap-filter(7) with numbers and addresses, no names"  \
	}
#define SNAP_FIELD                                                             \
	{                                                                      \
		.name = "snap", .kind = VS_KIND_NUMBER,                        \
		.minimum = SNAP_MINIMUM, .maximum = SNAP_MAXIMUM,              \
		.unset = "whole frames", .help = "bytes kept of each frame"    \
	}

const struct vs_field spec_fields[] = {
	[FIELD_NAME] = {.name = "name",
			.kind = VS_KIND_NAME,
			.flags = VS_FIELD_REQUIRED,
			.help = "the capture's name"},
	[FIELD_PORT] = PORT_FIELD,
	[FIELD_DIRECTION] = DIRECTION_FIELD,
	[FIELD_WIRE] = WIRE_FIELD,
	[FIELD_FILTER] = FILTER_FIELD,
	[FIELD_SNAP] = SNAP_FIELD,
	[FIELD_FILE] = {.name = "file",
			.kind = VS_KIND_NAME,
			.unset = "NAME.pcapng",
			.help = "file in the capture directory"},
	[FIELD_STATE] = {.name = "state",
			 .kind = VS_KIND_TEXT,
			 .flags = VS_FIELD_STATUS,
			 .help = "waiting, writing or failed"},
	[FIELD_FRAMES] = {.name = "frames",
			  .kind = VS_KIND_NUMBER,
			  .flags = VS_FIELD_STATUS,
			  .help = "frames written"},
	[FIELD_LOST] = {.name = "lost",
			.kind = VS_KIND_NUMBER,
			.flags = VS_FIELD_STATUS,
			.help = "frames that matched and found no room"},
};
_Static_assert(sizeof(spec_fields) / sizeof(spec_fields[0]) == FIELDS,
	       "all fields");

const struct vs_field spec_arguments[] = {
	[ARGUMENT_PORT] = PORT_FIELD,
	[ARGUMENT_DIRECTION] = DIRECTION_FIELD,
	[ARGUMENT_WIRE] = WIRE_FIELD,
	[ARGUMENT_FILTER] = FILTER_FIELD,
	[ARGUMENT_SNAP] = SNAP_FIELD,
	[ARGUMENT_COUNT] = {.name = "count",
			    .kind = VS_KIND_NUMBER,
			    .minimum = 1,
			    .maximum = UINT64_MAX,
			    .unset = "no end",
			    .help = "frames after which it ends"},
};
_Static_assert(sizeof(spec_arguments) / sizeof(spec_arguments[0]) == ARGUMENTS,
	       "all arguments");

static void set_text(char *to, size_t room, const struct vs_value *value)
{
	if (value->present)
		snprintf(to, room, "%s", value->text);
}

/* What the noun's fields and the method's arguments have in common; `value`
 * points to the port's, the others follow in the same order. */
static void read_common(struct spec *spec, const struct vs_value *const value[])
{
	set_text(spec->port, sizeof(spec->port), value[0]);
	if (value[1]->present)
		spec->direction = (enum capture_direction)value[1]->choice;
	spec->wire = value[2]->present && value[2]->truth;
	if (strcmp(spec->port, "wire") == 0) {
		memset(spec->port, 0, sizeof(spec->port));
		spec->wire = true;
	}
	set_text(spec->expression, sizeof(spec->expression), value[3]);
	spec->snap =
		value[4]->present ? (uint32_t)value[4]->number : SNAP_MAXIMUM;
}

void spec_of_object(struct spec *spec, const struct vs_settings_ops *ops,
		    const struct vs_object *object)
{
	const struct vs_value *common[] = {
		ops->value(object, FIELD_PORT),
		ops->value(object, FIELD_DIRECTION),
		ops->value(object, FIELD_WIRE),
		ops->value(object, FIELD_FILTER),
		ops->value(object, FIELD_SNAP),
	};
	const struct vs_value *file = ops->value(object, FIELD_FILE);

	memset(spec, 0, sizeof(*spec));
	set_text(spec->name, sizeof(spec->name),
		 ops->value(object, FIELD_NAME));
	read_common(spec, common);
	if (file->present)
		set_text(spec->file, sizeof(spec->file), file);
	else
		snprintf(spec->file, sizeof(spec->file), "%s.pcapng",
			 spec->name);
}

void spec_of_arguments(struct spec *spec, const struct vs_value *values)
{
	const struct vs_value *const common[] = {
		&values[ARGUMENT_PORT], &values[ARGUMENT_DIRECTION],
		&values[ARGUMENT_WIRE], &values[ARGUMENT_FILTER],
		&values[ARGUMENT_SNAP]};

	memset(spec, 0, sizeof(*spec));
	read_common(spec, common);
	if (values[ARGUMENT_COUNT].present)
		spec->count = values[ARGUMENT_COUNT].number;
}
