// SPDX-License-Identifier: Apache-2.0
/*
 * flap.c: see flap.h.
 */
#include "core/flap.h"

#include <stdio.h>
#include <string.h>

#include "core/team.h"

#define SECOND_NS UINT64_C(1000000000)

/* -- workers ----------------------------------------------------------------
 */

static struct flap_watch *watch_of(struct vs_worker *worker,
				   const struct vs_mac_key *key)
{
	uint32_t low, hash;
	struct flap_watch *watch;

	memcpy(&low, key->mac.octet + 2, sizeof(low));
	hash = (low ^ key->vsid.value) * 0x9e3779b1u;
	watch = &worker->moving[hash >> 16 & (FLAP_WATCHED - 1)];
	if (vs_vsid_equal(watch->vsid, key->vsid) &&
	    vs_mac_equal(&watch->mac, &key->mac) &&
	    worker->now - watch->since < FLAP_WINDOW_NS)
		return watch;
	*watch = (struct flap_watch){
		.vsid = key->vsid, .mac = key->mac, .since = worker->now};
	return watch;
}

static uint64_t born(const struct vs_worker *worker, struct vs_port_id port)
{
	return port.value == VS_PORT_EXTERNAL
		       ? 0
		       : atomic_load_explicit(
				 &worker->sw->loop.port[port.value].born,
				 memory_order_relaxed);
}

/* Of two that came up together, the one with the greater id. */
static struct vs_port_id younger(const struct vs_worker *worker,
				 struct vs_port_id a, struct vs_port_id b)
{
	uint64_t born_a = born(worker, a), born_b = born(worker, b);

	if (born_a == born_b)
		return a.value > b.value ? a : b;
	return born_a > born_b ? a : b;
}

/* How often it was blocked already, but for what is long ago. */
static uint32_t strikes_of(struct flap_port *port, uint64_t until, uint64_t now)
{
	uint32_t strikes =
		atomic_load_explicit(&port->strikes, memory_order_relaxed);

	if (!until || now - until > FLAP_FORGET_NS)
		strikes = 0;
	return strikes < FLAP_DOUBLINGS ? strikes : FLAP_DOUBLINGS;
}

/* One of the workers that see the loop blocks the port. */
static void block(struct vs_worker *worker, struct vs_loop_found *found)
{
	struct flap_port *port = &worker->sw->loop.port[found->port.value];
	uint64_t until =
		atomic_load_explicit(&port->until, memory_order_relaxed);
	struct mail mail = {.kind = MAIL_LOOP};
	uint32_t strikes;
	uint64_t wait;

	if (until > worker->now)
		return;
	strikes = strikes_of(port, until, worker->now);
	wait = FLAP_FIRST_NS << strikes;
	found->until_ns = worker->now + wait;
	found->seconds = (uint32_t)(wait / SECOND_NS);
	if (!atomic_compare_exchange_strong_explicit(
		    &port->until, &until, found->until_ns, memory_order_relaxed,
		    memory_order_relaxed))
		return;
	atomic_store_explicit(&port->strikes, strikes + 1,
			      memory_order_relaxed);
	mail.loop = *found;
	mailbox_put(&worker->sw->inbox, &mail);
}

static bool is_guarded(const struct vs_worker *worker, struct vs_port_id id)
{
	const struct vs_port *port = snapshot_port(worker->snapshot, id);

	return port && port->policed & POLICED_LOOP;
}

void flap_moved(struct vs_worker *worker, const struct vs_mac_key *key,
		struct vs_port_id from, struct vs_port_id to)
{
	struct vs_loop_found found = {.vsid = key->vsid, .mac = key->mac};
	struct flap_watch *watch;

	if (!(worker->snapshot->policed & POLICED_LOOP) ||
	    team_is_one(snapshot_port(worker->snapshot, from),
			snapshot_port(worker->snapshot, to)))
		return;
	watch = watch_of(worker, key);
	if (++watch->moves <= FLAP_MOVES)
		return;
	watch->moves = 0;
	found.port = younger(worker, from, to);
	found.other = vs_port_equal(found.port, from) ? to : from;
	if (is_guarded(worker, found.port))
		block(worker, &found);
}

bool flap_blocks(const struct vs_worker *worker, const struct vs_port *port)
{
	return atomic_load_explicit(
		       &worker->sw->loop.port[port->id.value].until,
		       memory_order_relaxed) > worker->now;
}

/* -- the main thread --------------------------------------------------------
 */

void flap_init(struct flap_state *loop)
{
	loop->next = UINT64_MAX;
}

static bool is_up(const struct vs_snapshot *snapshot, uint32_t id)
{
	return snapshot && snapshot->port[id] && snapshot->port[id]->attached;
}

void flap_follow(struct vs_switch *sw, const struct vs_snapshot *old,
		 const struct vs_snapshot *new)
{
	struct flap_state *loop = &sw->loop;
	uint32_t i;

	for (i = 0; i < VS_PORTS_MAXIMUM; i++) {
		struct flap_port *port = &loop->port[i];

		if (is_up(new, i) && !is_up(old, i))
			atomic_store_explicit(&port->born, new->generation,
					      memory_order_relaxed);
		if (new->port[i] || !old || !old->port[i])
			continue;
		/* the next port with this id is another one */
		atomic_store_explicit(&port->until, 0, memory_order_relaxed);
		loop->found[i].until_ns = 0;
	}
}

static const char *name_of(const struct vs_switch *sw, struct vs_port_id id)
{
	const struct vs_port *port = switch_port(sw, id);

	if (id.value == VS_PORT_EXTERNAL)
		return "the wire";
	return port ? port->plan.info.name : "a port that is gone";
}

void flap_say(struct vs_switch *sw, const struct vs_loop_found *found)
{
	char text[320], mac[VS_MAC_TEXT];
	uint16_t vlan = vs_vsid_vlan(found->vsid);

	sw->loop.found[found->port.value] = *found;
	if (found->until_ns < sw->loop.next)
		sw->loop.next = found->until_ns;
	snprintf(text, sizeof(text),
		 "MAC %s in %s %u comes from %s and from %s in turn: %s, which "
		 "came later, is blocked for %u s",
		 vs_mac_format(&found->mac, mac), vlan ? "VLAN" : "VSID",
		 vlan ? vlan : found->vsid.value, name_of(sw, found->other),
		 name_of(sw, found->port), name_of(sw, found->port),
		 found->seconds);
	switch_event(sw, "switch", "loop_blocked", text);
}

static void say_tried_again(struct vs_switch *sw,
			    const struct vs_loop_found *found)
{
	char text[128];

	snprintf(text, sizeof(text),
		 "port %s was blocked for a loop and is tried again",
		 name_of(sw, found->port));
	switch_event(sw, "switch", "loop_retried", text);
}

uint64_t flap_poll(struct vs_switch *sw)
{
	struct flap_state *loop = &sw->loop;
	uint32_t i;

	if (sw->now < loop->next)
		return loop->next;
	loop->next = UINT64_MAX;
	for (i = 0; i < VS_PORTS_MAXIMUM; i++) {
		struct vs_loop_found *found = &loop->found[i];

		if (!found->until_ns)
			continue;
		if (found->until_ns > sw->now) {
			if (found->until_ns < loop->next)
				loop->next = found->until_ns;
			continue;
		}
		say_tried_again(sw, found);
		found->until_ns = 0;
	}
	return loop->next;
}

bool vs_switch_loop(const struct vs_switch *sw, struct vs_port_id port,
		    struct vs_loop_found *found)
{
	if (port.value >= VS_PORTS_MAXIMUM ||
	    !sw->loop.found[port.value].until_ns)
		return false;
	*found = sw->loop.found[port.value];
	return true;
}
