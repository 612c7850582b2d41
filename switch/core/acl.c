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
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/police.h"
#include "packet/counter.h"
#include "packet/packet.h"

enum acl_list { LIST_MAC, LIST_V4, LIST_V6, LISTS };

struct entry {
	struct vs_prefix prefix; /* LIST_V4, LIST_V6 */
	struct vs_mac mac;	 /* LIST_MAC */
	bool any_mac, allow;
	uint8_t side; /* of a meter */
	uint16_t rule;
};

/* What a rule did, on every worker; shared by the ACLs that have it. */
struct counter {
	uint32_t references; /* the main thread's */
	struct {
		_Atomic uint64_t frames, bytes;
	} worker[];
};

struct list {
	uint16_t count;
	struct entry *entries;
};

struct vs_acl {
	uint16_t rules, workers;
	uint32_t references;
	struct list list[2][2][LISTS]; /* [inbound][side][enum acl_list] */
	struct list meters[2][LISTS];  /* [inbound] */
	struct counter **counters;     /* [rule] */
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

	if (difference)
		return difference > 0;
	return (!a->allow && b->allow) ||
	       (a->side == VS_ACL_REMOTE && b->side == VS_ACL_LOCAL);
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
			      .side = rule->side,
			      .rule = number};
	uint16_t at = list->count++;

	for (;
	     at && comes_before(&entry, &list->entries[at - 1], list_of(rule));
	     at--)
		list->entries[at] = list->entries[at - 1];
	list->entries[at] = entry;
}

static bool belongs(const struct vs_acl_rule *rule, int inbound, int kind)
{
	return (inbound ? rule->inbound : rule->outbound) &&
	       (int)list_of(rule) == kind;
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
					if (!rules[i].meter &&
					    rules[i].side == side &&
					    belongs(&rules[i], inbound, kind))
						list_insert(list, &rules[i], i);
				room += list->count;
			}
	for (inbound = 0; inbound < 2; inbound++)
		for (kind = LIST_V4; kind < LISTS; kind++) {
			struct list *list = &acl->meters[inbound][kind];

			list->entries = room;
			for (i = 0; i < acl->rules; i++)
				if (rules[i].meter &&
				    belongs(&rules[i], inbound, kind))
					list_insert(list, &rules[i], i);
			room += list->count;
		}
}

static bool same_rule(const struct vs_acl_rule *a, const struct vs_acl_rule *b)
{
	return a->allow == b->allow && a->meter == b->meter &&
	       a->inbound == b->inbound && a->outbound == b->outbound &&
	       a->side == b->side && a->by_mac == b->by_mac &&
	       a->any_mac == b->any_mac && vs_mac_equal(&a->mac, &b->mac) &&
	       a->prefix.length == b->prefix.length &&
	       vs_ip_equal(&a->prefix.ip, &b->prefix.ip);
}

static void counter_unref(struct counter *counter)
{
	if (counter && !--counter->references)
		free(counter);
}

/*
 * The counter of the rule in the ACL before, each of which is given once: the
 * rules mostly stand in the same order, so the search goes on where the last
 * one ended.
 */
static struct counter *take_counter(struct counter **left,
				    const struct vs_acl *before,
				    const struct vs_acl_rule *rule,
				    uint16_t *at)
{
	struct counter *counter;
	uint16_t i, k;

	for (i = 0; i < before->rules; i++) {
		k = (uint16_t)((*at + i) % before->rules);
		if (!left[k] || !same_rule(&before->built_from[k], rule))
			continue;
		counter = left[k];
		left[k] = NULL;
		*at = (uint16_t)(k + 1);
		return counter;
	}
	return NULL;
}

static int build_counters(struct vs_acl *acl, const struct vs_acl *before)
{
	size_t size = sizeof(struct counter) +
		      acl->workers * sizeof(((struct counter *)0)->worker[0]);
	struct counter **left = NULL;
	uint16_t i, at = 0;

	if (before && before->rules && before->workers == acl->workers) {
		left = malloc(before->rules * sizeof(struct counter *));
		if (!left)
			return -1;
		memcpy(left, before->counters,
		       before->rules * sizeof(struct counter *));
	}
	for (i = 0; i < acl->rules; i++) {
		struct counter *counter =
			left ? take_counter(left, before, &acl->built_from[i],
					    &at)
			     : NULL;

		if (!counter)
			counter = calloc(1, size);
		if (!counter)
			break;
		counter->references++;
		acl->counters[i] = counter;
	}
	free(left);
	return i == acl->rules ? 0 : -1;
}

struct vs_acl *vs_acl_follow(struct vs_acl *before,
			     const struct vs_acl_rule *rules, uint16_t count,
			     uint16_t workers)
{
	struct vs_acl *acl = calloc(1, sizeof(*acl));

	if (!acl)
		return NULL;
	acl->rules = count;
	acl->workers = workers;
	acl->references = 1;
	acl->counters = calloc(count + 1u, sizeof(struct counter *));
	/* a rule stands in at most two lists: inbound and outbound */
	acl->entries = calloc(2 * (size_t)count + 1, sizeof(*acl->entries));
	acl->built_from = calloc(count + 1u, sizeof(*rules));
	if (!acl->counters || !acl->entries || !acl->built_from)
		goto fail;
	if (count) /* rules may be NULL then */
		memcpy(acl->built_from, rules, count * sizeof(*rules));
	if (build_counters(acl, before))
		goto fail;
	build_lists(acl, rules);
	return acl;
fail:
	vs_acl_unref(acl);
	return NULL;
}

struct vs_acl *vs_acl_build(const struct vs_acl_rule *rules, uint16_t count,
			    uint16_t workers)
{
	return vs_acl_follow(NULL, rules, count, workers);
}

struct vs_acl *vs_acl_ref(struct vs_acl *acl)
{
	acl->references++;
	return acl;
}

void vs_acl_unref(struct vs_acl *acl)
{
	uint16_t i;

	if (!acl || --acl->references)
		return;
	for (i = 0; acl->counters && i < acl->rules; i++)
		counter_unref(acl->counters[i]);
	free(acl->built_from);
	free(acl->entries);
	free(acl->counters);
	free(acl);
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

/* Fold one side's answer in: the first deny is what decided, else the last
 * allow. */
static bool judge(const struct entry *entry, uint16_t *rule)
{
	if (entry)
		*rule = entry->rule;
	return !entry || entry->allow;
}

static enum acl_list family_of(const struct vs_view *view)
{
	return view->flags & VS_FRAME_IPV4 ? LIST_V4 : LIST_V6;
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
	if (!vs_packet_addresses(view, &source, &target))
		return true;
	family = family_of(view);
	return judge(match_ip(&lists[VS_ACL_LOCAL][family],
			      inbound ? &target : &source),
		     rule) &&
	       judge(match_ip(&lists[VS_ACL_REMOTE][family],
			      inbound ? &source : &target),
		     rule);
}

/* One meter per direction and family: of the lists of both sides, sorted as
 * one, the first that holds. */
static void meter(const struct vs_acl *acl, uint16_t worker, bool inbound,
		  const struct vs_view *view)
{
	const struct list *list = &acl->meters[inbound][family_of(view)];
	struct vs_ip source, target;
	uint16_t i;

	if (!list->count || !vs_packet_addresses(view, &source, &target))
		return;
	for (i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];
		bool far = entry->side == VS_ACL_REMOTE;

		if (!prefix_holds(&entry->prefix,
				  far == inbound ? &source : &target))
			continue;
		counter_add(&acl->counters[entry->rule]->worker[worker].frames,
			    1);
		counter_add(&acl->counters[entry->rule]->worker[worker].bytes,
			    police_wire_bytes(view));
		return;
	}
}

bool vs_acl_allows(const struct vs_acl *acl, uint16_t worker, bool inbound,
		   const struct vs_frame *frame, uint16_t *rule)
{
	bool allowed = decide(acl, inbound, frame, rule);

	if (worker >= acl->workers) /* the probe's: it counts nothing */
		return allowed;
	if (*rule != UINT16_MAX)
		counter_add(&acl->counters[*rule]->worker[worker].frames, 1);
	if (allowed)
		meter(acl, worker, inbound, vs_view(frame));
	return allowed;
}

const struct vs_acl_rule *vs_acl_rule_at(const struct vs_acl *acl,
					 uint16_t rule)
{
	return &acl->built_from[rule];
}

struct vs_acl_count vs_acl_count(const struct vs_acl *acl, uint16_t rule)
{
	struct vs_acl_count sum = {0};
	uint16_t i;

	assert(rule < acl->rules);
	for (i = 0; i < acl->workers; i++) {
		const struct counter *counter = acl->counters[rule];

		sum.frames += counter_read(&counter->worker[i].frames);
		sum.bytes += counter_read(&counter->worker[i].bytes);
	}
	return sum;
}
