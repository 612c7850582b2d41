/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_shared.c: records of type shared: an address that several VMs may
 * have in turn (a VRRP or keepalived address). After the ports, which may have
 * added the records of such VMs; before the routes (draft.h).
 *
 * Each further owner of `also-mac` becomes a record of its own, with the PA
 * and rule of that VM's own record, behind the first in the chain of (VSID,
 * CA). Which of them is the owner now is learned (learn.c). A VRRP router's MAC
 * in `also-mac` becomes a shadow of each owner (shared.h).
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
	return wnv_draft_record_append(draft, &shared);
}

/* -- a virtual router's MAC ------------------------------------------------
 */

/* The port of an owner here may send from it. */
static int dress_port(struct wnv_draft *draft, const struct vs_object *object,
		      const struct wnv_record *owner, const struct vs_mac *mac)
{
	struct vs_wandering_macs *macs;
	struct wnv_draft_port *port;
	uint32_t i;
	uint16_t k;

	for (i = 0; i < draft->port_count; i++) {
		port = &draft->ports[i];
		macs = &port->profile.wandering;
		if (!vs_vsid_equal(port->vsid, owner->vsid) ||
		    !port->profile.has_mac ||
		    !vs_mac_equal(&port->profile.mac, &owner->mac))
			continue;
		for (k = 0; k < macs->count; k++)
			if (vs_mac_equal(&macs->list[k], mac))
				break;
		if (k == VS_PROFILE_MACS)
			return wnv_refuse(draft, AT(object, "also-mac"), E2BIG,
					  "port %s would have more than %u "
					  "virtual MACs",
					  port->name, VS_PROFILE_MACS);
		macs->list[k] = *mac;
		macs->count =
			k == macs->count ? (uint16_t)(k + 1) : macs->count;
	}
	return 0;
}

/* The MAC at the place of each owner, once (shared.h). */
static int add_shadows(struct wnv_draft *draft, const struct vs_object *object,
		       const struct wnv_record *first, const struct vs_mac *mac)
{
	uint32_t i, j, count = draft->record_count;
	struct wnv_record shadow;
	int error = 0;

	for (i = 0; !error && i < count; i++) {
		shadow = draft->records[i];
		if (shadow.type != WNV_TYPE_SHARED ||
		    !vs_vsid_equal(shadow.vsid, first->vsid) ||
		    !wnv_ca_equal(&shadow.ca, &first->ca))
			continue;
		error = dress_port(draft, object, &draft->records[i], mac);
		shadow.mac = *mac;
		for (j = count; j < draft->record_count; j++)
			if (wnv_pa_equal(&draft->records[j].pa, &shadow.pa))
				break;
		if (!error && j == draft->record_count)
			error = wnv_draft_record_append(draft, &shadow);
	}
	return error;
}

/* The one of also-mac, or NULL; false: it can't be. */
static bool find_virtual(struct wnv_draft *draft,
			 const struct vs_object *object,
			 const struct wnv_record *shared,
			 const struct vs_mac **virtual)
{
	const struct vs_value *list = wnv_value(draft, object, WNV_CA_ALSO_MAC);
	bool ipv6 = !vs_ip_is_v4(&shared->ca.ip);
	const struct vs_mac *mac;
	char text[VS_MAC_TEXT];
	uint16_t i;

	*virtual = NULL;
	for (i = 0; i < list->count; i++) {
		mac = &list->list[i].mac;
		if (!wnv_mac_is_virtual(mac))
			continue;
		vs_mac_format(mac, text);
		if (!wnv_mac_fits(mac, ipv6) || *virtual) {
			wnv_refuse(draft, AT(object, "also-mac"), EINVAL,
				   "%s: %s", text,
				   *virtual ? "an address has one virtual MAC: "
					      "keep one"
				   : ipv6   ? "an IPv6 address has the virtual "
					      "MAC 00:00:5e:00:02:ID"
					    : "an IPv4 address has the virtual "
					      "MAC 00:00:5e:00:01:ID");
			return false;
		}
		*virtual = mac;
	}
	return true;
}

/* -- one record ------------------------------------------------------------
 */

static int draft_shared(struct wnv_draft *draft, struct wnv_record shared)
{
	const struct vs_object *object =
		wnv_draft_record_object(draft, &shared);
	const struct vs_value *list = wnv_value(draft, object, WNV_CA_ALSO_MAC);
	const struct vs_mac *virtual, *mac;
	uint16_t i, j, owners = 0;
	int error = 0;

	if (wnv_mac_is_virtual(&shared.mac))
		return wnv_refuse(draft, AT(object, "mac"), EINVAL,
				  "a virtual router's MAC is no VM's: write "
				  "that of a VM, and this one in also-mac");
	if (!list->present || !list->count)
		return wnv_refuse(draft, AT(object, "also-mac"), EINVAL,
				  "a record of type shared names the other VMs "
				  "that may have the address: write also-mac=, "
				  "or type=static");
	if (!find_virtual(draft, object, &shared, &virtual))
		return -EINVAL;
	for (i = 0; !error && i < list->count; i++) {
		mac = &list->list[i].mac;
		for (j = 0; j < i; j++)
			if (vs_mac_equal(&list->list[j].mac, mac))
				break;
		if (j < i || wnv_mac_is_virtual(mac))
			continue;
		owners++;
		error = add_owner(draft, object, shared, mac);
	}
	if (!error && virtual && !owners)
		return wnv_refuse(draft, AT(object, "also-mac"), EINVAL,
				  "only the virtual MAC stands there: name the "
				  "other VMs that may have the address");
	return error || !virtual ? error
				 : add_shadows(draft, object, &shared, virtual);
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
