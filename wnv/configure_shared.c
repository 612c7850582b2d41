/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_shared.c: records of type shared: an address that several VMs may
 * have in turn (a VRRP or keepalived address). After the ports, which may have
 * added the records of such VMs; before the routes (draft.h).
 *
 * Each further owner of `also-mac` becomes a record of its own, with the PA
 * and rule of that VM's own record, behind the first in the chain of (VSID,
 * CA). Which of them is the owner now is learned (learn.c).
 */
#include <errno.h>

#include "draft.h"

/* The VM's own record: where it lives. */
static const struct wnv_record *own_record(const struct wnv_draft *draft,
					   struct vs_vsid vsid,
					   const struct vs_mac *mac)
{
	const struct wnv_record *record;
	uint32_t i;

	for (i = 0; i < draft->record_count; i++) {
		record = &draft->records[i];
		if ((record->type == WNV_TYPE_STATIC ||
		     record->type == WNV_TYPE_L2ONLY) &&
		    vs_vsid_equal(record->vsid, vsid) &&
		    vs_mac_equal(&record->mac, mac))
			return record;
	}
	return NULL;
}

static int add_owner(struct wnv_draft *draft, const struct vs_object *object,
		     struct wnv_record shared, const struct vs_mac *mac)
{
	const struct wnv_record *own = own_record(draft, shared.vsid, mac);
	char text[VS_MAC_TEXT];

	vs_mac_format(mac, text);
	if (vs_mac_equal(&shared.mac, mac))
		return wnv_refuse(draft, AT(object, "also-mac"), EEXIST,
				  "%s is the record's mac already: name the "
				  "other VMs only",
				  text);
	if (!own)
		return wnv_refuse(draft, AT(object, "also-mac"), ENOENT,
				  "%s has no record of its own in subnet %u, "
				  "which would say where it is: add its ca or "
				  "l2only record",
				  text, shared.vsid.value);
	shared.mac = *mac;
	shared.pa = own->pa;
	shared.rule = own->rule;
	shared.flags = own->flags & (WNV_RECORD_LOCAL | WNV_RECORD_WAITS);
	return wnv_draft_record_add(draft, &shared);
}

static int draft_shared(struct wnv_draft *draft, struct wnv_record shared)
{
	const struct vs_object *object =
		wnv_draft_record_object(draft, &shared);
	const struct vs_value *list = wnv_value(draft, object, WNV_CA_ALSO_MAC);
	uint16_t i, j;
	int error = 0;

	if (!list->present || !list->count)
		return wnv_refuse(draft, AT(object, "also-mac"), EINVAL,
				  "a record of type shared names the other VMs "
				  "that may have the address: write also-mac=, "
				  "or type=static");
	for (i = 0; !error && i < list->count; i++) {
		for (j = 0; j < i; j++)
			if (vs_mac_equal(&list->list[j].mac,
					 &list->list[i].mac))
				break;
		if (j == i)
			error = add_owner(draft, object, shared,
					  &list->list[i].mac);
	}
	return error;
}

int wnv_draft_shared(struct wnv_draft *draft)
{
	uint32_t i, count = draft->record_count;
	int error = 0;

	for (i = 0; !error && draft->shares && i < count; i++)
		if (draft->records[i].type == WNV_TYPE_SHARED)
			error = draft_shared(draft, draft->records[i]);
	return error;
}
