/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nouns.h: WNV's objects as users write them: tables only.
 *
 * Field indices for configure.c and for status(). A key of the document's
 * JSON, a vsctl field and a man page entry each come from one line here.
 */
#ifndef WNV_NOUNS_H
#define WNV_NOUNS_H

#include <vswitch/settings.h>

enum wnv_noun {
	WNV_NOUN_NETWORK,
	WNV_NOUN_SUBNET,
	WNV_NOUN_CA,
	WNV_NOUN_L2ONLY,
	WNV_NOUN_GATEWAY,
	WNV_NOUN_GROUP,
	WNV_NOUN_ROUTE,
	WNV_NOUN_PA,
	WNV_NOUN_PAROUTE,
	WNV_NOUN_PEER,
	WNV_NOUNS
};

extern const struct vs_noun wnv_nouns[WNV_NOUNS];

enum wnv_network_field {
	WNV_NETWORK_NAME,
	WNV_NETWORK_RDID,
	WNV_NETWORK_CUSTOMER_ID,
	WNV_NETWORK_NOTE,
	WNV_NETWORK_EXTERNAL_ROUTER,
	WNV_NETWORK_REDIRECT,
	WNV_NETWORK_FIELDS
};

enum wnv_subnet_field {
	WNV_SUBNET_VSID,
	WNV_SUBNET_PREFIXES,
	WNV_SUBNET_GATEWAY, /* TEXT list: addresses, or the word none */
	WNV_SUBNET_MTU,
	WNV_SUBNET_L2,
	WNV_SUBNET_DSCP, /* TEXT: 0..63 or copy */
	WNV_SUBNET_SLAAC,
	WNV_SUBNET_FIELDS
};

enum wnv_ca_field {
	WNV_CA_ADDRESS,
	WNV_CA_MAC,
	WNV_CA_PA,
	WNV_CA_NEXT_PA,
	WNV_CA_RULE, /* index: enum wnv_rule */
	WNV_CA_USE_VM_MAC,
	WNV_CA_TYPE, /* index: enum wnv_type */
	WNV_CA_ALSO_MAC,
	WNV_CA_VM,
	WNV_CA_CUSTOMER_ID,
	WNV_CA_NOTE,
	WNV_CA_USABLE, /* status from here on */
	WNV_CA_WHY,
	WNV_CA_LOCAL,
	WNV_CA_AUTO,
	WNV_CA_AGE,
	WNV_CA_OWNER,
	WNV_CA_FIELDS
};

enum wnv_l2only_field {
	WNV_L2ONLY_MAC,
	WNV_L2ONLY_PA,
	WNV_L2ONLY_RULE, /* index: enum wnv_rule */
	WNV_L2ONLY_VM,
	WNV_L2ONLY_NOTE,
	WNV_L2ONLY_USABLE, /* status from here on */
	WNV_L2ONLY_WHY,
	WNV_L2ONLY_LOCAL,
	WNV_L2ONLY_FIELDS
};

enum wnv_gateway_field {
	WNV_GATEWAY_MAC,
	WNV_GATEWAY_PA,
	WNV_GATEWAY_RULE,     /* index: enum wnv_rule */
	WNV_GATEWAY_FAMILIES, /* NUMBER list: 4, 6 */
	WNV_GATEWAY_VM,
	WNV_GATEWAY_NOTE,
	WNV_GATEWAY_USABLE, /* status from here on */
	WNV_GATEWAY_WHY,
	WNV_GATEWAY_LOCAL,
	WNV_GATEWAY_FIELDS
};

enum wnv_group_field {
	WNV_GROUP_ADDRESS, /* TEXT: a group address, or all */
	WNV_GROUP_BY_PA,
	WNV_GROUP_RULE, /* index: enum wnv_rule */
	WNV_GROUP_NOTE,
	WNV_GROUP_HEARD, /* status from here on */
	WNV_GROUP_WHY,
	WNV_GROUP_FIELDS
};

enum wnv_route_field {
	WNV_ROUTE_KEY, /* made by the host from what follows */
	WNV_ROUTE_PREFIX,
	WNV_ROUTE_NEXT_HOP,
	WNV_ROUTE_VSID,
	WNV_ROUTE_METRIC,
	WNV_ROUTE_FIELDS
};

enum wnv_pa_field {
	WNV_PA_ADDRESS,
	WNV_PA_PREFIX,
	WNV_PA_MAC,
	WNV_PA_VLAN,
	WNV_PA_STATE, /* status */
	WNV_PA_CLAIMED_BY,
	WNV_PA_FIELDS
};

enum wnv_paroute_field {
	WNV_PAROUTE_PREFIX,
	WNV_PAROUTE_NEXT_HOP,
	WNV_PAROUTE_METRIC,
	WNV_PAROUTE_STATE, /* status */
	WNV_PAROUTE_FIELDS
};

enum wnv_peer_field {
	WNV_PEER_ADDRESS,
	WNV_PEER_FLOWID,
	WNV_PEER_STATE, /* status from here on */
	WNV_PEER_MAC,
	WNV_PEER_REACH,
	WNV_PEER_MTU,
	WNV_PEER_PROOF,
	WNV_PEER_HEARD,
	WNV_PEER_IN,
	WNV_PEER_IN_BYTES,
	WNV_PEER_OUT,
	WNV_PEER_OUT_BYTES,
	WNV_PEER_DROPS,
	WNV_PEER_FIELDS
};

#define WNV_MTU_DEFAULT	   1458u
#define WNV_METRIC_DEFAULT 256u

#endif
