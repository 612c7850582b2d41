/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease.h: what a VM is told, from policy: nothing is handed out that policy
 * does not already give to that VM, so there is nothing to remember. leases.c
 * reads the document; answer.c writes it into a message.
 */
#ifndef DHCP_LEASE_H
#define DHCP_LEASE_H

#include <vswitch/extension.h>

#define DHCP_SERVERS 4u /* name servers handed out */
#define DHCP_DOMAIN  64u

extern const struct vs_noun dhcp_noun;

/* One subnet that is served: `vsctl dhcp add VSID`. */
struct dhcp_subnet {
	struct vs_vsid vsid;
	uint32_t lease_s;
	uint16_t mtu, name_servers;
	uint8_t name_server[DHCP_SERVERS][4];
	char domain[DHCP_DOMAIN];
};

/* One VM, by VSID and MAC. */
struct dhcp_lease {
	struct vs_vsid vsid;
	struct vs_mac mac;
	uint8_t length; /* of the prefix */
	bool has_gateway;
	uint8_t address[4], gateway[4];
	uint32_t subnet; /* index */
};

struct vs_state {
	uint32_t subnet_count, lease_count, lease_room;
	struct dhcp_subnet *subnets;
	struct dhcp_lease *leases; /* by VSID, then MAC */
};

/* dhcp_leases_build - of the whole candidate; NULL with `error`. */
struct vs_state *dhcp_leases_build(const struct vs_settings *settings,
				   struct vs_error *error);
void dhcp_leases_free(struct vs_state *state);
/* dhcp_lease_find - NULL: not ours. */
const struct dhcp_lease *dhcp_lease_find(const struct vs_state *state,
					 struct vs_vsid vsid,
					 const struct vs_mac *mac);

#endif
