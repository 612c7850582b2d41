/* SPDX-License-Identifier: Apache-2.0 */
/*
 * draft.h: a policy while it is being checked; private to configure*.c.
 *
 * Theory of operation
 * -------------------
 * configure walks the settings in this order, each step standing on the ones
 * before it, and gathers plain arrays, which become a plan (state.h):
 *
 *   providers  uplinks, pa, paroute, peer          configure_provider.c
 *   networks   network, subnet, gateways, prefixes configure_network.c
 *   records    ca                                  configure_record.c
 *              l2only                              configure_l2only.c
 *              gateway                             configure_gateway.c
 *   groups     group                               configure_group.c
 *   ports      port.ca: makes or finds records     configure_port.c
 *   in use     PAs that go while ports need them  configure_in_use.c
 *   rewrite    rule=rewrite: each PA stands for one CA configure_rewrite.c
 *   routes     route: next hops are records        configure_route.c
 *
 * A step answers 0, or -errno with the error filled by wnv_refuse. Objects
 * live until configure returns, so drafts may point to them.
 */
#ifndef WNV_DRAFT_H
#define WNV_DRAFT_H

#include "configure.h"
#include "index.h"
#include "nouns.h"
#include "state.h"

#define WNV_SUBNET_PREFIX_COUNT	 16u
#define WNV_SUBNET_GATEWAY_COUNT (2 * WNV_SUBNET_PREFIX_COUNT)

struct wnv_draft_network {
	const struct vs_object *object;
	struct wnv_rdid rdid;
	bool external_router;
	uint8_t redirect; /* enum wnv_redirect */
};

struct wnv_draft_subnet {
	const struct vs_object *object;
	struct wnv_subnet_plan plan;
	bool gateway_record; /* a record gave the gateway's MAC */
	struct vs_mac a_mac; /* of some record; zero: there is none */
	bool several_macs;   /* records of more than one VM */
	struct vs_prefix prefixes[WNV_SUBNET_PREFIX_COUNT];
	struct wnv_ca gateways[WNV_SUBNET_GATEWAY_COUNT];
};

/* One prefix of one subnet, in order of network and address. */
struct wnv_placed_prefix {
	struct vs_prefix prefix;
	uint32_t network, subnet;
};

struct wnv_draft_placed {
	struct wnv_placed_prefix *list;
	uint32_t count;
};

struct wnv_draft_uplink {
	const struct vs_object *object;
	const char *name;
	const struct vs_port_info *info; /* NULL: not there yet */
	bool has_pa;
};

struct wnv_draft_port {
	const struct vs_object *object;
	const char *name;
	struct vs_vsid vsid; /* 0: VSID 0, or several (rdmap) */
	struct vs_port_profile profile;
};

struct wnv_draft_groups {
	struct wnv_group *list;
	uint32_t count;
};

/* Where a key is found in the arrays. */
struct wnv_draft_index {
	struct wnv_index by_vsid; /* subnets */
	struct wnv_index by_pa;	  /* providers */
	/* records; those without a CA, by MAC */
	struct wnv_index by_ca, by_l2only;
};

struct wnv_draft {
	const struct vs_settings *settings;
	struct vs_error *error;
	bool devices_changed; /* what devices say only warns */

	struct wnv_draft_network *networks;
	struct wnv_draft_subnet *subnets;
	struct wnv_record *records;
	struct wnv_route *routes;
	struct wnv_draft_uplink *uplinks;
	struct wnv_provider *providers;
	struct wnv_provider_route *provider_routes;
	struct wnv_peer_plan *peers;
	struct wnv_draft_port *ports;
	struct wnv_move *moves; /* the next-pa of records */
	uint32_t network_count, subnet_count, record_count, route_count;
	uint32_t uplink_count, provider_count, provider_route_count;
	uint32_t peer_count, port_count, move_count;
	struct wnv_draft_placed placed;
	struct wnv_draft_groups groups;

	uint64_t seed;
	struct wnv_draft_index index;
	bool shares; /* there are records of type shared */
};

/* Where something is wrong: an object (NULL: nowhere) and its field (NULL: the
 * object itself). */
struct wnv_place {
	const struct vs_object *object;
	const char *field;
};

#define AT(object, field) ((struct wnv_place){(object), (field)})

/* wnv_refuse - what is wrong, and the fix. Returns -code. */
int wnv_refuse(struct wnv_draft *draft, struct wnv_place at, int code,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* wnv_warn - a remark that refuses nothing. */
void wnv_warn(struct wnv_draft *draft, const struct vs_object *object,
	      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* wnv_no_memory - the refusal that fits every step. */
int wnv_no_memory(struct wnv_draft *draft);

/* Short forms of the cursor. */
static inline const struct vs_value *wnv_value(const struct wnv_draft *draft,
					       const struct vs_object *object,
					       unsigned int field)
{
	return draft->settings->ops->value(object, (uint16_t)field);
}

static inline const struct vs_object *wnv_next(const struct wnv_draft *draft,
					       const struct vs_noun *noun,
					       const struct vs_object *parent,
					       const struct vs_object *after)
{
	return draft->settings->ops->next(draft->settings, noun, parent, after);
}

/* -- the steps and what they share -- */
int wnv_draft_providers(struct wnv_draft *draft);
int wnv_draft_networks(struct wnv_draft *draft);
int wnv_draft_records(struct wnv_draft *draft);
int wnv_draft_l2only(struct wnv_draft *draft);	 /* the end of records */
int wnv_draft_gateways(struct wnv_draft *draft); /* the same */
int wnv_draft_groups(struct wnv_draft *draft);	 /* after the records */
int wnv_draft_ports(struct wnv_draft *draft);
int wnv_draft_in_use(struct wnv_draft *draft); /* after the ports */
int wnv_draft_rewrite(struct wnv_draft *draft);
int wnv_draft_shared(struct wnv_draft *draft); /* after the ports */
int wnv_draft_routes(struct wnv_draft *draft);
/* wnv_draft_rdmap - a multi-tenant port's subnets; for configure_port.c. */
int wnv_draft_rdmap(struct wnv_draft *draft, struct wnv_draft_port *port);
/* wnv_draft_port_in - is the subnet the port's, or in its rdmap? */
bool wnv_draft_port_in(const struct wnv_draft *draft,
		       const struct wnv_draft_port *port, struct vs_vsid vsid);
/* wnv_draft_shared_vsid - a subnet that both ports are in; 0: none. */
struct vs_vsid wnv_draft_shared_vsid(const struct wnv_draft *draft,
				     const struct wnv_draft_port *a,
				     const struct wnv_draft_port *b);

struct wnv_draft_subnet *wnv_draft_subnet_find(const struct wnv_draft *draft,
					       struct vs_vsid vsid);
/* wnv_draft_subnet_need - the same; NULL: refused at the port's field. */
struct wnv_draft_subnet *wnv_draft_subnet_need(struct wnv_draft *draft,
					       struct wnv_place at,
					       struct vs_vsid vsid);
bool wnv_draft_subnet_holds(const struct wnv_draft_subnet *subnet,
			    const struct wnv_ca *ca);
bool wnv_draft_subnet_is_gateway(const struct wnv_draft_subnet *subnet,
				 const struct wnv_ca *ca);
/* wnv_draft_on_link - the subnet prefix of the network that holds it, or
 * NULL. */
const struct wnv_placed_prefix *wnv_draft_on_link(const struct wnv_draft *draft,
						  uint32_t network,
						  const struct vs_ip *ip);
struct wnv_record *wnv_draft_record_find(const struct wnv_draft *draft,
					 struct vs_vsid vsid,
					 const struct wnv_ca *ca);
/* wnv_draft_record_add - index and keep it; the index has room for the
 * records of all objects and ports. */
int wnv_draft_record_add(struct wnv_draft *draft,
			 const struct wnv_record *record);
/* wnv_draft_record_append - keep it, without the index: it is not found by its
 * key, another one is. */
int wnv_draft_record_append(struct wnv_draft *draft,
			    const struct wnv_record *record);
/* wnv_draft_record_object - its object, found by a search: for refusals and
 * remarks; NULL: a port made it. */
const struct vs_object *
wnv_draft_record_object(const struct wnv_draft *draft,
			const struct wnv_record *record);
/* wnv_draft_record_pa - rule and PA of a record from their fields, checked; the
 * PA is not set if it needs none. */
int wnv_draft_record_pa(struct wnv_draft *draft, const struct vs_object *object,
			const struct vs_value *pa, const struct vs_value *rule,
			struct wnv_record *record);
/* wnv_draft_l2only_find - the L2Only record of (VSID, MAC), or NULL. */
struct wnv_record *wnv_draft_l2only_find(const struct wnv_draft *draft,
					 struct vs_vsid vsid,
					 const struct vs_mac *mac);
/* wnv_draft_provider_find - our own of this address, or NULL. */
struct wnv_provider *wnv_draft_provider_find(const struct wnv_draft *draft,
					     const struct wnv_pa *pa);
static inline bool wnv_draft_pa_local(const struct wnv_draft *draft,
				      const struct wnv_pa *pa)
{
	return wnv_draft_provider_find(draft, pa) != NULL;
}

/* wnv_check_pa - refuse what cannot be a provider address; NULL = the key. */
int wnv_check_pa(struct wnv_draft *draft, const struct vs_object *object,
		 const char *field, const struct vs_ip *ip);

#endif
