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

struct shared_draft {
	struct wnv_draft *draft;
	struct wnv_index own;	/* VMs' own records, by (VSID, MAC) */
	struct wnv_index ports; /* by (VSID, MAC) of the VM */
};

/* A shared address. Its records stand at `at`, and from `more` to `end`. */
struct shared_address {
	const struct vs_object *object;
	uint32_t at, more, end;
};

static uint32_t hash_of(const struct wnv_draft *draft, struct vs_vsid vsid,
			const struct vs_mac *mac)
{
	return wnv_hash_mac(draft->seed, vsid, mac);
}

static bool is_own(const struct wnv_record *record)
{
	return record->type == WNV_TYPE_STATIC ||
	       record->type == WNV_TYPE_L2ONLY;
}

static int shared_index(struct shared_draft *shared)
{
	const struct wnv_draft *draft = shared->draft;
	uint32_t i, count = 0;

	for (i = 0; i < draft->record_count; i++)
		count += is_own(&draft->records[i]);
	if (wnv_index_create(&shared->own, count) ||
	    wnv_index_create(&shared->ports, draft->port_count))
		return -ENOMEM;
	for (i = 0; i < draft->record_count; i++)
		if (is_own(&draft->records[i]))
			wnv_index_add(&shared->own,
				      hash_of(draft, draft->records[i].vsid,
					      &draft->records[i].mac),
				      i);
	for (i = 0; i < draft->port_count; i++)
		if (draft->ports[i].profile.has_mac)
			wnv_index_add(&shared->ports,
				      hash_of(draft, draft->ports[i].vsid,
					      &draft->ports[i].profile.mac),
				      i);
	return 0;
}

/* The VM's own record: where it lives. */
static const struct wnv_record *own_record(const struct shared_draft *shared,
					   struct vs_vsid vsid,
					   const struct vs_mac *mac)
{
	const struct wnv_draft *draft = shared->draft;

	WNV_INDEX_EACH(i, &shared->own, hash_of(draft, vsid, mac))
	if (vs_vsid_equal(draft->records[i].vsid, vsid) &&
	    vs_mac_equal(&draft->records[i].mac, mac))
		return &draft->records[i];
	return NULL;
}

static int add_owner(const struct shared_draft *shared,
		     const struct shared_address *address,
		     const struct vs_mac *mac)
{
	struct wnv_draft *draft = shared->draft;
	struct wnv_record owner = draft->records[address->at];
	const struct wnv_record *own = own_record(shared, owner.vsid, mac);
	const struct vs_object *object = address->object;
	char text[VS_MAC_TEXT];

	vs_mac_format(mac, text);
	if (vs_mac_equal(&owner.mac, mac))
		return wnv_refuse(draft, AT(object, "also-mac"), EEXIST,
				  "%s is the record's mac already: name the "
				  "other VMs only",
				  text);
	if (!own)
		return wnv_refuse(draft, AT(object, "also-mac"), ENOENT,
				  "%s has no record of its own in subnet %u, "
				  "which would say where it is: add its ca or "
				  "l2only record",
				  text, owner.vsid.value);
	owner.mac = *mac;
	owner.pa = own->pa;
	owner.rule = own->rule;
	owner.flags = own->flags & (WNV_RECORD_LOCAL | WNV_RECORD_WAITS);
	return wnv_draft_record_append(draft, &owner);
}

/* -- a virtual router's MAC ------------------------------------------------
 */

static int dress_port(struct wnv_draft *draft, const struct vs_object *object,
		      struct wnv_draft_port *port, const struct vs_mac *mac)
{
	struct vs_wandering_macs *macs = &port->profile.wandering;
	uint16_t k;

	for (k = 0; k < macs->count; k++)
		if (vs_mac_equal(&macs->list[k], mac))
			return 0;
	if (k == VS_PROFILE_MACS)
		return wnv_refuse(draft, AT(object, "also-mac"), E2BIG,
				  "port %s would have more than %u "
				  "virtual MACs",
				  port->name, VS_PROFILE_MACS);
	macs->list[macs->count++] = *mac;
	return 0;
}

/* The port of an owner here may send from it. */
static int dress_ports(const struct shared_draft *shared,
		       const struct vs_object *object,
		       const struct wnv_record *owner, const struct vs_mac *mac)
{
	struct wnv_draft *draft = shared->draft;
	struct wnv_draft_port *port;
	int error = 0;

	WNV_INDEX_EACH(i, &shared->ports,
		       hash_of(draft, owner->vsid, &owner->mac))
	{
		port = &draft->ports[i];
		if (vs_vsid_equal(port->vsid, owner->vsid) &&
		    vs_mac_equal(&port->profile.mac, &owner->mac))
			error = dress_port(draft, object, port, mac);
		if (error)
			break;
	}
	return error;
}

/* The MAC at the place of one owner, once per place (shared.h). */
static int add_shadow(const struct shared_draft *shared,
		      const struct shared_address *address, uint32_t owner,
		      const struct vs_mac *mac)
{
	struct wnv_draft *draft = shared->draft;
	struct wnv_record shadow = draft->records[owner];
	int error = dress_ports(shared, address->object, &draft->records[owner],
				mac);
	uint32_t i;

	if (error)
		return error;
	for (i = address->end; i < draft->record_count; i++)
		if (wnv_pa_equal(&draft->records[i].pa, &shadow.pa))
			return 0;
	shadow.mac = *mac;
	return wnv_draft_record_append(draft, &shadow);
}

static int add_shadows(const struct shared_draft *shared,
		       const struct shared_address *address,
		       const struct vs_mac *mac)
{
	int error = add_shadow(shared, address, address->at, mac);
	uint32_t i;

	for (i = address->more; !error && i < address->end; i++)
		error = add_shadow(shared, address, i, mac);
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

/* What it is to be, by itself. */
static int check_fields(struct wnv_draft *draft, const struct vs_object *object,
			const struct wnv_record *record)
{
	const struct vs_value *list = wnv_value(draft, object, WNV_CA_ALSO_MAC);

	if (wnv_mac_is_virtual(&record->mac))
		return wnv_refuse(draft, AT(object, "mac"), EINVAL,
				  "a virtual router's MAC is no VM's: write "
				  "that of a VM, and this one in also-mac");
	if (!list->present || !list->count)
		return wnv_refuse(draft, AT(object, "also-mac"), EINVAL,
				  "a record of type shared names the other VMs "
				  "that may have the address: write also-mac=, "
				  "or type=static");
	return 0;
}

/* Those of also-mac, each once. */
static int add_owners(const struct shared_draft *shared,
		      const struct shared_address *address)
{
	const struct vs_value *list =
		wnv_value(shared->draft, address->object, WNV_CA_ALSO_MAC);
	const struct vs_mac *mac;
	uint16_t i, j;
	int error = 0;

	for (i = 0; !error && i < list->count; i++) {
		mac = &list->list[i].mac;
		for (j = 0; j < i; j++)
			if (vs_mac_equal(&list->list[j].mac, mac))
				break;
		if (j == i && !wnv_mac_is_virtual(mac))
			error = add_owner(shared, address, mac);
	}
	return error;
}

static int draft_shared(const struct shared_draft *shared,
			const struct vs_object *object, uint32_t at)
{
	struct wnv_draft *draft = shared->draft;
	struct shared_address address = {
		.object = object, .at = at, .more = draft->record_count};
	const struct vs_mac *virtual;
	int error = check_fields(draft, object, &draft->records[at]);

	if (error)
		return error;
	if (!find_virtual(draft, object, &draft->records[at], &virtual))
		return -EINVAL;
	error = add_owners(shared, &address);
	address.end = draft->record_count;
	if (error || !virtual)
		return error;
	if (address.end == address.more)
		return wnv_refuse(draft, AT(object, "also-mac"), EINVAL,
				  "only the virtual MAC stands there: name the "
				  "other VMs that may have the address");
	return add_shadows(shared, &address, virtual);
}

static int draft_subnet(const struct shared_draft *shared,
			const struct wnv_draft_subnet *subnet)
{
	const struct wnv_draft *draft = shared->draft;
	const struct vs_noun *noun = &wnv_nouns[WNV_NOUN_CA];
	const struct vs_object *object = NULL;
	const struct wnv_record *record;
	struct wnv_ca ca;
	int error = 0;

	while (!error &&
	       (object = wnv_next(draft, noun, subnet->object, object))) {
		ca.ip = wnv_value(draft, object, WNV_CA_ADDRESS)->ip;
		record = wnv_draft_record_find(draft, subnet->plan.vsid, &ca);
		/* the gateway's is no record */
		if (record && record->type == WNV_TYPE_SHARED)
			error = draft_shared(
				shared, object,
				(uint32_t)(record - draft->records));
	}
	return error;
}

int wnv_draft_shared(struct wnv_draft *draft)
{
	struct shared_draft shared = {.draft = draft};
	uint32_t i;
	int error;

	if (!draft->shares)
		return 0;
	error = shared_index(&shared) ? wnv_no_memory(draft) : 0;
	for (i = 0; !error && i < draft->subnet_count; i++)
		error = draft_subnet(&shared, &draft->subnets[i]);
	wnv_index_destroy(&shared.own);
	wnv_index_destroy(&shared.ports);
	return error;
}
