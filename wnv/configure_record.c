/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_record.c: lookup records (hnv.md A2): the third step of configure
 * (draft.h). A record on a gateway's address gives the gateway its MAC.
 */
#include <errno.h>

#include "draft.h"

/* HNV's gateway records name this PA, or the host's own (hnv.md A4.17). */
static bool is_dummy_pa(const struct wnv_pa *pa)
{
	static const uint8_t dummy[4] = {169, 254, 254, 254};
	const struct vs_ip ip = vs_ip_from_v4(dummy);

	return vs_ip_equal(&pa->ip, &ip);
}

static int check_ca(struct wnv_draft *draft,
		    const struct wnv_draft_subnet *subnet,
		    const struct vs_object *object, const struct wnv_ca *ca)
{
	char text[VS_IP_TEXT];

	vs_ip_format(&ca->ip, text);
	if (vs_ip_is_unspecified(&ca->ip))
		return wnv_refuse(draft, AT(object, NULL), EINVAL,
				  "%s is no VM's address: a record names one "
				  "customer address; whoever forwards to all "
				  "others stands in gateways, a VM whose "
				  "address is not known in l2only",
				  text);
	if (wnv_ip_is_martian(&ca->ip))
		return wnv_refuse(draft, AT(object, NULL), EINVAL,
				  "%s is a group or reserved address: a record "
				  "names one VM's address; what carries group "
				  "frames stands in groups",
				  text);
	if (wnv_prefixes_reserve(subnet->prefixes, subnet->plan.prefix_count,
				 &ca->ip))
		return wnv_refuse(draft, AT(object, NULL), EINVAL,
				  "%s is the network's own or the broadcast "
				  "address of a prefix of subnet %u: no VM can "
				  "have it",
				  text, subnet->plan.vsid.value);
	return 0;
}

int wnv_draft_record_pa(struct wnv_draft *draft, const struct vs_object *object,
			const struct vs_value *pa, const struct vs_value *rule,
			struct wnv_record *record)
{
	record->rule = rule->present ? (uint8_t)rule->choice : WNV_RULE_ENCAP;
	if (pa->present) {
		record->pa.ip = pa->ip;
		return wnv_check_pa(draft, object, "pa", &pa->ip);
	}
	if (record->rule == WNV_RULE_NONE)
		return 0;
	return wnv_refuse(draft, AT(object, "pa"), EINVAL,
			  "a record needs a provider address unless its rule "
			  "is none: write pa=, or rule=none");
}

/*
 * A record on the gateway's own address: HNV's way to give the gateway a MAC
 * if its PA is the dummy or ours; a VM's record has no place there.
 */
static int gateway_record(struct wnv_draft *draft,
			  struct wnv_draft_subnet *subnet,
			  const struct vs_object *object,
			  const struct wnv_record *record)
{
	char text[VS_IP_TEXT], mac[VS_MAC_TEXT];

	if (!is_dummy_pa(&record->pa) &&
	    !wnv_draft_pa_local(draft, &record->pa))
		return wnv_refuse(draft, AT(object, NULL), EEXIST,
				  "%s is the gateway of subnet %u: give the VM "
				  "another address, or set the subnet's "
				  "gateway= to another address or none",
				  vs_ip_format(&record->ca.ip, text),
				  subnet->plan.vsid.value);
	if (subnet->gateway_record &&
	    !vs_mac_equal(&subnet->plan.gateway_mac, &record->mac))
		return wnv_refuse(
			draft, AT(object, "mac"), EEXIST,
			"another record gives the gateway of subnet "
			"%u the MAC %s: write one MAC in both",
			subnet->plan.vsid.value,
			vs_mac_format(&subnet->plan.gateway_mac, mac));
	subnet->gateway_record = true;
	subnet->plan.gateway_mac = record->mac;
	return 0;
}

static void warn_record(struct wnv_draft *draft,
			const struct wnv_draft_subnet *subnet,
			const struct vs_object *object,
			const struct wnv_record *record)
{
	char text[VS_IP_TEXT];

	vs_ip_format(&record->ca.ip, text);
	if (!wnv_is_link_local6(&record->ca.ip) &&
	    !wnv_draft_subnet_holds(subnet, &record->ca))
		wnv_warn(draft, object,
			 "%s is in no prefix of subnet %u: nothing is routed "
			 "to it",
			 text, record->vsid.value);
	if (is_dummy_pa(&record->pa))
		wnv_warn(draft, object,
			 "169.254.254.254 stands for no host: the record of %s "
			 "is unusable",
			 text);
}

static int record_type(struct wnv_draft *draft, const struct vs_object *object,
		       struct wnv_record *record)
{
	const struct vs_value *type = wnv_value(draft, object, WNV_CA_TYPE);

	if (type->present)
		record->type = (uint8_t)type->choice;
	if (record->type == WNV_TYPE_SHARED)
		draft->shares = true;
	else if (record->type != WNV_TYPE_STATIC)
		return wnv_refuse(
			draft, AT(object, "type"), EINVAL,
			"a record of a customer address is static or "
			"shared; dynamic ones are learned, for l2only "
			"and gateway there are nouns of that name");
	else if (wnv_value(draft, object, WNV_CA_ALSO_MAC)->present)
		return wnv_refuse(
			draft, AT(object, "also-mac"), EINVAL,
			"only an address that several VMs may have in "
			"turn has also-mac: write type=shared");
	return 0;
}

/* Where the VM is about to go (hnv.md A8). */
static int draft_next_pa(struct wnv_draft *draft,
			 const struct vs_object *object,
			 const struct wnv_record *record)
{
	const struct vs_value *next = wnv_value(draft, object, WNV_CA_NEXT_PA);
	struct wnv_move *moves;
	char pa[VS_IP_TEXT];
	int error;

	if (!next->present)
		return 0;
	vs_ip_format(&next->ip, pa);
	error = wnv_check_pa(draft, object, "next-pa", &next->ip);
	if (error)
		return error;
	if (record->rule == WNV_RULE_NONE || record->type != WNV_TYPE_STATIC)
		return wnv_refuse(draft, AT(object, "next-pa"), EINVAL,
				  "only a static record with a rule other than "
				  "none moves: remove next-pa");
	if (vs_ip_equal(&next->ip, &record->pa.ip))
		return wnv_refuse(draft, AT(object, "next-pa"), EINVAL,
				  "%s is the record's pa already: remove "
				  "next-pa, or name where the VM goes",
				  pa);
	moves = wnv_grow(draft->moves, draft->move_count, sizeof(*moves));
	if (!moves)
		return wnv_no_memory(draft);
	draft->moves = moves;
	moves[draft->move_count++] = (struct wnv_move){
		.vsid = record->vsid,
		.mac = record->mac,
		.ca = record->ca,
		.pa.ip = next->ip,
		.until_ns = MOVES_FOR_EVER,
	};
	return 0;
}

static int draft_record(struct wnv_draft *draft,
			struct wnv_draft_subnet *subnet,
			const struct vs_object *object)
{
	struct wnv_record record = {
		.ca.ip = wnv_value(draft, object, WNV_CA_ADDRESS)->ip,
		.vsid = subnet->plan.vsid,
		.mac = wnv_value(draft, object, WNV_CA_MAC)->mac,
	};
	const struct vs_value *vm_mac =
		wnv_value(draft, object, WNV_CA_USE_VM_MAC);
	char text[VS_IP_TEXT];
	int error = check_ca(draft, subnet, object, &record.ca);

	if (!error)
		error = record_type(draft, object, &record);
	if (!error)
		error = wnv_draft_record_pa(
			draft, object, wnv_value(draft, object, WNV_CA_PA),
			wnv_value(draft, object, WNV_CA_RULE), &record);
	if (error)
		return error;
	if (vm_mac->present && vm_mac->truth)
		record.flags |= WNV_RECORD_VM_MAC;
	if (wnv_draft_subnet_is_gateway(subnet, &record.ca))
		return gateway_record(draft, subnet, object, &record);
	if (wnv_draft_record_find(draft, record.vsid, &record.ca))
		return wnv_refuse(draft, AT(object, NULL), EEXIST,
				  "%s has two records in subnet %u: keep one",
				  vs_ip_format(&record.ca.ip, text),
				  record.vsid.value);
	error = draft_next_pa(draft, object, &record);
	if (error)
		return error;
	warn_record(draft, subnet, object, &record);
	if (vs_mac_is_zero(&subnet->a_mac))
		subnet->a_mac = record.mac;
	else if (!vs_mac_equal(&subnet->a_mac, &record.mac))
		subnet->several_macs = true;
	return wnv_draft_record_add(draft, &record);
}

const struct vs_object *wnv_draft_record_object(const struct wnv_draft *draft,
						const struct wnv_record *record)
{
	const struct wnv_draft_subnet *subnet =
		wnv_draft_subnet_find(draft, record->vsid);
	bool by_mac = record->type == WNV_TYPE_L2ONLY ||
		      record->type == WNV_TYPE_GATEWAY;
	const struct vs_noun *noun =
		&wnv_nouns[record->type == WNV_TYPE_L2ONLY    ? WNV_NOUN_L2ONLY
			   : record->type == WNV_TYPE_GATEWAY ? WNV_NOUN_GATEWAY
							      : WNV_NOUN_CA];
	const struct vs_object *object = NULL;
	const struct vs_value *key;

	while ((object = wnv_next(draft, noun, subnet->object, object))) {
		key = wnv_value(draft, object, 0);
		if (by_mac ? vs_mac_equal(&key->mac, &record->mac)
			   : vs_ip_equal(&key->ip, &record->ca.ip))
			break;
	}
	return object;
}

/* A VM with the gateway's MAC could never send. */
static int check_gateway_macs(struct wnv_draft *draft)
{
	const struct wnv_draft_subnet *subnet;
	const struct wnv_record *record;
	const char *field;
	char text[VS_MAC_TEXT];
	uint32_t i;

	for (i = 0; i < draft->record_count; i++) {
		record = &draft->records[i];
		subnet = wnv_draft_subnet_find(draft, record->vsid);
		field = record->type == WNV_TYPE_STATIC ||
					record->type == WNV_TYPE_SHARED
				? "mac"
				: NULL;
		if (vs_mac_equal(&record->mac, &subnet->plan.gateway_mac))
			return wnv_refuse(
				draft,
				AT(wnv_draft_record_object(draft, record),
				   field),
				EEXIST,
				"%s is the MAC of the gateway of "
				"subnet %u: give the VM another one",
				vs_mac_format(&record->mac, text),
				record->vsid.value);
	}
	return 0;
}

/* How many records the ports may add. */
static uint32_t count_port_cas(const struct wnv_draft *draft)
{
	const struct vs_object *object = NULL;
	const struct vs_noun *port;
	const struct vs_value *list;
	uint32_t count = 0;

	port = draft->settings->ops->noun(draft->settings, "port");
	while (port && (object = wnv_next(draft, port, NULL, object))) {
		list = wnv_value(draft, object, VS_PORT_CA);
		count += list->present ? list->count : 0;
	}
	return count;
}

int wnv_draft_records(struct wnv_draft *draft)
{
	const struct vs_noun *ca = &wnv_nouns[WNV_NOUN_CA];
	const struct vs_object *object;
	uint32_t i, count = count_port_cas(draft);
	int error = 0;

	for (i = 0; i < draft->subnet_count; i++) {
		object = NULL;
		while ((object = wnv_next(draft, ca, draft->subnets[i].object,
					  object)))
			count++;
	}
	if (wnv_index_create(&draft->index.by_ca, count))
		return wnv_no_memory(draft);
	for (i = 0; i < draft->subnet_count; i++) {
		object = NULL;
		while (!error &&
		       (object = wnv_next(draft, ca, draft->subnets[i].object,
					  object)))
			error = draft_record(draft, &draft->subnets[i], object);
	}
	if (!error)
		error = wnv_draft_l2only(draft);
	if (!error)
		error = wnv_draft_gateways(draft);
	if (!error)
		error = check_gateway_macs(draft);
	return error;
}
