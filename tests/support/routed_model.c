/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routed_model.c: who must receive a frame, computed by searching every list
 * from its begin for every question.
 */
#include "tests/support/routed_world.h"

#include <stdlib.h>

/* -- questions ------------------------------------------------------------- */

static const struct world_vm *sender(const struct world *world,
				     const struct world_frame *frame)
{
	return &world->vm[frame->vm];
}

static const struct world_subnet *subnet_of(const struct world *world,
					    const struct world_vm *vm)
{
	return &world->network[vm->network].subnet[vm->subnet];
}

/* The subnet of a network whose prefix holds it, and which host it is in
 * there; -1: none. */
static int place(const struct world *world, unsigned int network,
		 const struct vs_ip *ip, unsigned int *number)
{
	static const uint8_t v4[14] = {[10] = 0xff, 0xff, 10, 0};
	static const uint8_t v6[7] = {0xfd};
	unsigned int subnet;

	if (memcmp(ip->octet, v4, sizeof(v4)) == 0) {
		subnet = ip->octet[14];
	} else if (memcmp(ip->octet, v6, sizeof(v6)) == 0 && !vs_ip_is_v4(ip)) {
		subnet = ip->octet[7];
	} else {
		return -1;
	}
	*number = ip->octet[15];
	return subnet < world->network[network].subnets ? (int)subnet : -1;
}

static const struct world_vm *find_vm(const struct world *world,
				      unsigned int network, int subnet,
				      unsigned int number)
{
	unsigned int i;

	for (i = 0; i < world->vms; i++)
		if (world->vm[i].network == network &&
		    (int)world->vm[i].subnet == subnet &&
		    world->vm[i].number == number)
			return &world->vm[i];
	return NULL;
}

static const struct world_vm *vm_of_mac(const struct world *world,
					const struct world_vm *beside,
					const struct vs_mac *mac)
{
	unsigned int i;

	for (i = 0; i < world->vms; i++)
		if (world->vm[i].network == beside->network &&
		    world->vm[i].subnet == beside->subnet &&
		    vs_mac_equal(&world->vm[i].mac, mac))
			return &world->vm[i];
	return NULL;
}

static const struct world_vm *hop_of(const struct world *world,
				     const struct world_route *route)
{
	const struct world_vm *hop =
		find_vm(world, route->network, (int)route->hop_subnet,
			route->hop_number);

	return hop && hop->reachable ? hop : NULL;
}

/* Is the first one taken before the second? */
static bool better(const struct world_route *a, const struct world_route *b)
{
	if (a->prefix.length != b->prefix.length)
		return a->prefix.length > b->prefix.length;
	if (a->metric != b->metric)
		return a->metric < b->metric;
	if (a->hop_subnet != b->hop_subnet)
		return a->hop_subnet < b->hop_subnet;
	return a->hop_number < b->hop_number;
}

/*
 * The next hop of the best route to an address; `only` is the subnet that it
 * must be in, or -1. A subnet's own prefix (/24 or /64) ends the search:
 * *on_link. *covered: some route covers it.
 */
static const struct world_vm *best_hop(const struct world *world,
				       unsigned int network,
				       const struct vs_ip *ip, int only,
				       bool *on_link)
{
	unsigned int i, number, limit = vs_ip_is_v4(ip) ? 120 : 64;
	int here = place(world, network, ip, &number);
	const struct world_route *route, *best = NULL;

	if (only >= 0 && here != only)
		here = -1;
	*on_link = here >= 0;
	for (i = 0; i < world->routes; i++) {
		route = &world->route[i];
		if (route->network != network ||
		    vs_ip_is_v4(ip) == route->ipv6 ||
		    !vs_prefix_contains(&route->prefix, ip) ||
		    (only >= 0 && (int)route->hop_subnet != only) ||
		    (here >= 0 && route->prefix.length < limit) ||
		    !hop_of(world, route))
			continue;
		if (!best || better(route, best))
			best = route;
	}
	if (!best)
		return NULL;
	*on_link = false;
	return hop_of(world, best);
}

static int confined(const struct world *world, const struct world_vm *vm)
{
	return world->network[vm->network].external_router ? (int)vm->subnet
							   : -1;
}

/* May the VM send from this address? Its own, or what it forwards for. */
static bool may_send(const struct world *world, const struct world_frame *frame)
{
	const struct world_vm *vm = sender(world, frame), *owner;
	unsigned int number;
	bool on_link;
	int subnet = place(world, vm->network, &frame->source, &number);

	if (subnet >= 0 && number == 1 &&
	    world->network[vm->network].subnet[subnet].has_gateway &&
	    subnet == (int)vm->subnet)
		return false;
	owner = subnet >= 0 ? find_vm(world, vm->network, subnet, number)
			    : NULL;
	if (owner && (subnet == (int)vm->subnet ||
		      !world->network[vm->network].external_router))
		return owner == vm;
	return best_hop(world, vm->network, &frame->source, confined(world, vm),
			&on_link) == vm;
}

/* -- outcomes -------------------------------------------------------------- */

static void add_copy(const struct world *world, struct world_outcome *outcome,
		     const struct world_copy *copy)
{
	if (outcome->copies == WORLD_COPIES)
		abort();
	(void)world;
	outcome->copy[outcome->copies++] = *copy;
}

static void answer(struct world_outcome *outcome, bool ipv6, uint8_t v4_type,
		   uint8_t v4_code)
{
	outcome->answered = true;
	outcome->type = v4_type;
	outcome->code = v4_code;
	if (!ipv6)
		return;
	outcome->type = v4_type == 11 ? 3 : 1;
	outcome->code = v4_type == 11 ? 0 : v4_code == 1 ? 3 : 0;
}

/* Within the subnet: to the VM that has it, the MAC put right. */
static void hand_on(const struct world *world, const struct world_frame *frame,
		    const struct world_vm *to, struct world_outcome *outcome)
{
	const struct world_vm *from = sender(world, frame);
	const struct world_subnet *subnet = subnet_of(world, from);
	struct world_copy copy = {
		.vm = (unsigned int)(to - world->vm),
		.vsid = subnet->vsid,
		.source = from->mac,
		.target = to->mac,
		.ttl = frame->ttl,
	};

	if (!to->reachable || to == from)
		return;
	if (to->host == from->host) {
		if (!subnet->has_gateway ||
		    !vs_mac_equal(&frame->to, &subnet->gateway_mac))
			return;
		copy.source = subnet->gateway_mac;
	}
	add_copy(world, outcome, &copy);
}

/* Into another subnet. */
static void cross(const struct world *world, const struct world_frame *frame,
		  const struct world_vm *to, struct world_outcome *outcome)
{
	const struct world_subnet *subnet = subnet_of(world, to);
	struct world_copy copy = {
		.vm = (unsigned int)(to - world->vm),
		.vsid = subnet->vsid,
		.source = subnet->gateway_mac,
		.target = to->mac,
		.ttl = (uint8_t)(frame->ttl - 1),
	};

	if (frame->ttl <= 1)
		answer(outcome, frame->ipv6, 11, 0);
	else if (!to->reachable)
		answer(outcome, frame->ipv6, 3, 1);
	else
		add_copy(world, outcome, &copy);
}

static void route(const struct world *world, const struct world_frame *frame,
		  struct world_outcome *outcome)
{
	const struct world_vm *from = sender(world, frame), *to = NULL;
	unsigned int number;
	bool on_link;
	int subnet = place(world, from->network, &frame->target, &number);

	if (subnet >= 0 && number == 1 &&
	    world->network[from->network].subnet[subnet].has_gateway)
		return; /* served here: no echo, no answer */
	if (subnet >= 0)
		to = find_vm(world, from->network, subnet, number);
	if (to) {
		cross(world, frame, to, outcome);
		return;
	}
	to = best_hop(world, from->network, &frame->target, -1, &on_link);
	if (!to)
		answer(outcome, frame->ipv6, 3, on_link ? 1 : 0);
	else if (to->subnet == from->subnet)
		hand_on(world, frame, to, outcome);
	else
		cross(world, frame, to, outcome);
}

/* What the switch leaves to network virtualization. */
static void to_wire(const struct world *world, const struct world_frame *frame,
		    struct world_outcome *outcome)
{
	const struct world_vm *from = sender(world, frame), *to = NULL;
	const struct world_subnet *subnet = subnet_of(world, from);
	unsigned int number;
	bool on_link;
	int at = place(world, from->network, &frame->target, &number);

	if (at == (int)from->subnet) {
		if (number == 1 && subnet->has_gateway)
			return;
		to = find_vm(world, from->network, at, number);
	}
	if (to) {
		hand_on(world, frame, to, outcome);
		return;
	}
	if (subnet->has_gateway &&
	    vs_mac_equal(&frame->to, &subnet->gateway_mac)) {
		route(world, frame, outcome);
		return;
	}
	if (at == (int)from->subnet)
		return;
	to = best_hop(world, from->network, &frame->target,
		      confined(world, from), &on_link);
	if (to && to->subnet == from->subnet &&
	    vs_mac_equal(&to->mac, &frame->to))
		hand_on(world, frame, to, outcome);
}

/* As it is, to a port of the sender's host and VSID. */
static void deliver(const struct world *world, const struct world_frame *frame,
		    const struct world_vm *to, struct world_outcome *outcome)
{
	const struct world_vm *from = sender(world, frame);
	struct world_copy copy = {
		.vm = (unsigned int)(to - world->vm),
		.vsid = subnet_of(world, from)->vsid,
		.source = from->mac,
		.target = frame->to,
		.ttl = frame->ttl,
	};

	if (to != from && to->reachable && to->host == from->host &&
	    to->network == from->network && to->subnet == from->subnet)
		add_copy(world, outcome, &copy);
}

void world_judge(const struct world *world, const struct world_frame *frame,
		 struct world_outcome *outcome)
{
	const struct world_vm *from = sender(world, frame);
	const struct world_vm *owner = vm_of_mac(world, from, &frame->to);
	const struct world_subnet *subnet = subnet_of(world, from);
	unsigned int i;

	*outcome = (struct world_outcome){.copies = 0};
	if (!may_send(world, frame))
		return;
	if (owner && owner->reachable && owner->host == from->host) {
		deliver(world, frame, owner, outcome);
		return;
	}
	/* a MAC that nobody has is flooded, and goes to the wire as well */
	if (!owner && !(subnet->has_gateway &&
			vs_mac_equal(&frame->to, &subnet->gateway_mac)))
		for (i = 0; i < world->vms; i++)
			deliver(world, frame, &world->vm[i], outcome);
	to_wire(world, frame, outcome);
}
