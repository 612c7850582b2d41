/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h: vs_table, the concurrent hash table of the packet path.
 *
 * Theory of operation
 * -------------------
 * Fixed capacity, fixed key and value sizes, ageing, a quota per group, move
 * detection. Used for MACs, neighbours, dynamic records, stateful flows. One
 * contiguous region without pointers, given by its creator, so that another
 * process can adopt it after a check.
 *
 * Who writes, who reads, what a reader may see: any thread may do anything.
 * A lookup reads a bucket under the bucket's version and tries again if it
 * moved: it sees a whole entry, old or new, never a mixture. "Seen again" is
 * one relaxed store. Insert, move, remove and evict take the bucket by
 * compare-and-swap; if somebody else has it, the operation is skipped,
 * counted and reported as VS_TABLE_BUSY: the next frame tries again. Nobody
 * ever waits.
 *
 * Time is the caller's, in nanoseconds of one monotonic clock; ages are kept
 * in units of 2^20 ns (about a millisecond).
 */
#ifndef VSWITCH_TABLE_H
#define VSWITCH_TABLE_H

#include <vswitch/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vs_table;

struct vs_table_params {
	uint32_t capacity; /* entries, 1..2^24; there are 7/4 of that in slots:
			    * a full table still has room for 999 of 1,000 */
	uint16_t key_size; /* 4..40 bytes, a multiple of 4 */
	uint16_t value_size; /* 0..64 bytes, a multiple of 4 */
	uint32_t groups;     /* quota groups, 1..65536 */
	uint64_t idle_ns; /* an entry not seen for that long is gone; 0 = never
			   */
	uint64_t seed;	  /* of the hash; random per boot */
};

enum vs_table_result {
	VS_TABLE_SAME,	  /* was there with this value; marked seen */
	VS_TABLE_NEW,	  /* inserted */
	VS_TABLE_CHANGED, /* was there with another value, now replaced */
	VS_TABLE_QUOTA,	  /* the group is full; nothing was evicted */
	VS_TABLE_BUSY, /* somebody holds the bucket; try with the next frame */
	VS_TABLE_FULL, /* no slot that this group may take */
};

/* vs_table_size - bytes of the region for these parameters; 0 = refused. */
size_t vs_table_size(const struct vs_table_params *params);

/*
 * vs_table_create - make an empty table in `region` (64-byte aligned, `size`
 * from vs_table_size). The region stays the caller's and must outlive every
 * use. -EINVAL if the parameters or the size are wrong.
 */
int vs_table_create(struct vs_table **table, void *region, size_t size,
		    const struct vs_table_params *params);

/* vs_table_new - the same in memory of its own; NULL: refused, or out of
 * memory. Not on the packet path: attach, shard_open. vs_table_free takes what
 * it gave, or NULL. */
struct vs_table *vs_table_new(const struct vs_table_params *params);
void vs_table_free(struct vs_table *table);

/*
 * vs_table_adopt - use a region that another vs_table_create filled: header,
 * layout version, sizes and the check of every slot are verified; damaged
 * slots are emptied. -EINVAL and nothing changed if it is not such a table.
 */
int vs_table_adopt(struct vs_table **table, void *region, size_t size);

/*
 * vs_table_find - copy the value of `key` to `value` (may be NULL if
 * value_size is 0). An entry idle for longer than idle_ns is not found.
 * Does not mark it seen. Returns true if found.
 */
bool vs_table_find(struct vs_table *table, const void *key, uint64_t now,
		   void *value);

/* vs_table_age - ns since the entry of `key` was last seen; false: it is not
 * there, or idle. */
bool vs_table_age(struct vs_table *table, const void *key, uint64_t now,
		  uint64_t *age_ns);

/* vs_table_look - vs_table_find and vs_table_age in one: for entries that
 * live for different times. `value` may be NULL. */
bool vs_table_look(struct vs_table *table, const void *key, uint64_t now,
		   void *value, uint64_t *age_ns);

/* vs_table_prefetch - warm the bucket of `key` before a later find. */
void vs_table_prefetch(const struct vs_table *table, const void *key);

/* What to learn; read during the call only. `group` < groups is who pays. */
struct vs_table_item {
	const void *key;
	const void *value; /* may be NULL if value_size is 0 */
	uint32_t group;
};

/*
 * vs_table_learn - insert or refresh. On
 * VS_TABLE_CHANGED `old` (may be NULL) gets the value that stood there. When
 * the key's buckets or the table are full, an idle entry, one of a group beyond
 * its quota or the oldest of the same group there is evicted, never an entry of
 * another group that is within its quota. When the group is full, only one of
 * its own there is. An entry of the same key that went idle is gone: NEW.
 */
enum vs_table_result vs_table_learn(struct vs_table *table,
				    const struct vs_table_item *item,
				    uint64_t now, void *old);

/* vs_table_quota - at most `entries` of the group; default: the capacity. */
void vs_table_quota(struct vs_table *table, uint32_t group, uint32_t entries);

/* vs_table_seen - refresh the age if the key is there; never inserts. */
void vs_table_seen(struct vs_table *table, const void *key, uint64_t now);

/* vs_table_forget - remove; true if it was there, -BUSY counts as false. */
bool vs_table_forget(struct vs_table *table, const void *key);

/* A copy; cast `key` and `value` to what was learned. */
struct vs_table_entry {
	uint64_t key[5];
	uint64_t value[8];
	uint32_t group;
	uint64_t age_ns; /* since it was last seen */
};

/*
 * vs_table_next - walk: `cursor` starts at 0 and is advanced; false at the
 * end. Entries changed during the walk may be seen in either state, or twice.
 */
bool vs_table_next(struct vs_table *table, uint64_t *cursor, uint64_t now,
		   struct vs_table_entry *entry);

/* vs_table_flush - forget every entry of `group` (UINT32_MAX = all). */
uint32_t vs_table_flush(struct vs_table *table, uint32_t group);

/* vs_table_sweep - drop idle entries of `buckets` buckets from *cursor on. */
uint32_t vs_table_sweep(struct vs_table *table, uint64_t now, uint32_t *cursor,
			uint32_t buckets);

struct vs_table_stats {
	uint64_t entries, capacity;
	uint64_t learned, moved, evicted, aged, refused_quota, refused_full;
	uint64_t skipped_busy;
};

void vs_table_stats(const struct vs_table *table, struct vs_table_stats *stats);

/* vs_table_group_entries - how many entries the group holds now. */
uint32_t vs_table_group_entries(const struct vs_table *table, uint32_t group);

#ifdef __cplusplus
}
#endif
#endif
