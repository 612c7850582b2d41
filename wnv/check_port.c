/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_port.c: the linter's rules about the ports of one host: their records
 * and their MTU. Before this file: census.c. After it: check_record.c.
 */
#include "census.h"

static void check_record(struct census *census, const struct vs_site *site,
			 const struct vs_object *port,
			 const struct wnv_record *record)
{
	const struct census_pa *owner = census_pa(census, &record->pa.ip);
	char ca[VS_IP_TEXT], pa[VS_IP_TEXT];

	vs_ip_format(&record->ca.ip, ca);
	vs_ip_format(&record->pa.ip, pa);
	if (record->flags & WNV_RECORD_WAITS)
		census_warn(census, PLACE(site, port, "ca"),
			    "the port waits: the record of %s names PA %s, "
			    "which %s%s: set the record's pa to one of this "
			    "host, or remove the address from the port",
			    ca, pa, owner ? "is on " : "no host has",
			    owner ? census_host(owner->site) : "");
	if (record->flags & WNV_RECORD_AUTO && census->fabric->count > 1)
		census_warn(census, PLACE(site, port, "ca"),
			    "%s has no record, so no other host knows where "
			    "it is: add it to the ca of subnet %u",
			    ca, record->vsid.value);
}

static void check_mtu(struct census *census, const struct vs_site *site,
		      const struct vs_object *port,
		      const struct wnv_subnet *subnet)
{
	const struct vs_value *mtu = census_value(site, port, VS_PORT_MTU);

	if (mtu->present && mtu->number != subnet->mtu)
		census_warn(census, PLACE(site, port, "mtu"),
			    "the port has mtu %u, subnet %u has %u: leave the "
			    "port's out, it is the subnet's then",
			    (unsigned int)mtu->number, subnet->vsid.value,
			    subnet->mtu);
}

void census_check_ports(struct census *census, const struct vs_site *site,
			const struct wnv_state *state)
{
	const struct vs_noun *noun =
		site->settings->ops->noun(site->settings, "port");
	const struct wnv_subnet *subnet;
	const struct wnv_record *record;
	const struct vs_object *port = NULL;
	const struct vs_value *vsid, *list;
	struct wnv_ca ca;
	uint16_t i;

	while (noun && (port = census_next(site, noun, NULL, port))) {
		vsid = census_value(site, port, VS_PORT_VSID);
		list = census_value(site, port, VS_PORT_CA);
		subnet = vsid->present ? wnv_subnet_find(state, vsid->vsid)
				       : NULL;
		if (!subnet)
			continue;
		check_mtu(census, site, port, subnet);
		for (i = 0; list->present && i < list->count; i++) {
			ca.ip = list->list[i].ip;
			record = wnv_record_find(state, vsid->vsid, &ca);
			if (record)
				check_record(census, site, port, record);
		}
	}
}
