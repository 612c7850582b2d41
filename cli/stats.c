// SPDX-License-Identifier: Apache-2.0
/*
 * stats.c: the ledger, where nothing is lost silently:
 *
 *	received + injected + replicas = sent + consumed + dropped + held
 *
 * per switch, source port and VSID; a line that does not balance says so.
 * Then each link's own line, and the counters of workers; what extensions hold,
 * counted and dropped.
 */
#include <stdint.h>
#include <string.h>

#include "render.h"
#include "table.h"
#include "value.h"

static json_int_t sum_of(const json_t *value)
{
	json_int_t sum = json_integer_value(value);
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)(uintptr_t)value, name, member)
	{
		sum += json_integer_value(member);
	}
	return sum;
}

static void sum_cell(struct table *table, const json_t *value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, sum_of(value));
	table_cell(table, text);
}

/* "arp_proxy=3 reflected=1", the zeros left out */
static void detail_cell(struct table *table, const json_t *counts)
{
	char text[VALUE_SIZE];
	json_t *some = json_object();
	const char *name;
	json_t *count;

	json_object_foreach((json_t *)(uintptr_t)counts, name, count)
	{
		if (json_integer_value(count))
			json_object_set(some, name, count);
	}
	table_cell(table, value_text(some, text, sizeof(text)));
	json_decref(some);
}

static void balance_cell(struct table *table, const json_t *balance)
{
	char text[64] = "ok";

	if (json_integer_value(balance) || json_is_false(balance))
		snprintf(text, sizeof(text), "OFF BY %" JSON_INTEGER_FORMAT,
			 json_integer_value(balance));
	table_cell(table, text);
}

/* A row of the switch itself that never counted anything. */
static bool is_idle(const json_t *line)
{
	return strcmp(member_text(line, "port"), "switch") == 0 &&
	       !sum_of(json_object_get(line, "received")) &&
	       !sum_of(json_object_get(line, "injected")) &&
	       !sum_of(json_object_get(line, "replicas")) &&
	       !sum_of(json_object_get(line, "balance"));
}

static void print_ledger(FILE *stream, const json_t *ledger)
{
	static const char *const first[] = {"switch",	"port",	    "vsid",
					    "received", "injected", "replicas",
					    "sent"};
	struct table *table =
		table_create("SWITCH PORT VSID #RECEIVED #INJECTED #REPLICAS "
			     "#SENT #CONSUMED #DROPPED #HELD BALANCE "
			     "CONSUMED_BY DROPPED_FOR");
	json_t *line;
	size_t i;

	json_array_foreach(ledger, i, line)
	{
		if (is_idle(line))
			continue;
		table_row(table);
		table_values(table, line, first,
			     sizeof(first) / sizeof(first[0]));
		sum_cell(table, json_object_get(line, "consumed"));
		sum_cell(table, json_object_get(line, "dropped"));
		table_value(table, json_object_get(line, "held"));
		balance_cell(table, json_object_get(line, "balance"));
		detail_cell(table, json_object_get(line, "consumed"));
		detail_cell(table, json_object_get(line, "dropped_for"));
	}
	if (table_rows(table))
		table_print(table, stream, "");
	else
		fputs("no frames yet\n", stream);
	table_destroy(table);
}

static void print_links(FILE *stream, const json_t *links)
{
	static const char *const last[] = {
		"wire_frames",	"segments",	"merged",   "fast",
		"fast_refused", "kernel_drops", "truncated"};
	struct table *table =
		table_create("SWITCH LINK #SENT #WRITTEN #DROPPED #WIRE_FRAMES "
			     "#SEGMENTS #MERGED #FAST #FAST_REFUSED "
			     "#KERNEL_DROPS #TRUNCATED DROPPED_FOR");
	json_t *link;
	size_t i;

	json_array_foreach(links, i, link)
	{
		table_row(table);
		table_value(table, json_object_get(link, "switch"));
		table_value(table, json_object_get(link, "port"));
		table_value(table, json_object_get(link, "sent"));
		table_value(table, json_object_get(link, "written"));
		sum_cell(table, json_object_get(link, "dropped"));
		table_values(table, link, last, sizeof(last) / sizeof(last[0]));
		detail_cell(table, json_object_get(link, "dropped"));
	}
	if (table_rows(table)) {
		fputc('\n', stream);
		table_print(table, stream, "");
	}
	table_destroy(table);
}

static void extension_row(struct table *table, const json_t *extension,
			  const char *what, const char *name,
			  const json_t *count)
{
	table_row(table);
	table_value(table, json_object_get(extension, "switch"));
	table_value(table, json_object_get(extension, "name"));
	table_cell(table, what);
	table_cell(table, name);
	table_value(table, count);
}

static void extension_rows(struct table *table, const json_t *extension,
			   const char *what, const json_t *counts)
{
	const char *name;
	json_t *count;

	json_object_foreach((json_t *)(uintptr_t)counts, name, count)
	{
		extension_row(table, extension, what, name, count);
	}
}

static void print_extensions(FILE *stream, const json_t *extensions)
{
	struct table *table = table_create("SWITCH EXTENSION WHAT NAME #COUNT");
	json_t *each;
	size_t i;

	json_array_foreach(extensions, i, each)
	{
		if (member_number(each, "held"))
			extension_row(table, each, "held", "frames",
				      json_object_get(each, "held"));
		extension_rows(table, each, "counter",
			       json_object_get(each, "counters"));
		extension_rows(table, each, "dropped",
			       json_object_get(each, "dropped_for"));
	}
	if (table_rows(table)) {
		fputc('\n', stream);
		table_print(table, stream, "");
	}
	table_destroy(table);
}

void render_stats(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *workers = json_object_get(result, "workers");

	(void)view;
	print_ledger(stream, json_object_get(result, "ledger"));
	print_links(stream, json_object_get(result, "links"));
	if (json_array_size(workers)) {
		fputs("\nworkers:\n", stream);
		render_rows(stream, workers, "  ");
	}
	print_extensions(stream, json_object_get(result, "extensions"));
}
