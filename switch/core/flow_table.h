/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_table.h: a worker's table of flows behind its flow cache: fixed
 * entries in sets of four, a share per VSID. Only its worker touches it.
 */
#ifndef CORE_FLOW_TABLE_H
#define CORE_FLOW_TABLE_H

#include "core/flow_cache.h"

struct flow_table;

/* flow_table_create - NULL: out of memory. `groups` as those of the MAC table;
 * each may have a quarter of the entries. */
struct flow_table *flow_table_create(uint32_t groups, uint64_t seed);
void flow_table_destroy(struct flow_table *table);

uint32_t flow_hash(const struct flow_table *table, const struct flow_key *key);

/* An entry to look for or to keep. */
struct flow_item {
	const struct flow_key *key;
	uint32_t hash;
	uint32_t group;	     /* who pays; to keep only */
	uint64_t generation; /* another one's entry is none */
	uint64_t now_ns;
};

/*
 * flow_table_look - the flows of a burst: `known`, now and to of each live
 * frame that can have an entry, which are its entry's or, without one, of its
 * `own`; all. run->generation is that of the entries which are looked for.
 */
void flow_table_look(struct flow_table *table, const struct vs_burst *burst,
		     struct flow_run *run, uint64_t now_ns);
/* flow_table_copy - an entry's verdicts, as found, with its key. */
void flow_table_copy(const struct flow_table *table,
		     const struct flow_verdicts *found, struct flow_own *own);
/* flow_table_find - valid until the next keep; or NULL. */
const struct flow_verdicts *flow_table_find(struct flow_table *table,
					    const struct flow_item *item);
/* flow_table_keep - false: no place that this group may take. */
bool flow_table_keep(struct flow_table *table, const struct flow_item *item,
		     const struct flow_verdicts *verdicts);
/* flow_table_owned - entries of a group, outdated ones too. */
uint32_t flow_table_owned(const struct flow_table *table, uint32_t group);

#endif
