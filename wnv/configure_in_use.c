/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_in_use.c: a provider address goes while VMs here stand behind it
 * (hnv.md A3.11): refused, unless it was said that this is meant. After the
 * ports (draft.h), whose records are known then.
 *
 * A VM stands behind a PA if a port has its MAC and its record names the PA;
 * or if it has no record of its own, and this was the PA that it got.
 */
#include <errno.h>
#include <stdio.h>

#include "draft.h"

struct leaving {
	struct vs_settings_visitor visitor; /* the first member */
	struct wnv_draft *draft;
	const struct vs_object *at; /* the PA that is asked about */
	struct wnv_pa pa;
	struct wnv_pa lowest; /* of those that were there before; not set:
			       * none was seen */
	bool asks;	      /* the second walk */
};

/* Who stands behind it: the first, and how many there are. */
struct users {
	const struct wnv_draft_port *port;
	const struct wnv_record *record;
	uint32_t count;
};

static const struct wnv_draft_port *port_of(const struct wnv_draft *draft,
					    const struct wnv_record *record)
{
	const struct wnv_draft_port *port;
	uint32_t i;

	for (i = 0; i < draft->port_count; i++) {
		port = &draft->ports[i];
		if (port->profile.has_mac &&
		    vs_mac_equal(&port->profile.mac, &record->mac) &&
		    wnv_draft_port_in(draft, port, record->vsid))
			return port;
	}
	return NULL;
}

static struct users users_of(const struct leaving *leaving)
{
	const struct wnv_draft *draft = leaving->draft;
	const struct wnv_draft_port *port;
	const struct wnv_record *record;
	struct users users = {0};
	uint32_t i;

	for (i = 0; i < draft->record_count; i++) {
		record = &draft->records[i];
		if (record->flags & WNV_RECORD_AUTO
			    ? !wnv_pa_equal(&leaving->lowest, &leaving->pa)
			    : !wnv_pa_equal(&record->pa, &leaving->pa))
			continue;
		port = port_of(draft, record);
		if (!port || users.count++)
			continue;
		users.port = port;
		users.record = record;
	}
	return users;
}

/* How the first of them comes to use it, and what would end that. */
static void describe(const struct users *users, char *text, size_t size)
{
	const struct wnv_record *record = users->record;
	char ca[VS_IP_TEXT], mac[VS_MAC_TEXT];

	vs_ip_format(&record->ca.ip, ca);
	vs_mac_format(&record->mac, mac);
	if (record->flags & WNV_RECORD_AUTO)
		snprintf(text, size,
			 "%s has no record of its own and got this address "
			 "(vsctl ca add %s vsid=%u mac=%s pa=... gives it one)",
			 ca, ca, record->vsid.value, mac);
	else if (record->type == WNV_TYPE_STATIC)
		snprintf(text, size,
			 "the record of %s names it (vsctl ca move %s vsid=%u "
			 "pa=...)",
			 ca, ca, record->vsid.value);
	else
		snprintf(text, size, "the %s %s of %u names it",
			 record->type == WNV_TYPE_L2ONLY ? "l2only" : "gateway",
			 mac, record->vsid.value);
}

static int judge(struct leaving *leaving)
{
	struct users users = users_of(leaving);
	char pa[VS_IP_TEXT], use[224], more[32] = "";

	if (!users.count)
		return 0;
	describe(&users, use, sizeof(use));
	if (users.count > 1)
		snprintf(more, sizeof(more), " and %u more", users.count - 1);
	return wnv_refuse(leaving->draft, AT(leaving->at, NULL), EADDRINUSE,
			  "%s is in use by port %s%s: %s; move it or delete "
			  "the port first, or say --force",
			  vs_ip_format(&leaving->pa.ip, pa), users.port->name,
			  more, use);
}

/* First which of them was the lowest, then who misses those that go. */
static int visit_pa(struct vs_settings_visitor *visitor,
		    const struct vs_object *before,
		    const struct vs_object *after)
{
	struct leaving *leaving = (struct leaving *)visitor;

	if (!before || after)
		return 0;
	leaving->at = before;
	leaving->pa.ip = wnv_value(leaving->draft, before, WNV_PA_ADDRESS)->ip;
	if (wnv_draft_pa_local(leaving->draft, &leaving->pa))
		return 0; /* at another uplink now */
	if (leaving->asks)
		return judge(leaving);
	if (!wnv_pa_is_set(&leaving->lowest) ||
	    wnv_pa_compare(&leaving->pa, &leaving->lowest) < 0)
		leaving->lowest = leaving->pa;
	return 0;
}

/* The lowest of what goes is the lowest of what was there only if nothing that
 * stays is lower. */
static int visit_new(struct vs_settings_visitor *visitor,
		     const struct vs_object *before,
		     const struct vs_object *after)
{
	const struct leaving *leaving = (const struct leaving *)visitor;
	struct wnv_pa pa;

	if (before || !after)
		return 0;
	pa.ip = wnv_value(leaving->draft, after, WNV_PA_ADDRESS)->ip;
	return wnv_pa_equal(&pa, &leaving->pa);
}

static bool stays(struct leaving *leaving, const struct wnv_pa *pa)
{
	const struct vs_settings *settings = leaving->draft->settings;
	struct leaving fresh = {.visitor = {.visit = visit_new},
				.draft = leaving->draft,
				.pa = *pa};

	return !settings->ops->changes(settings, &wnv_nouns[WNV_NOUN_PA],
				       &fresh.visitor);
}

static void consider_those_that_stay(struct leaving *leaving)
{
	const struct wnv_draft *draft = leaving->draft;
	uint32_t i;

	for (i = 0; i < draft->provider_count; i++)
		if (wnv_pa_compare(&draft->providers[i].pa, &leaving->lowest) <
			    0 &&
		    stays(leaving, &draft->providers[i].pa))
			leaving->lowest = draft->providers[i].pa;
}

int wnv_draft_in_use(struct wnv_draft *draft)
{
	const struct vs_settings *settings = draft->settings;
	const struct vs_noun *noun = &wnv_nouns[WNV_NOUN_PA];
	struct leaving leaving = {.visitor = {.visit = visit_pa},
				  .draft = draft};

	if (!draft->port_count || !settings->ops->before(settings) ||
	    settings->ops->forced(settings))
		return 0;
	settings->ops->changes(settings, noun, &leaving.visitor);
	if (!wnv_pa_is_set(&leaving.lowest))
		return 0; /* none goes */
	consider_those_that_stay(&leaving);
	leaving.asks = true;
	return settings->ops->changes(settings, noun, &leaving.visitor);
}
