/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_record.c: the linter's rules about networks and their records. The
 * document has them once for all hosts, so they are walked once, through the
 * eyes of any site. Before this file: check_port.c. After it: check_host.c.
 */
#include <string.h>

#include "census.h"
#include "routes.h"
#include "wildcard.h"

#define ETHERNET_MTU 1500u

/* A record of one kind of PA: the example that a finding names. */
struct sample {
	bool set;
	struct vs_ip key, pa;
	struct vs_vsid vsid;
	const struct vs_site *host; /* NULL: no host of the document */
};

/* One network while its records are read. */
struct walk {
	struct census *census;
	const struct vs_site *site;
	const struct wnv_state *state;
	const struct vs_object *network, *subnet;
	struct vs_vsid vsid;
	/* by the families of the CA and of the PA, 1 = IPv4 */
	struct sample samples[2][2];
	bool mixed[2];	  /* by the CA's: said already */
	uint32_t records; /* in the subnet, of any kind */
	uint32_t overhead;
};

static bool is_dummy(const struct vs_ip *ip)
{
	static const uint8_t dummy[4] = {169, 254, 254, 254};
	const struct vs_ip is = vs_ip_from_v4(dummy);

	return vs_ip_equal(ip, &is);
}

/* One VM of the document, ca, l2only and gateway alike. */
struct entry {
	const struct vs_object *object;
	const struct vs_ip *ca; /* NULL: by MAC */
	const struct vs_value *pa;
	uint8_t rule;
};

/*
 * A record has one PA, and the host that takes a frame wants it to come from
 * the PA of the sender's record: VMs whose PAs differ in family never meet.
 */
static void check_families(struct walk *walk, const struct entry *entry,
			   const struct vs_site *host)
{
	bool pa_v4 = vs_ip_is_v4(&entry->pa->ip), ca_v4;
	struct sample *mine, *other;
	char text[VS_IP_TEXT], a[VS_IP_TEXT], b[VS_IP_TEXT];

	if (!entry->ca)
		return;
	ca_v4 = vs_ip_is_v4(entry->ca);
	mine = &walk->samples[ca_v4][pa_v4];
	other = &walk->samples[ca_v4][!pa_v4];
	if (!mine->set)
		*mine = (struct sample){.set = true,
					.key = *entry->ca,
					.pa = entry->pa->ip,
					.vsid = walk->vsid,
					.host = host};
	if (!other->set || walk->mixed[ca_v4] || (host && host == other->host))
		return;
	walk->mixed[ca_v4] = true;
	census_error(walk->census, PLACE(walk->site, entry->object, "pa"),
		     "PA %s here and PA %s of %s in subnet %u are of two "
		     "families: the two VMs cannot reach each other; give all "
		     "records of a network PAs of one family",
		     vs_ip_format(&entry->pa->ip, text),
		     vs_ip_format(&other->pa, a), vs_ip_format(&other->key, b),
		     other->vsid.value);
}

static void check_plugged(struct walk *walk, const struct entry *entry,
			  const struct census_pa *owner)
{
	char text[VS_IP_TEXT];

	if (census_plug(walk->census, walk->vsid, entry->ca) ||
	    census_has_mac(
		    walk->census,
		    &census_value(walk->site, entry->object, WNV_CA_MAC)->mac))
		return;
	census_warn(walk->census, PLACE(walk->site, entry->object, NULL),
		    "no port has %s, though %s has its PA: add it to the ca of "
		    "a port there, or remove the record",
		    vs_ip_format(entry->ca, text), census_host(owner->site));
}

/* What the document says of one VM's place; the owner's PA or NULL. */
static const struct census_pa *check_pa(struct walk *walk,
					const struct entry *entry)
{
	struct census_peer *peer = census_peer(walk->census, &entry->pa->ip);
	struct census_pa *owner = census_pa(walk->census, &entry->pa->ip);
	char text[VS_IP_TEXT];

	if (peer)
		peer->used = true;
	if (!owner && !peer && walk->census->fabric->whole)
		census_error(walk->census,
			     PLACE(walk->site, entry->object, "pa"),
			     "no host has PA %s: frames for this VM are lost; "
			     "add it to the pa of a host's uplink, or to peers "
			     "if that host is not in the document",
			     vs_ip_format(&entry->pa->ip, text));
	if (owner)
		owner->network = walk->network;
	return owner;
}

static const struct census_pa *check_entry(struct walk *walk,
					   const struct entry *entry)
{
	const struct census_pa *owner;
	uint32_t overhead;

	walk->records++;
	if (!entry->pa->present || is_dummy(&entry->pa->ip) ||
	    entry->rule == WNV_RULE_NONE)
		return NULL;
	owner = check_pa(walk, entry);
	if (!wnv_rule_tunnels(entry->rule))
		return owner;
	check_families(walk, entry, owner ? owner->site : NULL);
	overhead = (entry->rule == WNV_RULE_VXLAN ? 50u : 42u) +
		   (vs_ip_is_v4(&entry->pa->ip) ? 0u : 20u);
	if (overhead > walk->overhead)
		walk->overhead = overhead;
	return owner;
}

static uint8_t rule_of(const struct walk *walk, const struct vs_object *object,
		       uint16_t field)
{
	const struct vs_value *rule = census_value(walk->site, object, field);

	return rule->present ? (uint8_t)rule->choice : WNV_RULE_ENCAP;
}

/* A VM that is a gateway too is at one place only. */
static void check_gateway(struct walk *walk, const struct wnv_subnet *subnet,
			  const struct entry *entry)
{
	const struct vs_mac mac =
		census_value(walk->site, entry->object, WNV_CA_MAC)->mac;
	const struct wnv_record *gateway =
		wnv_wildcard_of(walk->state, subnet, &mac);
	char a[VS_IP_TEXT], b[VS_IP_TEXT];

	if (gateway && entry->pa->present &&
	    !vs_ip_equal(&gateway->pa.ip, &entry->pa->ip))
		census_error(walk->census,
			     PLACE(walk->site, entry->object, "pa"),
			     "the record is behind PA %s, the gateway of the "
			     "same MAC behind %s: what it sends is dropped for "
			     "one of them; write one PA in both",
			     vs_ip_format(&entry->pa->ip, a),
			     vs_ip_format(&gateway->pa.ip, b));
}

/* One VM is at one place: what it sends is taken from there only. */
static void check_place(struct walk *walk, const struct wnv_subnet *subnet,
			const struct entry *entry)
{
	const struct vs_mac mac =
		census_value(walk->site, entry->object, WNV_CA_MAC)->mac;
	const struct wnv_record *other =
		wnv_record_by_mac(walk->state, subnet->vsid, &mac);
	char here[VS_IP_TEXT], there[VS_IP_TEXT], text[VS_MAC_TEXT];

	if (!other || !entry->pa->present || !wnv_pa_is_set(&other->pa) ||
	    other->type != WNV_TYPE_STATIC ||
	    vs_ip_is_v4(&other->pa.ip) != vs_ip_is_v4(&entry->pa->ip) ||
	    other->rule == WNV_RULE_REWRITE ||
	    entry->rule == WNV_RULE_REWRITE ||
	    vs_ip_equal(&other->pa.ip, &entry->pa->ip))
		return;
	census_warn(
		walk->census, PLACE(walk->site, entry->object, "pa"),
		"%s is behind PA %s here and behind %s in another record: a "
		"VM is on one host; write one PA in both",
		vs_mac_format(&mac, text), vs_ip_format(&entry->pa->ip, here),
		vs_ip_format(&other->pa.ip, there));
}

static void check_cas(struct walk *walk, const struct wnv_subnet *subnet)
{
	const struct vs_site *site = walk->site;
	const struct vs_object *object = NULL;
	const struct census_pa *owner;
	struct entry entry;
	struct wnv_ca ca;

	while ((object = census_next(site, &wnv_nouns[WNV_NOUN_CA],
				     walk->subnet, object))) {
		ca.ip = census_value(site, object, WNV_CA_ADDRESS)->ip;
		entry = (struct entry){
			.object = object,
			.ca = &ca.ip,
			.pa = census_value(site, object, WNV_CA_PA),
			.rule = rule_of(walk, object, WNV_CA_RULE)};
		if (wnv_subnet_is_gateway(subnet, &ca))
			continue;
		check_gateway(walk, subnet, &entry);
		check_place(walk, subnet, &entry);
		owner = check_entry(walk, &entry);
		if (owner &&
		    !census_value(site, object, WNV_CA_ALSO_MAC)->present)
			check_plugged(walk, &entry, owner);
	}
}

static void check_by_mac(struct walk *walk)
{
	const struct vs_site *site = walk->site;
	const struct vs_object *object = NULL;
	struct entry entry;

	while ((object = census_next(site, &wnv_nouns[WNV_NOUN_L2ONLY],
				     walk->subnet, object))) {
		entry = (struct entry){
			.object = object,
			.pa = census_value(site, object, WNV_L2ONLY_PA),
			.rule = rule_of(walk, object, WNV_L2ONLY_RULE)};
		check_entry(walk, &entry);
	}
	while ((object = census_next(site, &wnv_nouns[WNV_NOUN_GATEWAY],
				     walk->subnet, object))) {
		entry = (struct entry){
			.object = object,
			.pa = census_value(site, object, WNV_GATEWAY_PA),
			.rule = rule_of(walk, object, WNV_GATEWAY_RULE)};
		check_entry(walk, &entry);
	}
}

static void check_subnet(struct walk *walk)
{
	const struct wnv_subnet *subnet =
		wnv_subnet_find(walk->state, walk->vsid);
	bool said =
		census_value(walk->site, walk->subnet, WNV_SUBNET_MTU)->present;

	if (!subnet)
		return;
	walk->records = 0;
	walk->overhead = 0;
	check_cas(walk, subnet);
	check_by_mac(walk);
	if (!said && subnet->mtu + walk->overhead > ETHERNET_MTU)
		census_warn(walk->census,
			    PLACE(walk->site, walk->subnet, "mtu"),
			    "packets of %u bytes and %u of headers need "
			    "uplinks that carry %u: write mtu=%u for uplinks "
			    "of %u, or mtu=%u to say that yours do",
			    subnet->mtu, walk->overhead,
			    subnet->mtu + walk->overhead,
			    ETHERNET_MTU - walk->overhead, ETHERNET_MTU,
			    subnet->mtu);
	if (!walk->records && walk->census->fabric->whole &&
	    !census_has_vsid(walk->census, walk->vsid))
		census_warn(walk->census,
			    PLACE(walk->site, walk->subnet, "prefixes"),
			    "nobody lives in subnet %u, no record and no port: "
			    "frames for its prefixes are dropped; add them, or "
			    "remove the subnet",
			    walk->vsid.value);
}

/* A route into a subnet of the network itself, by a VM of that same block,
 * hands every address that has no record back to where it came from. */
static void check_routes(struct walk *walk)
{
	const struct vs_object *route = NULL;
	const struct vs_site *site = walk->site;
	const struct vs_value *prefix, *hop;
	const struct wnv_subnet *subnet;
	const struct wnv_route *best;
	struct wnv_ca ca;
	char text[VS_IP_TEXT];

	while ((route = census_next(site, &wnv_nouns[WNV_NOUN_ROUTE],
				    walk->network, route))) {
		prefix = census_value(site, route, WNV_ROUTE_PREFIX);
		hop = census_value(site, route, WNV_ROUTE_NEXT_HOP);
		ca.ip = hop->ip;
		subnet = wnv_subnet_find(walk->state, walk->vsid);
		best = subnet ? wnv_route_find(walk->state, subnet->network,
					       &ca)
			      : NULL;
		if (!best || !vs_prefix_contains(&prefix->prefix, &ca.ip) ||
		    best->prefix.length > prefix->prefix.length)
			continue;
		census_error(walk->census, PLACE(site, route, "prefix"),
			     "the route leads to its own next hop %s: a loop "
			     "for every address in it without a record; make "
			     "the prefix one that the next hop is not in",
			     vs_ip_format(&ca.ip, text));
	}
}

static void check_network(struct walk *walk)
{
	const struct vs_value *external = census_value(
		walk->site, walk->network, WNV_NETWORK_EXTERNAL_ROUTER);
	bool apart = external->present && external->truth;

	memset(walk->samples, 0, sizeof(walk->samples));
	memset(walk->mixed, 0, sizeof(walk->mixed));
	while ((walk->subnet =
			census_next(walk->site, &wnv_nouns[WNV_NOUN_SUBNET],
				    walk->network, walk->subnet))) {
		walk->vsid =
			census_value(walk->site, walk->subnet, WNV_SUBNET_VSID)
				->vsid;
		if (apart) {
			memset(walk->samples, 0, sizeof(walk->samples));
			memset(walk->mixed, 0, sizeof(walk->mixed));
		}
		check_subnet(walk);
	}
	check_routes(walk);
	census_check_ways(walk->census, walk->network);
}

void census_check_records(struct census *census, const struct vs_site *site,
			  const struct wnv_state *state)
{
	struct walk walk = {.census = census, .site = site, .state = state};

	while ((walk.network = census_next(site, &wnv_nouns[WNV_NOUN_NETWORK],
					   NULL, walk.network)))
		check_network(&walk);
}
