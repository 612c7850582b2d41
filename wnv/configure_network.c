/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_network.c: networks, subnets with their prefixes and gateways: the
 * second step of configure (draft.h).
 */
#include <errno.h>
#include <stdlib.h>

#include "draft.h"
#include "redirects.h"
#include "uuid5.h"

static int draft_network(struct wnv_draft *draft,
			 const struct vs_object *object)
{
	const struct vs_value *rdid =
		wnv_value(draft, object, WNV_NETWORK_RDID);
	const struct vs_value *external =
		wnv_value(draft, object, WNV_NETWORK_EXTERNAL_ROUTER);
	const struct vs_value *redirect =
		wnv_value(draft, object, WNV_NETWORK_REDIRECT);
	struct wnv_draft_network *networks, *network;

	networks = wnv_grow(draft->networks, draft->network_count,
			    sizeof(*networks));
	if (!networks)
		return wnv_no_memory(draft);
	draft->networks = networks;
	network = &networks[draft->network_count++];
	network->object = object;
	network->external_router = external->present && external->truth;
	network->redirect = redirect->present ? (uint8_t)redirect->choice
					      : WNV_REDIRECT_NOTIFY;
	if (rdid->present)
		network->rdid.uuid = rdid->uuid;
	else
		network->rdid = wnv_rdid_of_name(
			wnv_value(draft, object, WNV_NETWORK_NAME)->text);
	return 0;
}

static int compare_rdids(const void *a, const void *b)
{
	const struct wnv_draft_network *left = a, *right = b;

	return memcmp(left->rdid.uuid.octet, right->rdid.uuid.octet, 16);
}

/* Leaves the networks sorted by RDID; nothing points to them yet. */
static int check_rdids(struct wnv_draft *draft)
{
	struct wnv_draft_network *networks = draft->networks;
	char text[VS_UUID_TEXT];
	uint32_t i;

	if (draft->network_count)
		qsort(networks, draft->network_count, sizeof(*networks),
		      compare_rdids);
	for (i = 1; i < draft->network_count; i++)
		if (!compare_rdids(&networks[i - 1], &networks[i]))
			return wnv_refuse(
				draft, AT(networks[i].object, "rdid"), EEXIST,
				"networks %s and %s have the rdid %s, so they "
				"would be one: change or remove one rdid",
				wnv_value(draft, networks[i - 1].object,
					  WNV_NETWORK_NAME)
					->text,
				wnv_value(draft, networks[i].object,
					  WNV_NETWORK_NAME)
					->text,
				vs_uuid_format(&networks[i].rdid.uuid, text));
	return 0;
}

/* -- prefixes -------------------------------------------------------------- */

static int check_prefix(struct wnv_draft *draft, const struct vs_object *object,
			const struct vs_prefix *prefix)
{
	bool v4 = prefix->length >= 96 && vs_ip_is_v4(&prefix->ip);
	char text[VS_PREFIX_TEXT];

	vs_prefix_format(prefix, text);
	if (prefix->length == 0 || (v4 && prefix->length == 96))
		return wnv_refuse(draft, AT(object, "prefixes"), EINVAL,
				  "%s is no subnet: write it as a route of the "
				  "network",
				  text);
	if (wnv_is_link_local6(&prefix->ip))
		return wnv_refuse(draft, AT(object, "prefixes"), EINVAL,
				  "%s is link-local, which every subnet has by "
				  "itself: leave it out",
				  text);
	if (wnv_ip_is_martian(&prefix->ip))
		return wnv_refuse(draft, AT(object, "prefixes"), EINVAL,
				  "%s holds no unicast addresses of a customer",
				  text);
	return 0;
}

static int draft_prefixes(struct wnv_draft *draft,
			  struct wnv_draft_subnet *subnet)
{
	const struct vs_object *object = subnet->object;
	const struct vs_value *list =
		wnv_value(draft, object, WNV_SUBNET_PREFIXES);
	uint16_t i;
	int error = 0;

	if (!list->present || !list->count)
		return wnv_refuse(draft, AT(object, "prefixes"), EINVAL,
				  "a subnet needs at least one prefix");
	if (list->count > WNV_SUBNET_PREFIX_COUNT)
		return wnv_refuse(draft, AT(object, "prefixes"), E2BIG,
				  "a subnet has at most %u prefixes",
				  WNV_SUBNET_PREFIX_COUNT);
	for (i = 0; !error && i < list->count; i++) {
		subnet->prefixes[i] = list->list[i].prefix;
		error = check_prefix(draft, object, &subnet->prefixes[i]);
	}
	subnet->plan.prefix_count = list->count;
	return error;
}

static int compare_placed(const void *a, const void *b)
{
	const struct wnv_placed_prefix *left = a, *right = b;
	int order;

	if (left->network != right->network)
		return left->network < right->network ? -1 : 1;
	order = memcmp(left->prefix.ip.octet, right->prefix.ip.octet, 16);
	return order ? order
		     : (int)left->prefix.length - (int)right->prefix.length;
}

static int place_prefixes(struct wnv_draft *draft)
{
	const struct wnv_draft_subnet *subnet;
	uint32_t i, count = 0;
	uint16_t j;

	for (i = 0; i < draft->subnet_count; i++)
		count += draft->subnets[i].plan.prefix_count;
	draft->placed.list =
		calloc((size_t)count + 1, sizeof(*draft->placed.list));
	if (!draft->placed.list)
		return wnv_no_memory(draft);
	for (i = 0; i < draft->subnet_count; i++) {
		subnet = &draft->subnets[i];
		for (j = 0; j < subnet->plan.prefix_count; j++)
			draft->placed.list[draft->placed.count++] =
				(struct wnv_placed_prefix){subnet->prefixes[j],
							   subnet->plan.network,
							   i};
	}
	qsort(draft->placed.list, count, sizeof(*draft->placed.list),
	      compare_placed);
	return 0;
}

/* In order of their first address, a block that lies in another comes right
 * behind it, or behind a third one that lies in it too. */
static int check_overlaps(struct wnv_draft *draft)
{
	char one[VS_PREFIX_TEXT], other[VS_PREFIX_TEXT];
	const struct wnv_placed_prefix *a, *b;
	uint32_t i;
	int error = place_prefixes(draft);

	for (i = 1; !error && i < draft->placed.count; i++) {
		a = &draft->placed.list[i - 1];
		b = &draft->placed.list[i];
		if (a->network == b->network &&
		    vs_prefix_overlaps(&a->prefix, &b->prefix))
			error = wnv_refuse(
				draft,
				AT(draft->subnets[b->subnet].object,
				   "prefixes"),
				EEXIST,
				"%s of subnet %u overlaps %s of subnet %u in "
				"one network: change one, or move a subnet to "
				"another network",
				vs_prefix_format(&b->prefix, one),
				draft->subnets[b->subnet].plan.vsid.value,
				vs_prefix_format(&a->prefix, other),
				draft->subnets[a->subnet].plan.vsid.value);
	}
	return error;
}

const struct wnv_placed_prefix *wnv_draft_on_link(const struct wnv_draft *draft,
						  uint32_t network,
						  const struct vs_ip *ip)
{
	const struct wnv_placed_prefix key = {{*ip, 128}, network, 0};
	uint32_t low = 0, high = draft->placed.count, middle;

	/* the last one that does not begin behind the address */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare_placed(&draft->placed.list[middle], &key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || draft->placed.list[low - 1].network != network ||
	    !vs_prefix_contains(&draft->placed.list[low - 1].prefix, ip))
		return NULL;
	return &draft->placed.list[low - 1];
}

/* -- gateways -------------------------------------------------------------- */

static void add_gateway(struct wnv_draft_subnet *subnet,
			const struct wnv_ca *ca)
{
	if (subnet->plan.gateway_count < WNV_SUBNET_GATEWAY_COUNT &&
	    !wnv_draft_subnet_is_gateway(subnet, ca))
		subnet->gateways[subnet->plan.gateway_count++] = *ca;
}

static int draft_gateway(struct wnv_draft *draft,
			 struct wnv_draft_subnet *subnet, const char *text)
{
	struct wnv_ca ca;

	if (vs_ip_parse(text, &ca.ip))
		return wnv_refuse(draft, AT(subnet->object, "gateway"), EINVAL,
				  "'%s' is neither an address nor the word "
				  "none",
				  text);
	if ((!wnv_draft_subnet_holds(subnet, &ca) &&
	     !wnv_is_link_local6(&ca.ip)) ||
	    wnv_prefixes_reserve(subnet->prefixes, subnet->plan.prefix_count,
				 &ca.ip))
		return wnv_refuse(draft, AT(subnet->object, "gateway"), EINVAL,
				  "%s is no host address of the subnet's "
				  "prefixes: take one of them, or none",
				  text);
	add_gateway(subnet, &ca);
	return 0;
}

/* Per family, what is written replaces the defaults (design 8). */
static void default_gateways(struct wnv_draft_subnet *subnet)
{
	struct wnv_ca ca, local = {.ip.octet = {0xfe, 0x80, [15] = 1}};
	bool has_v4 = false, has_v6 = false, has_local = false, v4, v6 = false;
	uint16_t i;

	for (i = 0; i < subnet->plan.gateway_count; i++) {
		if (vs_ip_is_v4(&subnet->gateways[i].ip))
			has_v4 = true;
		else if (wnv_is_link_local6(&subnet->gateways[i].ip))
			has_local = true;
		else
			has_v6 = true;
	}
	for (i = 0; i < subnet->plan.prefix_count; i++) {
		v4 = vs_ip_is_v4(&subnet->prefixes[i].ip);
		if (subnet->prefixes[i].length > 126)
			continue;
		v6 |= !v4;
		ca.ip = subnet->prefixes[i].ip;
		ca.ip.octet[15] |= 1;
		if (!(v4 ? has_v4 : has_v6))
			add_gateway(subnet, &ca);
	}
	if ((v6 || has_v6) && !has_local)
		add_gateway(subnet, &local);
}

static int draft_gateways(struct wnv_draft *draft,
			  struct wnv_draft_subnet *subnet)
{
	const struct vs_value *list =
		wnv_value(draft, subnet->object, WNV_SUBNET_GATEWAY);
	uint16_t i;
	int error = 0;

	if (list->present && list->count == 1 &&
	    strcmp(list->list[0].text, "none") == 0)
		return 0;
	if (draft->networks[subnet->plan.network].external_router)
		return !list->present
			       ? 0
			       : wnv_refuse(draft,
					    AT(subnet->object, "gateway"),
					    EINVAL,
					    "the network says "
					    "external-router=on, so the switch "
					    "is no gateway: leave gateway out, "
					    "and give the router VM a ca here");
	if (list->present && list->count > WNV_SUBNET_PREFIX_COUNT)
		return wnv_refuse(draft, AT(subnet->object, "gateway"), E2BIG,
				  "a subnet has at most %u gateway addresses",
				  WNV_SUBNET_PREFIX_COUNT);
	for (i = 0; !error && list->present && i < list->count; i++)
		error = draft_gateway(draft, subnet, list->list[i].text);
	if (!error)
		default_gateways(subnet);
	return error;
}

/* -- subnets --------------------------------------------------------------- */

static int draft_dscp(struct wnv_draft *draft, struct wnv_draft_subnet *subnet)
{
	const struct vs_value *dscp =
		wnv_value(draft, subnet->object, WNV_SUBNET_DSCP);
	unsigned long number;
	char *end;

	if (!dscp->present)
		return 0;
	if (strcmp(dscp->text, "copy") == 0) {
		subnet->plan.dscp = WNV_DSCP_COPY;
		return 0;
	}
	number = strtoul(dscp->text, &end, 10);
	if (*end || dscp->text[0] < '0' || dscp->text[0] > '9' || number > 63)
		return wnv_refuse(draft, AT(subnet->object, "dscp"), EINVAL,
				  "'%s' is neither 0..63 nor the word copy",
				  dscp->text);
	subnet->plan.dscp = (uint8_t)number;
	return 0;
}

/* Advertisements come from the gateway, and hosts make 64 bits of an address
 * themselves (RFC 4862 5.5.3). */
static int draft_slaac(struct wnv_draft *draft, struct wnv_draft_subnet *subnet)
{
	const struct vs_value *slaac =
		wnv_value(draft, subnet->object, WNV_SUBNET_SLAAC);
	bool fits = false, gateway = false;
	uint16_t i;

	if (!slaac->present || !slaac->truth)
		return 0;
	for (i = 0; i < subnet->plan.prefix_count; i++)
		fits |= subnet->prefixes[i].length == 64;
	for (i = 0; i < subnet->plan.gateway_count; i++)
		gateway |= wnv_is_link_local6(&subnet->gateways[i].ip);
	if (fits && gateway) {
		subnet->plan.slaac = true;
		return 0;
	}
	return wnv_refuse(draft, AT(subnet->object, "slaac"), EINVAL,
			  fits ? "the subnet has no gateway that could "
				 "advertise its prefix: give it one, or leave "
				 "slaac out"
			       : "VMs number themselves only in an IPv6 prefix "
				 "of /64: add one, or leave slaac out");
}

static int draft_subnet(struct wnv_draft *draft, uint32_t network,
			const struct vs_object *object)
{
	const struct vs_value *mtu = wnv_value(draft, object, WNV_SUBNET_MTU);
	const struct vs_value *l2 = wnv_value(draft, object, WNV_SUBNET_L2);
	struct wnv_draft_subnet *subnets, *subnet;
	int error;

	subnets =
		wnv_grow(draft->subnets, draft->subnet_count, sizeof(*subnets));
	if (!subnets)
		return wnv_no_memory(draft);
	draft->subnets = subnets;
	subnet = &subnets[draft->subnet_count++];
	*subnet = (struct wnv_draft_subnet){.object = object};
	subnet->plan = (struct wnv_subnet_plan){
		.vsid = wnv_value(draft, object, WNV_SUBNET_VSID)->vsid,
		.network = network,
		.mtu = (uint16_t)(mtu->present ? mtu->number : WNV_MTU_DEFAULT),
		.l2 = l2->present && l2->truth,
	};
	subnet->plan.gateway_mac = wnv_gateway_mac(subnet->plan.vsid);
	error = draft_prefixes(draft, subnet);
	if (!error)
		error = draft_gateways(draft, subnet);
	if (!error)
		error = draft_dscp(draft, subnet);
	if (!error)
		error = draft_slaac(draft, subnet);
	return error;
}

/* The index by VSID, and with it that no VSID stands in two networks. */
static int index_subnets(struct wnv_draft *draft)
{
	const struct wnv_draft_subnet *other;
	struct wnv_draft_subnet *subnet;
	struct vs_ip key = {0};
	uint32_t i;

	if (wnv_index_create(&draft->index.by_vsid, draft->subnet_count))
		return wnv_no_memory(draft);
	for (i = 0; i < draft->subnet_count; i++) {
		subnet = &draft->subnets[i];
		other = wnv_draft_subnet_find(draft, subnet->plan.vsid);
		if (other)
			return wnv_refuse(
				draft, AT(subnet->object, NULL), EEXIST,
				"vsid %u stands in the networks %s and %s: a "
				"VSID belongs to one; take another for this "
				"subnet",
				subnet->plan.vsid.value,
				wnv_value(draft,
					  draft->networks[other->plan.network]
						  .object,
					  WNV_NETWORK_NAME)
					->text,
				wnv_value(draft,
					  draft->networks[subnet->plan.network]
						  .object,
					  WNV_NETWORK_NAME)
					->text);
		wnv_index_add(
			&draft->index.by_vsid,
			wnv_hash_ip(draft->seed, subnet->plan.vsid.value, &key),
			i);
	}
	return 0;
}

int wnv_draft_networks(struct wnv_draft *draft)
{
	const struct vs_object *object = NULL;
	uint32_t i;
	int error = 0;

	while (!error && (object = wnv_next(draft, &wnv_nouns[WNV_NOUN_NETWORK],
					    NULL, object)))
		error = draft_network(draft, object);
	if (!error)
		error = check_rdids(draft);
	for (i = 0; !error && i < draft->network_count; i++) {
		object = NULL;
		while (!error &&
		       (object = wnv_next(draft, &wnv_nouns[WNV_NOUN_SUBNET],
					  draft->networks[i].object, object)))
			error = draft_subnet(draft, i, object);
	}
	if (!error)
		error = index_subnets(draft);
	if (!error)
		error = check_overlaps(draft);
	return error;
}
