/* SPDX-License-Identifier: Apache-2.0 */
#include "nouns.h"

#include <assert.h>

#define FIELDS(array)                                                          \
	.fields = (array), .field_count = sizeof(array) / sizeof((array)[0])

static const char *const rules[] = {"encap", "none", "vxlan", "rewrite", NULL};

static const char *const types[] = {"static", "dynamic", "gateway",
				    "l2only", "shared",	 NULL};

/* in the order of enum wnv_redirect */
static const char *const redirects[] = {"notify", "off", "apply", NULL};

static const struct vs_field network_fields[WNV_NETWORK_FIELDS] = {
	[WNV_NETWORK_NAME] = {.name = "name",
			      .kind = VS_KIND_NAME,
			      .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			      .help = "the customer network's name"},
	[WNV_NETWORK_RDID] = {.name = "rdid",
			      .kind = VS_KIND_UUID,
			      .unset = "made from the name, the same on every "
				       "host",
			      .help = "routing domain id: the wall between "
				      "tenants"},
	[WNV_NETWORK_CUSTOMER_ID] = {.name = "customer-id",
				     .kind = VS_KIND_TEXT,
				     .maximum = 128,
				     .help = "whose network it is, for "
					     "administrators"},
	[WNV_NETWORK_NOTE] = {.name = "note",
			      .kind = VS_KIND_TEXT,
			      .maximum = 256,
			      .help = "a remark"},
	[WNV_NETWORK_EXTERNAL_ROUTER] = {.name = "external-router",
					 .kind = VS_KIND_BOOL,
					 .unset = "off",
					 .help = "no built-in gateway: VMs "
						 "that routes name forward "
						 "between the subnets"},
	[WNV_NETWORK_REDIRECT] = {.name = "redirect",
				  .kind = VS_KIND_CHOICE,
				  .choices = redirects,
				  .unset = "notify",
				  .help = "when a host says that a VM moved or "
					  "is unknown to it: notify = an "
					  "event, apply = traffic follows, off "
					  "= neither is said or heard"},
};

static const struct vs_field subnet_fields[WNV_SUBNET_FIELDS] = {
	[WNV_SUBNET_VSID] = {.name = "vsid",
			     .kind = VS_KIND_VSID,
			     .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			     .minimum = VS_VSID_MINIMUM,
			     .maximum = VS_VSID_MAXIMUM,
			     .help = "virtual subnet id, unique over all "
				     "networks"},
	[WNV_SUBNET_PREFIXES] = {.name = "prefixes",
				 .kind = VS_KIND_PREFIX,
				 .flags = VS_FIELD_REQUIRED | VS_FIELD_LIST,
				 .help = "the address blocks of the subnet, "
					 "IPv4 and IPv6"},
	[WNV_SUBNET_GATEWAY] = {.name = "gateway",
				.kind = VS_KIND_TEXT,
				.flags = VS_FIELD_LIST,
				.maximum = VS_IP_TEXT - 1,
				.unset = "the lowest host address of each "
					 "prefix, and fe80::1 with IPv6",
				.help = "addresses of the gateway, or none"},
	[WNV_SUBNET_MTU] = {.name = "mtu",
			    .kind = VS_KIND_NUMBER,
			    .minimum = 1280,
			    .maximum = 65535,
			    .unset = "1458",
			    .help = "largest IP packet of the subnet; the "
				    "uplink must carry 42 bytes more (vxlan: "
				    "50; over IPv6: 62, 70)"},
	[WNV_SUBNET_L2] = {.name = "l2",
			   .kind = VS_KIND_BOOL,
			   .unset = "off",
			   .help = "carry frames that are neither IP nor ARP "
				   "between hosts"},
	[WNV_SUBNET_DSCP] = {.name = "dscp",
			     .kind = VS_KIND_TEXT,
			     .maximum = 4,
			     .unset = "0",
			     .help = "DSCP of the outer header: 0..63, or copy "
				     "for the inner one"},
	[WNV_SUBNET_SLAAC] = {.name = "slaac",
			      .kind = VS_KIND_BOOL,
			      .unset = "off",
			      .help = "let VMs make their IPv6 addresses from "
				      "the gateway's router advertisements"},
};

static const struct vs_field ca_fields[WNV_CA_FIELDS] = {
	[WNV_CA_ADDRESS] = {.name = "address",
			    .kind = VS_KIND_IP,
			    .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			    .help = "customer address of the VM"},
	[WNV_CA_MAC] = {.name = "mac",
			.kind = VS_KIND_MAC,
			.flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			.help = "MAC address of the VM"},
	[WNV_CA_PA] = {.name = "pa",
		       .kind = VS_KIND_IP,
		       .help = "provider address of the host that runs the "
			       "VM; needed unless rule is none"},
	[WNV_CA_NEXT_PA] = {.name = "next-pa",
			    .kind = VS_KIND_IP,
			    .help = "where the VM is about to move: it may "
				    "speak from there too; see ca move"},
	[WNV_CA_RULE] = {.name = "rule",
			 .kind = VS_KIND_CHOICE,
			 .choices = rules,
			 .unset = "encap",
			 .help = "how to reach it: encap = NVGRE, vxlan = "
				 "VXLAN, rewrite = its pa, which no other "
				 "address may have, in the place of the "
				 "address, none = only on its own host"},
	[WNV_CA_USE_VM_MAC] = {.name = "use-vm-mac",
			       .kind = VS_KIND_BOOL,
			       .unset = "off",
			       .help = "rule=rewrite: the VM's MAC on the wire "
				       "instead of the uplink's, so that "
				       "receive queues spread VMs over CPUs"},
	[WNV_CA_TYPE] = {.name = "type",
			 .kind = VS_KIND_CHOICE,
			 .choices = types,
			 .unset = "static",
			 .help = "static, or shared by several VMs in turn; "
				 "dynamic ones are learned and stand in no "
				 "document"},
	[WNV_CA_ALSO_MAC] = {.name = "also-mac",
			     .kind = VS_KIND_MAC,
			     .flags = VS_FIELD_LIST,
			     .help = "type=shared: the other VMs that may take "
				     "the address over by ARP or ND; also its "
				     "VRRP MAC, 00:00:5e:00:01:ID, or :02:ID "
				     "of an IPv6 address"},
	[WNV_CA_VM] = {.name = "vm",
		       .kind = VS_KIND_TEXT,
		       .maximum = 128,
		       .help = "the VM's name, for administrators"},
	[WNV_CA_CUSTOMER_ID] = {.name = "customer-id",
				.kind = VS_KIND_TEXT,
				.maximum = 128,
				.help = "whose VM it is, for administrators"},
	[WNV_CA_NOTE] = {.name = "note",
			 .kind = VS_KIND_TEXT,
			 .maximum = 256,
			 .help = "a remark"},
	[WNV_CA_USABLE] = {.name = "usable",
			   .kind = VS_KIND_BOOL,
			   .flags = VS_FIELD_STATUS,
			   .help = "whether traffic can use the record"},
	[WNV_CA_WHY] = {.name = "why",
			.kind = VS_KIND_TEXT,
			.flags = VS_FIELD_STATUS,
			.help = "why it is not usable, or what is odd"},
	[WNV_CA_LOCAL] = {.name = "local",
			  .kind = VS_KIND_BOOL,
			  .flags = VS_FIELD_STATUS,
			  .help = "whether the VM belongs to this host"},
	[WNV_CA_AUTO] = {.name = "auto",
			 .kind = VS_KIND_BOOL,
			 .flags = VS_FIELD_STATUS,
			 .help = "whether a port's ca made the record"},
	[WNV_CA_AGE] = {.name = "age",
			.kind = VS_KIND_NUMBER,
			.flags = VS_FIELD_STATUS,
			.help = "of a learned one: seconds since its VM gave "
				"a sign of life"},
	[WNV_CA_OWNER] = {.name = "owner",
			  .kind = VS_KIND_MAC,
			  .flags = VS_FIELD_STATUS,
			  .help = "of a shared one: the MAC of who has it now"},
};

static const struct vs_edit ca_edits[] = {
	{.verb = "move",
	 .sets = (const char *const[]){"pa", NULL},
	 .clears = (const char *const[]){"next-pa", NULL},
	 .help = "the VM is at another host now: traffic goes to pa, and what "
		 "comes from the pa before is taken for 10 s more"},
	{.verb = NULL},
};

static const struct vs_field l2only_fields[WNV_L2ONLY_FIELDS] = {
	[WNV_L2ONLY_MAC] = {.name = "mac",
			    .kind = VS_KIND_MAC,
			    .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			    .help = "MAC address of the VM"},
	[WNV_L2ONLY_PA] = {.name = "pa",
			   .kind = VS_KIND_IP,
			   .help = "provider address of the host that runs "
				   "the VM; needed unless rule is none"},
	[WNV_L2ONLY_RULE] = {.name = "rule",
			     .kind = VS_KIND_CHOICE,
			     .choices = rules,
			     .unset = "encap",
			     .help = "how to reach it: encap = NVGRE, none = "
				     "only on its own host"},
	[WNV_L2ONLY_VM] = {.name = "vm",
			   .kind = VS_KIND_TEXT,
			   .maximum = 128,
			   .help = "the VM's name, for administrators"},
	[WNV_L2ONLY_NOTE] = {.name = "note",
			     .kind = VS_KIND_TEXT,
			     .maximum = 256,
			     .help = "a remark"},
	[WNV_L2ONLY_USABLE] = {.name = "usable",
			       .kind = VS_KIND_BOOL,
			       .flags = VS_FIELD_STATUS,
			       .help = "whether traffic can use the record"},
	[WNV_L2ONLY_WHY] = {.name = "why",
			    .kind = VS_KIND_TEXT,
			    .flags = VS_FIELD_STATUS,
			    .help = "why it is not usable"},
	[WNV_L2ONLY_LOCAL] = {.name = "local",
			      .kind = VS_KIND_BOOL,
			      .flags = VS_FIELD_STATUS,
			      .help = "whether the VM belongs to this host"},
};

static const struct vs_field gateway_fields[WNV_GATEWAY_FIELDS] = {
	[WNV_GATEWAY_MAC] = {.name = "mac",
			     .kind = VS_KIND_MAC,
			     .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			     .help = "MAC address of the gateway in this "
				     "subnet"},
	[WNV_GATEWAY_PA] = {.name = "pa",
			    .kind = VS_KIND_IP,
			    .flags = VS_FIELD_REQUIRED,
			    .help = "provider address of the host that runs "
				    "the gateway"},
	[WNV_GATEWAY_RULE] = {.name = "rule",
			      .kind = VS_KIND_CHOICE,
			      .choices = rules,
			      .unset = "encap",
			      .help = "how to reach it: encap = NVGRE, vxlan, "
				      "none = only on its own host"},
	[WNV_GATEWAY_FAMILIES] = {.name = "families",
				  .kind = VS_KIND_NUMBER,
				  .flags = VS_FIELD_LIST,
				  .minimum = 4,
				  .maximum = 6,
				  .unset = "those of the subnet's prefixes",
				  .help = "4 for IPv4, 6 for IPv6: the outside "
					  "that it leads to"},
	[WNV_GATEWAY_VM] = {.name = "vm",
			    .kind = VS_KIND_TEXT,
			    .maximum = 128,
			    .help = "the gateway's name, for administrators"},
	[WNV_GATEWAY_NOTE] = {.name = "note",
			      .kind = VS_KIND_TEXT,
			      .maximum = 256,
			      .help = "a remark"},
	[WNV_GATEWAY_USABLE] = {.name = "usable",
				.kind = VS_KIND_BOOL,
				.flags = VS_FIELD_STATUS,
				.help = "whether traffic can use it"},
	[WNV_GATEWAY_WHY] = {.name = "why",
			     .kind = VS_KIND_TEXT,
			     .flags = VS_FIELD_STATUS,
			     .help = "why it is not usable"},
	[WNV_GATEWAY_LOCAL] = {.name = "local",
			       .kind = VS_KIND_BOOL,
			       .flags = VS_FIELD_STATUS,
			       .help = "whether the gateway belongs to this "
				       "host"},
};

static const struct vs_field group_fields[WNV_GROUP_FIELDS] = {
	[WNV_GROUP_ADDRESS] = {.name = "address",
			       .kind = VS_KIND_TEXT,
			       .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			       .maximum = VS_IP_TEXT - 1,
			       .help = "group address that VMs send to, or all "
				       "for those that are not written"},
	[WNV_GROUP_BY_PA] =
		{.name = "pa",
		 .kind = VS_KIND_IP,
		 .flags = VS_FIELD_REQUIRED,
		 .help = "group address of the provider network that "
			 "carries them; hosts with a port in the "
			 "subnet join it"},
	[WNV_GROUP_RULE] = {.name = "rule",
			    .kind = VS_KIND_CHOICE,
			    .choices = rules,
			    .unset = "encap",
			    .help = "encap = in NVGRE, or vxlan"},
	[WNV_GROUP_NOTE] = {.name = "note",
			    .kind = VS_KIND_TEXT,
			    .maximum = 256,
			    .help = "a remark"},
	[WNV_GROUP_HEARD] = {.name = "heard",
			     .kind = VS_KIND_BOOL,
			     .flags = VS_FIELD_STATUS,
			     .help = "whether a port here needs it, so that "
				     "this host has joined"},
	[WNV_GROUP_WHY] = {.name = "why",
			   .kind = VS_KIND_TEXT,
			   .flags = VS_FIELD_STATUS,
			   .help = "why it is not heard here"},
};

static const struct vs_field route_fields[WNV_ROUTE_FIELDS] = {
	[WNV_ROUTE_KEY] = {.name = "route",
			   .kind = VS_KIND_TEXT,
			   .maximum = 160,
			   .unset = "made from the other fields",
			   .help = "name of the route"},
	[WNV_ROUTE_PREFIX] = {.name = "prefix",
			      .kind = VS_KIND_PREFIX,
			      .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			      .help = "the addresses behind the next hop"},
	[WNV_ROUTE_NEXT_HOP] = {.name = "next-hop",
				.kind = VS_KIND_IP,
				.flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
				.help = "customer address of the VM that "
					"forwards for them"},
	[WNV_ROUTE_VSID] = {.name = "vsid",
			    .kind = VS_KIND_VSID,
			    .flags = VS_FIELD_IMMUTABLE,
			    .minimum = VS_VSID_MINIMUM,
			    .maximum = VS_VSID_MAXIMUM,
			    .unset = "the subnet that holds the next hop",
			    .refers = "subnet",
			    .help = "subnet in which the next hop lives"},
	[WNV_ROUTE_METRIC] = {.name = "metric",
			      .kind = VS_KIND_NUMBER,
			      .maximum = UINT32_MAX,
			      .unset = "256",
			      .help = "among equal prefixes the lowest with a "
				      "usable next hop wins"},
};

static const struct vs_field pa_fields[WNV_PA_FIELDS] = {
	[WNV_PA_ADDRESS] = {.name = "address",
			    .kind = VS_KIND_IP,
			    .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			    .help = "provider address of this host"},
	[WNV_PA_PREFIX] = {.name = "prefix",
			   .kind = VS_KIND_NUMBER,
			   .minimum = 1,
			   .maximum = 128,
			   .unset = "the kernel's, if it has the address",
			   .help = "prefix length of the provider network"},
	[WNV_PA_MAC] = {.name = "mac",
			.kind = VS_KIND_MAC,
			.unset = "the uplink's",
			.help = "MAC address that answers for it"},
	[WNV_PA_VLAN] = {.name = "vlan",
			 .kind = VS_KIND_NUMBER,
			 .maximum = 4094,
			 .unset = "0, untagged",
			 .help = "VLAN of the provider network, as an 802.1Q "
				 "tag on the wire"},
	[WNV_PA_STATE] = {.name = "state",
			  .kind = VS_KIND_TEXT,
			  .flags = VS_FIELD_STATUS,
			  .help = "shared (the kernel has it), or owned: "
				  "tentative, preferred, duplicate"},
	[WNV_PA_CLAIMED_BY] = {.name = "claimed-by",
			       .kind = VS_KIND_TEXT,
			       .flags = VS_FIELD_STATUS,
			       .help = "MAC address of another machine that "
				       "used it in the last five minutes"},
};

static const struct vs_field paroute_fields[WNV_PAROUTE_FIELDS] = {
	[WNV_PAROUTE_PREFIX] = {.name = "prefix",
				.kind = VS_KIND_PREFIX,
				.flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
				.help = "remote provider addresses"},
	[WNV_PAROUTE_NEXT_HOP] = {.name = "next-hop",
				  .kind = VS_KIND_IP,
				  .unset = "on-link: each is asked for itself",
				  .help = "router on the uplink's network"},
	[WNV_PAROUTE_METRIC] =
		{.name = "metric",
		 .kind = VS_KIND_NUMBER,
		 .maximum = UINT32_MAX,
		 .unset = "256",
		 .help = "of equal prefixes whose uplinks are up "
			 "the lowest wins; of equal metrics the "
			 "uplink of the sender's address"},
	[WNV_PAROUTE_STATE] = {.name = "state",
			       .kind = VS_KIND_TEXT,
			       .flags = VS_FIELD_STATUS,
			       .help = "up, or down: another route is used as "
				       "long as its uplink is down"},
};

static const struct vs_field peer_fields[WNV_PEER_FIELDS] = {
	[WNV_PEER_ADDRESS] = {.name = "address",
			      .kind = VS_KIND_IP,
			      .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			      .help = "provider address of another host"},
	[WNV_PEER_FLOWID] = {.name = "flowid",
			     .kind = VS_KIND_BOOL,
			     .unset = "on",
			     .help = "put a flow hash into the key's low byte; "
				     "off for hosts that read a 32-bit key"},
	[WNV_PEER_STATE] = {.name = "state",
			    .kind = VS_KIND_TEXT,
			    .flags = VS_FIELD_STATUS,
			    .help = "of its next hop's MAC: resolved, asking, "
				    "silent, unasked, down, or no way"},
	[WNV_PEER_MAC] = {.name = "mac",
			  .kind = VS_KIND_MAC,
			  .flags = VS_FIELD_STATUS,
			  .help = "MAC address of the next hop to it"},
	[WNV_PEER_REACH] = {.name = "reach",
			    .kind = VS_KIND_TEXT,
			    .flags = VS_FIELD_STATUS,
			    .help = "when it was last asked (vsctl peer probe, "
				    "or nothing came back): reachable, ping "
				    "only (answers ping, not in the tunnel), "
				    "silent, or not resolved"},
	[WNV_PEER_MTU] = {.name = "mtu",
			  .kind = VS_KIND_NUMBER,
			  .flags = VS_FIELD_STATUS,
			  .help = "what the way to it carries, if a router "
				  "said that it is less than was sent"},
	[WNV_PEER_PROOF] = {.name = "mtu-proof",
			    .kind = VS_KIND_TEXT,
			    .flags = VS_FIELD_STATUS,
			    .help = "proven: the peer answered a packet of "
				    "exactly that size; claimed: a router said "
				    "so"},
	[WNV_PEER_HEARD] = {.name = "heard",
			    .kind = VS_KIND_NUMBER,
			    .flags = VS_FIELD_STATUS,
			    .help = "seconds since it was last heard of"},
	[WNV_PEER_IN] = {.name = "in",
			 .kind = VS_KIND_NUMBER,
			 .flags = VS_FIELD_STATUS,
			 .help = "frames of VMs that came from it"},
	[WNV_PEER_IN_BYTES] = {.name = "in-bytes",
			       .kind = VS_KIND_NUMBER,
			       .flags = VS_FIELD_STATUS,
			       .help = "bytes of those frames"},
	[WNV_PEER_OUT] = {.name = "out",
			  .kind = VS_KIND_NUMBER,
			  .flags = VS_FIELD_STATUS,
			  .help = "frames of VMs that left for it"},
	[WNV_PEER_OUT_BYTES] = {.name = "out-bytes",
				.kind = VS_KIND_NUMBER,
				.flags = VS_FIELD_STATUS,
				.help = "bytes of those frames"},
	[WNV_PEER_DROPS] = {.name = "drops",
			    .kind = VS_KIND_NUMBER,
			    .flags = VS_FIELD_STATUS,
			    .help = "frames from it or for it that were "
				    "dropped"},
};

static const char *const route_order[] = {"^", "prefix", "next-hop", NULL};

const struct vs_noun wnv_nouns[WNV_NOUNS] = {
	[WNV_NOUN_NETWORK] = {.name = "network",
			      .member = "networks",
			      FIELDS(network_fields),
			      .help = "a customer network: subnets that may "
				      "reach each other"},
	[WNV_NOUN_SUBNET] = {.name = "subnet",
			     .member = "subnets",
			     .parent = "network",
			     FIELDS(subnet_fields),
			     .help = "a virtual subnet, named by its VSID"},
	[WNV_NOUN_CA] = {.name = "ca",
			 .member = "ca",
			 .parent = "subnet",
			 .parent_field = "vsid",
			 FIELDS(ca_fields),
			 .edits = ca_edits,
			 .flags = VS_NOUN_MANY,
			 .help = "a lookup record: where a customer address "
				 "lives"},
	[WNV_NOUN_L2ONLY] = {.name = "l2only",
			     .member = "l2only",
			     .parent = "subnet",
			     .parent_field = "vsid",
			     FIELDS(l2only_fields),
			     .help = "a VM whose MAC is known and whose "
				     "addresses are learned"},
	[WNV_NOUN_GATEWAY] = {.name = "gateway",
			      .member = "gateways",
			      .parent = "subnet",
			      .parent_field = "vsid",
			      FIELDS(gateway_fields),
			      .help = "a VM that forwards for every address "
				      "outside of the network"},
	[WNV_NOUN_GROUP] = {.name = "group",
			    .member = "groups",
			    .parent = "subnet",
			    .parent_field = "vsid",
			    FIELDS(group_fields),
			    .help = "group frames of a subnet that leave once, "
				    "for a group of the provider network"},
	[WNV_NOUN_ROUTE] = {.name = "route",
			    .member = "routes",
			    .parent = "network",
			    .positional = route_order,
			    FIELDS(route_fields),
			    .help = "a customer route: what lives behind a VM "
				    "that forwards"},
	[WNV_NOUN_PA] = {.name = "pa",
			 .member = "pa",
			 .parent = "uplink",
			 FIELDS(pa_fields),
			 .help = "a provider address of this host"},
	[WNV_NOUN_PAROUTE] = {.name = "paroute",
			      .member = "paroutes",
			      .parent = "uplink",
			      FIELDS(paroute_fields),
			      .help = "a provider route: the way to other "
				      "hosts"},
	[WNV_NOUN_PEER] = {.name = "peer",
			   .member = "peers",
			   FIELDS(peer_fields),
			   .help = "another host: what is special about it, "
				   "what came and went"},
};

static_assert(sizeof(wnv_nouns) / sizeof(wnv_nouns[0]) == WNV_NOUNS,
	      "one table per noun");
