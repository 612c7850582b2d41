/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_l2only.c: L2Only records (hnv.md A2.11): a VM's MAC is known, its
 * addresses are learned. The end of configure's third step (draft.h); a port
 * with the MAC and no `ca` joins its record in the fourth.
 */
#include "draft.h"

struct wnv_record *wnv_draft_l2only_find(const struct wnv_draft *draft,
					 struct vs_vsid vsid,
					 const struct vs_mac *mac)
{
	struct wnv_record *record;

	WNV_INDEX_EACH(i, &draft->index.by_l2only,
		       wnv_hash_mac(draft->seed, vsid, mac))
	{
		record = &draft->records[i];
		if (vs_vsid_equal(record->vsid, vsid) &&
		    vs_mac_equal(&record->mac, mac))
			return record;
	}
	return NULL;
}

static int draft_l2only(struct wnv_draft *draft,
			const struct wnv_draft_subnet *subnet,
			const struct vs_object *object)
{
	struct wnv_record record = {
		.vsid = subnet->plan.vsid,
		.mac = wnv_value(draft, object, WNV_L2ONLY_MAC)->mac,
		.type = WNV_TYPE_L2ONLY,
	};
	int error;

	error = wnv_draft_record_pa(
		draft, object, wnv_value(draft, object, WNV_L2ONLY_PA),
		wnv_value(draft, object, WNV_L2ONLY_RULE), &record);
	return error ? error : wnv_draft_record_add(draft, &record);
}

int wnv_draft_l2only(struct wnv_draft *draft)
{
	const struct vs_noun *l2only = &wnv_nouns[WNV_NOUN_L2ONLY];
	const struct vs_object *object;
	uint32_t i, count = 0;
	int error = 0;

	for (i = 0; i < draft->subnet_count; i++) {
		object = NULL;
		while ((object = wnv_next(draft, l2only,
					  draft->subnets[i].object, object)))
			count++;
	}
	if (wnv_index_create(&draft->index.by_l2only, count))
		return wnv_no_memory(draft);
	for (i = 0; i < draft->subnet_count; i++) {
		object = NULL;
		while (!error &&
		       (object = wnv_next(draft, l2only,
					  draft->subnets[i].object, object)))
			error = draft_l2only(draft, &draft->subnets[i], object);
	}
	return error;
}
