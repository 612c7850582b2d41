// SPDX-License-Identifier: Apache-2.0
/*
 * drops.c: which frames were dropped, for which reason, and what cures it;
 * the most frequent first.
 */
#include <stdlib.h>

#include "render.h"
#include "table.h"
#include "value.h"

static int by_count(const void *a, const void *b)
{
	const json_t *const *left = a, *const *right = b;
	json_int_t x = member_number(*left, "count");
	json_int_t y = member_number(*right, "count");

	return x < y ? 1 : x > y ? -1 : 0;
}

static void drops_table(FILE *stream, const json_t **sorted, size_t count)
{
	static const char *const names[] = {"count", "switch", "port",
					    "vsid",  "reason", "help"};
	struct table *table =
		table_create("#COUNT SWITCH PORT VSID REASON MEANING");

	for (size_t i = 0; i < count; i++) {
		table_row(table);
		table_values(table, sorted[i], names,
			     sizeof(names) / sizeof(names[0]));
	}
	table_print(table, stream, "");
	table_destroy(table);
}

void render_drops(FILE *stream, const struct view *view, const json_t *result)
{
	const json_t *drops = json_object_get(result, "drops");
	const json_t **sorted =
		calloc(json_array_size(drops) + 1, sizeof(const json_t *));
	size_t i, count = 0;
	json_t *drop;

	(void)view;
	if (!sorted)
		abort();
	json_array_foreach(drops, i, drop)
	{
		if (member_number(drop, "count"))
			sorted[count++] = drop;
	}
	if (count) {
		qsort(sorted, count, sizeof(const json_t *), by_count);
		drops_table(stream, sorted, count);
	} else {
		fputs("no drops\n", stream);
	}
	free(sorted);
}
