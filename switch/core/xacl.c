// SPDX-License-Identifier: Apache-2.0
/*
 * xacl.c: the rules of an extended ACL: to boxes, to four trees (direction,
 * family), and their counters. Decides which rule a frame meets, not what
 * becomes of it. Before this file: policy.c, xacl_flow.c; after: xacl_tree.c.
 */
#include "core/xacl.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "packet/counter.h"
#include "packet/packet.h"

/* What a rule did, on every worker; shared by the ACLs that have it. */
struct counter {
	uint32_t references; /* the main thread's */
	_Atomic uint64_t worker[];
};

struct vs_xacl {
	uint32_t references, rules;
	uint16_t workers;
	bool stateful;
	struct xacl_tree *tree[2][2]; /* [inbound][ipv6] */
	struct counter **counters;    /* [rule] */
	struct vs_xacl_rule *rule;
	uint32_t *order[2]; /* [inbound]: by rank, the rules' numbers */
	uint32_t ranks[2];
};

/* -- rules to boxes ---------------------------------------------------------
 */

static uint64_t load64(const uint8_t *bytes)
{
	return (uint64_t)vs_load32(bytes) << 32 | vs_load32(bytes + 4);
}

static bool is_v4(const struct vs_prefix *prefix)
{
	return vs_ip_is_v4(&prefix->ip) && prefix->length >= 96;
}

static void take_all(struct xacl_box *box, enum xacl_dimension dimension)
{
	box->low[dimension] = 0;
	box->span[dimension] = UINT64_MAX;
}

static void take(struct xacl_box *box, enum xacl_dimension dimension,
		 uint64_t first, uint64_t last)
{
	box->low[dimension] = first;
	box->span[dimension] = last - first;
}

/* The first `length` bits of a 64-bit half. */
static void take_half(struct xacl_box *box, enum xacl_dimension dimension,
		      uint64_t bits, unsigned length)
{
	if (!length)
		take_all(box, dimension);
	else
		take(box, dimension, bits,
		     bits | (length < 64 ? UINT64_MAX >> length : 0));
}

/* `high` is the dimension of the high half, the low one's is the next. */
static void take_prefix(struct xacl_box *box, enum xacl_dimension high,
			const struct vs_prefix *prefix)
{
	unsigned length = prefix->length;

	if (is_v4(prefix)) {
		take(box, high, 0, 0);
		take_half(box, high + 1, vs_load32(prefix->ip.octet + 12),
			  length - 96 + 32);
		return;
	}
	take_half(box, high, load64(prefix->ip.octet),
		  length < 64 ? length : 64);
	take_half(box, high + 1, load64(prefix->ip.octet + 8),
		  length < 64 ? 0 : length - 64);
}

static void take_ports(struct xacl_box *box, enum xacl_dimension dimension,
		       const struct vs_port_range *ports)
{
	if (ports->first > ports->last)
		take_all(box, dimension);
	else
		take(box, dimension, ports->first, ports->last);
}

static void box_of(const struct vs_xacl_rule *rule, struct xacl_box *box)
{
	int i;

	for (i = 0; i < XACL_DIMENSIONS; i++)
		take_all(box, (enum xacl_dimension)i);
	if (rule->by_local)
		take_prefix(box, XACL_LOCAL_HIGH, &rule->local);
	if (rule->by_remote)
		take_prefix(box, XACL_REMOTE_HIGH, &rule->remote);
	if (rule->protocol != VS_XACL_PROTOCOL_ANY)
		take(box, XACL_PROTOCOL, rule->protocol, rule->protocol);
	take_ports(box, XACL_LOCAL_PORT, &rule->local_ports);
	take_ports(box, XACL_REMOTE_PORT, &rule->remote_ports);
	if (rule->vsid.value)
		take(box, XACL_VSID, rule->vsid.value, rule->vsid.value);
}

static bool is_of_family(const struct vs_xacl_rule *rule, bool ipv6)
{
	if (rule->by_local && is_v4(&rule->local) == ipv6)
		return false;
	return !rule->by_remote || is_v4(&rule->remote) != ipv6;
}

/* -- building ---------------------------------------------------------------
 */

/* A rule's number behind its rank, so that sorting needs nothing else. */
static int by_rank(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int build_order(struct vs_xacl *xacl, bool inbound, uint32_t *count)
{
	uint64_t *sorted = calloc(xacl->rules + 1u, sizeof(*sorted));
	uint32_t i;

	xacl->order[inbound] = calloc(xacl->rules + 1u, sizeof(uint32_t));
	*count = 0;
	if (!sorted || !xacl->order[inbound]) {
		free(sorted);
		return -1;
	}
	for (i = 0; i < xacl->rules; i++)
		if (xacl->rule[i].inbound == inbound)
			sorted[(*count)++] =
				(uint64_t)(UINT16_MAX - xacl->rule[i].weight)
					<< 32 |
				i;
	qsort(sorted, *count, sizeof(*sorted), by_rank);
	for (i = 0; i < *count; i++)
		xacl->order[inbound][i] = (uint32_t)sorted[i];
	free(sorted);
	xacl->ranks[inbound] = *count;
	return 0;
}

static int build_trees(struct vs_xacl *xacl, bool inbound,
		       struct xacl_box *boxes)
{
	uint32_t i, count, family_count;
	int ipv6;

	if (build_order(xacl, inbound, &count))
		return -1;
	for (ipv6 = 0; ipv6 < 2; ipv6++) {
		family_count = 0;
		for (i = 0; i < count; i++) {
			const struct vs_xacl_rule *rule =
				&xacl->rule[xacl->order[inbound][i]];

			if (!is_of_family(rule, ipv6))
				continue;
			box_of(rule, &boxes[family_count]);
			boxes[family_count++].rank = i;
		}
		xacl->tree[inbound][ipv6] =
			xacl_tree_build(boxes, family_count);
		if (!xacl->tree[inbound][ipv6])
			return -1;
	}
	return 0;
}

static bool same_ports(const struct vs_port_range *a,
		       const struct vs_port_range *b)
{
	return a->first == b->first && a->last == b->last;
}

static bool same_prefix(bool a_has, const struct vs_prefix *a, bool b_has,
			const struct vs_prefix *b)
{
	return a_has == b_has && (!a_has || (a->length == b->length &&
					     vs_ip_equal(&a->ip, &b->ip)));
}

static bool same_rule(const struct vs_xacl_rule *a,
		      const struct vs_xacl_rule *b)
{
	return a->allow == b->allow && a->inbound == b->inbound &&
	       a->stateful == b->stateful && a->protocol == b->protocol &&
	       a->weight == b->weight && a->idle_s == b->idle_s &&
	       vs_vsid_equal(a->vsid, b->vsid) &&
	       same_ports(&a->local_ports, &b->local_ports) &&
	       same_ports(&a->remote_ports, &b->remote_ports) &&
	       same_prefix(a->by_local, &a->local, b->by_local, &b->local) &&
	       same_prefix(a->by_remote, &a->remote, b->by_remote, &b->remote);
}

/* Direction and weight name a rule: the place of its counter of before. */
struct old_counters {
	const struct vs_xacl *before;
	uint32_t *number; /* [inbound << 16 | weight]: + 1; 0 = none */
};

static int old_counters_open(struct old_counters *old,
			     const struct vs_xacl *before, uint16_t workers)
{
	uint32_t i;

	*old = (struct old_counters){0};
	if (!before || before->workers != workers)
		return 0;
	old->number = calloc(2u << 16, sizeof(uint32_t));
	if (!old->number)
		return -1;
	old->before = before;
	for (i = 0; i < before->rules; i++)
		old->number[(uint32_t)before->rule[i].inbound << 16 |
			    before->rule[i].weight] = i + 1;
	return 0;
}

static struct counter *old_counter(const struct old_counters *old,
				   const struct vs_xacl_rule *rule)
{
	uint32_t number;

	if (!old->before)
		return NULL;
	number = old->number[(uint32_t)rule->inbound << 16 | rule->weight];
	if (!number || !same_rule(&old->before->rule[number - 1], rule))
		return NULL;
	return old->before->counters[number - 1];
}

static int build_counters(struct vs_xacl *xacl, const struct vs_xacl *before)
{
	size_t size = sizeof(struct counter) +
		      xacl->workers * sizeof(_Atomic uint64_t);
	struct old_counters old;
	uint32_t i;

	if (old_counters_open(&old, before, xacl->workers))
		return -1;
	for (i = 0; i < xacl->rules; i++) {
		struct counter *counter = old_counter(&old, &xacl->rule[i]);

		if (!counter)
			counter = calloc(1, size);
		if (!counter)
			break;
		counter->references++;
		xacl->counters[i] = counter;
	}
	free(old.number);
	return i == xacl->rules ? 0 : -1;
}

static int build(struct vs_xacl *xacl, const struct vs_xacl *before)
{
	struct xacl_box *boxes;
	int code;
	uint32_t i;

	for (i = 0; i < xacl->rules; i++)
		xacl->stateful |= xacl->rule[i].stateful;
	if (build_counters(xacl, before))
		return -1;
	boxes = calloc(xacl->rules + 1u, sizeof(*boxes));
	if (!boxes)
		return -1;
	code = build_trees(xacl, false, boxes);
	if (!code)
		code = build_trees(xacl, true, boxes);
	free(boxes);
	return code;
}

struct vs_xacl *vs_xacl_build(struct vs_xacl *before,
			      const struct vs_xacl_rule *rules, uint32_t count,
			      uint16_t workers)
{
	struct vs_xacl *xacl = calloc(1, sizeof(*xacl));

	if (!xacl)
		return NULL;
	xacl->references = 1;
	xacl->rules = count;
	xacl->workers = workers;
	xacl->rule = calloc(count + 1u, sizeof(*rules));
	xacl->counters = calloc(count + 1u, sizeof(struct counter *));
	if (!xacl->rule || !xacl->counters)
		goto fail;
	if (count)
		memcpy(xacl->rule, rules, count * sizeof(*rules));
	if (build(xacl, before))
		goto fail;
	return xacl;
fail:
	vs_xacl_unref(xacl);
	return NULL;
}

struct vs_xacl *vs_xacl_ref(struct vs_xacl *xacl)
{
	xacl->references++;
	return xacl;
}

void vs_xacl_unref(struct vs_xacl *xacl)
{
	uint32_t i;

	if (!xacl || --xacl->references)
		return;
	for (i = 0; xacl->counters && i < xacl->rules; i++)
		if (xacl->counters[i] && !--xacl->counters[i]->references)
			free(xacl->counters[i]);
	for (i = 0; i < 2; i++) {
		xacl_tree_destroy(xacl->tree[i][0]);
		xacl_tree_destroy(xacl->tree[i][1]);
		free(xacl->order[i]);
	}
	free(xacl->counters);
	free(xacl->rule);
	free(xacl);
}

bool vs_xacl_is(const struct vs_xacl *xacl, const struct vs_xacl_rule *rules,
		uint32_t count)
{
	uint32_t i;

	if (xacl->rules != count)
		return false;
	for (i = 0; i < count; i++)
		if (!same_rule(&xacl->rule[i], &rules[i]))
			return false;
	return true;
}

uint32_t vs_xacl_number(const struct vs_xacl *xacl, bool inbound,
			uint16_t weight)
{
	const uint32_t *order = xacl->order[inbound];
	uint32_t low = 0, high = xacl->ranks[inbound], middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (xacl->rule[order[middle]].weight > weight)
			low = middle + 1;
		else
			high = middle;
	}
	return low < xacl->ranks[inbound] &&
			       xacl->rule[order[low]].weight == weight
		       ? order[low]
		       : XACL_NONE;
}

uint64_t vs_xacl_hits(const struct vs_xacl *xacl, uint32_t rule)
{
	uint64_t sum = 0;
	uint16_t i;

	assert(rule < xacl->rules);
	for (i = 0; i < xacl->workers; i++)
		sum += counter_read(&xacl->counters[rule]->worker[i]);
	return sum;
}

/* -- frames -----------------------------------------------------------------
 */

static void take_l4(const struct vs_view *view, struct xacl_tuple *tuple)
{
	if (view->l4 != VS_ABSENT &&
	    (view->protocol == VS_IP_TCP || view->protocol == VS_IP_UDP))
		xacl_tuple_ports(tuple, view->data + view->l4);
}

bool xacl_tuple_of(const struct vs_view *view, bool inbound,
		   struct xacl_tuple *tuple)
{
	struct vs_ip source, target;

	if (!vs_packet_addresses(view, &source, &target))
		return false;
	*tuple = (struct xacl_tuple){
		.vsid = view->vsid,
		.inbound = inbound,
		.ipv6 = view->flags & VS_FRAME_IPV6,
		.later = view->flags & VS_FRAME_LATER,
		.protocol = view->protocol,
	};
	xacl_tuple_ends(tuple, &source, &target);
	if (view->flags & VS_FRAME_FRAGMENT) {
		tuple->first = !tuple->later;
		tuple->fragment_id = vs_packet_fragment_id(view);
	}
	take_l4(view, tuple);
	return true;
}

static uint64_t half(const struct vs_ip *ip, bool ipv6, bool low)
{
	if (ipv6)
		return load64(ip->octet + (low ? 8 : 0));
	return low ? vs_load32(ip->octet + 12) : 0;
}

uint32_t xacl_rule_of(const struct vs_xacl *xacl,
		      const struct xacl_tuple *tuple)
{
	/* beyond all ports: only who names none takes it */
	const uint64_t unknown = UINT16_MAX + 1u;
	struct xacl_point point;
	uint32_t rank;

	point.at[XACL_LOCAL_HIGH] = half(&tuple->local, tuple->ipv6, false);
	point.at[XACL_LOCAL_LOW] = half(&tuple->local, tuple->ipv6, true);
	point.at[XACL_REMOTE_HIGH] = half(&tuple->remote, tuple->ipv6, false);
	point.at[XACL_REMOTE_LOW] = half(&tuple->remote, tuple->ipv6, true);
	point.at[XACL_PROTOCOL] = tuple->protocol;
	point.at[XACL_LOCAL_PORT] = tuple->ported ? tuple->local_port : unknown;
	point.at[XACL_REMOTE_PORT] =
		tuple->ported ? tuple->remote_port : unknown;
	point.at[XACL_VSID] = tuple->vsid.value;
	rank = xacl_tree_find(xacl->tree[tuple->inbound][tuple->ipv6], &point);
	return rank == XACL_NONE ? XACL_NONE
				 : xacl->order[tuple->inbound][rank];
}

const struct vs_xacl_rule *xacl_rule(const struct vs_xacl *xacl,
				     uint32_t number)
{
	assert(number < xacl->rules);
	return &xacl->rule[number];
}

const struct vs_xacl_rule *xacl_lets_in(const struct vs_xacl *xacl,
					const struct xacl_tuple *tuple)
{
	uint32_t number = xacl_rule_of(xacl, tuple);
	const struct vs_xacl_rule *rule =
		number == XACL_NONE ? NULL : &xacl->rule[number];

	return rule && rule->allow && rule->stateful ? rule : NULL;
}

void xacl_count(const struct vs_xacl *xacl, uint16_t worker, uint32_t number)
{
	if (number == XACL_NONE || worker >= xacl->workers)
		return; /* the probe counts nothing */
	counter_add(&xacl->counters[number]->worker[worker], 1);
}

bool xacl_is_stateful(const struct vs_xacl *xacl)
{
	return xacl->stateful;
}
