// SPDX-License-Identifier: Apache-2.0
/*
 * police.c: a port's guards, its storm limit and its bandwidth (hnv.md C8.2,
 * C8.3, C8.10, C8.11). What a routed frame was charged for when it came from
 * the VM is not charged again when it comes back. Before: stack_descend (in),
 * forward_decide (out); after: the ACL (in), stack_ascend (out).
 */
#include "core/police.h"

#include "core/walk.h"

#define TICKS_NS 16u /* ticks in a nanosecond */
#define FRACTION 16u /* bits of a cost behind its point */
#define SECOND	 (UINT64_C(1000000000) * TICKS_NS)

/* A policer has no queue: it must take what TCP sends in a round trip. */
#define BURST_SHARE 50u		  /* of a second: 20 ms */
#define BURST_LEAST (2u * 65536u) /* two super-frames */

/* -- rates ------------------------------------------------------------------
 */

static uint64_t cost_of(const struct vs_rate *rate, uint64_t amount)
{
	return amount * rate->cost >> FRACTION;
}

struct vs_rate police_rate(uint64_t per_second, uint64_t burst)
{
	struct vs_rate rate = {.cost = (SECOND << FRACTION) / per_second};

	rate.depth = cost_of(&rate, burst ? burst - 1 : 0);
	return rate;
}

/*
 * Take first, give back what was too much: no worker ever waits for another.
 * A bucket that was left alone is brought to now by who finds it so; if two
 * do, one is enough.
 */
bool police_take(_Atomic uint64_t *bucket, const struct vs_rate *rate,
		 uint64_t now_ns, uint64_t amount)
{
	uint64_t now = now_ns * TICKS_NS, cost = cost_of(rate, amount);
	uint64_t paid = atomic_load_explicit(bucket, memory_order_relaxed);

	if (paid > now + rate->depth)
		return false;
	if (paid < now)
		atomic_compare_exchange_strong_explicit(bucket, &paid, now,
							memory_order_relaxed,
							memory_order_relaxed);
	paid = atomic_fetch_add_explicit(bucket, cost, memory_order_relaxed);
	if (paid <= now + rate->depth)
		return true;
	atomic_fetch_sub_explicit(bucket, cost, memory_order_relaxed);
	return false;
}

static bool is_mirrored(const struct vs_police *police, bool inbound)
{
	return police->monitors[inbound][0].value ||
	       !vs_ip_is_unspecified(&police->hosts[inbound][0]);
}

uint16_t police_flags(const struct vs_police *police)
{
	return (uint16_t)((police->dhcp_guard ? POLICED_DHCP : 0) |
			  (police->loop_guard ? POLICED_LOOP : 0) |
			  (police->team ? POLICED_TEAM : 0) |
			  (police->snooping ? POLICED_SNOOP : 0) |
			  (police->router_guard ? POLICED_ROUTER : 0) |
			  (police->priority_tag ? POLICED_PRIORITY : 0) |
			  (police->storm_limit ? POLICED_STORM : 0) |
			  (police->bandwidth[false] ? POLICED_OUT : 0) |
			  (police->bandwidth[true] ? POLICED_IN : 0) |
			  (is_mirrored(police, false) ? POLICED_MIRROR_OUT
						      : 0) |
			  (is_mirrored(police, true) ? POLICED_MIRROR_IN : 0));
}

void police_rates(const struct vs_police *police, struct vs_rate *storm,
		  struct vs_rate bandwidth[2])
{
	uint64_t bytes, burst;
	int inbound;

	if (police->storm_limit)
		*storm = police_rate(police->storm_limit, police->storm_limit);
	for (inbound = 0; inbound < 2; inbound++) {
		bytes = police->bandwidth[inbound] / 8;
		if (!bytes)
			continue;
		burst = bytes / BURST_SHARE;
		if (burst < BURST_LEAST)
			burst = BURST_LEAST;
		bandwidth[inbound] = police_rate(bytes, burst);
	}
}

/* -- on the way in ----------------------------------------------------------
 */

/* During a trace nothing is charged: the frame is not there. */
static bool may_pass(struct vs_worker *worker, _Atomic uint64_t *bucket,
		     const struct vs_rate *rate, uint64_t amount)
{
	return worker->probe || police_take(bucket, rate, worker->now, amount);
}

static bool storm_passes(struct vs_worker *worker, const struct vs_port *port,
			 const struct vs_view *view)
{
	return may_pass(worker, &worker->sw->buckets[port->id.value].storm,
			&port->storm, police_segments(view));
}

static bool bandwidth_passes(struct vs_worker *worker,
			     const struct vs_port *port, bool inbound,
			     const struct vs_view *view)
{
	return may_pass(worker,
			&worker->sw->buckets[port->id.value].bandwidth[inbound],
			&port->bandwidth[inbound], police_wire_bytes(view));
}

static uint16_t judge_rates(struct vs_worker *worker,
			    const struct vs_port *port,
			    const struct vs_view *view)
{
	if (port->policed & POLICED_STORM && view->flags & VS_FRAME_GROUP &&
	    !storm_passes(worker, port, view))
		return view->flags & VS_FRAME_BROADCAST
			       ? VS_REASON_STORM_BROADCAST
			       : VS_REASON_STORM_MULTICAST;
	if (port->policed & POLICED_OUT &&
	    !bandwidth_passes(worker, port, false, view))
		return VS_REASON_BANDWIDTH_OUT;
	return VS_REASON_NONE;
}

static uint16_t judge(struct vs_worker *worker, const struct vs_port *port,
		      const struct vs_view *view)
{
	if (port->policed & POLICED_DHCP && guard_dhcp_server(view))
		return VS_REASON_DHCP_GUARD;
	if (port->policed & POLICED_ROUTER && guard_router(view))
		return VS_REASON_ROUTER_GUARD;
	return view->flags & VS_FRAME_REFLECTED
		       ? VS_REASON_NONE
		       : judge_rates(worker, port, view);
}

void police_ingress(struct vs_worker *worker)
{
	struct vs_packet *packet;

	WALK_EACH (packet, worker) {
		const struct vs_port *port = walk_source(worker, packet);
		uint16_t reason;

		if (!port || !(port->policed & POLICED_INGRESS))
			continue;
		reason = judge(worker, port, &packet->view);
		if (reason)
			walk_drop(packet, reason);
	}
	walk_settle(worker, NULL);
}

bool police_unknown(struct vs_worker *worker, struct vs_packet *packet)
{
	const struct vs_port *port = walk_source(worker, packet);

	if (!port || !(port->policed & POLICED_STORM) ||
	    packet->view.flags & VS_FRAME_REFLECTED ||
	    storm_passes(worker, port, &packet->view))
		return true;
	walk_drop(packet, VS_REASON_STORM_UNKNOWN);
	return false;
}

/* -- on the way out ---------------------------------------------------------
 */

static void police_copy(struct vs_worker *worker, struct vs_packet *packet,
			struct vs_port_id to)
{
	const struct vs_port *port = snapshot_port(worker->snapshot, to);

	if (port && port->policed & POLICED_IN &&
	    !bandwidth_passes(worker, port, true, &packet->view))
		walk_exclude(packet, to, VS_REASON_BANDWIDTH_IN);
}

void police_egress(struct vs_worker *worker)
{
	struct vs_packet *packet;

	WALK_EACH (packet, worker) {
		struct vs_port_id to = {0};

		if (walk_is_trusted(packet))
			continue;
		if (!packet->destinations) {
			police_copy(worker, packet, packet->destination);
			continue;
		}
		while ((to = vs_delivery_next(vs_packet_delivery(packet), to))
			       .value)
			police_copy(worker, packet, to);
	}
	walk_settle(worker, NULL);
}
