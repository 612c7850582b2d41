/* SPDX-License-Identifier: Apache-2.0 */
#include "reason.h"

#include <assert.h>

#define REASON(index, text, sentence)                                          \
	[index] = {.number = (index) + 1, .name = (text), .help = (sentence)}

const struct vs_reason_entry wnv_reasons[WNV_REASONS] = {
	REASON(WNV_PA_SRC_UNKNOWN, "pa_src_unknown",
	       "The outer source is no provider address that policy knows: "
	       "add its records, or look who sends from it."),
	REASON(WNV_PA_SRC_MISMATCH, "pa_src_mismatch",
	       "The outer source is not the provider address that policy gives "
	       "for the inner source: compare the ca records of both hosts."),
	REASON(WNV_PA_SRC_MARTIAN, "pa_src_martian",
	       "The outer source is our own, a group, or a reserved address: "
	       "the packet is forged."),
	REASON(WNV_PA_DST, "pa_dst",
	       "The outer destination is no provider address of this host: "
	       "add the pa here, or correct the sender's records. (Over IPv4 "
	       "it is seen only where a port is in VSID 0: else the kernel "
	       "keeps such packets.)"),
	REASON(WNV_OUTER_CSUM, "outer_csum",
	       "The outer IPv4 header checksum is wrong."),
	REASON(WNV_OUTER_LENGTH, "outer_length",
	       "The outer IP header's lengths do not fit the frame."),
	REASON(WNV_OUTER_FRAGMENT, "outer_fragment",
	       "The outer packet is a fragment, which NVGRE forbids: raise the "
	       "MTU between the hosts, or lower the subnet's mtu."),
	REASON(WNV_GRE_TRUNCATED, "gre_truncated",
	       "The packet ends inside the GRE header."),
	REASON(WNV_GRE_NO_KEY, "gre_no_key",
	       "The GRE header has no key, so there is no VSID: the sender is "
	       "no NVGRE endpoint."),
	REASON(WNV_GRE_CSUM_BIT, "gre_csum_bit",
	       "The GRE checksum bit is set, which NVGRE forbids: switch GRE "
	       "checksums off at the sender."),
	REASON(WNV_GRE_SEQ_BIT, "gre_seq_bit",
	       "The GRE sequence bit is set, which NVGRE forbids: switch GRE "
	       "sequence numbers off at the sender."),
	REASON(WNV_GRE_RESERVED, "gre_reserved",
	       "A reserved bit of the GRE header is set."),
	REASON(WNV_GRE_VERSION, "gre_version", "The GRE version is not 0."),
	REASON(WNV_GRE_PROTO, "gre_proto",
	       "GRE to one of our provider addresses carries something other "
	       "than Ethernet."),
	REASON(WNV_VSID_RESERVED, "vsid_reserved",
	       "The VSID is one of 0..4095, which are reserved."),
	REASON(WNV_VSID_UNKNOWN, "vsid_unknown",
	       "The VSID is not in policy, or no port here is in it: add the "
	       "subnet, or correct the sender's records."),
	REASON(WNV_CONTROL_BAD, "control_bad",
	       "A frame under the control VSID 0xFFFFFF that is no message "
	       "this host takes: not from the host that a record names, about "
	       "nothing that a VM here sent, or its network says "
	       "redirect=off."),
	REASON(WNV_INNER_SHORT, "inner_short",
	       "The inner frame is shorter than an Ethernet header."),
	REASON(WNV_INNER_VLAN, "inner_vlan",
	       "The inner frame carries a VLAN tag, which NVGRE forbids."),
	REASON(WNV_INNER_SRC_MCAST, "inner_src_mcast",
	       "The inner source MAC is a group address or zero."),
	REASON(WNV_INNER_BAD_IP, "inner_bad_ip",
	       "The inner IP header is cut short or inconsistent."),
	REASON(WNV_LINK_LOCAL_MCAST, "link_local_mcast",
	       "The inner destination is 01:80:c2:00:00:0x, which never leaves "
	       "a link."),
	REASON(WNV_MAC_SPOOF_REMOTE, "mac_spoof_remote",
	       "A frame from the wire has the MAC of a VM of this host as its "
	       "source: look for a second VM with that MAC, or a forger."),
	REASON(WNV_CA_SPOOF_REMOTE, "ca_spoof_remote",
	       "A frame from the wire has a customer address of this host or "
	       "of the gateway as its source: look for a duplicate address, "
	       "or a forger."),
	REASON(WNV_DST_NOT_LOCAL, "dst_not_local",
	       "The inner destination is no VM of this host: the sender's "
	       "record is stale."),
	REASON(WNV_GROUP_PA, "group_pa",
	       "A group frame came to another than the lowest provider address "
	       "that serves its VSID here: it would be delivered twice."),
	REASON(WNV_NON_IP, "non_ip",
	       "Neither IP nor ARP: write l2=on in the subnet to carry it."),
	REASON(WNV_PUNT_RATE, "punt_rate",
	       "The port asks the gateway or the proxy faster than its limit."),
	REASON(WNV_NO_LOOKUP_RECORD, "no_lookup_record",
	       "No record says where the destination lives: add its ca."),
	REASON(WNV_NO_ROUTE, "no_route",
	       "No customer route covers the destination: add a route or a "
	       "subnet to the network."),
	REASON(WNV_NOT_ROUTED, "not_routed",
	       "The destination is in another subnet, but the frame is "
	       "addressed to a neighbour that does not forward for it: send "
	       "it to the gateway, or add a route with that next hop."),
	REASON(WNV_RULE_NONE_REMOTE, "rule_none",
	       "The destination's record says rule=none, so it is never sent "
	       "to the wire: set rule=encap."),
	REASON(WNV_LOCAL_ONLY, "local_only",
	       "The destination lives on this host, by its record, but no port "
	       "took it: add the address to the ca of a port, look at the "
	       "port's state, or correct the record's pa."),
	REASON(WNV_NO_REMOTE, "no_remote",
	       "A group frame of a VSID that no other host has records in; the "
	       "local ports got theirs."),
	REASON(WNV_NO_SOURCE_PA, "no_source_pa",
	       "The sender has no record with a provider address of this host: "
	       "compare its ca with the host's pa."),
	REASON(WNV_PA_NO_ROUTE, "pa_no_route",
	       "The remote provider address is on no link of ours and no "
	       "paroute covers it."),
	REASON(WNV_PA_UNRESOLVED, "pa_unresolved",
	       "The next hop to the remote provider address does not answer "
	       "ARP."),
	REASON(WNV_HOLD_FULL, "hold_full",
	       "Too many frames wait for the next hop's MAC already."),
	REASON(WNV_TOO_BIG, "too_big",
	       "The frame does not fit the subnet's mtu and can be neither cut "
	       "nor answered."),
	REASON(WNV_ECN_DROP, "ecn_drop",
	       "The outer header marks congestion, and the inner packet's "
	       "transport would not understand the mark (RFC 6040)."),
	REASON(WNV_OFFLOAD_BAD, "offload_bad",
	       "What the device says of a merged packet does not fit its "
	       "headers: switch the device's offloads off."),
	REASON(WNV_PA_DUPLICATE, "pa_duplicate",
	       "Another machine answered for the provider address before it "
	       "was taken into use: give one of them another address."),
	REASON(WNV_RECORD_UNUSABLE, "record_unusable",
	       "The destination's record can't be used: `ca list` says why."),
	REASON(WNV_GATEWAY_SERVICE, "gateway_service",
	       "The gateway address answers ARP, ND and echo, nothing else."),
	REASON(WNV_ANSWER_LOST, "answer_lost",
	       "The proxy or the gateway had an answer, but no buffer for it, "
	       "or no room in the queue: the worker is overloaded."),
	REASON(WNV_POLICY_CHANGED, "policy_changed",
	       "While the frame waited for a next hop, a change of policy made "
	       "the destination one of this host's own."),
	REASON(WNV_UPLINK_DOWN, "uplink_down",
	       "The uplink of the provider address has no device, or the "
	       "device is down: `show` says which."),
	REASON(WNV_UDP_LENGTH, "udp_length",
	       "The outer UDP length does not fit the packet."),
	REASON(WNV_UDP_CSUM, "udp_csum", "The outer UDP checksum is wrong."),
	REASON(WNV_UDP_NO_CSUM, "udp_no_csum",
	       "VXLAN over IPv6 without a UDP checksum: switch it on at the "
	       "sender (of the kernel's device: udp6zerocsumtx off)."),
	REASON(WNV_VXLAN_TRUNCATED, "vxlan_truncated",
	       "The packet ends inside the UDP or VXLAN header."),
	REASON(WNV_VXLAN_NO_VNI, "vxlan_no_vni",
	       "The VXLAN header says that it has no VNI, so there is no "
	       "VSID."),
	REASON(WNV_VXLAN_RESERVED, "vxlan_reserved",
	       "A reserved bit of the VXLAN header is set: switch extensions "
	       "(gbp, gpe, remcsum) off at the sender."),
	REASON(WNV_TTL_EXPIRED, "ttl_expired",
	       "To be routed, but its TTL or hop limit has run out, and it "
	       "could not be answered: look for a routing loop in the VMs."),
	REASON(WNV_NEXT_HOP_UNUSABLE, "next_hop_unusable",
	       "Customer routes cover the destination, but no next hop of "
	       "theirs has a usable record: add the ca of one."),
	REASON(WNV_LINK_LOCAL_SOURCE, "link_local_source",
	       "To be routed, but its source is a link-local address, or none, "
	       "which holds in its own subnet only."),
	REASON(WNV_PA_FAMILY, "pa_family",
	       "The sender's provider address and the destination's are of "
	       "different IP versions: give both hosts addresses of one."),
	REASON(WNV_PA_ND_BAD, "pa_nd_bad",
	       "Neighbour discovery for a provider address of ours that "
	       "RFC 4861 makes invalid: it crossed a router, its checksum is "
	       "wrong, or it contradicts itself."),
	REASON(WNV_PA_WRONG_VLAN, "pa_vlan",
	       "The packet is for a provider address of ours, but came in "
	       "another VLAN than its pa says: compare vlan= of both hosts."),
	REASON(WNV_RW_NO_PAIR, "rw_no_pair",
	       "A packet came to the provider address of a VM with "
	       "rule=rewrite from an address that no record with rule=rewrite "
	       "has: add its record, or look who sends."),
	REASON(WNV_RW_OTHER_TENANT, "rw_other_tenant",
	       "A packet came to the provider address of a VM with "
	       "rule=rewrite from that of another tenant's VM: a forger, or "
	       "records that differ between hosts."),
	REASON(WNV_RW_NOT_CARRIED, "rw_not_carried",
	       "IP rewrite carries unicast IP between two records only: for "
	       "broadcast, multicast, ARP, neighbour discovery, other "
	       "protocols and what lies behind a next hop write rule=encap or "
	       "vxlan, or an l2only record beside."),
	REASON(WNV_RW_NO_SOURCE, "rw_no_source",
	       "The destination's record says rule=rewrite, and the sender has "
	       "no provider address of its own: write rule=rewrite and a pa "
	       "of this host in its record as well."),
	REASON(WNV_RW_TUNNEL, "rw_tunnel",
	       "A VM with rule=rewrite sends what looks like NVGRE or VXLAN, "
	       "and the provider address carries those too: give it one that "
	       "no other record has."),
	REASON(WNV_RW_HEADERS, "rw_headers",
	       "The IP headers are too long to be rewritten: the extension "
	       "headers take more than 200 bytes."),
	REASON(WNV_CA_CONTESTED, "ca_contested",
	       "The frame is from a VM that claims an address which another VM "
	       "was learned to have: that one is being asked, or answered; "
	       "look at the ca_conflict events."),
	REASON(WNV_PA_GROUP, "pa_group",
	       "A tunnel packet to a group address of the provider network "
	       "that its subnet does not use, or not on this uplink or VLAN, "
	       "or with a frame for one VM in it: compare the groups of the "
	       "subnet on both hosts."),
	REASON(WNV_CONTROL_RATE, "control_rate",
	       "A peer says more than ten times a second that a VM moved or is "
	       "unknown to it: bring the records of this host up to date."),
	REASON(WNV_CA_SOUGHT, "ca_sought",
	       "Nobody is known to have the address that the packet was to be "
	       "routed to; the subnet's VMs with l2only records are being "
	       "asked, and the next packet goes to who answers."),
	REASON(WNV_HOLD_SHARE, "hold_share",
	       "The virtual subnet has its share of what may wait for the MACs "
	       "of next hops already: many of the provider addresses that it "
	       "sends to do not answer ARP."),
};

static_assert(sizeof(wnv_reasons) / sizeof(wnv_reasons[0]) == WNV_REASONS,
	      "one entry per reason");

const struct vs_named wnv_events[WNV_EVENTS] = {
	[WNV_EVENT_POLICY_MISMATCH] = {"policy_mismatch",
				       "A frame from the wire does not agree "
				       "with the records here"},
	[WNV_EVENT_PA_STATE] = {"pa_state",
				"A provider address changed its state"},
	[WNV_EVENT_PA_CONFLICT] = {"pa_conflict",
				   "Somebody else answers for a provider "
				   "address of this host"},
	[WNV_EVENT_CA_ADDED] = {"ca_added", "The address of a VM was learned"},
	[WNV_EVENT_CA_MOVED] = {"ca_moved",
				"A learned address belongs to another VM now"},
	[WNV_EVENT_CA_DELETED] = {"ca_deleted",
				  "A learned address is no longer known"},
	[WNV_EVENT_CA_CONFLICT] = {"ca_conflict",
				   "A VM claims the address of another one"},
	[WNV_EVENT_CA_LIMIT] = {"ca_limit",
				"An address was not learned: its port or its "
				"subnet has as many as it may have"},
	[WNV_EVENT_PATH_MTU] = {"path_mtu",
				"The way to a peer carries less than it did"},
	[WNV_EVENT_REDIRECT] = {"redirect",
				"The host that a record names says that the VM "
				"is at another one"},
	[WNV_EVENT_UNREACHABLE] = {"unreachable",
				   "The host that a record names knows nothing "
				   "of the VM"},
	[WNV_EVENT_PEER_STATE] = {"peer_state",
				  "A peer that was asked answers, or does so "
				  "no more"},
	[WNV_EVENT_VM_MOVED] = {"vm_moved",
				"The record of a VM names another provider "
				"address: it was moved"},
};

static_assert(sizeof(wnv_events) / sizeof(wnv_events[0]) == WNV_EVENTS,
	      "one entry per event");
