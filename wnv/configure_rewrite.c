/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_rewrite.c: what rule=rewrite asks of the whole document: one PA
 * for one CA (hnv.md A4.7), of one family (A4.14), owned by the host whose VM
 * it is, and use-vm-mac with no other rule (A4.2, A2.15). After the ports,
 * which may have added records; before the routes (draft.h).
 */
#include <errno.h>
#include <stdlib.h>

#include "draft.h"

struct rewrite_draft {
	struct wnv_draft *draft;
	struct wnv_index by_pa;	 /* records with rule=rewrite */
	struct wnv_index by_mac; /* those with use-vm-mac */
	struct wnv_index next;	 /* moves so far, by where they go */
};

/* Where a record stands: found when something is wrong only. */
static struct wnv_place place_of(const struct wnv_draft *draft, uint32_t at,
				 const char *field)
{
	return AT(wnv_draft_record_object(draft, &draft->records[at]), field);
}

static uint32_t pa_hash(const struct wnv_draft *draft, const struct wnv_pa *pa)
{
	return wnv_hash_ip(draft->seed, 0, &pa->ip);
}

static const struct wnv_record *holder(const struct rewrite_draft *rewrite,
				       const struct wnv_pa *pa)
{
	const struct wnv_draft *draft = rewrite->draft;

	WNV_INDEX_EACH(i, &rewrite->by_pa, pa_hash(draft, pa))
	if (wnv_pa_equal(&draft->records[i].pa, pa))
		return &draft->records[i];
	return NULL;
}

/* What each record must be by itself. */
static int check_record(struct wnv_draft *draft, uint32_t at)
{
	const struct wnv_record *record = &draft->records[at];
	char ca[VS_IP_TEXT], pa[VS_IP_TEXT];

	if (record->type != WNV_TYPE_STATIC)
		return wnv_refuse(draft, place_of(draft, at, "rule"), EINVAL,
				  "rule=rewrite puts one customer address "
				  "back, and this record has none of its own: "
				  "write rule=encap or vxlan");
	if (vs_ip_is_v4(&record->ca.ip) != vs_ip_is_v4(&record->pa.ip))
		return wnv_refuse(draft, place_of(draft, at, "pa"), EINVAL,
				  "%s cannot stand for %s: rule=rewrite needs "
				  "a provider address of the same family; give "
				  "one, or write rule=encap",
				  vs_ip_format(&record->pa.ip, pa),
				  vs_ip_format(&record->ca.ip, ca));
	return 0;
}

/* A4.7: the pair of PAs says whose packet it is, so no two share one. */
static int check_alone(struct rewrite_draft *rewrite, uint32_t at)
{
	struct wnv_draft *draft = rewrite->draft;
	const struct wnv_record *record = &draft->records[at];
	const struct wnv_record *other = holder(rewrite, &record->pa);
	char ca[VS_IP_TEXT], pa[VS_IP_TEXT];

	if (other)
		return wnv_refuse(
			draft, place_of(draft, at, "pa"), EEXIST,
			"%s stands for %s of subnet %u already: with "
			"rule=rewrite each customer address needs a provider "
			"address of its own; give this one another, or write "
			"rule=encap",
			vs_ip_format(&record->pa.ip, pa),
			vs_ip_format(&other->ca.ip, ca), other->vsid.value);
	wnv_index_add(&rewrite->by_pa, pa_hash(draft, &record->pa), at);
	return 0;
}

/* A PA of this host must be ours alone: the kernel would answer. */
static int check_owned(struct wnv_draft *draft, uint32_t at)
{
	const struct wnv_record *record = &draft->records[at];
	const struct wnv_provider *own =
		wnv_draft_provider_find(draft, &record->pa);
	char pa[VS_IP_TEXT];

	if (!own)
		return 0;
	vs_ip_format(&record->pa.ip, pa);
	if (own->vlan)
		return wnv_refuse(
			draft, place_of(draft, at, "pa"), EINVAL,
			"%s is in VLAN %u, and rule=rewrite writes no tag: "
			"give another pa, or write rule=encap",
			pa, own->vlan);
	if (own->owned)
		return 0;
	if (!draft->devices_changed)
		return wnv_refuse(
			draft, place_of(draft, at, "pa"), EADDRINUSE,
			"%s is an address of this host's own, and with "
			"rule=rewrite what comes to it is a VM's: take it from "
			"the device (ip address del), give another pa, or "
			"write rule=encap",
			pa);
	wnv_warn(draft, place_of(draft, at, NULL).object,
		 "%s has become an address of this host's own: the record is "
		 "unusable until it is taken from the device",
		 pa);
	return 0;
}

/*
 * A2.15: the PA of the record answers with the VM's MAC and sends from it. One
 * MAC on the wires of two hosts would wander between the fabric's ports.
 */
static int take_vm_mac(struct rewrite_draft *rewrite, uint32_t at)
{
	struct wnv_draft *draft = rewrite->draft;
	const struct wnv_record *record = &draft->records[at], *other;
	struct wnv_provider *own = wnv_draft_provider_find(draft, &record->pa);
	uint32_t hash =
		wnv_hash_mac(draft->seed, (struct vs_vsid){0}, &record->mac);
	char mac[VS_MAC_TEXT], text[VS_IP_TEXT];

	vs_mac_format(&record->mac, mac);
	WNV_INDEX_EACH(i, &rewrite->by_mac, hash)
	{
		other = &draft->records[i];
		if (vs_mac_equal(&other->mac, &record->mac) &&
		    wnv_draft_pa_local(draft, &other->pa) != (own != NULL))
			return wnv_refuse(
				draft, place_of(draft, at, "use-vm-mac"),
				EEXIST,
				"the record of %s in subnet %u puts %s on the "
				"wire of another host already: leave "
				"use-vm-mac off in one of them",
				vs_ip_format(&other->ca.ip, text),
				other->vsid.value, mac);
	}
	wnv_index_add(&rewrite->by_mac, hash, at);
	if (!own)
		return 0;
	if (!vs_mac_is_zero(&own->mac) &&
	    !vs_mac_equal(&own->mac, &record->mac))
		return wnv_refuse(draft, place_of(draft, at, "use-vm-mac"),
				  EEXIST,
				  "%s has a mac of its own: remove it from the "
				  "pa, or leave use-vm-mac off",
				  vs_ip_format(&own->pa.ip, text));
	own->mac = record->mac;
	return 0;
}

static int draft_rewrite(struct rewrite_draft *rewrite, uint32_t at)
{
	struct wnv_draft *draft = rewrite->draft;
	bool vm_mac = draft->records[at].flags & WNV_RECORD_VM_MAC;
	int error;

	if (draft->records[at].rule != WNV_RULE_REWRITE) {
		if (!vm_mac)
			return 0;
		return wnv_refuse(
			draft, place_of(draft, at, "use-vm-mac"), EINVAL,
			"use-vm-mac needs rule=rewrite: every other "
			"rule sends from the uplink's MAC; remove it");
	}
	error = check_record(draft, at);
	if (!error)
		error = check_alone(rewrite, at);
	if (!error)
		error = check_owned(draft, at);
	return !error && vm_mac ? take_vm_mac(rewrite, at) : error;
}

/* A4.8: legal, for a tunnel is known by its protocol. Once per PA. */
static void warn_tunneled(const struct rewrite_draft *rewrite, bool *warned)
{
	struct wnv_draft *draft = rewrite->draft;
	const struct wnv_record *other;
	char pa[VS_IP_TEXT], ca[VS_IP_TEXT];
	uint32_t i;

	for (i = 0; i < draft->record_count; i++) {
		if (!wnv_rule_tunnels(draft->records[i].rule))
			continue;
		other = holder(rewrite, &draft->records[i].pa);
		if (!other || warned[other - draft->records])
			continue;
		warned[other - draft->records] = true;
		wnv_warn(draft, place_of(draft, i, NULL).object,
			 "%s also stands for %s of subnet %u by rule=rewrite: "
			 "that VM cannot use GRE or VXLAN itself",
			 vs_ip_format(&draft->records[i].pa.ip, pa),
			 vs_ip_format(&other->ca.ip, ca), other->vsid.value);
	}
}

/* B2.15: who has no PA of its own can't send to who has one. Once per network
 * is enough to say it. */
static void warn_mixed(struct wnv_draft *draft, bool *rewrites)
{
	const struct wnv_draft_subnet *subnet;
	const struct wnv_record *record;
	char ca[VS_IP_TEXT];
	uint32_t i;

	for (i = 0; i < draft->record_count; i++) {
		record = &draft->records[i];
		subnet = wnv_draft_subnet_find(draft, record->vsid);
		if (record->rule == WNV_RULE_REWRITE &&
		    !wnv_draft_pa_local(draft, &record->pa))
			rewrites[subnet->plan.network] = true;
	}
	for (i = 0; i < draft->record_count; i++) {
		record = &draft->records[i];
		subnet = wnv_draft_subnet_find(draft, record->vsid);
		if (!rewrites[subnet->plan.network] ||
		    !wnv_rule_tunnels(record->rule) ||
		    record->type == WNV_TYPE_L2ONLY ||
		    !wnv_draft_pa_local(draft, &record->pa))
			continue;
		rewrites[subnet->plan.network] = false;
		wnv_warn(draft, place_of(draft, i, NULL).object,
			 "%s has no rule=rewrite, so it cannot send to those "
			 "VMs of its network on other hosts that have",
			 vs_ip_format(&record->ca.ip, ca));
	}
}

static int warn_all(const struct rewrite_draft *rewrite)
{
	struct wnv_draft *draft = rewrite->draft;
	bool *marks =
		calloc((size_t)draft->record_count + draft->network_count + 1,
		       sizeof(*marks));

	if (!marks)
		return wnv_no_memory(draft);
	warn_tunneled(rewrite, marks);
	warn_mixed(draft, marks + draft->record_count);
	free(marks);
	return 0;
}

/* Another VM goes there. */
static bool is_next(const struct rewrite_draft *rewrite,
		    const struct wnv_pa *pa)
{
	const struct wnv_draft *draft = rewrite->draft;

	WNV_INDEX_EACH(i, &rewrite->next, pa_hash(draft, pa))
	if (wnv_pa_equal(&draft->moves[i].pa, pa))
		return true;
	return false;
}

/* The same of where their VMs are about to go. */
static int check_next(const struct rewrite_draft *rewrite, uint32_t at)
{
	struct wnv_draft *draft = rewrite->draft;
	const struct wnv_move *move = &draft->moves[at];
	const struct wnv_record *record =
		wnv_draft_record_find(draft, move->vsid, &move->ca);
	char pa[VS_IP_TEXT];
	bool taken;

	if (!record || record->rule != WNV_RULE_REWRITE)
		return 0;
	taken = holder(rewrite, &move->pa) || is_next(rewrite, &move->pa);
	if (!taken && vs_ip_is_v4(&move->pa.ip) == vs_ip_is_v4(&move->ca.ip))
		return 0;
	vs_ip_format(&move->pa.ip, pa);
	return wnv_refuse(draft,
			  AT(wnv_draft_record_object(draft, record), "next-pa"),
			  taken ? EEXIST : EINVAL,
			  taken ? "%s stands for another customer address: "
				  "with rule=rewrite each needs one of its own"
				: "%s is of another family than the address: "
				  "with rule=rewrite it cannot stand for it",
			  pa);
}

static int draft_all(struct rewrite_draft *rewrite, uint32_t count)
{
	struct wnv_draft *draft = rewrite->draft;
	uint32_t i;
	int error = 0;

	if (wnv_index_create(&rewrite->by_pa, count) ||
	    wnv_index_create(&rewrite->by_mac, count) ||
	    wnv_index_create(&rewrite->next, count ? draft->move_count : 0))
		return wnv_no_memory(draft);
	for (i = 0; !error && i < draft->record_count; i++)
		error = draft_rewrite(rewrite, i);
	for (i = 0; !error && count && i < draft->move_count; i++) {
		error = check_next(rewrite, i);
		wnv_index_add(&rewrite->next,
			      pa_hash(draft, &draft->moves[i].pa), i);
	}
	return !error && count ? warn_all(rewrite) : error;
}

int wnv_draft_rewrite(struct wnv_draft *draft)
{
	struct rewrite_draft rewrite = {.draft = draft};
	uint32_t i, count = 0;
	int error;

	for (i = 0; i < draft->record_count; i++)
		count += draft->records[i].rule == WNV_RULE_REWRITE;
	error = draft_all(&rewrite, count);
	wnv_index_destroy(&rewrite.by_pa);
	wnv_index_destroy(&rewrite.by_mac);
	wnv_index_destroy(&rewrite.next);
	return error;
}
