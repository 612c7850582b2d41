// SPDX-License-Identifier: Apache-2.0
/*
 * reason.c: names and sentences of the switch's own drop reasons. The
 * sentence says what is wrong and what cures it; vswitch-drops(7) is made
 * from this table.
 */
#include "core/reason.h"

#include <stddef.h>

static const struct vs_reason_text reasons[] = {
	[VS_REASON_NONE] = {"none", "Never booked."},
	[VS_REASON_RUNT] = {"runt",
			    "Shorter than an Ethernet header; the sender is "
			    "broken or hostile."},
	[VS_REASON_OVERSIZE] = {"oversize",
				"Larger than the port's own device MTU allows, "
				"judged on the segment; lower the sender's "
				"MTU."},
	[VS_REASON_BAD_IP] = {"bad_ip",
			      "The IP header is cut, contradicts itself, or "
			      "carries an IPv4-mapped IPv6 address."},
	[VS_REASON_MAC_SPOOF] = {"mac_spoof",
				 "The source MAC is not the port's own; set "
				 "mac= to the right one, or mac-guard=off."},
	[VS_REASON_SOURCE_GROUP] = {"source_group",
				    "The source MAC is a group address or "
				    "zero."},
	[VS_REASON_CA_SPOOF] = {"ca_spoof",
				"Policy does not let this MAC send from this "
				"customer address; add the record, or "
				"ca-guard=off."},
	[VS_REASON_ARP_SPOOF] = {"arp_spoof",
				 "The ARP sender is not what policy gives the "
				 "port, or the ARP packet is malformed."},
	[VS_REASON_ND_SPOOF] = {"nd_spoof",
				"The neighbour discovery message claims an "
				"address that policy does not give the port, "
				"or is malformed."},
	[VS_REASON_VLAN_NOT_ALLOWED] = {"vlan_not_allowed",
					"A VLAN tag that the port may not use: "
					"it has a VSID or a VLAN of its own, "
					"or its trunk= or rdmap= lacks it; "
					"remove the tag in the guest. Or none, "
					"where trunk= or rdmap= wants one."},
	[VS_REASON_PA_SPOOF] = {"pa_spoof",
				"A pass-through frame that poses as the "
				"provider side: source is a provider address, "
				"or it is NVGRE or VXLAN."},
	[VS_REASON_LINK_LOCAL_MCAST] = {"link_local_mcast",
					"To 01:80:c2:00:00:0x, which no bridge "
					"forwards."},
	[VS_REASON_ACL_DENY] = {"acl_deny",
				"A port ACL denies it; see `acl list`."},
	[VS_REASON_NO_DESTINATION] = {"no_destination",
				      "No other port has this VSID, or the "
				      "forwarding extension chose none."},
	[VS_REASON_HAIRPIN] = {"hairpin",
			       "The destination is behind the port that it "
			       "came from."},
	[VS_REASON_VSID_ACL] = {"vsid_acl",
				"The destination port does not have the "
				"frame's VSID, or the source port may not "
				"send."},
	[VS_REASON_PORT_DOWN] = {"port_down",
				 "The port is gone or its device is away or "
				 "down."},
	[VS_REASON_PORT_WAITS] = {"port_waits",
				  "The port waits for policy; `show` says for "
				  "what."},
	[VS_REASON_NO_TRANSLATION] = {"no_translation",
				      "A virtual subnet's frame for the wire, "
				      "and no translating extension is "
				      "loaded."},
	[VS_REASON_UNTRANSLATED] = {"untranslated",
				    "The translating extension gave no "
				    "answer; report it to its maker."},
	[VS_REASON_REFLECT_LOOP] = {"reflect_loop",
				    "Routed back a second time; two routes "
				    "point at each other."},
	[VS_REASON_NO_UPLINK] = {"no_uplink",
				 "The switch has no uplink that is up."},
	[VS_REASON_NO_BUFFER] = {"no_buffer",
				 "The worker's packet pool is empty; raise "
				 "the buffers."},
	[VS_REASON_INJECT_LIMIT] = {"inject_limit",
				    "More injected frames than a worker "
				    "queues (256)."},
	[VS_REASON_EXT_BAD_VERDICT] = {"ext_bad_verdict",
				       "An extension answered with a reason "
				       "or action that does not exist."},
	[VS_REASON_EXCLUDED] = {"excluded",
				"An extension took the destination away "
				"without a reason."},
	[VS_REASON_HOLD_LOST] = {"hold_lost",
				 "Held by an extension that was unloaded."},
	[VS_REASON_MAC_PINNED] = {"mac_pinned",
				  "The source MAC belongs to another port or "
				  "host by policy."},
	[VS_REASON_BAD_OFFLOAD] = {"bad_offload",
				   "What came beside the frame (where a "
				   "checksum goes, how to cut it) does not "
				   "fit its headers; the sender is broken or "
				   "hostile."},
	[VS_REASON_RA_GUARD] = {"ra_guard",
				"A router advertisement or redirect from a VM "
				"in a subnet whose gateway is the switch; set "
				"the subnet's gateway=none if the VM is the "
				"router."},
	[VS_REASON_EXT_HELD] = {"ext_held",
				"An extension kept it for over 30 seconds; "
				"the event rule_broken names the extension: "
				"report it to its maker."},
	[VS_REASON_DHCP_GUARD] = {"dhcp_guard",
				  "A DHCP server's message, of IPv4 or IPv6, "
				  "from a port with dhcp-guard=on; switch it "
				  "off if this VM is the DHCP server."},
	[VS_REASON_ROUTER_GUARD] = {"router_guard",
				    "A router's advertisement or redirect, of "
				    "IPv4 or IPv6, from a port with "
				    "router-guard=on; switch it off if this VM "
				    "is a router."},
	[VS_REASON_STORM_BROADCAST] = {"storm_broadcast",
				       "A broadcast beyond the port's "
				       "storm-limit; find out why the VM sends "
				       "so many, or raise it."},
	[VS_REASON_STORM_MULTICAST] = {"storm_multicast",
				       "A multicast frame beyond the port's "
				       "storm-limit; raise it if the VM may "
				       "send so many."},
	[VS_REASON_STORM_UNKNOWN] = {"storm_unknown",
				     "A frame for a MAC that is not known, so "
				     "that it would be flooded, beyond the "
				     "port's storm-limit."},
	[VS_REASON_BANDWIDTH_OUT] = {"bandwidth_out",
				     "The VM sends more than the port's "
				     "bandwidth-out."},
	[VS_REASON_BANDWIDTH_IN] = {"bandwidth_in",
				    "More is sent to the VM than the port's "
				    "bandwidth-in."},
	[VS_REASON_ACL_EXTENDED_DENY] = {"acl_extended_deny",
					 "An extended rule of the port denies "
					 "it; `acl list` shows which, `trace` "
					 "names the one that decides."},
	[VS_REASON_ACL_FLOW_LIMIT] = {"acl_flow_limit",
				      "A stateful rule allows it, but its VSID "
				      "has all the flows that it may have; "
				      "raise the switch's flows or "
				      "flows-per-vsid."},
	[VS_REASON_MIRROR_UNREACHABLE] =
		{"mirror_unreachable",
		 "A mirror's copy for another host: no uplink has a provider "
		 "address of that family, or the way there is not known (yet); "
		 "see `peer list`."},
	[VS_REASON_UNTAGGED] = {"untagged",
				"Without a VLAN tag on a trunk that has no "
				"VLAN for such frames; tag it in the guest, "
				"or say native=."},
	[VS_REASON_PRIVATE_VLAN] = {"private_vlan",
				    "Between ports of a private VLAN that are "
				    "kept apart: both isolated, or of two "
				    "communities."},
	[VS_REASON_LOOP_BLOCKED] = {"loop_blocked",
				    "From or to a port that is blocked because "
				    "a MAC came from it and from another port "
				    "in turn: two ports are joined outside of "
				    "the switch; `show` says which."},
	[VS_REASON_NOT_JOINED] = {"not_joined",
				  "To a multicast group that no port joined, "
				  "on a switch with snooping=on, or a report "
				  "where no router is; `groups` lists who "
				  "joined."},
};
_Static_assert(sizeof(reasons) / sizeof(reasons[0]) == VS_CORE_REASONS,
	       "every reason has a text");

const struct vs_reason_text *vs_core_reason(uint16_t reason)
{
	return reason < VS_CORE_REASONS ? &reasons[reason] : &reasons[0];
}
