/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fast.c: see fast.h. Decides when a flow is worth a place in the kernel, and
 * how long it keeps it.
 */
#include "io/fast.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "packet/hash.h"

#define FLOW_NS	   UINT64_C(4000000000)
#define SWEEP_NS   UINT64_C(1000000000)
#define UNUSED_NS  UINT64_C(8000000000) /* then its place is another's */
#define FALLOW_NS  UINT64_C(100000000)	/* no program is in it any more */
#define FIRST	   8u	 /* frames before that are not worth it */
#define PATIENCE   4u	 /* bursts */
#define HEADS	   8192u /* a power of two */
#define NO_ELEMENT UINT16_MAX

enum own_state { OWN_FREE, OWN_USED, OWN_FALLOW };

/* Of an element, what only the daemon needs. */
struct fast_own {
	struct fast_key key;
	uint16_t next;	 /* in its bucket, or of the free ones */
	uint8_t state;	 /* enum own_state */
	uint8_t put_off; /* so often was it not renewed */
	struct fast_owner owner;
	struct vs_port_id from, to;
	struct vs_vsid vsid;
	struct fast_holder holder;
	uint64_t frames, bytes, lost, lost_bytes; /* booked */
	uint64_t since; /* used: the last frame known of */
};

struct fast {
	int keys, flows;
	uint32_t ids[2];
	struct fast_flow *flow; /* FAST_FLOWS of them */
};

struct fast_table {
	struct fast *fast;
	uint32_t first; /* element of own[0] */
	uint16_t count, used, free;
	/* since before the switches were entered */
	uint64_t generation, parts, part[VS_CHANGES_PARTS];
	uint64_t due;
	struct hash_key secret;
	uint16_t head[HEADS];
	uint8_t tried[HEADS]; /* frames since the last sweep, by hash */
	struct fast_shares shares;
	struct fast_own own[];
};

/* -- the maps ---------------------------------------------------------------
 */

static int map_id(int fd, uint32_t *id)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);
	int error = bpf_obj_get_info_by_fd(fd, &info, &size);

	*id = info.id;
	return error;
}

int fast_create(struct fast **created, int fds[2])
{
	struct fast *fast = calloc(1, sizeof(*fast));
	void *memory;
	int error = -ENOMEM;

	*created = NULL;
	if (!fast)
		goto close_fds;
	fast->keys = fds[0];
	fast->flows = fds[1];
	error = map_id(fast->keys, &fast->ids[0]);
	if (!error)
		error = map_id(fast->flows, &fast->ids[1]);
	if (error)
		goto free_fast;
	memory = mmap(NULL, FAST_FLOWS * sizeof(struct fast_flow),
		      PROT_READ | PROT_WRITE, MAP_SHARED, fast->flows, 0);
	if (memory == MAP_FAILED) {
		error = -errno;
		goto free_fast;
	}
	fast->flow = memory;
	*created = fast;
	return 0;
free_fast:
	free(fast);
close_fds:
	close(fds[0]);
	close(fds[1]);
	return error;
}

void fast_destroy(struct fast *fast)
{
	if (!fast)
		return;
	munmap(fast->flow, FAST_FLOWS * sizeof(struct fast_flow));
	close(fast->keys);
	close(fast->flows);
	free(fast);
}

static _Atomic uint64_t *shared(uint64_t *member)
{
	return (_Atomic uint64_t *)member;
}

struct vs_changes *fast_changes(struct fast *fast)
{
	return (struct vs_changes *)(void *)fast->flow;
}
_Static_assert(sizeof(struct fast_flow) == FAST_WORDS * sizeof(uint64_t) &&
		       VS_CHANGES_PARTS == FAST_PARTS &&
		       offsetof(struct vs_changes, all) == 0 &&
		       offsetof(struct vs_changes, part) ==
			       FAST_PART * sizeof(uint64_t) &&
		       sizeof(struct vs_changes) <=
			       FAST_FIRST * sizeof(struct fast_flow),
	       "programs read them as words");

void fast_maps(const struct fast *fast, uint32_t ids[2])
{
	memcpy(ids, fast->ids, sizeof(fast->ids));
}

/* -- a thread's table --------------------------------------------------------
 */

struct fast_table *fast_table_create(struct fast *fast, uint16_t index,
				     uint16_t threads)
{
	uint16_t count = (uint16_t)((FAST_FLOWS - FAST_FIRST) / threads);
	struct fast_table *table =
		calloc(1, sizeof(*table) + count * sizeof(table->own[0]));

	if (!table)
		return NULL;
	table->fast = fast;
	table->first = FAST_FIRST + (uint32_t)index * count;
	table->count = count;
	table->due = UINT64_MAX;
	table->secret = hash_key((uintptr_t)table);
	for (uint16_t i = 0; i < count; i++)
		table->own[i].next =
			(uint16_t)(i + 1 < count ? i + 1 : NO_ELEMENT);
	memset(table->head, 0xff, sizeof(table->head));
	return table;
}

void fast_table_destroy(struct fast_table *table)
{
	free(table);
}

static struct fast_flow *flow_of(const struct fast_table *table, uint16_t at)
{
	return &table->fast->flow[table->first + at];
}

static uint32_t bucket_of(const struct fast_table *table,
			  const struct fast_key *key)
{
	uint32_t words[sizeof(*key) / sizeof(uint32_t)];

	memcpy(words, key, sizeof(words));
	return (uint32_t)hash_words(&table->secret, words,
				    sizeof(words) / sizeof(words[0])) &
	       (HEADS - 1);
}
_Static_assert(sizeof(struct fast_key) % 4 == 0, "whole words");

static uint16_t find(const struct fast_table *table, const struct fast_key *key)
{
	uint16_t at = table->head[bucket_of(table, key)];

	while (at != NO_ELEMENT &&
	       memcmp(&table->own[at].key, key, sizeof(*key)) != 0)
		at = table->own[at].next;
	return at;
}

/* Its key leads nowhere; who is in it already may go on for a moment. */
static void let_lie(struct fast_table *table, uint16_t at, uint64_t now)
{
	struct fast_own *own = &table->own[at];
	uint16_t *link = &table->head[bucket_of(table, &own->key)];
	uint32_t element = 0;

	/* another thread's, if its port is read by that one now */
	if (!bpf_map_lookup_elem(table->fast->keys, &own->key, &element) &&
	    element == table->first + at)
		bpf_map_delete_elem(table->fast->keys, &own->key);
	while (*link != at)
		link = &table->own[*link].next;
	*link = own->next;
	own->state = OWN_FALLOW;
	own->since = now;
}

static void give_back(struct fast_table *table, uint16_t at)
{
	struct fast_own *own = &table->own[at];

	fast_share_give(&table->shares, &own->holder);
	*own = (struct fast_own){.next = table->free};
	*flow_of(table, at) = (struct fast_flow){0};
	table->free = at;
	table->used--;
}

/* -- learning ----------------------------------------------------------------
 */

void fast_enter(struct fast_table *table)
{
	struct vs_changes *changes = fast_changes(table->fast);
	uint64_t parts;

	table->generation =
		atomic_load_explicit(&changes->all, memory_order_acquire);
	parts = atomic_load_explicit(&changes->parts, memory_order_acquire);
	if (parts == table->parts)
		return;
	table->parts = parts;
	for (uint32_t i = 0; i < VS_CHANGES_PARTS; i++)
		table->part[i] = atomic_load_explicit(&changes->part[i],
						      memory_order_acquire);
}

static void head_of(struct fast_head *head, const struct vs_offload *offload,
		    uint32_t size)
{
	head->size = size;
	head->gso_size =
		offload->gso == VS_GSO_NONE ? 0 : (uint16_t)offload->gso_size;
	head->partial = offload->csum_start != VS_ABSENT;
}

void fast_look(const struct fast_table *table, struct vs_link *link,
	       struct vs_packet *const packets[], uint16_t count,
	       struct fast_watch *watch)
{
	watch->packet = NULL;
	if (!table || !link->fast)
		return;
	for (uint16_t i = 0; i < count; i++) {
		const struct vs_view *view = &packets[i]->view;
		struct fast_head *head = &watch->head;

		if (view->tags)
			continue;
		head_of(head, &view->offload, view->size);
		memcpy(head->bytes, view->data,
		       view->size < FAST_HEAD ? view->size : FAST_HEAD);
		if (!fast_frame_read(head, link->fast, &watch->key,
				     &watch->seen))
			continue;
		watch->packet = packets[i];
		watch->link = link;
		return;
	}
}

/* The one entry of a frame; NULL: it has none, or several. */
static const struct vs_outbox_entry *entry_of(const struct vs_outbox *outbox,
					      const struct vs_packet *packet)
{
	const struct vs_outbox_entry *found = NULL;

	for (uint16_t i = 0; i < outbox->count; i++) {
		if (outbox->entry[i].packet != packet)
			continue;
		if (found)
			return NULL;
		found = &outbox->entry[i];
	}
	return found;
}

/* The frame that a recipe makes; false: one with headers inside. */
static bool head_made(const struct vs_recipe *recipe, struct fast_head *head)
{
	const struct vs_view *view = vs_view(recipe->frame);
	uint32_t lead = recipe->lead_size, rest;

	if (recipe->encapsulation != VS_ENCAP_NONE || lead > FAST_HEAD ||
	    recipe->slice_offset + recipe->slice_size != view->size)
		return false;
	head_of(head, &recipe->offload, lead + recipe->slice_size);
	rest = recipe->slice_size < FAST_HEAD - lead ? recipe->slice_size
						     : FAST_HEAD - lead;
	memcpy(head->bytes, recipe->lead, lead);
	memcpy(head->bytes + lead, view->data + recipe->slice_offset, rest);
	return true;
}

static bool is_worth_it(struct fast_table *table, const struct fast_key *key)
{
	uint8_t *tried = &table->tried[bucket_of(table, key)];

	if (*tried < FIRST)
		++*tried;
	return *tried == FIRST;
}

static void fill(struct fast_table *table, uint16_t at,
		 const struct fast_flow *flow, uint64_t now)
{
	struct fast_flow *to = flow_of(table, at);
	struct fast_own *own = &table->own[at];
	uint32_t element = table->first + at;
	uint32_t bucket = bucket_of(table, &own->key);

	*to = *flow;
	to->key = own->key;
	own->state = OWN_USED;
	own->since = now;
	own->next = table->head[bucket];
	table->head[bucket] = at;
	if (bpf_map_update_elem(table->fast->keys, &own->key, &element,
				BPF_ANY))
		let_lie(table, at, now);
}

/* False: it is worth a place, and there is none for it. */
static bool teach(struct fast_table *table, const struct fast_watch *watch,
		  uint64_t now)
{
	uint16_t at = table->free;
	struct fast_own *own;

	if (table->due == UINT64_MAX)
		table->due = now + SWEEP_NS;
	if (!is_worth_it(table, &watch->key))
		return true;
	if (!fast_share_take(&table->shares, &watch->holder,
			     (uint32_t)(table->count - table->used)))
		return false;
	own = &table->own[at];
	table->free = own->next;
	table->used++;
	*own = (struct fast_own){
		.key = watch->key,
		.owner = watch->owner,
		.from = watch->from,
		.to = watch->to,
		.vsid = watch->vsid,
		.holder = watch->holder,
	};
	fill(table, at, &watch->flow, now);
	return true;
}

/* The switch has said the same again. */
static void renew(struct fast_table *table, uint16_t at,
		  const struct fast_flow *flow, uint64_t now)
{
	struct fast_flow *to = flow_of(table, at);
	uint32_t element = table->first + at;

	to->most = flow->most;
	table->own[at].since = now;
	table->own[at].put_off = 0;
	/* it may have led to another thread's element meanwhile */
	bpf_map_update_elem(table->fast->keys, &table->own[at].key, &element,
			    BPF_ANY);
	atomic_store_explicit(shared(&to->generation), flow->generation,
			      memory_order_release);
	atomic_store_explicit(shared(&to->part_generation),
			      flow->part_generation, memory_order_release);
	atomic_store_explicit(shared(&to->until), flow->until,
			      memory_order_release);
}

static bool is_same(const struct fast_table *table, uint16_t at,
		    const struct fast_watch *watch)
{
	const struct fast_flow *there = flow_of(table, at);
	const struct fast_own *own = &table->own[at];

	return there->out == watch->flow.out &&
	       own->owner.sw == watch->owner.sw &&
	       own->owner.seat == watch->owner.seat &&
	       vs_port_equal(own->from, watch->from) &&
	       vs_port_equal(own->to, watch->to) &&
	       vs_vsid_equal(own->vsid, watch->vsid) &&
	       memcmp(&there->change, &watch->flow.change,
		      sizeof(there->change)) == 0;
}

/* May the kernel do what was done? */
static bool is_known(struct fast_watch *watch,
		     const struct vs_outbox_entry *entry)
{
	struct fast_head after;

	return watch->flow.out && watch->seen.size <= watch->flow.most &&
	       head_made(&entry->recipe, &after) &&
	       fast_frame_change(&watch->key, &watch->head, &after,
				 &watch->flow.change);
}

/* Whose place it is: the port's here. */
static void name_holder(struct fast_watch *watch,
			const struct vs_outbox_entry *entry, uint32_t part)
{
	bool arrives = watch->packet->view.flags & VS_FRAME_FROM_WIRE;

	if (arrives)
		watch->link = entry->link;
	watch->holder = (struct fast_holder){
		.seat = watch->owner.seat,
		.port = arrives ? watch->to : watch->from,
		.part = part,
	};
}

void fast_learn(const struct fast_table *table, struct fast_watch *watch,
		const struct vs_outbox *outbox, struct fast_owner owner,
		uint64_t now)
{
	const struct vs_outbox_entry *entry =
		watch->packet ? entry_of(outbox, watch->packet) : NULL;
	uint32_t part;
	bool known;

	watch->lesson = FAST_NOTHING;
	if (!entry || !entry->link)
		return;
	part = changes_part(owner.sw, watch->packet->view.vsid);
	watch->flow = (struct fast_flow){
		.until = now + FLOW_NS,
		.generation = table->generation,
		.part_generation = table->part[part],
		.part = FAST_PART + part,
		.out = entry->link->fast,
		.most = entry->steady < entry->link->mtu ? entry->steady
							 : entry->link->mtu,
	};
	watch->owner = owner;
	watch->from = watch->packet->view.port;
	watch->to = entry->recipe.port;
	watch->vsid = watch->packet->view.vsid;
	name_holder(watch, entry, part);
	known = is_known(watch, entry);
	watch->at = find(table, &watch->key);
	if (watch->at == NO_ELEMENT)
		watch->lesson = known ? FAST_TEACH : FAST_NOTHING;
	else if (known && is_same(table, watch->at, watch))
		watch->lesson = FAST_RENEW;
	else
		watch->lesson = FAST_END;
}

bool fast_keep(struct fast_table *table, const struct fast_watch *watch,
	       bool behind, uint64_t now)
{
	switch (watch->lesson) {
	case FAST_TEACH:
		return teach(table, watch, now);
	case FAST_RENEW:
		if (!behind || table->own[watch->at].put_off++ >= PATIENCE)
			renew(table, watch->at, &watch->flow, now);
		return true;
	case FAST_END:
		let_lie(table, watch->at, now);
		return true;
	default:
		return true;
	}
}

void fast_leave(struct fast_table *table, uint16_t seat, uint64_t now)
{
	for (uint16_t at = 0; table->used && at < table->count; at++) {
		struct fast_own *own = &table->own[at];

		if (own->state == OWN_FREE || own->owner.seat != seat)
			continue;
		own->owner.sw = NULL; /* another may get its place */
		if (own->state == OWN_USED)
			let_lie(table, at, now);
	}
}

/* -- sweeping -----------------------------------------------------------------
 */

uint64_t fast_due(const struct fast_table *table)
{
	return table ? table->due : UINT64_MAX;
}

/* The kernel goes on counting. */
static uint64_t counted(const uint64_t *counter)
{
	return *(const volatile uint64_t *)counter;
}

static void book_one(struct fast_table *table, uint16_t at, uint64_t now,
		     fast_book *book, void *context)
{
	const struct fast_flow *flow = flow_of(table, at);
	struct fast_own *own = &table->own[at];
	struct fast_went went = {
		.owner = own->owner,
		.steady = {.from = own->from,
			   .to = own->to,
			   .vsid = own->vsid,
			   .frames = counted(&flow->frames),
			   .bytes = counted(&flow->bytes)},
		.lost = counted(&flow->lost),
		.lost_bytes = counted(&flow->lost_bytes),
	};
	const struct fast_went all = went;

	went.steady.frames -= own->frames;
	went.steady.bytes -= own->bytes;
	went.lost -= own->lost;
	went.lost_bytes -= own->lost_bytes;
	if ((!went.steady.frames && !went.lost) || !own->owner.sw)
		return; /* nothing, or nobody's */
	own->frames = all.steady.frames;
	own->bytes = all.steady.bytes;
	own->lost = all.lost;
	own->lost_bytes = all.lost_bytes;
	if (own->state == OWN_USED)
		own->since = now;
	book(context, &went);
}

void fast_sweep(struct fast_table *table, uint64_t now, fast_book *book,
		void *context)
{
	memset(table->tried, 0, sizeof(table->tried));
	for (uint16_t at = 0; table->used && at < table->count; at++) {
		struct fast_own *own = &table->own[at];

		if (own->state == OWN_FREE)
			continue;
		book_one(table, at, now, book, context);
		if (own->state == OWN_FALLOW) {
			if (now - own->since > FALLOW_NS)
				give_back(table, at);
		} else if (now - own->since > UNUSED_NS) {
			let_lie(table, at, now);
		}
	}
	table->due = table->used ? now + SWEEP_NS : UINT64_MAX;
}
