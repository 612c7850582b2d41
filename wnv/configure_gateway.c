// SPDX-License-Identifier: Apache-2.0
/*
 * configure_gateway.c: gateway wildcards (hnv.md A2.10): who forwards for
 * addresses outside of a customer network. A part of configure's third step
 * (draft.h), after the records of VMs.
 */
#include <errno.h>

#include "draft.h"

/* The families of the list; unset: those of the subnet's prefixes. */
static int draft_families(struct wnv_draft *draft,
			  const struct wnv_draft_subnet *subnet,
			  const struct vs_object *object,
			  struct wnv_record *record)
{
	const struct vs_value *list =
		wnv_value(draft, object, WNV_GATEWAY_FAMILIES);
	uint16_t i;

	for (i = 0; list->present && i < list->count; i++) {
		if (list->list[i].number == 4)
			record->families |= WNV_FAMILY_V4;
		else if (list->list[i].number == 6)
			record->families |= WNV_FAMILY_V6;
		else
			return wnv_refuse(draft, AT(object, "families"), EINVAL,
					  "an address family is 4 or 6");
	}
	for (i = 0; !list->present && i < subnet->plan.prefix_count; i++)
		record->families |= vs_ip_is_v4(&subnet->prefixes[i].ip)
					    ? WNV_FAMILY_V4
					    : WNV_FAMILY_V6;
	return 0;
}

static int draft_gateway(struct wnv_draft *draft,
			 const struct wnv_draft_subnet *subnet,
			 const struct vs_object *object)
{
	struct wnv_record record = {
		.vsid = subnet->plan.vsid,
		.mac = wnv_value(draft, object, WNV_GATEWAY_MAC)->mac,
		.type = WNV_TYPE_GATEWAY,
	};
	int error;

	error = wnv_draft_record_pa(
		draft, object, wnv_value(draft, object, WNV_GATEWAY_PA),
		wnv_value(draft, object, WNV_GATEWAY_RULE), &record);
	if (!error)
		error = draft_families(draft, subnet, object, &record);
	return error ? error : wnv_draft_record_add(draft, &record);
}

int wnv_draft_gateways(struct wnv_draft *draft)
{
	const struct vs_noun *gateway = &wnv_nouns[WNV_NOUN_GATEWAY];
	const struct vs_object *object;
	uint32_t i;
	int error = 0;

	for (i = 0; i < draft->subnet_count; i++) {
		object = NULL;
		while (!error &&
		       (object = wnv_next(draft, gateway,
					  draft->subnets[i].object, object)))
			error = draft_gateway(draft, &draft->subnets[i],
					      object);
	}
	return error;
}
