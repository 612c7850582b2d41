# SPDX-License-Identifier: Apache-2.0
"""The mutants: one check taken away each, and the unit tests of which one must
notice. `old` stands once in `file`."""
from collections import namedtuple

Mutant = namedtuple("Mutant", "name file old new tests")

MUTANTS = [
    # the five barriers between VSIDs, by the names of unit.barriers
    Mutant("stamp", "switch/core/worker.c",
           "	view->vsid.value = port ? port->vsid.value : 0;\n",
           "	view->vsid.value = 0;\n", ["barriers"]),
    Mutant("lookup", "wnv/lookup.c",
           "	uint32_t at = wnv_book_find(&state->book, vsid, ca);\n",
           "	uint32_t at = wnv_book_find(&state->book, vsid, ca);\n\n"
           "	if (at == WNV_NONE)\n"
           "		at = wnv_book_find(&state->book,\n"
           "				   (struct vs_vsid){5001}, ca);\n",
           ["barriers"]),
    Mutant("inbound_check", "wnv/translate_in.c",
           "	if (!check_sight(arrival, &sight))\n		return false;\n"
           "	if (inner->advertises) {",
           "	check_sight(arrival, &sight);\n	if (inner->advertises) {",
           ["barriers"]),
    Mutant("mac_key", "switch/core/forward.c",
           "	uint32_t words[3] = {vsid.value};\n",
           "	uint32_t words[3] = {0 & vsid.value};\n", ["barriers"]),
    Mutant("deliver", "switch/core/pipeline.c",
           "	if (!port_has_vsid(port, view->vsid))\n"
           "		return VS_REASON_VSID_ACL;\n", "", ["barriers"]),

    # lengths
    Mutant("parse_reads_beyond_the_packet", "switch/packet/parse.c",
           "	return offset <= limit && size <= limit - offset;\n",
           "	return offset <= limit && size <= 65535;\n", ["parse"]),
    Mutant("ip_longer_than_its_frame", "switch/packet/parse.c",
           "	if (size > view->size - l3)\n		return false;\n"
           "	parse->end", "	parse->end", ["parse", "forward"]),
    Mutant("ipv4_header_of_less_than_20", "switch/packet/parse.c",
           "	if (header < VS_IPV4_SIZE || !parse_end(",
           "	if (!parse_end(", ["parse", "forward"]),
    Mutant("udp_longer_than_its_packet", "switch/packet/parse.c",
           "		    (length <= size || parse->flags & VS_FRAME_FRAGMENT))",
           "		    (length || parse->flags & VS_FRAME_FRAGMENT))",
           ["parse"]),
    Mutant("frame_at_beyond_the_end", "switch/include/vswitch/packet.h",
           "	return offset <= view->size && size <= view->size - offset\n",
           "	return offset <= view->size && size <= view->size\n",
           ["frame"]),
    Mutant("outer_ipv4_longer_than_its_frame", "wnv/codec.c",
           "header > room || total < header ||\n	    total > room)",
           "header > room || total < header)",
           ["trust_wire", "wnv_codec"]),
    Mutant("outer_ipv6_longer_than_its_frame", "wnv/codec.c",
           "	if (total > view->size - outer->l3 ||\n	    total <",
           "	if (total <", ["wnv_codec", "trust_wire"]),
    Mutant("gre_without_room_for_its_key", "wnv/codec.c",
           "	return size >= VS_GRE_KEY_SIZE || refuse(",
           "	return size >= 4 || refuse(", ["trust_wire", "wnv_codec"]),
    Mutant("gre_without_room", "wnv/codec.c",
           "	if (size < 4)\n		return refuse(reason, WNV_GRE_TRUNCATED);",
           "	if (size < 1)\n		return refuse(reason, WNV_GRE_TRUNCATED);",
           ["trust_wire", "wnv_codec"]),
    Mutant("runt", "switch/core/admit.c",
           "	if (view->size < VS_ETHERNET_SIZE)\n"
           "		return VS_REASON_RUNT;\n	if (view->flags",
           "	if (view->flags", ["forward", "trust_vm", "admit"]),
    Mutant("oversize", "switch/core/admit.c",
           "	    segment_size(view) > port->oversize +",
           "	    segment_size(view) > 0xffffu + port->oversize +",
           ["forward", "trust_vm"]),
    Mutant("slice_beyond_its_frame", "switch/core/services.c",
           "	    recipe->slice_size > packet->view.size - "
           "recipe->slice_offset ||\n", "", ["wire_ends", "owned"]),
    Mutant("tag_cut_short", "switch/core/tag.c",
           "	if (view->size < VS_ETHERNET_SIZE + TAG_SIZE)\n"
           "		return TAG_OTHER;\n", "", ["rdmap", "lane"]),
    Mutant("trunk_carries_every_vlan", "switch/core/lane.c",
           "	if (vlan && (!trunk || !lane_set_has(lane->set, vlan)))",
           "	if (vlan && !trunk)", ["lane"]),
    Mutant("isolated_ports_meet", "switch/core/lane.c",
           "	return vs_vsid_of_vlan(secondary ? lane->secondary : "
           "lane->vlan);", "	return vs_vsid_of_vlan("
           "secondary == 2 ? 0 : lane->vlan);", ["lane"]),

    # VSIDs
    Mutant("tag_names_any_vsid", "switch/core/rdmap.c",
           "		if (plan->tags[i] == vlan)",
           "		if (plan->tags[i] >= vlan)", ["rdmap"]),
    Mutant("reserved_vsids_on_the_wire", "wnv/codec.c",
           "	return vs_vsid_is_tenant(packet->vsid) ||\n"
           "	       refuse(reason, WNV_VSID_RESERVED);",
           "	return true;", ["trust_wire"]),
    Mutant("flood_to_every_vsid", "switch/core/forward.c",
           "	*packet->destinations = subnet->members;\n",
           "	memset(packet->destinations, 0xff, 2);\n",
           ["forward", "mirror"]),
    Mutant("followers_of_another_vsid", "switch/core/forward.c",
           "		if (target == before.target && lane) {",
           "		if (target == before.target) {", ["lane"]),
    Mutant("tags_of_tenants", "switch/core/admit.c",
           "	if (view->tags && !tags_are_bytes(worker, view))\n"
           "		return VS_REASON_VLAN_NOT_ALLOWED;\n", "",
           ["forward", "trust_vm", "lane"]),
    Mutant("vm_poses_as_provider", "switch/core/pipeline.c",
           "	if (guard_poses_as_provider(worker->snapshot, packet))",
           "	if (!packet)", ["trust_vm", "wire_ends"]),
    Mutant("wire_speaks_for_a_vm_of_ours", "wnv/guard.c",
           "	if (vouching && vouching->flags & WNV_RECORD_LOCAL)\n",
           "	if (vouching && !vouching->vsid.value)\n",
           ["trust_wire", "wnv_in"]),
    Mutant("wire_reaches_who_is_elsewhere", "wnv/guard.c",
           "	return record && record->flags & WNV_RECORD_LOCAL;\n}\n\n"
           "enum wnv_vouch wnv_inbound_check",
           "	return record || !subnet->vsid.value;\n}\n\n"
           "enum wnv_vouch wnv_inbound_check", ["trust_wire", "wnv_in"]),
    Mutant("mac_spoof", "switch/core/admit.c",
           "			return VS_REASON_MAC_SPOOF;",
           "			return VS_REASON_NONE;", ["trust_vm"]),

    # ACLs
    Mutant("acl_looks_at_the_wrong_end", "switch/core/acl.c",
           "			     view->data + (inbound ? 0 : 6)),",
           "			     view->data + (inbound ? 6 : 0)),", ["acl"]),
    Mutant("acl_denies_nothing", "switch/core/acl.c",
           "	return !entry || entry->allow;",
           "	return !entry || entry->rule != UINT16_MAX;", ["acl"]),
    Mutant("acl_allow_wins_a_tie", "switch/core/acl.c",
           "	return (!a->allow && b->allow) ||",
           "	return (a->allow && !b->allow) ||", ["acl"]),
    Mutant("acl_mixes_families", "switch/core/acl.c",
           "	return view->flags & VS_FRAME_IPV4 ? LIST_V4 : LIST_V6;",
           "	return view->flags & VS_FRAME_IPV4 ? LIST_V6 : LIST_V4;",
           ["acl"]),
    Mutant("acl_one_side_is_enough", "switch/core/acl.c",
           "		     rule) &&\n	       judge(match_ip(",
           "		     rule) ||\n	       judge(match_ip(", ["acl"]),
    Mutant("acl_denies_and_it_passes", "switch/core/policy.c",
           "		if (!allowed)\n			return VS_REASON_ACL_DENY;\n",
           "", ["forward", "origin"]),
    Mutant("acl_of_what_is_sent_is_not_asked", "switch/core/policy.c",
           "		reason = judge(worker, port, false, packet);\n",
           "		reason = VS_REASON_NONE;\n", ["origin"]),
    Mutant("acl_of_who_gets_it_is_not_asked", "switch/core/policy.c",
           "		walk_exclude(packet, to, reason);\n",
           "		reason = VS_REASON_NONE;\n", ["forward", "origin"]),

    # the fast path between tenants
    Mutant("moved_mac_ends_everybodys_flows", "switch/core/forward.c",
           "		vs_switch_changed_in(sw, key->vsid);\n		flap",
           "		vs_switch_changed(sw);\n		flap",
           ["steady_stack"]),
    Mutant("moved_mac_ends_no_flow", "switch/core/forward.c",
           "		vs_switch_changed_in(sw, key->vsid);\n		flap",
           "		flap", ["steady_stack"]),
    Mutant("forgotten_mac_elsewhere_ends_no_flow", "switch/core/forward.c",
           "		vs_switch_changed_in(sw, key->vsid);\n		count",
           "		count", ["steady_stack"]),
    Mutant("contest_ends_no_routed_flow", "wnv/learn.c",
           "		subnet = wnv_subnet_kin(state, subnet);\n",
           "		subnet = first;\n", ["wnv_learn"]),
    Mutant("port_takes_all_places", "switch/io/fast_share.c",
           "	if (*port >= left || *part", "	if (*part", ["fast_share"]),
    Mutant("vsid_takes_all_places", "switch/io/fast_share.c",
           " || *part >= VSID_SHARES * left)", " || !VSID_SHARES)",
           ["fast_share"]),

    # who waits for a next hop
    Mutant("waiting_bytes_are_not_counted", "wnv/hold.c",
           "	hold->bytes += view->size;\n", "", ["wnv_provider"]),
    Mutant("vsid_takes_all_holds", "wnv/hold.c",
           "2 * own < most - all", "0 * own < most - all", ["wnv_provider"]),
    Mutant("vsids_wait_in_one_queue", "wnv/hold.c",
           "vs_vsid_equal(holds[i].vsid, vsid) &&",
           "(vsid.value || !vsid.value) &&", ["wnv_provider"]),
    Mutant("all_that_wait_for_a_hop_ask", "wnv/hold.c",
           "if (is_asking(holds, i))", "if (is_asking(holds, 0))",
           ["wnv_provider"]),
]
