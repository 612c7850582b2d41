/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_host.c: the linter's rules about hosts: their provider addresses, the
 * ways between them, ports that two of them have. Before this file:
 * check_record.c. After it: none.
 */
#include <string.h>

#include "census.h"

/* -- the ways
 * ----------------------------------------------------------------- */

/* Has the site a way to the address? What the kernel has is not known here. */
static bool has_way(const struct census *census, const struct vs_site *site,
		    const struct vs_ip *to)
{
	const struct vs_object *object = NULL;
	const struct vs_value *prefix;
	struct vs_prefix link;
	uint32_t i;

	for (i = 0; i < census->pa_count; i++) {
		if (census->pas[i].site != site ||
		    vs_ip_is_v4(&census->pas[i].ip) != vs_ip_is_v4(to))
			continue;
		if (!census->pas[i].prefix)
			return true;
		link = (struct vs_prefix){
			census->pas[i].ip,
			(uint8_t)(census->pas[i].prefix +
				  (vs_ip_is_v4(to) ? 96 : 0))};
		if (vs_prefix_contains(&link, to))
			return true;
	}
	while ((object = census_next(site, &wnv_nouns[WNV_NOUN_PAROUTE], NULL,
				     object))) {
		prefix = census_value(site, object, WNV_PAROUTE_PREFIX);
		if (vs_prefix_contains(&prefix->prefix, to))
			return true;
	}
	return false;
}

static void check_way(struct census *census, const struct census_pa *from,
		      const struct census_pa *to)
{
	char text[VS_IP_TEXT];
	bool back;

	if (from->site == to->site ||
	    vs_ip_is_v4(&from->ip) != vs_ip_is_v4(&to->ip) ||
	    has_way(census, from->site, &to->ip))
		return;
	back = has_way(census, to->site, &from->ip);
	census_error(census, PLACE(from->site, from->object, NULL),
		     "%s has no way to PA %s of %s%s: add a paroute to its "
		     "uplink, or a wider prefix to its pa",
		     census_host(from->site), vs_ip_format(&to->ip, text),
		     census_host(to->site),
		     back ? ", which has one back (one-way reachability)" : "");
}

void census_check_ways(struct census *census, const struct vs_object *network)
{
	const struct census_pa *pas = census->pas;
	uint32_t i, j;

	for (i = 0; i < census->pa_count; i++)
		for (j = 0; pas[i].network == network && j < census->pa_count;
		     j++)
			if (pas[j].network == network)
				check_way(census, &pas[i], &pas[j]);
}

/* -- addresses
 * ---------------------------------------------------------------- */

static void check_twice(struct census *census, const struct census_pa *a,
			const struct census_pa *b)
{
	char text[VS_IP_TEXT];

	if (a->site != b->site)
		census_error(census, PLACE(b->site, b->object, NULL),
			     "%s has %s too: a provider address belongs to one "
			     "host; give each its own",
			     census_host(a->site), vs_ip_format(&a->ip, text));
}

/* Two of one block; neighbours in order, so not every pair is asked. */
static void check_link(struct census *census, const struct census_pa *a,
		       const struct census_pa *b)
{
	uint8_t base = vs_ip_is_v4(&a->ip) ? 96 : 0;
	const struct vs_prefix link = {a->ip, (uint8_t)(a->prefix + base)};
	char text[VS_IP_TEXT];

	if (!a->prefix || !b->prefix || a->site == b->site ||
	    vs_ip_is_v4(&a->ip) != vs_ip_is_v4(&b->ip) ||
	    !vs_prefix_contains(&link, &b->ip))
		return;
	vs_ip_format(&a->ip, text);
	if (a->vlan != b->vlan)
		census_warn(census, PLACE(b->site, b->object, "vlan"),
			    "%s of %s is in the same prefix and in VLAN %u, "
			    "this one in %u: they do not hear each other; "
			    "write one vlan in both",
			    text, census_host(a->site), a->vlan, b->vlan);
	if (a->prefix != b->prefix)
		census_warn(census, PLACE(b->site, b->object, "prefix"),
			    "%s of %s has prefix length %u, this one %u: write "
			    "one in both",
			    text, census_host(a->site), a->prefix, b->prefix);
}

static void check_plugs(struct census *census)
{
	const struct census_plug *a, *b;
	char text[VS_IP_TEXT];
	uint32_t i;

	for (i = 1; i < census->plug_count; i++) {
		a = &census->plugs[i - 1];
		b = &census->plugs[i];
		if (a->site != b->site && vs_vsid_equal(a->vsid, b->vsid) &&
		    vs_ip_equal(&a->ip, &b->ip))
			census_warn(census, PLACE(b->site, b->port, "ca"),
				    "%s is plugged in on %s too: only where "
				    "its record's PA is does it work; remove "
				    "it from the other port",
				    vs_ip_format(&b->ip, text),
				    census_host(a->site));
	}
}

void census_check_hosts(struct census *census)
{
	char text[VS_IP_TEXT];
	uint32_t i;

	for (i = 1; i < census->pa_count; i++) {
		if (vs_ip_equal(&census->pas[i - 1].ip, &census->pas[i].ip))
			check_twice(census, &census->pas[i - 1],
				    &census->pas[i]);
		else
			check_link(census, &census->pas[i - 1],
				   &census->pas[i]);
	}
	check_plugs(census);
	for (i = 0; i < census->peer_count; i++)
		if (!census->peers[i].used)
			census_warn(census,
				    PLACE(census->peers[i].site,
					  census->peers[i].object, NULL),
				    "no record names PA %s: what is said of it "
				    "has no effect; remove the peer",
				    vs_ip_format(&census->peers[i].ip, text));
}
