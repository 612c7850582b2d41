/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_amend.c: from what differs between two settings to a list of
 * changed records, if records are all that differs.
 *
 * Before it: wnv.c knows the state of what is true now. After it: amend.c.
 */
#include <stdlib.h>

#include "configure.h"
#include "nouns.h"
#include "state.h"

#define CHANGES_MOST 16384u /* more are faster built from scratch */

/* Something that a state depends on differs: the walk ends. */
static int visit_any(struct vs_settings_visitor *visitor,
		     const struct vs_object *before,
		     const struct vs_object *after)
{
	(void)visitor;
	(void)before;
	(void)after;
	return 1;
}

static bool only_records_differ(const struct vs_settings *settings)
{
	static const char *const host[] = {"switch", "uplink", "port",
					   "mirror"};
	struct vs_settings_visitor any = {.visit = visit_any};
	const struct vs_noun *noun;
	size_t i;

	for (i = 0; i < sizeof(host) / sizeof(host[0]); i++) {
		noun = settings->ops->noun(settings, host[i]);
		if (noun && settings->ops->changes(settings, noun, &any))
			return false;
	}
	for (i = 0; i < WNV_NOUNS; i++)
		if (i != WNV_NOUN_CA &&
		    settings->ops->changes(settings, &wnv_nouns[i], &any))
			return false;
	return true;
}

/* -- records ------------------------------------------------------------------
 */

struct collecting {
	struct vs_settings_visitor visitor; /* the first member */
	const struct vs_settings *settings;
	const struct wnv_state *current;
	struct wnv_change *list;
	uint32_t count, room;
};

/* False: a field says something that a plain record does not. */
static bool read_record(const struct vs_settings *settings,
			const struct vs_object *object,
			struct wnv_record *record, struct wnv_pa *next_pa)
{
	static const bool known[WNV_CA_FIELDS] = {
		[WNV_CA_ADDRESS] = true,     [WNV_CA_MAC] = true,
		[WNV_CA_PA] = true,	     [WNV_CA_RULE] = true,
		[WNV_CA_NEXT_PA] = true,     [WNV_CA_VM] = true,
		[WNV_CA_CUSTOMER_ID] = true, [WNV_CA_NOTE] = true,
	};
	const struct vs_settings_ops *ops = settings->ops;
	const struct vs_object *subnet = ops->parent(object);
	uint16_t i;

	for (i = 0; i < WNV_CA_FIELDS; i++)
		if (!known[i] && ops->value(object, i)->present)
			return false;
	if (!ops->value(object, WNV_CA_PA)->present)
		return false;
	*record = (struct wnv_record){
		.vsid = ops->value(subnet, WNV_SUBNET_VSID)->vsid,
		.ca.ip = ops->value(object, WNV_CA_ADDRESS)->ip,
		.mac = ops->value(object, WNV_CA_MAC)->mac,
		.pa.ip = ops->value(object, WNV_CA_PA)->ip,
	};
	*next_pa = (struct wnv_pa){0};
	if (ops->value(object, WNV_CA_NEXT_PA)->present)
		next_pa->ip = ops->value(object, WNV_CA_NEXT_PA)->ip;
	if (wnv_pa_equal(next_pa, &record->pa))
		return false;
	if (ops->value(object, WNV_CA_RULE)->present)
		record->rule = (uint8_t)ops->value(object, WNV_CA_RULE)->choice;
	return true;
}

static int visit_record(struct vs_settings_visitor *visitor,
			const struct vs_object *before,
			const struct vs_object *after)
{
	struct collecting *all = (struct collecting *)visitor;
	struct wnv_change change = {.removes = before, .adds = after}, *list;
	uint32_t room = all->room ? all->room * 2 : 8;

	if ((before && !read_record(all->settings, before, &change.before,
				    &change.next_pa)) ||
	    (after && !read_record(all->settings, after, &change.after,
				   &change.next_pa)) ||
	    !wnv_state_amends(all->current, &change) ||
	    all->count == CHANGES_MOST)
		return 1;
	if (all->count == all->room) {
		list = realloc(all->list, room * sizeof(*list));
		if (!list)
			return 1;
		all->list = list;
		all->room = room;
	}
	all->list[all->count++] = change;
	return 0;
}

struct wnv_state *wnv_configure_amend(const struct vs_settings *settings,
				      const struct wnv_state *current)
{
	struct collecting all = {.visitor = {.visit = visit_record},
				 .settings = settings,
				 .current = current};
	struct wnv_state *state = NULL;

	if (current && only_records_differ(settings) &&
	    !settings->ops->changes(settings, &wnv_nouns[WNV_NOUN_CA],
				    &all.visitor) &&
	    wnv_state_amend(current, all.list, all.count, &state))
		state = NULL;
	free(all.list);
	return state;
}
