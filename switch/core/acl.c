// SPDX-License-Identifier: Apache-2.0
/*
 * acl.c: basic port ACLs: which rule decides (hnv.md D1, design 8).
 *
 * Build sorts the rules of each list so that the first match is the deciding
 * one: exact MAC before any, long prefix before short, deny before allow.
 * A lookup then walks a list to its first match. Before this file: policy.c.
 */
#include "core/acl.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

enum acl_list { LIST_MAC, LIST_V4, LIST_V6, LISTS };

struct entry {
	struct vs_prefix prefix; /* LIST_V4, LIST_V6 */
	struct vs_mac mac;	 /* LIST_MAC */
	bool any_mac, allow;
	uint16_t rule;
};

struct list {
	uint16_t count;
	struct entry *entries;
};

struct vs_acl {
	uint16_t rules, workers;
	uint32_t references;
	struct list list[2][2][LISTS]; /* [inbound][side][enum acl_list] */
	_Atomic uint64_t *hits;	       /* [worker][rule] */
	struct entry *entries;	       /* all lists' */
	struct vs_acl_rule *built_from;
};

/* How closely an entry matches; the closest comes first. */
static int closeness(const struct entry *entry, enum acl_list list)
{
	if (list == LIST_MAC)
		return entry->any_mac ? 0 : 1;
	return entry->prefix.length;
}

static bool comes_before(const struct entry *a, const struct entry *b,
			 enum acl_list list)
{
	int difference = closeness(a, list) - closeness(b, list);

	return difference ? difference > 0 : !a->allow && b->allow;
}

static enum acl_list list_of(const struct vs_acl_rule *rule)
{
	if (rule->by_mac)
		return LIST_MAC;
	return vs_ip_is_v4(&rule->prefix.ip) && rule->prefix.length >= 96
		       ? LIST_V4
		       : LIST_V6;
}

static void list_insert(struct list *list, const struct vs_acl_rule *rule,
			uint16_t number)
{
	struct entry entry = {.prefix = rule->prefix,
			      .mac = rule->mac,
			      .any_mac = rule->any_mac,
			      .allow = rule->allow,
			      .rule = number};
	uint16_t at = list->count++;

	for (;
	     at && comes_before(&entry, &list->entries[at - 1], list_of(rule));
	     at--)
		list->entries[at] = list->entries[at - 1];
	list->entries[at] = entry;
}

static void build_lists(struct vs_acl *acl, const struct vs_acl_rule *rules)
{
	struct entry *room = acl->entries;
	int inbound, side, kind;
	uint16_t i;

	for (inbound = 0; inbound < 2; inbound++)
		for (side = 0; side < 2; side++)
			for (kind = 0; kind < LISTS; kind++) {
				struct list *list =
					&acl->list[inbound][side][kind];

				list->entries = room;
				for (i = 0; i < acl->rules; i++)
					if ((inbound ? rules[i].inbound
						     : rules[i].outbound) &&
					    rules[i].side == side &&
					    (int)list_of(&rules[i]) == kind)
						list_insert(list, &rules[i], i);
				room += list->count;
			}
}

struct vs_acl *vs_acl_build(const struct vs_acl_rule *rules, uint16_t count,
			    uint16_t workers)
{
	struct vs_acl *acl = calloc(1, sizeof(*acl));
	size_t counters = (size_t)count * workers;

	if (!acl)
		return NULL;
	acl->rules = count;
	acl->workers = workers;
	acl->references = 1;
	acl->hits = calloc(counters ? counters : 1, sizeof(*acl->hits));
	/* a rule stands in at most two lists: inbound and outbound */
	acl->entries = calloc(2 * (size_t)count + 1, sizeof(*acl->entries));
	acl->built_from = calloc(count + 1u, sizeof(*rules));
	if (!acl->hits || !acl->entries || !acl->built_from) {
		vs_acl_unref(acl);
		return NULL;
	}
	if (count) /* rules may be NULL then */
		memcpy(acl->built_from, rules, count * sizeof(*rules));
	build_lists(acl, rules);
	return acl;
}

struct vs_acl *vs_acl_ref(struct vs_acl *acl)
{
	acl->references++;
	return acl;
}

void vs_acl_unref(struct vs_acl *acl)
{
	if (!acl || --acl->references)
		return;
	free(acl->built_from);
	free(acl->entries);
	free(acl->hits);
	free(acl);
}

static bool same_rule(const struct vs_acl_rule *a, const struct vs_acl_rule *b)
{
	return a->allow == b->allow && a->inbound == b->inbound &&
	       a->outbound == b->outbound && a->side == b->side &&
	       a->by_mac == b->by_mac && a->any_mac == b->any_mac &&
	       vs_mac_equal(&a->mac, &b->mac) &&
	       a->prefix.length == b->prefix.length &&
	       vs_ip_equal(&a->prefix.ip, &b->prefix.ip);
}

bool vs_acl_is(const struct vs_acl *acl, const struct vs_acl_rule *rules,
	       uint16_t count)
{
	uint16_t i;

	if (acl->rules != count)
		return false;
	for (i = 0; i < count; i++)
		if (!same_rule(&acl->built_from[i], &rules[i]))
			return false;
	return true;
}

static const struct entry *match_mac(const struct list *list,
				     const uint8_t *mac)
{
	uint16_t i;

	for (i = 0; i < list->count; i++)
		if (list->entries[i].any_mac ||
		    memcmp(list->entries[i].mac.octet, mac, 6) == 0)
			return &list->entries[i];
	return NULL;
}

/* Families are apart already, so the plain bits may be compared. */
static bool prefix_holds(const struct vs_prefix *prefix, const struct vs_ip *ip)
{
	unsigned whole = prefix->length / 8, rest = prefix->length % 8;

	if (memcmp(prefix->ip.octet, ip->octet, whole) != 0)
		return false;
	return !rest || ((prefix->ip.octet[whole] ^ ip->octet[whole]) >>
			 (8 - rest)) == 0;
}

static const struct entry *match_ip(const struct list *list,
				    const struct vs_ip *ip)
{
	uint16_t i;

	for (i = 0; i < list->count; i++)
		if (prefix_holds(&list->entries[i].prefix, ip))
			return &list->entries[i];
	return NULL;
}

/* Source and destination address of an IP frame; false: it is none. */
static bool addresses(const struct vs_view *view, struct vs_ip *source,
		      struct vs_ip *target)
{
	const uint8_t *ip = view->data + view->l3;

	if (view->flags & VS_FRAME_IPV4) {
		*source = vs_ip_from_v4(ip + 12);
		*target = vs_ip_from_v4(ip + 16);
	} else if (view->flags & VS_FRAME_IPV6) {
		*source = vs_ip_from_v6(ip + 8);
		*target = vs_ip_from_v6(ip + 24);
	} else {
		return false;
	}
	return true;
}

/* Fold one side's answer in: the first deny is what decided, else the last
 * allow. */
static bool judge(const struct entry *entry, uint16_t *rule)
{
	if (entry)
		*rule = entry->rule;
	return !entry || entry->allow;
}

static bool decide(const struct vs_acl *acl, bool inbound,
		   const struct vs_frame *frame, uint16_t *rule)
{
	const struct vs_view *view = vs_view(frame);
	const struct list(*lists)[LISTS] = acl->list[inbound];
	struct vs_ip source, target;
	enum acl_list family;

	*rule = UINT16_MAX;
	if (!judge(match_mac(&lists[VS_ACL_LOCAL][LIST_MAC],
			     view->data + (inbound ? 0 : 6)),
		   rule) ||
	    !judge(match_mac(&lists[VS_ACL_REMOTE][LIST_MAC],
			     view->data + (inbound ? 6 : 0)),
		   rule))
		return false;
	if (!addresses(view, &source, &target))
		return true;
	family = view->flags & VS_FRAME_IPV4 ? LIST_V4 : LIST_V6;
	return judge(match_ip(&lists[VS_ACL_LOCAL][family],
			      inbound ? &target : &source),
		     rule) &&
	       judge(match_ip(&lists[VS_ACL_REMOTE][family],
			      inbound ? &source : &target),
		     rule);
}

bool vs_acl_allows(const struct vs_acl *acl, uint16_t worker, bool inbound,
		   const struct vs_frame *frame, uint16_t *rule)
{
	bool allowed = decide(acl, inbound, frame, rule);

	if (*rule != UINT16_MAX && worker < acl->workers) {
		_Atomic uint64_t *hits =
			&acl->hits[(size_t)worker * acl->rules + *rule];

		atomic_store_explicit(
			hits,
			atomic_load_explicit(hits, memory_order_relaxed) + 1,
			memory_order_relaxed);
	}
	return allowed;
}

uint64_t vs_acl_hits(const struct vs_acl *acl, uint16_t rule)
{
	uint64_t sum = 0;
	uint16_t i;

	assert(rule < acl->rules);
	for (i = 0; i < acl->workers; i++)
		sum += atomic_load_explicit(
			&acl->hits[(size_t)i * acl->rules + rule],
			memory_order_relaxed);
	return sum;
}
