// SPDX-License-Identifier: Apache-2.0
/*
 * flow_table.c: the table of what is known of flows. Decides whose entry gives
 * way: an outdated one, else the oldest of the same VSID, else one of a VSID
 * that has more. Before this file: flow_cache.c, flow_key.h.
 *
 * A flow's home is where its hash says; if that is taken, it lives in another
 * place of the same set, home ^ 1 to home ^ (WAYS - 1). An entry is two cache
 * lines, of two arrays: the first is all that a frame touches whose flow has
 * IPv4's addresses and passes everywhere.
 */
#include "core/flow_table.h"

#include <stdlib.h>

#define PLACES	  16384u /* a power of two */
#define WAYS	  4u
#define NOWHERE	  PLACES
#define SHARE	  4u  /* of all entries, one VSID's part */
#define AGE_SHIFT 30u /* ns to about seconds */

struct front {
	_Alignas(64) uint64_t word[FLOW_SHORT];
	uint64_t generation;	     /* 0: free */
	uint32_t passes[FLOW_SIDES]; /* a copy of the verdicts' */
	struct vs_port_id to;	     /* likewise */
	uint16_t zero;
	uint32_t used; /* about seconds */
};
_Static_assert(sizeof(struct front) == 64, "one cache line");

struct rest {
	_Alignas(64) struct flow_verdicts verdicts;
	uint64_t word[8 - FLOW_SHORT]; /* of the key */
	uint32_t group;
};
_Static_assert(sizeof(struct rest) == 64, "one cache line");

struct places {
	struct front front[PLACES];
	struct rest rest[PLACES];
};

struct flow_table {
	uint64_t secret[FLOW_SECRETS];
	uint32_t *owned; /* [group] */
	void *region;
	struct places *places;
};

/* Untouched, the places cost no memory: calloc gives pages that are zero. */
struct flow_table *flow_table_create(uint32_t groups, uint64_t seed)
{
	struct flow_table *table = calloc(1, sizeof(*table));
	uintptr_t at;
	uint32_t i;

	if (!table)
		return NULL;
	for (i = 0; i < FLOW_SECRETS; i++) {
		struct hash_key key = hash_key(seed + i);

		table->secret[i] = (key.a ^ key.b << 1) | 1; /* a factor, too */
	}
	table->owned = calloc(groups, sizeof(uint32_t));
	table->region = calloc(1, sizeof(struct places) + 63);
	if (!table->owned || !table->region) {
		flow_table_destroy(table);
		return NULL;
	}
	at = (uintptr_t)table->region;
	table->places = (struct places *)((at + 63) & ~(uintptr_t)63);
	return table;
}

void flow_table_destroy(struct flow_table *table)
{
	if (!table)
		return;
	free(table->region);
	free(table->owned);
	free(table);
}

uint32_t flow_hash(const struct flow_table *table, const struct flow_key *key)
{
	return flow_hash_long(table->secret, key);
}

/* -- the places -------------------------------------------------------------
 */

static inline uint32_t home_of(uint32_t hash)
{
	return hash & (PLACES - 1);
}

static inline bool same_start(const struct front *front, const uint64_t *shape,
			      const uint64_t *word)
{
	return front->word[3] == word[1] && front->word[4] == word[2] &&
	       front->word[2] == word[0] && front->word[0] == shape[0] &&
	       front->word[1] == shape[1];
}

static inline bool same_rest(const struct rest *rest, const uint64_t *word)
{
	return rest->word[0] == word[0] && rest->word[1] == word[1] &&
	       rest->word[2] == word[2];
}

/* Where the key is, or NOWHERE. */
static uint32_t place_of(const struct flow_table *table,
			 const struct flow_item *item)
{
	const uint64_t *word = item->key->word;
	const struct places *places = table->places;
	uint32_t home = home_of(item->hash), way;

	for (way = 0; way < WAYS; way++)
		if (same_start(&places->front[home ^ way], word, word + 2) &&
		    same_rest(&places->rest[home ^ way], word + FLOW_SHORT))
			return home ^ way;
	return NOWHERE;
}

static inline uint32_t second_of(uint64_t now_ns)
{
	return (uint32_t)(now_ns >> AGE_SHIFT);
}

/* Is the entry of this generation? Then it is used. */
static inline bool use(struct front *front, uint64_t generation,
		       uint32_t second)
{
	if (front->generation != generation)
		return false;
	if (front->used != second)
		front->used = second;
	return true;
}

static const struct front *find(struct flow_table *table,
				const struct flow_item *item)
{
	uint32_t at = place_of(table, item);

	return at != NOWHERE && use(&table->places->front[at], item->generation,
				    second_of(item->now_ns))
		       ? &table->places->front[at]
		       : NULL;
}

static inline const struct rest *rest_of(const struct front *front)
{
	return (const struct rest *)(const void *)((const uint8_t *)front +
						   offsetof(struct places,
							    rest));
}

static inline const struct front *front_of(const struct rest *rest)
{
	return (const struct front *)(const void *)((const uint8_t *)rest -
						    offsetof(struct places,
							     rest));
}

const struct flow_verdicts *flow_table_find(struct flow_table *table,
					    const struct flow_item *item)
{
	const struct front *front = find(table, item);

	return front ? &rest_of(front)->verdicts : NULL;
}

/* -- looking up a burst -----------------------------------------------------
 */

struct look {
	struct flow_table *table;
	struct flow_run *run;
	struct flow_shape shape;
	uint64_t now_ns;
};

/* Of any key. NULL: unknown, and as such the slot's own. */
static __attribute__((noinline)) const struct front *
look_long(struct look *look, const struct vs_view *view, unsigned slot)
{
	static const struct flow_verdicts unknown = {
		.dropper = {FLOW_NOBODY, FLOW_NOBODY}};
	struct flow_run *run = look->run;
	struct flow_own *own = &run->own[slot];
	struct flow_item item = {.key = &own->key,
				 .generation = run->generation,
				 .now_ns = look->now_ns};
	const struct front *front;

	flow_key_of(&look->shape, view, &own->key);
	own->hash = item.hash = flow_hash(look->table, &own->key);
	front = find(look->table, &item);
	if (!front) {
		own->verdicts = unknown;
		run->now[slot] = &own->verdicts;
		run->to[slot] = unknown.to;
	}
	return front;
}

/* The entry of a frame with IPv4's addresses, if it is at home; or NULL. */
static inline struct front *look_ipv4(const struct flow_table *table,
				      const struct flow_shape *shape,
				      const struct vs_view *view)
{
	uint64_t word[FLOW_SHORT - 2];
	struct front *front;

	flow_key_start(shape, view, word);
	word[2] = flow_load64(view->data + shape->addresses_at);
	front = &table->places->front[home_of(
		flow_hash_short(table->secret, shape->hash, word))];
	return same_start(front, shape->word, word) ? front : NULL;
}

/* With IPv6's. */
static __attribute__((noinline)) struct front *
look_ipv6(const struct flow_table *table, const struct flow_shape *shape,
	  const struct vs_view *view)
{
	const uint8_t *addresses = view->data + shape->addresses_at;
	uint64_t word[6], hash;
	struct front *front;

	flow_key_start(shape, view, word);
	word[2] = flow_load64(addresses);
	word[3] = flow_load64(addresses + 8);
	word[4] = flow_load64(addresses + 16);
	word[5] = flow_load64(addresses + 24);
	hash = flow_hash_more(table->secret, shape->hash, &word[3]);
	front = &table->places->front[home_of(
		flow_hash_short(table->secret, hash, word))];
	return same_start(front, shape->word, word) &&
			       same_rest(rest_of(front), &word[3])
		       ? front
		       : NULL;
}

static inline struct front *look_short(const struct flow_table *table,
				       const struct flow_shape *shape,
				       const struct vs_view *view)
{
	if (shape->flags & VS_FRAME_IPV4)
		return look_ipv4(table, shape, view);
	return shape->flags & VS_FRAME_IPV6 ? look_ipv6(table, shape, view)
					    : NULL;
}

/* Neighbours are mostly of one shape. */
static __attribute__((noinline)) bool reshape(struct look *look,
					      const struct vs_view *view)
{
	return flow_shape_make(&look->shape, look->table->secret, view);
}

void flow_table_look(struct flow_table *table, const struct vs_burst *burst,
		     struct flow_run *run, uint64_t now_ns)
{
	struct look look = {.table = table, .run = run, .now_ns = now_ns};
	uint32_t second = second_of(now_ns), in = UINT32_MAX, out = UINT32_MAX;
	const uint64_t generation = run->generation;
	uint64_t rest, known = burst->live;

	for (rest = burst->live; rest; rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);
		const struct vs_view *view = vs_view(burst->frame[slot]);
		const struct front *front;
		struct front *home;

		if (!flow_shape_fits(&look.shape, view) &&
		    !reshape(&look, view)) {
			known &= ~(UINT64_C(1) << slot);
			continue;
		}
		home = look_short(table, &look.shape, view);
		front = home && use(home, generation, second)
				? home
				: look_long(&look, view, slot);
		if (!front) {
			in = out = 0;
			continue;
		}
		run->now[slot] = &rest_of(front)->verdicts;
		run->to[slot] = front->to;
		in &= front->passes[FLOW_IN];
		out &= front->passes[FLOW_OUT];
	}
	run->known = known;
	run->all[FLOW_IN] = in;
	run->all[FLOW_OUT] = out;
}

void flow_table_copy(const struct flow_table *table,
		     const struct flow_verdicts *found, struct flow_own *own)
{
	const struct rest *rest =
		(const struct rest *)(const void *)((const uint8_t *)found -
						    offsetof(struct rest,
							     verdicts));
	const struct front *front = front_of(rest);

	memcpy(&own->key.word[0], front->word, sizeof(front->word));
	memcpy(&own->key.word[FLOW_SHORT], rest->word, sizeof(rest->word));
	own->hash = flow_hash(table, &own->key);
	own->verdicts = *found;
}

/* -- keeping ----------------------------------------------------------------
 */

/* Who gives way to the group: the first one outdated, else its own oldest,
 * else, within its share, the oldest of who has most; or NOWHERE. */
static uint32_t victim_of(const struct flow_table *table,
			  const struct flow_item *item)
{
	const struct places *places = table->places;
	uint32_t own = NOWHERE, other = NOWHERE, way, at;

	for (way = 0; way < WAYS; way++) {
		at = home_of(item->hash) ^ way;
		if (places->front[at].generation != item->generation)
			return at;
		if (places->rest[at].group == item->group) {
			if (own == NOWHERE ||
			    places->front[at].used < places->front[own].used)
				own = at;
		} else if (other == NOWHERE ||
			   table->owned[places->rest[at].group] >
				   table->owned[places->rest[other].group]) {
			other = at;
		}
	}
	if (own != NOWHERE)
		return own;
	return other != NOWHERE && table->owned[places->rest[other].group] >
					   table->owned[item->group]
		       ? other
		       : NOWHERE;
}

/* A group at its share replaces its own entries only. */
static bool may_take(const struct flow_table *table,
		     const struct flow_item *item, uint32_t at)
{
	return table->owned[item->group] < PLACES / SHARE ||
	       (table->places->front[at].generation &&
		table->places->rest[at].group == item->group);
}

static bool make_room(struct flow_table *table, const struct flow_item *item,
		      uint32_t at)
{
	struct front *front = &table->places->front[at];
	struct rest *rest = &table->places->rest[at];

	if (!may_take(table, item, at))
		return false;
	if (front->generation)
		table->owned[rest->group]--;
	table->owned[item->group]++;
	rest->group = item->group;
	memcpy(front->word, &item->key->word[0], sizeof(front->word));
	memcpy(rest->word, &item->key->word[FLOW_SHORT], sizeof(rest->word));
	return true;
}

bool flow_table_keep(struct flow_table *table, const struct flow_item *item,
		     const struct flow_verdicts *verdicts)
{
	uint32_t at = place_of(table, item);
	struct front *front;

	if (at == NOWHERE) {
		at = victim_of(table, item);
		if (at == NOWHERE || !make_room(table, item, at))
			return false;
	}
	front = &table->places->front[at];
	front->generation = item->generation;
	front->passes[FLOW_IN] = verdicts->passes[FLOW_IN];
	front->passes[FLOW_OUT] = verdicts->passes[FLOW_OUT];
	front->to = verdicts->to;
	front->used = second_of(item->now_ns);
	table->places->rest[at].verdicts = *verdicts;
	return true;
}

uint32_t flow_table_owned(const struct flow_table *table, uint32_t group)
{
	return table->owned[group];
}
