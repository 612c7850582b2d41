// SPDX-License-Identifier: Apache-2.0
/*
 * forward.c: the built-in forwarder: learning by (VSID, MAC). Known unicast
 * goes to one port, everything else to the VSID's members. Before:
 * policy_ingress; after: policy_egress.
 *
 * A MAC that a port is configured with is never looked up in the table and
 * never learned: it is where it is. A station that moved is counted.
 */
#include <string.h>

#include <vswitch/table.h>

#include "core/team.h"
#include "packet/table_burst.h"

/* A MAC just learned is not learned again so soon (ns). */
#define LEARN_AGAIN_NS 100000000u

/* Whole words, in place: a key copied from pieces just written stalls. */
static inline void mac_key(struct vs_mac_key *key, struct vs_vsid vsid,
			   const uint8_t *mac)
{
	uint32_t words[3] = {vsid.value};

	memcpy(&words[1], mac, 4);
	memcpy(&words[2], mac + 4, 2);
	memcpy(key, words, sizeof(*key));
}
_Static_assert(sizeof(struct vs_mac_key) == 12 &&
		       offsetof(struct vs_mac_key, mac) == 4,
	       "a key is three words");

static struct learn_cache *cache_slot(struct vs_worker *worker,
				      const struct vs_mac_key *key)
{
	uint32_t words[3], hash;

	memcpy(words, key, sizeof(words));
	hash = (words[0] ^ words[1] ^ words[2] << 11) * 0x9e3779b1u;
	return &worker->learned[hash >> 16 & (VS_LEARN_CACHE - 1)];
}

/* A port that holds too many MACs teaches no more of them. */
static bool port_may_learn(struct vs_switch *sw, struct vs_port_id port)
{
	uint32_t learned = atomic_load_explicit(&sw->counts.learned[port.value],
						memory_order_relaxed);

	if (learned < sw->params.macs_per_port ||
	    port.value == VS_PORT_EXTERNAL)
		return true;
	atomic_fetch_add_explicit(&sw->counts.refused, 1, memory_order_relaxed);
	return false;
}

static void count_learned(struct vs_switch *sw, struct vs_port_id port)
{
	atomic_fetch_add_explicit(&sw->counts.learned[port.value], 1,
				  memory_order_relaxed);
}

static void table_learn(struct vs_worker *worker, const struct vs_mac_key *key,
			struct vs_port_id port)
{
	struct vs_switch *sw = worker->sw;
	const struct vs_subnet *subnet =
		snapshot_subnet(worker->snapshot, key->vsid);
	struct vs_mac_value value = {.port = port}, there = {.port = port};
	struct vs_table_item item = {.key = key, .value = &value};

	if (vs_table_find(sw->macs, key, worker->now, &there)) {
		if (vs_port_equal(there.port, port)) {
			vs_table_seen(sw->macs, key, worker->now);
			return;
		}
		value.moves = (uint16_t)(there.moves + 1);
	}
	if (!subnet || !port_may_learn(sw, port))
		return;
	item.group = subnet->group;
	switch (vs_table_learn(sw->macs, &item, worker->now, NULL)) {
	case VS_TABLE_CHANGED:
		vs_switch_changed_in(sw, key->vsid);
		flap_moved(worker, key, there.port, port);
		count_learned(sw, port);
		break;
	case VS_TABLE_NEW:
		/* another port may have had it a moment ago */
		vs_switch_changed_in(sw, key->vsid);
		count_learned(sw, port);
		break;
	default: /* busy or over quota: the next frame tries again */
		break;
	}
}

void mac_table_learn(struct vs_worker *worker, const struct vs_packet *packet,
		     struct vs_port_id port)
{
	struct vs_mac_key key;
	struct learn_cache *cache;

	mac_key(&key, lane_key(worker->snapshot, packet->view.vsid),
		packet->view.data + 6);
	cache = cache_slot(worker, &key);
	if (worker->now < cache->until && vs_port_equal(cache->port, port) &&
	    memcmp(&cache->key, &key, sizeof(key)) == 0)
		return;
	table_learn(worker, &key, port);
	cache->key = key;
	cache->port = port;
	cache->until = worker->now + LEARN_AGAIN_NS;
}

/* A MAC of its team is where it was last seen; others of an open port are
 * learned as ever. */
static void learn_team(struct vs_worker *worker, const struct vs_packet *packet,
		       const struct vs_port *port)
{
	if (!port->mac_guard || team_shares(worker, port, &packet->view) ||
	    vs_mac_equal(&port->mac,
			 (const struct vs_mac *)(packet->view.data + 6)))
		mac_table_learn(worker, packet, port->id);
}

/* Whose source MAC teaches: not the switch's own frames, not a port whose
 * MAC is guarded, unless it is one that wanders; nobody during a trace. */
static void learn_source(struct vs_worker *worker,
			 const struct vs_packet *packet)
{
	const struct vs_view *view = &packet->view;
	const struct vs_port *port = walk_source(worker, packet);

	if (view->flags & VS_FRAME_INJECTED || !port || worker->probe)
		return;
	if (port->uplink)
		mac_table_learn(worker, packet,
				(struct vs_port_id){VS_PORT_EXTERNAL});
	else if (port->policed & POLICED_TEAM)
		learn_team(worker, packet, port);
	else if ((!port->mac_guard || port->wanders) &&
		 !vs_mac_equal(&port->mac,
			       (const struct vs_mac *)(view->data + 6)))
		mac_table_learn(worker, packet, port->id);
}

/* A port that the table names may be gone, or have another VSID by now. */
static bool still_there(const struct vs_snapshot *snapshot,
			struct vs_port_id id, struct vs_vsid vsid)
{
	const struct vs_port *port;

	if (id.value == VS_PORT_EXTERNAL)
		return true;
	port = snapshot_port(snapshot, id);
	return port && port_has_vsid(port, vsid);
}

static bool is_remote(const struct vs_snapshot *snapshot,
		      const struct vs_mac_key *key)
{
	const struct vs_stack_member *translate = snapshot->translate;

	return translate && vs_vsid_is_tenant(key->vsid) &&
	       translate->ext->translate->is_remote &&
	       translate->ext->translate->is_remote(translate->state, key->vsid,
						    &key->mac);
}

void forward_flood(struct vs_worker *worker, struct vs_packet *packet)
{
	const struct vs_subnet *subnet =
		snapshot_subnet(worker->snapshot, packet->view.vsid);
	const struct vs_port *source = walk_source(worker, packet);

	if (!subnet) {
		if (stack_serves(worker->snapshot, packet->view.vsid) &&
		    !(packet->view.flags & VS_FRAME_FROM_WIRE))
			packet->destination.value = VS_PORT_EXTERNAL;
		return;
	}
	packet->destinations = &worker->run.set[packet->slot];
	*packet->destinations = subnet->members;
	if (packet->view.flags & VS_FRAME_FROM_WIRE)
		port_set_remove(packet->destinations,
				(struct vs_port_id){VS_PORT_EXTERNAL});
	if (source && !source->uplink)
		port_set_remove(packet->destinations, source->id);
	else if (!source) /* made in a port's name: not to that port */
		port_set_remove(packet->destinations,
				snapshot_mac(worker->snapshot,
					     lane_key(worker->snapshot,
						      packet->view.vsid),
					     packet->view.data + 6));
	WALK_TRACE(worker, "flooded to its members");
	if (worker->snapshot->policed & POLICED_SNOOP &&
	    (packet->view.flags & (VS_FRAME_GROUP | VS_FRAME_BROADCAST)) ==
		    VS_FRAME_GROUP)
		groups_narrow(worker, packet);
}

/* For a MAC that nobody has: to all, as far as the port may. */
static void flood_unknown(struct vs_worker *worker, struct vs_packet *packet)
{
	if (!(worker->snapshot->policed & POLICED_STORM) ||
	    police_unknown(worker, packet))
		forward_flood(worker, packet);
}

/* What no port is configured with. */
struct unowned {
	uint32_t count;
	uint8_t slot[VS_BURST_FRAMES];
	struct table_query query[VS_BURST_FRAMES];
	struct vs_mac_key key[VS_BURST_FRAMES];
	struct vs_mac_value value[VS_BURST_FRAMES];
};

/* Ask policy; what it doesn't know is a query for the table. */
static void unowned_add(struct vs_worker *worker, struct unowned *unowned,
			unsigned slot)
{
	struct vs_packet *packet = run_packet(worker, slot);
	uint32_t at = unowned->count;

	if (is_remote(worker->snapshot, &unowned->key[at])) {
		packet->destination.value = VS_PORT_EXTERNAL;
		WALK_TRACE(worker, "policy places it behind the wire");
		return;
	}
	unowned->slot[at] = (uint8_t)slot;
	unowned->query[at].key = &unowned->key[at];
	unowned->query[at].value = &unowned->value[at];
	unowned->count++;
}

/* The external port has no plan of its own. */
static const char *destination_name(const struct vs_snapshot *snapshot,
				    struct vs_port_id to)
{
	const struct vs_port *port = snapshot_port(snapshot, to);

	return port ? port->plan.info.name : "the wire";
}

static void unowned_find(struct vs_worker *worker, struct unowned *unowned)
{
	uint32_t i;

	vs_table_find_burst(worker->sw->macs, unowned->query, unowned->count,
			    worker->now);
	for (i = 0; i < unowned->count; i++) {
		unsigned slot = unowned->slot[i];
		struct vs_packet *packet = run_packet(worker, slot);
		struct vs_port_id to = unowned->value[i].port;

		if (!unowned->query[i].found ||
		    !still_there(worker->snapshot, to, unowned->key[i].vsid)) {
			flood_unknown(worker, packet);
			continue;
		}
		packet->destination = to;
		WALK_TRACE(worker, "learned behind %s",
			   destination_name(worker->snapshot, to));
	}
}

/* The table's turn. */
static void choose_unowned(struct vs_worker *worker, uint64_t slots)
{
	const uint16_t *primary = worker->snapshot->primary;
	struct unowned unowned;

	unowned.count = 0;
	for (; slots; slots &= slots - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(slots);
		const struct vs_view *view = &run_packet(worker, slot)->view;

		mac_key(&unowned.key[unowned.count],
			lane_key_of(primary, view->vsid), view->data);
		unowned_add(worker, &unowned, slot);
	}
	if (unowned.count)
		unowned_find(worker, &unowned);
}

static void choose(struct vs_worker *worker, uint64_t chosen)
{
	const struct vs_snapshot *snapshot = worker->snapshot;
	const uint16_t *primary = snapshot->primary;
	uint64_t unowned = 0, rest;

	for (rest = chosen; rest; rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);
		struct vs_packet *packet = run_packet(worker, slot);
		const struct vs_view *view = &packet->view;

		packet->destinations = NULL;
		packet->destination.value = 0;
		if (view->flags & VS_FRAME_GROUP) {
			forward_flood(worker, packet);
			continue;
		}
		packet->destination = snapshot_mac(
			snapshot, lane_key_of(primary, view->vsid), view->data);
		if (!packet->destination.value) {
			unowned |= UINT64_C(1) << slot;
			continue;
		}
		if (snapshot->policed & POLICED_TEAM)
			packet->destination =
				team_place(worker, view, packet->destination);
		__builtin_prefetch(snapshot->port[packet->destination.value]);
		WALK_TRACE(worker, "%s has this MAC",
			   destination_name(snapshot, packet->destination));
	}
	if (unowned)
		choose_unowned(worker, unowned);
}

/* -- neighbours in a burst ---------------------------------------------------
 *
 * They mostly go the same way: a frame for the MAC and VSID of the one before
 * it follows that one, its leader.
 */
struct followers {
	uint64_t slots;
	uint8_t leader[VS_BURST_FRAMES]; /* of each */
};

/* A MAC as a number; two bytes more of the header are read. */
static inline uint64_t mac_number(const uint8_t *mac)
{
	uint64_t bytes;

	memcpy(&bytes, mac, sizeof(bytes));
	return bytes &
	       (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? UINT64_MAX >> 16
							  : UINT64_MAX << 16);
}

static void follow(struct vs_worker *worker, const struct followers *followers)
{
	uint64_t rest;

	for (rest = followers->slots; rest; rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);
		struct vs_packet *packet = run_packet(worker, slot);

		packet->destinations = NULL;
		packet->destination =
			run_packet(worker, followers->leader[slot])
				->destination;
		if (!packet->destination.value)
			flood_unknown(worker, packet);
	}
}

/* What neighbours are compared by. UINT64_MAX is no MAC's number. */
struct ends {
	uint64_t source, target;
	struct vs_vsid vsid;
	struct vs_port_id port;
};

/* Look at every frame: who sent it, and whom it follows. Of one sender only
 * the first frame teaches. */
static void gather(struct vs_worker *worker, struct followers *followers)
{
	struct ends before = {UINT64_MAX, UINT64_MAX, {0}, {0}};
	uint8_t leading = 0;
	struct vs_packet *packet;

	followers->slots = 0;
	WALK_EACH (packet, worker) {
		const struct vs_view *view = &packet->view;
		uint64_t source = mac_number(view->data + 6);
		uint64_t target = mac_number(view->data);
		bool lane = vs_vsid_equal(before.vsid, view->vsid);

		if (source != before.source || !lane ||
		    !vs_port_equal(before.port, view->port))
			learn_source(worker, packet);
		before.source = source;
		before.port = view->port;
		before.vsid = view->vsid;
		if (target == before.target && lane) {
			followers->slots |= UINT64_C(1) << packet->slot;
			followers->leader[packet->slot] = leading;
			continue;
		}
		snapshot_mac_prefetch(worker->snapshot, view->vsid, view->data);
		leading = packet->slot;
		before.target =
			view->flags & VS_FRAME_GROUP ? UINT64_MAX : target;
	}
}

/* What the forwarding extension chose, and what it leaves to learning. */
static void learn_beside(struct vs_worker *worker)
{
	uint64_t rest = worker->run.learn & worker->run.burst.live;

	for (; rest; rest &= rest - 1) {
		unsigned slot = (unsigned)__builtin_ctzll(rest);
		struct vs_packet *packet = run_packet(worker, slot);
		struct vs_port_set *set = packet->destinations;
		struct vs_port_set before =
			set ? *set : (struct vs_port_set){0};

		if (!set && packet->destination.value)
			port_set_add(&before, packet->destination);
		choose(worker, UINT64_C(1) << slot);
		walk_join(worker, packet, &before);
	}
}

void forward_decide(struct vs_worker *worker)
{
	uint64_t all = worker->run.burst.live;
	struct followers followers;
	struct vs_packet *packet;

	worker->station = "decide";
	gather(worker, &followers);
	if (worker->snapshot->forward) {
		stack_decide(worker);
		learn_beside(worker);
	} else {
		choose(worker, all & ~followers.slots);
		follow(worker, &followers);
	}
	if (worker->snapshot->policed & POLICED_MIRROR_OUT)
		mirror_sent(worker);
	WALK_EACH (packet, worker)
		walk_count_copies(worker, packet);
	walk_settle(worker, NULL);
}
