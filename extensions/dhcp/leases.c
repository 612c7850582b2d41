// SPDX-License-Identifier: Apache-2.0
/*
 * leases.c: the document to leases. Who has which address is said by network
 * virtualization's records and by ports; both are read through the cursor, by
 * the names of their nouns and fields. Before: dhcp.c; after: answer.c.
 */
#include "lease.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MTU_UNSET   1458u
#define LEASE_UNSET 86400u

enum { FIELD_VSID, FIELD_LEASE, FIELD_DNS, FIELD_DOMAIN, FIELDS };

static const struct vs_field fields[] = {
	[FIELD_VSID] = {.name = "vsid",
			.kind = VS_KIND_VSID,
			.flags = VS_FIELD_REQUIRED,
			.refers = "subnet",
			.help = "the subnet whose VMs are answered"},
	[FIELD_LEASE] = {.name = "lease",
			 .kind = VS_KIND_NUMBER,
			 .minimum = 60,
			 .maximum = UINT32_MAX - 1,
			 .unset = "86400",
			 .help = "seconds until a VM asks again"},
	[FIELD_DNS] = {.name = "dns",
		       .kind = VS_KIND_IP,
		       .flags = VS_FIELD_LIST,
		       .help = "name servers, four at the most"},
	[FIELD_DOMAIN] = {.name = "domain",
			  .kind = VS_KIND_TEXT,
			  .maximum = DHCP_DOMAIN - 1,
			  .help = "the domain of names without one"},
};
_Static_assert(sizeof(fields) / sizeof(fields[0]) == FIELDS, "all fields");

const struct vs_noun dhcp_noun = {
	.name = "dhcp",
	.member = "dhcp",
	.parent = "switch",
	.fields = fields,
	.field_count = FIELDS,
	.help = "subnets whose VMs get their addresses by DHCP",
};

/* -- reading others' objects ------------------------------------------------
 */

static const struct vs_value absent = {.present = false};

/* A field of a noun that may be another version's, by its name. */
static const struct vs_value *field_of(const struct vs_settings *settings,
				       const struct vs_noun *noun,
				       const struct vs_object *object,
				       const char *name)
{
	for (uint16_t i = 0; i < noun->field_count; i++)
		if (strcmp(noun->fields[i].name, name) == 0)
			return settings->ops->value(object, i);
	return &absent;
}

static void take_v4(uint8_t to[4], const struct vs_ip *ip)
{
	memcpy(to, ip->octet + 12, 4);
}

/* -- leases -----------------------------------------------------------------
 */

/* What one subnet is, while its VMs are read. */
struct reading {
	struct vs_state *state;
	const struct vs_settings *settings;
	const struct vs_noun *noun; /* "subnet" */
	const struct vs_object *subnet;
	uint32_t index;
};

static bool same_key(const struct dhcp_lease *a, const struct dhcp_lease *b)
{
	return vs_vsid_equal(a->vsid, b->vsid) &&
	       vs_mac_equal(&a->mac, &b->mac);
}

static int compare(const void *left, const void *right)
{
	const struct dhcp_lease *a = left, *b = right;

	if (a->vsid.value != b->vsid.value)
		return a->vsid.value < b->vsid.value ? -1 : 1;
	return memcmp(&a->mac, &b->mac, sizeof(a->mac));
}

static struct dhcp_lease *lease_new(struct vs_state *state)
{
	if (state->lease_count == state->lease_room) {
		uint32_t room = state->lease_room ? 2 * state->lease_room : 64;
		struct dhcp_lease *more =
			realloc(state->leases, room * sizeof(*more));

		if (!more)
			return NULL;
		state->leases = more;
		state->lease_room = room;
	}
	return memset(&state->leases[state->lease_count++], 0,
		      sizeof(*state->leases));
}

/* The prefix that holds the address; NULL: none of the subnet's. */
static const struct vs_prefix *prefix_of(const struct reading *reading,
					 const struct vs_ip *ip)
{
	const struct vs_value *prefixes = field_of(
		reading->settings, reading->noun, reading->subnet, "prefixes");

	for (uint16_t i = 0; i < prefixes->count; i++)
		if (vs_prefix_contains(&prefixes->list[i].prefix, ip))
			return &prefixes->list[i].prefix;
	return NULL;
}

/* As network virtualization has it: written, none, or the lowest of all. */
static void find_gateway(const struct reading *reading,
			 const struct vs_prefix *prefix,
			 struct dhcp_lease *lease)
{
	const struct vs_value *written = field_of(
		reading->settings, reading->noun, reading->subnet, "gateway");
	struct vs_ip ip;

	for (uint16_t i = 0; i < written->count; i++) {
		if (vs_ip_parse(written->list[i].text, &ip) ||
		    !vs_ip_is_v4(&ip))
			continue;
		lease->has_gateway = true;
		take_v4(lease->gateway, &ip);
		return;
	}
	if (written->present || lease->length > 30)
		return;
	lease->has_gateway = true;
	take_v4(lease->gateway, &prefix->ip);
	lease->gateway[3] |= 1;
}

static int add_lease(const struct reading *reading, const struct vs_ip *ip,
		     const struct vs_mac *mac)
{
	const struct vs_prefix *prefix = prefix_of(reading, ip);
	struct dhcp_lease *lease;

	if (!vs_ip_is_v4(ip) || !prefix)
		return 0;
	lease = lease_new(reading->state);
	if (!lease)
		return -ENOMEM;
	lease->vsid = reading->state->subnets[reading->index].vsid;
	lease->mac = *mac;
	lease->subnet = reading->index;
	lease->length = (uint8_t)(prefix->length - 96);
	take_v4(lease->address, ip);
	find_gateway(reading, prefix, lease);
	return 0;
}

/* Records of the document. */
static int read_records(const struct reading *reading)
{
	const struct vs_settings *settings = reading->settings;
	const struct vs_noun *noun = settings->ops->noun(settings, "ca");
	const struct vs_object *ca = NULL;
	int code = 0;

	while (noun && !code &&
	       (ca = settings->ops->next(settings, noun, reading->subnet,
					 ca))) {
		const struct vs_value *mac =
			field_of(settings, noun, ca, "mac");

		if (mac->present && !mac->any)
			code = add_lease(reading,
					 &settings->ops->value(ca, 0)->ip,
					 &mac->mac);
	}
	return code;
}

/* Ports that say their address and MAC themselves. */
static int read_ports(const struct reading *reading)
{
	const struct vs_settings *settings = reading->settings;
	const struct vs_noun *noun = settings->ops->noun(settings, "port");
	struct vs_vsid vsid = reading->state->subnets[reading->index].vsid;
	const struct vs_object *port = NULL;
	int code = 0;

	while (noun && !code &&
	       (port = settings->ops->next(settings, noun, NULL, port))) {
		const struct vs_value *of =
			settings->ops->value(port, VS_PORT_VSID);
		const struct vs_value *ca =
			settings->ops->value(port, VS_PORT_CA);
		const struct vs_value *mac =
			settings->ops->value(port, VS_PORT_MAC);

		if (!of->present || !vs_vsid_equal(of->vsid, vsid) ||
		    !mac->present)
			continue;
		for (uint16_t i = 0; i < ca->count && !code; i++)
			code = add_lease(reading, &ca->list[i].ip, &mac->mac);
	}
	return code;
}

/* A VM's lowest address is the one that it gets. */
static void sort(struct vs_state *state)
{
	uint32_t kept = 0;

	if (!state->lease_count)
		return;
	qsort(state->leases, state->lease_count, sizeof(*state->leases),
	      compare);
	for (uint32_t i = 1; i < state->lease_count; i++) {
		struct dhcp_lease *last = &state->leases[kept];

		if (!same_key(last, &state->leases[i]))
			state->leases[++kept] = state->leases[i];
		else if (memcmp(state->leases[i].address, last->address, 4) < 0)
			*last = state->leases[i];
	}
	state->lease_count = kept + 1;
}

/* -- subnets ----------------------------------------------------------------
 */

static int read_servers(const struct vs_settings *settings,
			const struct vs_object *object,
			struct dhcp_subnet *subnet, struct vs_error *error)
{
	const struct vs_value *dns = settings->ops->value(object, FIELD_DNS);

	for (uint16_t i = 0; i < dns->count; i++) {
		if (i == DHCP_SERVERS || !vs_ip_is_v4(&dns->list[i].ip)) {
			settings->ops->place(object, "dns", error);
			return vs_error_set(error, EINVAL, error->path,
					    "up to %u IPv4 addresses",
					    DHCP_SERVERS);
		}
		take_v4(subnet->name_server[subnet->name_servers++],
			&dns->list[i].ip);
	}
	return 0;
}

static const struct vs_object *subnet_object(const struct vs_settings *settings,
					     const struct vs_noun *noun,
					     struct vs_vsid vsid)
{
	const struct vs_object *object = NULL;

	while (noun &&
	       (object = settings->ops->next(settings, noun, NULL, object)))
		if (vs_vsid_equal(settings->ops->value(object, 0)->vsid, vsid))
			return object;
	return NULL;
}

static int read_subnet(struct vs_state *state,
		       const struct vs_settings *settings,
		       const struct vs_object *object, struct vs_error *error)
{
	const struct vs_value *lease =
		settings->ops->value(object, FIELD_LEASE);
	const struct vs_value *domain =
		settings->ops->value(object, FIELD_DOMAIN);
	struct reading reading = {.state = state,
				  .settings = settings,
				  .index = state->subnet_count};
	struct dhcp_subnet *subnet = &state->subnets[state->subnet_count++];
	const struct vs_value *mtu;

	subnet->vsid = settings->ops->value(object, FIELD_VSID)->vsid;
	subnet->lease_s =
		lease->present ? (uint32_t)lease->number : LEASE_UNSET;
	if (domain->present)
		snprintf(subnet->domain, sizeof(subnet->domain), "%s",
			 domain->text);
	reading.noun = settings->ops->noun(settings, "subnet");
	reading.subnet = subnet_object(settings, reading.noun, subnet->vsid);
	if (!reading.subnet) {
		settings->ops->place(object, NULL, error);
		return vs_error_set(error, ENOENT, error->path,
				    "there is no subnet %u: vsctl subnet add "
				    "%u network=... prefix=...",
				    subnet->vsid.value, subnet->vsid.value);
	}
	mtu = field_of(settings, reading.noun, reading.subnet, "mtu");
	subnet->mtu = (uint16_t)(mtu->present ? mtu->number : MTU_UNSET);
	if (read_servers(settings, object, subnet, error))
		return -EINVAL;
	if (read_records(&reading) || read_ports(&reading))
		return vs_error_set(error, ENOMEM, "", "no memory");
	return 0;
}

struct vs_state *dhcp_leases_build(const struct vs_settings *settings,
				   struct vs_error *error)
{
	const struct vs_noun *noun =
		settings->ops->noun(settings, dhcp_noun.name);
	struct vs_state *state = calloc(1, sizeof(*state));
	const struct vs_object *object = NULL;
	uint32_t count = 0;

	while ((object = settings->ops->next(settings, noun, NULL, object)))
		count++;
	if (state)
		state->subnets = calloc(count + 1u, sizeof(*state->subnets));
	if (!state || !state->subnets) {
		vs_error_set(error, ENOMEM, "", "no memory");
		dhcp_leases_free(state);
		return NULL;
	}
	while ((object = settings->ops->next(settings, noun, NULL, object))) {
		if (read_subnet(state, settings, object, error)) {
			dhcp_leases_free(state);
			return NULL;
		}
	}
	sort(state);
	return state;
}

void dhcp_leases_free(struct vs_state *state)
{
	if (!state)
		return;
	free(state->subnets);
	free(state->leases);
	free(state);
}

const struct dhcp_lease *dhcp_lease_find(const struct vs_state *state,
					 struct vs_vsid vsid,
					 const struct vs_mac *mac)
{
	struct dhcp_lease wanted = {.vsid = vsid, .mac = *mac};

	if (!state->lease_count)
		return NULL;
	return bsearch(&wanted, state->leases, state->lease_count,
		       sizeof(wanted), compare);
}
