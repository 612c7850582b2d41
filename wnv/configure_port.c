/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configure_port.c: what policy says of this switch's ports: the fourth step
 * of configure (draft.h). A port's `ca` finds its record or makes one; the
 * port's profile (MAC, addresses, MTU, gateways, why it waits) follows.
 */
#include <errno.h>
#include <stdio.h>

#include "draft.h"

#define EXTERNAL_ISOLATION 2u /* "external-virtual-subnet" */

/* A locally administered MAC from VSID and CA, the same on every host that
 * derives it; not the gateway's 02:56:53. */
static struct vs_mac derived_mac(struct vs_vsid vsid, const struct wnv_ca *ca)
{
	uint64_t hash = wnv_hash_mix(vsid.value + 1, 0x9e3779b97f4a7c15u);
	struct vs_mac mac = {{0x02}};
	unsigned int i;

	for (i = 0; i < sizeof(ca->ip.octet); i++)
		hash = wnv_hash_mix(hash ^ ca->ip.octet[i],
				    0xa0761d6478bd642fu);
	for (i = 1; i < sizeof(mac.octet); i++)
		mac.octet[i] = (uint8_t)(hash >> 8 * i);
	if (mac.octet[1] == 0x56 && mac.octet[2] == 0x53)
		mac.octet[1] = 0x57;
	return mac;
}

/* The lowest of our PAs; not set without one. */
static struct wnv_pa lowest_pa(const struct wnv_draft *draft)
{
	struct wnv_pa lowest = {0};
	uint32_t i;

	for (i = 0; i < draft->provider_count; i++)
		if (!i || wnv_pa_compare(&draft->providers[i].pa, &lowest) < 0)
			lowest = draft->providers[i].pa;
	return lowest;
}

/*
 * The MAC of a port that has no record: what the document says, the device's
 * where the device is the VM's own side, else derived.
 */
static struct vs_mac automatic_mac(const struct wnv_draft *draft,
				   const struct wnv_draft_port *port,
				   const struct wnv_ca *ca)
{
	const struct vs_port_info *info =
		draft->settings->ops->port(draft->settings, port->object);
	bool own_side = wnv_value(draft, port->object, VS_PORT_TAP)->present &&
			!wnv_value(draft, port->object, VS_PORT_NETNS)->present;

	if (port->profile.has_mac)
		return port->profile.mac;
	if (own_side && info && !vs_mac_is_zero(&info->mac))
		return info->mac;
	return derived_mac(port->vsid, ca);
}

static int make_record(struct wnv_draft *draft, struct wnv_draft_port *port,
		       const struct wnv_ca *ca)
{
	struct wnv_record record = {
		.ca = *ca,
		.pa = lowest_pa(draft),
		.vsid = port->vsid,
		.mac = automatic_mac(draft, port, ca),
		.flags = WNV_RECORD_AUTO,
	};

	/* no PA at all: a switch without wire keeps it to itself */
	if (!wnv_pa_is_set(&record.pa)) {
		record.rule = WNV_RULE_NONE;
		record.flags |= WNV_RECORD_LOCAL;
	}
	return wnv_draft_record_add(draft, &record);
}

static void add_address(struct wnv_draft_port *port,
			const struct wnv_draft_subnet *subnet,
			const struct wnv_ca *ca)
{
	struct vs_port_profile *profile = &port->profile;
	struct vs_prefix address = {ca->ip, 128};
	uint16_t i;

	if (wnv_is_link_local6(&ca->ip))
		address.length = 64;
	for (i = 0; i < subnet->plan.prefix_count; i++)
		if (vs_prefix_contains(&subnet->prefixes[i], &ca->ip))
			address.length = subnet->prefixes[i].length;
	profile->addresses[profile->address_count++] = address;
}

/* One gateway per family that the port has an address of, on its link. */
static void add_gateways(struct wnv_draft_port *port,
			 const struct wnv_draft_subnet *subnet)
{
	struct vs_port_profile *profile = &port->profile;
	const struct vs_prefix *address;
	bool done[2] = {false, false};
	struct vs_prefix link;
	uint16_t i, j;
	bool v4;

	for (i = 0; i < profile->address_count; i++) {
		address = &profile->addresses[i];
		link = *address;
		v4 = vs_ip_is_v4(&address->ip);
		for (j = 0; !done[v4] && j < subnet->plan.gateway_count; j++) {
			if (!vs_prefix_contains(&link, &subnet->gateways[j].ip))
				continue;
			profile->gateways[profile->gateway_count++] =
				subnet->gateways[j].ip;
			done[v4] = true;
		}
	}
}

/* The record's side of a port: one MAC, a PA that is here. */
static int join_record(struct wnv_draft *draft, struct wnv_draft_port *port,
		       struct wnv_record *record)
{
	struct vs_port_profile *profile = &port->profile;
	char ca[VS_IP_TEXT], pa[VS_IP_TEXT], one[VS_MAC_TEXT],
		other[VS_MAC_TEXT];

	vs_ip_format(&record->ca.ip, ca);
	if (profile->has_mac && !vs_mac_equal(&profile->mac, &record->mac) &&
	    record->flags & WNV_RECORD_AUTO)
		return wnv_refuse(
			draft, AT(port->object, "ca"), EEXIST,
			"another port has %s in subnet %u already: an "
			"address belongs to one port, give this one "
			"another",
			ca, port->vsid.value);
	if (profile->has_mac && !vs_mac_equal(&profile->mac, &record->mac))
		return wnv_refuse(draft, AT(port->object, "ca"), EINVAL,
				  "the record of %s in subnet %u has the MAC "
				  "%s, the port %s: remove the port's mac, or "
				  "plug the address into a port of its own",
				  ca, port->vsid.value,
				  vs_mac_format(&record->mac, one),
				  vs_mac_format(&profile->mac, other));
	profile->has_mac = true;
	profile->mac = record->mac;
	record->flags |= WNV_RECORD_PLUGGED;
	if (!wnv_pa_is_set(&record->pa)) {
		record->flags |= WNV_RECORD_LOCAL;
	} else if (!wnv_draft_pa_local(draft, &record->pa)) {
		record->flags |= WNV_RECORD_WAITS;
		snprintf(profile->waits, sizeof(profile->waits),
			 "record of %s names PA %s, which is not on this host",
			 ca, vs_ip_format(&record->pa.ip, pa));
	}
	return 0;
}

/* A port without addresses: what its VM takes is learned, if it may be. */
static void join_l2only(struct wnv_draft *draft, struct wnv_draft_port *port)
{
	struct vs_port_profile *profile = &port->profile;
	struct wnv_record *record =
		wnv_draft_l2only_find(draft, port->vsid, &profile->mac);
	const struct vs_value *limit =
		wnv_value(draft, port->object, VS_PORT_IP_LIMIT);
	char mac[VS_MAC_TEXT], pa[VS_IP_TEXT];

	if (!record)
		return;
	record->ip_limit = (uint16_t)(limit->present ? limit->number : 0);
	if (!wnv_pa_is_set(&record->pa)) {
		record->flags |= WNV_RECORD_LOCAL;
	} else if (!wnv_draft_pa_local(draft, &record->pa)) {
		record->flags |= WNV_RECORD_WAITS;
		snprintf(profile->waits, sizeof(profile->waits),
			 "l2only record of %s names PA %s, which is not on "
			 "this host",
			 vs_mac_format(&profile->mac, mac),
			 vs_ip_format(&record->pa.ip, pa));
	}
}

static int draft_port_ca(struct wnv_draft *draft, struct wnv_draft_port *port,
			 const struct wnv_draft_subnet *subnet,
			 const struct wnv_ca *ca)
{
	struct wnv_record *record;
	char text[VS_IP_TEXT];
	int error;

	vs_ip_format(&ca->ip, text);
	if (wnv_draft_subnet_is_gateway(subnet, ca))
		return wnv_refuse(draft, AT(port->object, "ca"), EEXIST,
				  "%s is the gateway of subnet %u: give the "
				  "port another address, or set the subnet's "
				  "gateway= to another address or none",
				  text, port->vsid.value);
	if (wnv_ip_is_martian(&ca->ip) ||
	    (!wnv_draft_subnet_holds(subnet, ca) &&
	     !wnv_is_link_local6(&ca->ip)))
		return wnv_refuse(draft, AT(port->object, "ca"), EINVAL,
				  "%s is in no prefix of subnet %u: give the "
				  "port an address of the subnet, or add the "
				  "prefix to it",
				  text, port->vsid.value);
	if (wnv_prefixes_reserve(subnet->prefixes, subnet->plan.prefix_count,
				 &ca->ip))
		return wnv_refuse(draft, AT(port->object, "ca"), EINVAL,
				  "%s is the network's own or the broadcast "
				  "address of a prefix of subnet %u: give the "
				  "port another one",
				  text, port->vsid.value);
	record = wnv_draft_record_find(draft, port->vsid, ca);
	if (!record) {
		error = make_record(draft, port, ca);
		if (error)
			return error;
		record = wnv_draft_record_find(draft, port->vsid, ca);
	}
	add_address(port, subnet, ca);
	return join_record(draft, port, record);
}

static int draft_port_cas(struct wnv_draft *draft, struct wnv_draft_port *port,
			  const struct wnv_draft_subnet *subnet)
{
	const struct vs_value *list =
		wnv_value(draft, port->object, VS_PORT_CA);
	struct wnv_ca ca;
	uint16_t i, j;
	int error = 0;

	if (!list->present) {
		if (!port->profile.has_mac)
			wnv_warn(draft, port->object,
				 "a port without ca and mac has no record, so "
				 "it can send nothing under the ca guard");
		return 0;
	}
	if (list->count > VS_PROFILE_ADDRESSES)
		return wnv_refuse(draft, AT(port->object, "ca"), E2BIG,
				  "a port has at most %u customer addresses",
				  VS_PROFILE_ADDRESSES);
	for (i = 0; !error && i < list->count; i++) {
		ca.ip = list->list[i].ip;
		for (j = 0; j < i; j++)
			if (vs_ip_equal(&list->list[j].ip, &ca.ip))
				break;
		if (j == i)
			error = draft_port_ca(draft, port, subnet, &ca);
	}
	return error;
}

/* VSID, MAC and MTU; then the addresses. */
static int draft_tenant_port(struct wnv_draft *draft,
			     struct wnv_draft_port *port)
{
	struct wnv_draft_subnet *subnet = wnv_draft_subnet_need(
		draft, AT(port->object, "vsid"), port->vsid);
	char text[VS_MAC_TEXT];
	int error;

	if (!subnet)
		return -ENOENT;
	subnet->plan.port_count++;
	port->profile.mtu = subnet->plan.mtu;
	error = draft_port_cas(draft, port, subnet);
	if (error)
		return error;
	if (port->profile.has_mac &&
	    vs_mac_equal(&port->profile.mac, &subnet->plan.gateway_mac))
		return wnv_refuse(draft, AT(port->object, "mac"), EEXIST,
				  "%s is the MAC of the gateway of subnet %u: "
				  "give the port another one",
				  vs_mac_format(&port->profile.mac, text),
				  port->vsid.value);
	if (port->profile.has_mac)
		join_l2only(draft, port);
	add_gateways(port, subnet);
	return 0;
}

static bool has_vlan(struct wnv_draft *draft, const struct vs_object *object)
{
	return wnv_value(draft, object, VS_PORT_VLAN)->present ||
	       wnv_value(draft, object, VS_PORT_TRUNK)->present;
}

/* Somebody else's VSID: nothing here knows it (hnv.md C8.8). */
static int external_port(struct wnv_draft *draft, struct wnv_draft_port *port)
{
	struct vs_vsid vsid = port->vsid;

	port->vsid.value = 0;
	if (!wnv_draft_subnet_find(draft, vsid))
		return 0;
	return wnv_refuse(draft, AT(port->object, "vsid"), EEXIST,
			  "VSID %u is a subnet of a network here, and the port "
			  "has isolation=external-virtual-subnet: take another "
			  "VSID, or leave out isolation",
			  vsid.value);
}

static bool is_external(struct wnv_draft *draft, const struct vs_object *object)
{
	const struct vs_value *mode =
		wnv_value(draft, object, VS_PORT_ISOLATION);

	return mode->present && mode->choice == EXTERNAL_ISOLATION;
}

static int draft_port(struct wnv_draft *draft, const struct vs_object *object)
{
	const struct vs_value *vsid = wnv_value(draft, object, VS_PORT_VSID);
	const struct vs_value *mac = wnv_value(draft, object, VS_PORT_MAC);
	bool tagged = wnv_value(draft, object, VS_PORT_RDMAP)->present;
	struct wnv_draft_port *ports, *port;

	if (wnv_value(draft, object, VS_PORT_SEE)->present)
		return 0; /* a monitor: nobody is behind it */
	if (!vsid->present && !tagged && !has_vlan(draft, object) &&
	    draft->provider_count)
		return wnv_refuse(draft, AT(object, "vsid"), EINVAL,
				  "the switch has a provider address, so a "
				  "port must say where it belongs: write the "
				  "vsid of a subnet, or vsid=0 for the "
				  "provider network itself");
	ports = wnv_grow(draft->ports, draft->port_count, sizeof(*ports));
	if (!ports)
		return wnv_no_memory(draft);
	draft->ports = ports;
	port = &ports[draft->port_count++];
	*port = (struct wnv_draft_port){
		.object = object,
		.name = wnv_value(draft, object, VS_PORT_NAME)->text,
	};
	port->profile.struct_size = sizeof(port->profile);
	if (vsid->present)
		port->vsid = vsid->vsid;
	if (mac->present) {
		port->profile.has_mac = true;
		port->profile.mac = mac->mac;
	}
	if (tagged)
		return wnv_draft_rdmap(draft, port);
	if (is_external(draft, object))
		return external_port(draft, port);
	if (port->vsid.value)
		return draft_tenant_port(draft, port);
	if (wnv_value(draft, object, VS_PORT_CA)->present)
		return wnv_refuse(draft, AT(object, "ca"), EINVAL,
				  "a port without a virtual subnet has no "
				  "customer address: write its vsid, or remove "
				  "ca");
	return 0;
}

/* What two ports of one VSID may not share. */
static int check_pair(struct wnv_draft *draft, const struct wnv_draft_port *a,
		      struct wnv_draft_port *b)
{
	const struct vs_vsid vsid = wnv_draft_shared_vsid(draft, a, b);
	const struct vs_port_profile *one = &a->profile, *other = &b->profile;
	char text[VS_IP_TEXT], mac[VS_MAC_TEXT];
	uint16_t i, j;

	if (!vsid.value)
		return 0;
	for (i = 0; i < one->address_count; i++)
		for (j = 0; j < other->address_count; j++)
			if (vs_ip_equal(&one->addresses[i].ip,
					&other->addresses[j].ip))
				return wnv_refuse(
					draft, AT(b->object, "ca"), EEXIST,
					"port %s has %s in vsid %u already: "
					"give this one another address",
					a->name,
					vs_ip_format(&one->addresses[i].ip,
						     text),
					vsid.value);
	if (!one->has_mac || !other->has_mac ||
	    !vs_mac_equal(&one->mac, &other->mac))
		return 0;
	vs_mac_format(&one->mac, mac);
	if (draft->devices_changed) {
		snprintf(b->profile.waits, sizeof(b->profile.waits),
			 "port %s has the MAC %s in vsid %u already", a->name,
			 mac, vsid.value);
		return 0;
	}
	return wnv_refuse(draft, AT(b->object, "mac"), EEXIST,
			  "port %s has the MAC %s in vsid %u already: give "
			  "this one another MAC",
			  a->name, mac, vsid.value);
}

static int check_pairs(struct wnv_draft *draft)
{
	uint32_t i, j;
	int error = 0;

	for (i = 0; i < draft->port_count; i++)
		for (j = 0; !error && j < i; j++)
			error = check_pair(draft, &draft->ports[j],
					   &draft->ports[i]);
	return error;
}

/* Can the uplinks carry what the VMs here may send? (design 5.5) */
static int check_mtu(struct wnv_draft *draft,
		     const struct wnv_draft_subnet *subnet)
{
	const struct wnv_draft_uplink *uplink;
	unsigned int needed = subnet->plan.mtu + subnet->plan.overhead;
	uint32_t i;

	for (i = 0; i < draft->uplink_count; i++) {
		uplink = &draft->uplinks[i];
		if (!uplink->has_pa || !uplink->info || !uplink->info->mtu ||
		    uplink->info->mtu >= needed)
			continue;
		if (!draft->devices_changed)
			return wnv_refuse(
				draft, AT(subnet->object, "mtu"), EMSGSIZE,
				"mtu %u of subnet %u needs %u on the wire, but "
				"%s carries %u: set the subnet's mtu to %u or "
				"less, or raise that of %s",
				subnet->plan.mtu, subnet->plan.vsid.value,
				needed, uplink->name, uplink->info->mtu,
				uplink->info->mtu > subnet->plan.overhead
					? uplink->info->mtu -
						  subnet->plan.overhead
					: 0,
				uplink->name);
		wnv_warn(draft, subnet->object,
			 "mtu %u of subnet %u needs %u on the wire, but %s "
			 "carries %u",
			 subnet->plan.mtu, subnet->plan.vsid.value, needed,
			 uplink->name, uplink->info->mtu);
	}
	return 0;
}

/* What the rules of a subnet's records add to a packet, at the most. */
static void find_overheads(struct wnv_draft *draft)
{
	const struct wnv_record *record;
	struct wnv_draft_subnet *subnet;
	uint16_t overhead;
	uint32_t i;

	for (i = 0; i < draft->record_count; i++) {
		record = &draft->records[i];
		if (!wnv_rule_tunnels(record->rule) ||
		    !wnv_pa_is_set(&record->pa))
			continue;
		overhead = codec_overhead(wnv_rule_codec(record->rule),
					  !vs_ip_is_v4(&record->pa.ip));
		subnet = wnv_draft_subnet_find(draft, record->vsid);
		if (overhead > subnet->plan.overhead)
			subnet->plan.overhead = overhead;
	}
}

int wnv_draft_ports(struct wnv_draft *draft)
{
	const struct vs_object *object = NULL;
	const struct vs_noun *port;
	uint32_t i;
	int error = 0;

	port = draft->settings->ops->noun(draft->settings, "port");
	while (!error && port && (object = wnv_next(draft, port, NULL, object)))
		error = draft_port(draft, object);
	if (!error)
		error = check_pairs(draft);
	if (!error)
		find_overheads(draft);
	for (i = 0; !error && i < draft->subnet_count; i++)
		if (draft->subnets[i].plan.port_count)
			error = check_mtu(draft, &draft->subnets[i]);
	return error;
}
