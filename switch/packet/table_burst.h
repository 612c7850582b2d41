/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table_burst.h: many keys of a vs_table at once, for the core: every key is
 * hashed once, and all lines are on their way before the first is read.
 */
#ifndef PACKET_TABLE_BURST_H
#define PACKET_TABLE_BURST_H

#include <vswitch/table.h>

#define TABLE_QUERIES 64u

struct table_query {
	const void *key;
	void *value; /* written if found */
	bool found;
};

/* vs_table_find_burst - vs_table_find for at most TABLE_QUERIES keys. */
void vs_table_find_burst(struct vs_table *table, struct table_query *queries,
			 uint32_t count, uint64_t now);

#endif
