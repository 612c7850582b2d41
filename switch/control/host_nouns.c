// SPDX-License-Identifier: Apache-2.0
/*
 * host_nouns.c: the tables of switch, uplink, port and acl.
 *
 * What a field may hold stands here; what spans fields or objects stands in
 * check.c. Before this file: none. After it: schema.c, which links the tables.
 */
#include "control/host_nouns.h"

#include <assert.h>

#include "control/port_lane.h"

#define COUNT(array) ((uint16_t)(sizeof(array) / sizeof((array)[0])))

static const char *const switch_types[] = {"external", "internal", "private",
					   NULL};
static_assert(COUNT(switch_types) == HOST_SWITCH_TYPES + 1, "one name each");

static const char *const acl_actions[] = {"allow", "deny", "meter", NULL};
static_assert(COUNT(acl_actions) == HOST_ACL_ACTIONS + 1, "one name each");

static const char *const directions[] = {"in", "out", "both", NULL};
static_assert(COUNT(directions) == HOST_DIRECTIONS + 1, "one name each");

static const struct vs_field switch_fields[] = {
	[VS_SWITCH_NAME] = {.name = "name",
			    .kind = VS_KIND_NAME,
			    .help = "the switch"},
	[VS_SWITCH_TYPE] = {.name = "type",
			    .kind = VS_KIND_CHOICE,
			    .choices = switch_types,
			    .unset = "external with an uplink, else private",
			    .help = "whom its ports reach: a wire, the host, "
				    "or each other only"},
	[VS_SWITCH_HOST_PORT] = {.name = "host-port",
				 .kind = VS_KIND_BOOL,
				 .unset = "yes on an internal switch, else no",
				 .help = "the host joins VSID 0 by a TAP named "
					 "like the switch"},
	[VS_SWITCH_STACK] = {.name = "stack",
			     .kind = VS_KIND_NAME,
			     .flags = VS_FIELD_LIST,
			     .unset = "capture and wnv, if they are "
				      "there",
			     .help = "extensions from top to bottom, or none"},
	[VS_SWITCH_MACS] = {.name = "macs",
			    .kind = VS_KIND_NUMBER,
			    .minimum = 16,
			    .maximum = 1048576,
			    .unset = "16384",
			    .help = "how many MAC addresses it can learn"},
	[VS_SWITCH_MACS_PER_PORT] = {.name = "macs-per-port",
				     .kind = VS_KIND_NUMBER,
				     .minimum = 1,
				     .maximum = 1048576,
				     .unset = "a quarter of macs",
				     .help = "how many of them on one port"},
	[VS_SWITCH_MACS_PER_VSID] = {.name = "macs-per-vsid",
				     .kind = VS_KIND_NUMBER,
				     .minimum = 1,
				     .maximum = 1048576,
				     .unset = "a quarter of macs",
				     .help = "how many of them in one VSID"},
	[VS_SWITCH_FLOWS] = {.name = "flows",
			     .kind = VS_KIND_NUMBER,
			     .minimum = 16,
			     .maximum = 16777216,
			     .unset = "65536",
			     .help = "how many flows its stateful ACL rules "
				     "can have"},
	[VS_SWITCH_FLOWS_PER_VSID] = {.name = "flows-per-vsid",
				      .kind = VS_KIND_NUMBER,
				      .minimum = 1,
				      .maximum = 16777216,
				      .unset = "a quarter of flows",
				      .help = "how many of them in one VSID"},
	[VS_SWITCH_AGEING] = {.name = "ageing",
			      .kind = VS_KIND_NUMBER,
			      .minimum = 1,
			      .maximum = 1000000,
			      .unset = "300",
			      .help = "seconds until a silent MAC is "
				      "forgotten"},
	[VS_SWITCH_SNOOPING] = {.name = "snooping",
				.kind = VS_KIND_BOOL,
				.unset = "off",
				.help = "frames of a multicast group go to the "
					"ports that joined it, in subnets and "
					"VLANs where a router asks for members "
					"(IGMP, MLD)"},
};
static_assert(COUNT(switch_fields) == VS_SWITCH_FIELDS, "settings.h");

static const struct vs_field uplink_fields[] = {
	[VS_UPLINK_DEVICE] = {.name = "device",
			      .kind = VS_KIND_TEXT,
			      .maximum = 15,
			      .help = "the network device of the wire"},
};
static_assert(COUNT(uplink_fields) == VS_UPLINK_FIELDS, "settings.h");

static const char *const privates[] = {"isolated", "community", "promiscuous",
				       NULL};
static_assert(COUNT(privates) == PORT_PRIVATES + 1, "one name each");

static const char *const isolations[] = {"none", "native-virtual-subnet",
					 "external-virtual-subnet", "vlan",
					 NULL};
static_assert(COUNT(isolations) == PORT_ISOLATIONS + 1, "one name each");

static const struct vs_field port_fields[] = {
	[VS_PORT_NAME] = {.name = "name",
			  .kind = VS_KIND_NAME,
			  .help = "the port, unique on the host"},
	[VS_PORT_TAP] = {.name = "tap",
			 .kind = VS_KIND_TEXT,
			 .flags = VS_FIELD_IMMUTABLE,
			 .maximum = 64,
			 .help = "make a TAP of this name"},
	[VS_PORT_PACKET] = {.name = "packet",
			    .kind = VS_KIND_TEXT,
			    .flags = VS_FIELD_IMMUTABLE,
			    .maximum = 64,
			    .help = "use this network device, which exists "
				    "(a veth, a VM's TAP)"},
	[VS_PORT_PCAP] = {.name = "pcap",
			  .kind = VS_KIND_TEXT,
			  .flags = VS_FIELD_IMMUTABLE,
			  .maximum = 255,
			  .help = "read frames from this file, - for none"},
	[VS_PORT_PCAP_OUT] = {.name = "pcap-out",
			      .kind = VS_KIND_TEXT,
			      .flags = VS_FIELD_IMMUTABLE,
			      .maximum = 255,
			      .help = "of a pcap port: record here what leaves "
				      "by it"},
	[VS_PORT_NULL] = {.name = "null",
			  .kind = VS_KIND_BOOL,
			  .flags = VS_FIELD_IMMUTABLE,
			  .unset = "no",
			  .help = "swallow frames (benchmarks)"},
	[VS_PORT_NETNS] = {.name = "netns",
			   .kind = VS_KIND_TEXT,
			   .flags = VS_FIELD_IMMUTABLE,
			   .maximum = 63,
			   .unset = "the daemon's own",
			   .help = "network namespace of the device, a name "
				   "under /run/netns"},
	[VS_PORT_VSID] = {.name = "vsid",
			  .kind = VS_KIND_VSID,
			  .unset = "not virtualised",
			  .refers = "subnet",
			  .help = "virtual subnet; 0 = the provider's network"},
	[VS_PORT_CA] = {.name = "ca",
			.kind = VS_KIND_IP,
			.flags = VS_FIELD_LIST,
			.refers = "ca",
			.help = "customer addresses behind it"},
	[VS_PORT_MAC] = {.name = "mac",
			 .kind = VS_KIND_MAC,
			 .unset = "the record's, else the device's",
			 .help = "MAC address behind it"},
	[VS_PORT_MTU] = {.name = "mtu",
			 .kind = VS_KIND_NUMBER,
			 .minimum = 576,
			 .maximum = 65521,
			 .unset = "the subnet's, else 1500",
			 .help = "largest IP packet, in bytes"},
	[VS_PORT_MAC_GUARD] = {.name = "mac-guard",
			       .kind = VS_KIND_BOOL,
			       .unset = "on",
			       .help = "drop frames from another source MAC"},
	[VS_PORT_CA_GUARD] = {.name = "ca-guard",
			      .kind = VS_KIND_BOOL,
			      .unset = "on",
			      .help = "drop frames from another customer "
				      "address"},
	[VS_PORT_RDMAP] = {.name = "rdmap",
			   .kind = VS_KIND_TAG,
			   .flags = VS_FIELD_LIST,
			   .help = "instead of vsid, a gateway's subnets, each "
				   "with the VLAN tag that names it on the "
				   "device: 100:5001; 0:5001 without a tag"},
	[VS_PORT_VLAN] = {.name = "vlan",
			  .kind = VS_KIND_NUMBER,
			  .minimum = 1,
			  .maximum = VS_VLAN_MAXIMUM,
			  .help = "instead of vsid, the VLAN of the provider's "
				  "network that it is in, without tags on its "
				  "device; of a private VLAN, the primary one"},
	[VS_PORT_TRUNK] = {.name = "trunk",
			   .kind = VS_KIND_RANGE,
			   .flags = VS_FIELD_LIST,
			   .minimum = 1,
			   .maximum = VS_VLAN_MAXIMUM,
			   .help = "instead of vlan, the VLANs that it sends "
				   "and gets with their tags: 10-20,30"},
	[VS_PORT_NATIVE] = {.name = "native",
			    .kind = VS_KIND_NUMBER,
			    .maximum = VS_VLAN_MAXIMUM,
			    .unset = "none: they are dropped",
			    .help = "of a trunk: the VLAN of frames without a "
				    "tag; 0 = the network that has none"},
	[VS_PORT_PRIVATE] = {.name = "private",
			     .kind = VS_KIND_CHOICE,
			     .choices = privates,
			     .help = "what it is in the private VLAN whose "
				     "primary one is vlan: isolated ports meet "
				     "promiscuous ones only, those of a "
				     "community each other too"},
	[VS_PORT_SECONDARY] = {.name = "secondary",
			       .kind = VS_KIND_RANGE,
			       .flags = VS_FIELD_LIST,
			       .minimum = 1,
			       .maximum = VS_VLAN_MAXIMUM,
			       .help = "the secondary VLAN of an isolated port "
				       "or a community; of a promiscuous one, "
				       "all that it serves"},
	[VS_PORT_ISOLATION] = {.name = "isolation",
			       .kind = VS_KIND_CHOICE,
			       .choices = isolations,
			       .unset = "what vsid, rdmap, vlan and trunk say",
			       .help = "who keeps it apart; with "
				       "external-virtual-subnet the vsid is "
				       "another extension's, and WNV has no "
				       "part in it"},
	[VS_PORT_IP_LIMIT] =
		{.name = "ip-limit",
		 .kind = VS_KIND_NUMBER,
		 .maximum = 4096,
		 .unset = "0: as many as its subnet may have",
		 .help = "how many addresses of its VM are learned "
			 "at most; it needs an l2only record"},
	[VS_PORT_REQUIRE] = {.name = "require",
			     .kind = VS_KIND_NAME,
			     .flags = VS_FIELD_LIST,
			     .help = "extensions without which, on the stack "
				     "of its switch, it does not forward"},
	[VS_PORT_DHCP_GUARD] = {.name = "dhcp-guard",
				.kind = VS_KIND_BOOL,
				.unset = "off",
				.help = "drop what its VM sends as a DHCP "
					"server, of IPv4 and IPv6"},
	[VS_PORT_ROUTER_GUARD] = {.name = "router-guard",
				  .kind = VS_KIND_BOOL,
				  .unset = "off",
				  .help = "drop router advertisements and "
					  "redirects of its VM, of IPv4 and "
					  "IPv6"},
	[VS_PORT_STORM_LIMIT] = {.name = "storm-limit",
				 .kind = VS_KIND_NUMBER,
				 .maximum = 100000000,
				 .unset = "0: any",
				 .help = "frames a second that its VM may send "
					 "to all: broadcast, multicast, and to "
					 "MACs that are not known"},
	[VS_PORT_BANDWIDTH_OUT] =
		{.name = "bandwidth-out",
		 .kind = VS_KIND_NUMBER,
		 .maximum = HOST_BANDWIDTH_MAXIMUM,
		 .unset = "0: any",
		 .help = "bits a second that its VM may send, at least "
			 "8k; more is dropped"},
	[VS_PORT_BANDWIDTH_IN] =
		{.name = "bandwidth-in",
		 .kind = VS_KIND_NUMBER,
		 .maximum = HOST_BANDWIDTH_MAXIMUM,
		 .unset = "0: any",
		 .help = "bits a second that its VM may get, at least 8k; "
			 "more is dropped"},
	[VS_PORT_PRIORITY_TAG] =
		{.name = "priority-tag",
		 .kind = VS_KIND_BOOL,
		 .unset = "off",
		 .help = "keep the priority (802.1p) in the tags of its VM; "
			 "off, it is set to 0"},
	[VS_PORT_LOOP_GUARD] =
		{.name = "loop-guard",
		 .kind = VS_KIND_BOOL,
		 .unset = "on",
		 .help = "of a port without mac-guard: block it for a while if "
			 "a MAC comes from it and from an older port in turn"},
	[VS_PORT_TEAM] = {.name = "team",
			  .kind = VS_KIND_NAME,
			  .help = "a name that the ports of one VM have in "
				  "common: each may send the MACs of the "
				  "others, as a bond in the guest does"},
	[VS_PORT_SEE] = {.name = "see",
			 .kind = VS_KIND_VSID,
			 .flags = VS_FIELD_LIST,
			 .refers = "subnet",
			 .help = "makes it a monitor port: it sends nothing "
				 "and gets what mirrors copy, of these VSIDs "
				 "only"},
	[VS_PORT_BANDWIDTH_WEIGHT] =
		{.name = "bandwidth-weight",
		 .kind = VS_KIND_NUMBER,
		 .minimum = 1,
		 .maximum = 100,
		 .unset = "1",
		 .help = "its part of a worker that is busy, beside the "
			 "weights of the other ports"},
	[VS_PORT_MISMATCH] = {.name = "mismatch",
			      .kind = VS_KIND_TEXT,
			      .flags = VS_FIELD_STATUS,
			      .help = "what its VM does otherwise than policy "
				      "says: another MAC, address or gateway"},
};
static_assert(COUNT(port_fields) == VS_PORT_FIELDS, "settings.h");

static const char *const acl_positional[] = {"^", "action", "direction", NULL};

static const struct vs_field acl_fields[] = {
	[HOST_ACL_KEY] = {.name = "rule",
			  .kind = VS_KIND_TEXT,
			  .maximum = 120,
			  .unset = "made from the other fields",
			  .help = "name of the entry"},
	[HOST_ACL_ACTION] = {.name = "action",
			     .kind = VS_KIND_CHOICE,
			     .flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
			     .choices = acl_actions,
			     .help = "let frames that match pass, or not, or "
				     "only count those that pass"},
	[HOST_ACL_DIRECTION] = {.name = "direction",
				.kind = VS_KIND_CHOICE,
				.flags = VS_FIELD_REQUIRED | VS_FIELD_IMMUTABLE,
				.choices = directions,
				.help = "as the VM sees it"},
	[HOST_ACL_LOCAL] = {.name = "local",
			    .kind = VS_KIND_PREFIX,
			    .flags = VS_FIELD_IMMUTABLE | VS_FIELD_ANY,
			    .help = "the VM's addresses, or any"},
	[HOST_ACL_REMOTE] = {.name = "remote",
			     .kind = VS_KIND_PREFIX,
			     .flags = VS_FIELD_IMMUTABLE | VS_FIELD_ANY,
			     .help = "the other side's addresses, or any"},
	[HOST_ACL_LOCAL_MAC] = {.name = "local-mac",
				.kind = VS_KIND_MAC,
				.flags = VS_FIELD_IMMUTABLE | VS_FIELD_ANY,
				.help = "the VM's MAC, or any"},
	[HOST_ACL_REMOTE_MAC] = {.name = "remote-mac",
				 .kind = VS_KIND_MAC,
				 .flags = VS_FIELD_IMMUTABLE | VS_FIELD_ANY,
				 .help = "the other side's MAC, or any"},
	[HOST_ACL_WEIGHT] = {.name = "weight",
			     .kind = VS_KIND_NUMBER,
			     .flags = VS_FIELD_IMMUTABLE,
			     .minimum = 1,
			     .maximum = UINT16_MAX,
			     .unset = "a basic entry",
			     .help = "makes it an extended rule; the highest "
				     "that matches decides"},
	[HOST_ACL_PROTO] = {.name = "proto",
			    .kind = VS_KIND_TEXT,
			    .maximum = 8,
			    .unset = "any",
			    .help = "tcp, udp, icmp, icmp6, igmp, gre, esp, "
				    "ah, sctp or a number"},
	[HOST_ACL_LPORT] = {.name = "lport",
			    .kind = VS_KIND_TEXT,
			    .maximum = 21,
			    .unset = "any",
			    .help = "the VM's port of TCP or UDP, or a range "
				    "as in 49152-49182"},
	[HOST_ACL_RPORT] = {.name = "rport",
			    .kind = VS_KIND_TEXT,
			    .maximum = 21,
			    .unset = "any",
			    .help = "the other side's port or range"},
	[HOST_ACL_STATEFUL] = {.name = "stateful",
			       .kind = VS_KIND_BOOL,
			       .unset = "off",
			       .help = "what it allows makes a flow, and the "
				       "answers pass too"},
	[HOST_ACL_TIMEOUT] = {.name = "timeout",
			      .kind = VS_KIND_NUMBER,
			      .minimum = 1,
			      .maximum = UINT16_MAX,
			      .unset = "255",
			      .help = "seconds that a flow lives without "
				      "frames"},
	[HOST_ACL_VSID] = {.name = "vsid",
			   .kind = VS_KIND_VSID,
			   .unset = "all of the port",
			   .help = "only frames of this virtual subnet, on a "
				   "port with several"},
	[HOST_ACL_VLAN] = {.name = "vlan",
			   .kind = VS_KIND_NUMBER,
			   .minimum = 1,
			   .maximum = VS_VLAN_MAXIMUM,
			   .unset = "all of the port",
			   .help = "only frames of this VLAN, on a trunk"},
	[HOST_ACL_FRAMES] = {.name = "frames",
			     .kind = VS_KIND_NUMBER,
			     .flags = VS_FIELD_STATUS,
			     .help = "how often this entry decided, or what "
				     "it metered"},
	[HOST_ACL_BYTES] = {.name = "bytes",
			    .kind = VS_KIND_NUMBER,
			    .flags = VS_FIELD_STATUS,
			    .help = "of a meter: bytes of those frames"},
};
static_assert(COUNT(acl_fields) == HOST_ACL_FIELDS, "host_nouns.h");

static const struct vs_field mirror_fields[] = {
	[VS_MIRROR_NAME] = {.name = "name",
			    .kind = VS_KIND_NAME,
			    .help = "the mirror"},
	[VS_MIRROR_FROM] = {.name = "from",
			    .kind = VS_KIND_NAME,
			    .flags = VS_FIELD_LIST | VS_FIELD_REQUIRED,
			    .refers = "port",
			    .help = "ports whose frames are copied"},
	[VS_MIRROR_TO] = {.name = "to",
			  .kind = VS_KIND_NAME,
			  .refers = "port",
			  .help = "the monitor port (one with see=) that gets "
				  "the copies"},
	[VS_MIRROR_PA] = {.name = "pa",
			  .kind = VS_KIND_IP,
			  .help = "instead of to: the host in the provider "
				  "network that gets them, in GRE (transparent "
				  "Ethernet bridging, no key)"},
	[VS_MIRROR_DIRECTION] = {.name = "direction",
				 .kind = VS_KIND_CHOICE,
				 .choices = directions,
				 .unset = "both",
				 .help = "as the VM sees it: what it gets, "
					 "what it sends"},
};
static_assert(COUNT(mirror_fields) == VS_MIRROR_FIELDS, "settings.h");

const struct vs_noun host_nouns[HOST_NOUNS] = {
	[HOST_SWITCH] = {.name = "switch",
			 .member = "switches",
			 .fields = switch_fields,
			 .field_count = COUNT(switch_fields),
			 .help = "a virtual switch"},
	[HOST_UPLINK] = {.name = "uplink",
			 .member = "uplinks",
			 .parent = "switch",
			 .fields = uplink_fields,
			 .field_count = COUNT(uplink_fields),
			 .help = "a network device that joins a switch to the "
				 "wire"},
	[HOST_PORT] = {.name = "port",
		       .member = "ports",
		       .parent = "switch",
		       .fields = port_fields,
		       .field_count = COUNT(port_fields),
		       .help = "where a VM, a namespace or a file is plugged "
			       "in"},
	[HOST_ACL] = {.name = "acl",
		      .member = "acl",
		      .parent = "port",
		      .positional = acl_positional,
		      .fields = acl_fields,
		      .field_count = COUNT(acl_fields),
		      .help = "a rule on what a port may send and receive"},
	[HOST_MIRROR] = {.name = "mirror",
			 .member = "mirrors",
			 .parent = "switch",
			 .fields = mirror_fields,
			 .field_count = COUNT(mirror_fields),
			 .help = "copies of what ports send and receive, for a "
				 "monitor port or another host"},
};
