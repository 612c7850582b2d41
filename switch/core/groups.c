// SPDX-License-Identifier: Apache-2.0
/*
 * groups.c: see groups.h.
 */
#include "core/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/membership.h"
#include "core/walk.h"

#define MS_NS	 UINT64_C(1000000)
#define TRIES	 8u
#define BUCKETS	 256u
#define NOBODY	 0u /* port of "a router asks here" */
#define LEAVE_MS (uint32_t)(GROUPS_LEAVE_NS / MS_NS)

struct member_key {
	struct vs_vsid vsid;
	struct vs_ip group;
	struct vs_port_id port;
	uint16_t zero;
};
_Static_assert(sizeof(struct member_key) == 24, "a multiple of 4");

struct member_value {
	uint32_t leaves; /* ms, 0 = stays */
};

static const struct vs_ip routers; /* :: */

/* -- the table --------------------------------------------------------------
 */

int groups_open(struct groups_memory *memory, uint32_t quota_groups,
		uint64_t seed)
{
	struct vs_table_params params = {
		.capacity = GROUPS_CAPACITY,
		.key_size = sizeof(struct member_key),
		.value_size = sizeof(struct member_value),
		.groups = quota_groups,
		.idle_ns = GROUPS_IDLE_NS,
		.seed = seed,
	};
	uint32_t i;

	if (memory->table)
		return 0;
	memory->table = vs_table_new(&params);
	if (!memory->table)
		return -ENOMEM;
	for (i = 0; i < quota_groups; i++)
		vs_table_quota(memory->table, i, GROUPS_PER_VSID);
	return 0;
}

void groups_close(struct groups_memory *memory)
{
	vs_table_free(memory->table);
	memory->table = NULL;
}

void groups_sweep(struct groups_memory *memory, uint64_t now)
{
	if (memory->table)
		vs_table_sweep(memory->table, now, &memory->sweep, BUCKETS);
}

static _Atomic uint64_t *overfull_of(struct vs_worker *worker,
				     struct vs_vsid vsid)
{
	return &worker->sw->members.overfull[(vsid.value * 0x9e3779b1u) >> 24 &
					     (GROUPS_OVERFULL - 1)];
}

/* -- who listens ------------------------------------------------------------
 */

static bool knows(struct vs_worker *worker, struct vs_vsid vsid,
		  const struct vs_ip *group, struct vs_port_id port)
{
	struct member_key key = {.vsid = vsid, .group = *group, .port = port};
	struct member_value value;

	if (!vs_table_find(worker->sw->members.table, &key, worker->now,
			   &value))
		return false;
	return !value.leaves ||
	       (int32_t)(value.leaves - (uint32_t)(worker->now / MS_NS)) > 0;
}

/*
 * Who is not written down would hear nothing: then the whole VSID hears
 * everything until all have reported again.
 */
static void note(struct vs_worker *worker, const struct member_key *key,
		 uint32_t leaves)
{
	struct vs_table *table = worker->sw->members.table;
	const struct vs_subnet *subnet =
		snapshot_subnet(worker->snapshot, key->vsid);
	struct member_value value = {.leaves = leaves};
	struct vs_table_item item = {.key = key, .value = &value};
	enum vs_table_result result = VS_TABLE_QUOTA;
	unsigned tries;

	if (!subnet)
		return;
	item.group = subnet->group;
	for (tries = 0; tries < TRIES; tries++) {
		result = vs_table_learn(table, &item, worker->now, NULL);
		if (result != VS_TABLE_BUSY)
			break;
	}
	/* at its quota one of its own had to go for it */
	if (result == VS_TABLE_SAME || result == VS_TABLE_CHANGED ||
	    (result == VS_TABLE_NEW &&
	     vs_table_group_entries(table, subnet->group) < GROUPS_PER_VSID))
		return;
	atomic_store_explicit(overfull_of(worker, key->vsid),
			      worker->now + GROUPS_IDLE_NS,
			      memory_order_relaxed);
}

static void learn_router(struct vs_worker *worker, struct vs_vsid vsid,
			 struct vs_port_id port)
{
	struct member_key key = {.vsid = vsid, .group = routers, .port = port};

	note(worker, &key, 0);
	key.port.value = NOBODY;
	note(worker, &key, 0);
}

static void learn_members(struct vs_worker *worker, struct vs_vsid vsid,
			  struct vs_port_id port,
			  struct membership_message *message)
{
	struct member_key key = {.vsid = vsid, .port = port};
	uint32_t leaves = (uint32_t)(worker->now / MS_NS) + LEAVE_MS;
	bool joins;

	while (membership_next(message, &key.group, &joins)) {
		if (joins)
			note(worker, &key, 0);
		else if (knows(worker, vsid, &key.group, port))
			note(worker, &key, leaves ? leaves : 1);
	}
}

/* -- where it goes ----------------------------------------------------------
 */

/* `group` NULL: to routers only. The wire stays. */
static void keep_listeners(struct vs_worker *worker, struct vs_packet *packet,
			   struct vs_vsid vsid, const struct vs_ip *group)
{
	struct vs_port_set *set = packet->destinations;
	uint64_t bits;
	unsigned i;

	for (i = 0; i < VS_PORTS_MAXIMUM / 64; i++)
		for (bits = set->word[i]; bits; bits &= bits - 1) {
			struct vs_port_id port = {
				(uint16_t)(i * 64 +
					   (unsigned)__builtin_ctzll(bits))};

			if (port.value == VS_PORT_EXTERNAL ||
			    (group && knows(worker, vsid, group, port)) ||
			    knows(worker, vsid, &routers, port))
				continue;
			port_set_remove(set, port);
		}
	if (!port_set_count(set))
		walk_drop(packet, VS_REASON_NOT_JOINED);
	WALK_TRACE(worker, "snooping: to those who %s",
		   group ? "joined it, and to routers" : "route");
}

static bool is_narrowed(struct vs_worker *worker, struct vs_vsid vsid)
{
	const struct vs_port_id nobody = {NOBODY};

	return atomic_load_explicit(overfull_of(worker, vsid),
				    memory_order_relaxed) <= worker->now &&
	       knows(worker, vsid, &routers, nobody);
}

/* During a trace nothing is learned. */
static void hear(struct vs_worker *worker, const struct vs_packet *packet,
		 struct vs_vsid vsid, enum membership_kind kind,
		 struct membership_message *message)
{
	const struct vs_port *port = walk_source(worker, packet);
	struct vs_port_id from = {VS_PORT_EXTERNAL};

	if (worker->probe || !port)
		return;
	if (!port->uplink && !(packet->view.flags & VS_FRAME_FROM_WIRE))
		from = port->id;
	if (kind == MEMBERSHIP_QUERY && message->querier)
		learn_router(worker, vsid, from);
	else if (kind == MEMBERSHIP_REPORT && from.value != VS_PORT_EXTERNAL)
		learn_members(worker, vsid, from, message);
}

void groups_narrow(struct vs_worker *worker, struct vs_packet *packet)
{
	const struct vs_view *view = &packet->view;
	struct vs_vsid vsid = lane_key(worker->snapshot, view->vsid);
	struct membership_message message;
	enum membership_kind kind = membership_read(view, &message);
	struct vs_ip group;

	if (kind != MEMBERSHIP_NONE)
		hear(worker, packet, vsid, kind, &message);
	if (kind == MEMBERSHIP_QUERY || !is_narrowed(worker, vsid))
		return;
	if (kind == MEMBERSHIP_REPORT)
		keep_listeners(worker, packet, vsid, NULL);
	else if (membership_group(view, &group))
		keep_listeners(worker, packet, vsid, &group);
}

/* -- the main thread --------------------------------------------------------
 */

bool vs_switch_group_next(struct vs_switch *sw, uint64_t *cursor,
			  struct vs_group_member *member)
{
	struct vs_table_entry entry;
	struct member_value value;
	struct member_key key;

	while (sw->members.table &&
	       vs_table_next(sw->members.table, cursor, sw->now, &entry)) {
		memcpy(&key, entry.key, sizeof(key));
		memcpy(&value, entry.value, sizeof(value));
		if (key.port.value == NOBODY || value.leaves)
			continue;
		*member = (struct vs_group_member){.vsid = key.vsid,
						   .group = key.group,
						   .port = key.port,
						   .age_ns = entry.age_ns};
		return true;
	}
	return false;
}
