// SPDX-License-Identifier: Apache-2.0
/*
 * show.c: the overview: the daemon, and each switch with its uplinks, stack
 * and ports. What is not as it should be says why, in words.
 */
#include <stdint.h>
#include <string.h>

#include "render.h"
#include "table.h"
#include "value.h"

#define PAS_SHOWN 3u

/* Members that the first line words itself. */
static const char *const worded[] = {"version", "uptime_s", "generation",
				     "workers", "host"};

static void print_number(FILE *stream, const json_t *daemon, const char *name,
			 const char *format)
{
	char text[VALUE_SIZE];
	const json_t *value = json_object_get(daemon, name);

	if (!value || json_is_null(value) ||
	    strcmp(value_text(value, text, sizeof(text)), "") == 0)
		return;
	fprintf(stream, "%s%s", format, value_text(value, text, sizeof(text)));
}

static void print_daemon(FILE *stream, const json_t *daemon)
{
	const json_t *up = json_object_get(daemon, "uptime_s");
	char text[VALUE_SIZE];
	const char *name, *gap = "  ";
	json_t *value;

	fputs("vswitchd", stream);
	print_number(stream, daemon, "version", " ");
	print_number(stream, daemon, "host", ", host ");
	if (json_is_number(up))
		fprintf(stream, ", up %s",
			value_duration(json_number_value(up), text,
				       sizeof(text)));
	print_number(stream, daemon, "generation", ", policy generation ");
	print_number(stream, daemon, "workers", ", workers ");
	fputc('\n', stream);
	json_object_foreach((json_t *)(uintptr_t)daemon, name, value)
	{
		size_t i = 0;

		while (i < sizeof(worded) / sizeof(worded[0]) &&
		       strcmp(worded[i], name) != 0)
			i++;
		if (i < sizeof(worded) / sizeof(worded[0]) ||
		    json_is_null(value))
			continue;
		fprintf(stream, "%s%s %s", gap, name,
			value_text(value, text, sizeof(text)));
		gap = ", ";
	}
	if (strcmp(gap, ", ") == 0)
		fputc('\n', stream);
}

/* The kernel filter of the uplink: a text, or whether there is one. */
static void filter_cell(struct table *table, const json_t *filter)
{
	if (json_is_true(filter))
		table_cell(table, "provider frames");
	else if (json_is_false(filter))
		table_cell(table, "everything");
	else
		table_value(table, filter);
}

/* "192.0.2.1 preferred, 192.0.2.2 duplicate"; a host may have hundreds. */
static void pa_cell(struct table *table, const json_t *pas)
{
	size_t count = json_array_size(pas), i, at = 0;
	char text[VALUE_SIZE] = "";

	for (i = 0; i < count && i < PAS_SHOWN && at < sizeof(text); i++) {
		const json_t *pa = json_array_get(pas, i);
		const char *state = member_text(pa, "state");

		at += (size_t)snprintf(
			text + at, sizeof(text) - at, "%s%s%s%s", i ? ", " : "",
			member_text(pa, "address"), *state ? " " : "", state);
	}
	if (i < count && at < sizeof(text))
		snprintf(text + at, sizeof(text) - at, ", %zu more", count - i);
	table_cell(table, text);
}

static void print_uplinks(FILE *stream, const json_t *uplinks)
{
	struct table *table;
	json_t *uplink;
	size_t i;

	if (!json_array_size(uplinks))
		return;
	table = table_create("UPLINK STATE #MTU MAC ADDRESSES PA RECEIVES WHY");
	json_array_foreach(uplinks, i, uplink)
	{
		const char *state = member_text(uplink, "state");

		if (!*state)
			state = member_true(uplink, "up") ? "up" : "down";
		table_row(table);
		table_value(table, json_object_get(uplink, "name"));
		table_cell(table, state);
		table_value(table, json_object_get(uplink, "mtu"));
		table_value(table, json_object_get(uplink, "mac"));
		table_value(table, json_object_get(uplink, "addresses"));
		pa_cell(table, json_object_get(uplink, "pa"));
		filter_cell(table, json_object_get(uplink, "filter"));
		table_value(table, json_object_get(uplink, "why"));
	}
	table_print(table, stream, "  ");
	table_destroy(table);
}

/* A multi-tenant port has several, each with its VLAN tag: "100:5001"; a port
 * of VLANs has none: "vlan trunk 10-20 native 10". */
static void vsid_cell(struct table *table, const json_t *port)
{
	const json_t *map = json_object_get(port, "rdmap");
	const json_t *see = json_object_get(port, "see");
	const char *vlan = member_text(port, "vlan");
	char text[VALUE_SIZE], seen[VALUE_SIZE - 8];

	if (*vlan) {
		snprintf(text, sizeof(text), "vlan %s", vlan);
		table_cell(table, text);
		return;
	}
	if (see) {
		snprintf(text, sizeof(text), "sees %s",
			 value_text(see, seen, sizeof(seen)));
		table_cell(table, text);
		return;
	}
	table_value(table, map ? map : json_object_get(port, "vsid"));
}

/* "tap eth0 in web" */
static void device_cell(struct table *table, const json_t *port)
{
	const char *device = member_text(port, "device");
	const char *netns = member_text(port, "netns");
	char text[VALUE_SIZE];

	snprintf(text, sizeof(text), "%s%s%s%s%s", member_text(port, "driver"),
		 *device ? " " : "", device, *netns ? " in " : "", netns);
	table_cell(table, text);
}

/* "1500, not 1458" where the device's is not what the subnet wants */
static void mtu_cell(struct table *table, const json_t *port)
{
	const json_t *wanted = json_object_get(port, "mtu_wanted");
	const json_t *mtu = json_object_get(port, "mtu");
	char text[VALUE_SIZE];

	if (!wanted || json_equal(wanted, mtu)) {
		table_value(table, mtu);
		return;
	}
	snprintf(text, sizeof(text),
		 "%" JSON_INTEGER_FORMAT ", not %" JSON_INTEGER_FORMAT,
		 json_integer_value(mtu), json_integer_value(wanted));
	table_cell(table, text);
}

static void print_ports(FILE *stream, const json_t *ports)
{
	static const char *const last[] = {"rx_frames", "tx_frames", "drops",
					   "why"};
	struct table *table;
	json_t *port;
	size_t i;

	if (!json_array_size(ports)) {
		fputs("  no ports yet: vsctl port add NAME tap=DEVICE ...\n",
		      stream);
		return;
	}
	table = table_create("PORT #ID STATE #VSID DEVICE MAC #MTU #RECEIVED "
			     "#SENT #DROPS WHY");
	json_array_foreach(ports, i, port)
	{
		table_row(table);
		table_value(table, json_object_get(port, "name"));
		table_value(table, json_object_get(port, "id"));
		table_value(table, json_object_get(port, "state"));
		vsid_cell(table, port);
		device_cell(table, port);
		table_value(table, json_object_get(port, "mac"));
		mtu_cell(table, port);
		table_values(table, port, last, sizeof(last) / sizeof(last[0]));
	}
	table_print(table, stream, "  ");
	table_destroy(table);
}

/* "  web: the guest uses MAC ..." */
static void print_mismatches(FILE *stream, const json_t *ports)
{
	const json_t *port, *list;
	size_t i, k;

	json_array_foreach(ports, i, port)
	{
		list = json_object_get(port, "mismatches");
		for (k = 0; k < json_array_size(list); k++)
			fprintf(stream, "  %s: %s\n", member_text(port, "name"),
				json_string_value(json_array_get(list, k)));
	}
}

/* "  web: dhcp-guard=yes,storm-limit=100" */
static void print_policies(FILE *stream, const json_t *ports)
{
	char text[VALUE_SIZE];
	json_t *port;
	size_t i;

	json_array_foreach(ports, i, port)
	{
		const json_t *policies = json_object_get(port, "policies");

		if (json_array_size(policies))
			fprintf(stream, "  %s: %s\n", member_text(port, "name"),
				value_text(policies, text, sizeof(text)));
	}
}

static void print_switch(FILE *stream, const json_t *one)
{
	const json_t *stack = json_object_get(one, "stack");
	json_t *warning;
	char text[VALUE_SIZE];
	size_t i;

	fprintf(stream, "\nswitch %s", member_text(one, "name"));
	print_number(stream, one, "type", ", ");
	fprintf(stream, ", extensions: %s%s\n",
		json_array_size(stack) ? value_text(stack, text, sizeof(text))
				       : "none",
		member_true(one, "snooping") ? ", snooping" : "");
	print_uplinks(stream, json_object_get(one, "uplinks"));
	print_ports(stream, json_object_get(one, "ports"));
	print_mismatches(stream, json_object_get(one, "ports"));
	print_policies(stream, json_object_get(one, "ports"));
	render_extensions(stream, json_object_get(one, "extensions"), "  ");
	json_array_foreach(json_object_get(one, "warnings"), i, warning)
	{
		fprintf(stream, "  warning: %s\n", json_string_value(warning));
	}
}

void render_show(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *switches = json_object_get(result, "switches");
	json_t *one;
	size_t i;

	(void)view;
	print_daemon(stream, json_object_get(result, "daemon"));
	json_array_foreach(switches, i, one)
	{
		print_switch(stream, one);
	}
	if (!json_array_size(switches))
		fputs("\nno switch yet: vsctl switch add NAME uplink=DEVICE\n",
		      stream);
}
