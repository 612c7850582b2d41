/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IP rewrite between two hosts with two tenants of equal addresses: what
 * leaves, what comes back, what is refused (rewrite_out.c, rewrite_in.c).
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"
#include "wnv/rewrite.h"

static const struct lab_options host_a = {
	.host = 1, .owned = true, .rewrite = true};
static const struct lab_options host_b = {
	.host = 2, .owned = true, .rewrite = true};

struct wire {
	uint8_t bytes[4096];
	uint32_t size;
};

/* The next hop of a PA of the other host is known. */
static void know(struct lab *lab, uint8_t own, uint8_t other, uint8_t host)
{
	uint8_t bytes[64], pa[4] = {192, 0, 2, own},
			   far[4] = {192, 0, 2, other};
	struct provider_hop hop = {
		.source.ip = vs_ip_from_v4(pa),
		.hop.ip = vs_ip_from_v4(far),
		.uplink = {LAB_UPLINK},
		.vlan = wnv_provider_at(lab->state, 0)->vlan,
	};
	uint32_t size;
	struct lab_arp arp = {.sender_mac = lab_host_mac(host), .operation = 2};

	memcpy(arp.sender, far, 4);
	memcpy(arp.target, pa, 4);
	provider_ask(&lab->fake->call, lab->provider, &hop);
	size = lab_arp(bytes, &arp);
	if (hop.vlan) {
		memmove(bytes + 16, bytes + 12, size - 12);
		vs_store16(bytes + 12, VS_TYPE_VLAN);
		vs_store16(bytes + 14, hop.vlan);
		size += 4;
	}
	lab_in(lab, lab_packet(lab, bytes, size, 0));
	lab_clear(lab);
}

static struct lab open_host(const struct lab_options *options)
{
	struct lab lab = lab_open(options);
	uint8_t pa;

	lab_know(&lab);
	for (pa = 121; pa < 135; pa++)
		if (options->host == 1)
			know(&lab, 121, pa, 2);
		else
			know(&lab, 123, pa, 1);
	return lab;
}

/* What a recipe puts on the wire. */
static struct wire wire_of(const struct lab *lab, unsigned int at)
{
	const struct vs_recipe *recipe = &lab->fake->seen.sent[at];
	struct wire wire = {.size = recipe->lead_size + recipe->slice_size};

	memcpy(wire.bytes, recipe->lead, recipe->lead_size);
	memcpy(wire.bytes + recipe->lead_size,
	       vs_view(recipe->frame)->data + recipe->slice_offset,
	       recipe->slice_size);
	return wire;
}

static struct frames tcp(uint8_t *buffer, uint8_t from, uint8_t to,
			 uint32_t payload)
{
	struct frames frame = lab_frame4(buffer, from, to, VS_IP_TCP);

	frames_tcp(&frame, 1000, 0x10);
	memset(buffer + frame.size, 0x5a, payload);
	frame.size += payload;
	frames_finish(&frame, VS_IP_TCP);
	return frame;
}

static struct frames udp(uint8_t *buffer, uint8_t from, uint8_t to,
			 uint32_t payload, bool df)
{
	struct frames frame = lab_frame4(buffer, from, to, VS_IP_UDP);

	buffer[20] = df ? 0x40 : 0;
	frames_udp(&frame);
	memset(buffer + frame.size, 0x33, payload);
	frame.size += payload;
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

/* The frame with PAs in it, as the other host sends it. */
static struct wire rewritten(const struct frames *frame, const uint8_t pas[8])
{
	struct rewrite_addresses to = {vs_ip_from_v4(pas),
				       vs_ip_from_v4(pas + 4)};
	struct rewrite_packet packet;
	struct wire wire = {.size = frame->size};

	memcpy(wire.bytes, frame->bytes, frame->size);
	ck_assert(rewrite_read(wire.bytes, wire.size, 14, &packet));
	rewrite_apply(wire.bytes, &packet, &to, false);
	return wire;
}

static const char *arrive(struct lab *lab, const struct wire *wire)
{
	return lab_in(lab, lab_packet(lab, wire->bytes, wire->size, 0));
}

/* -- there and back ---------------------------------------------------------
 */

/* A frame of a tenant from A to B; what B delivers is what A's VM sent. */
static void cross(uint32_t vsid, uint8_t source_pa, uint8_t target_pa)
{
	struct lab a = open_host(&host_a), b = open_host(&host_b);
	struct vs_mac mac_a = lab_host_mac(1), mac_b = lab_host_mac(2);
	uint8_t buffer[2048],
		pas[8] = {192, 0, 2, source_pa, 192, 0, 2, target_pa};
	struct frames frame = tcp(buffer, 21, 23, 700);
	struct vs_packet *packet;
	struct wire wire;

	ck_assert_str_eq(lab_out(&a, lab_packet(&a, buffer, frame.size, vsid)),
			 "sent");
	ck_assert_uint_eq(a.fake->seen.sent_count, 1);
	ck_assert_uint_eq(a.fake->seen.sent[0].encapsulation, VS_ENCAP_NONE);
	wire = wire_of(&a, 0);
	ck_assert_uint_eq(wire.size, frame.size); /* no byte more (B2.1) */
	ck_assert_mem_eq(wire.bytes, mac_b.octet, 6);
	ck_assert_mem_eq(wire.bytes + 6, mac_a.octet, 6);
	ck_assert_mem_eq(wire.bytes + 26, pas, 8);
	ck_assert_uint_eq(wire.bytes[22], 64); /* TTL (B2.9) */
	packet = lab_packet(&b, wire.bytes, wire.size, 0);
	ck_assert_str_eq(lab_in(&b, packet), "pass");
	ck_assert_uint_eq(packet->view.vsid.value, vsid);
	ck_assert_uint_eq(packet->view.size, frame.size);
	ck_assert_mem_eq(packet->view.data, buffer, frame.size);
	lab_close(&a);
	lab_close(&b);
}

START_TEST(frame_crosses_with_no_byte_more_and_comes_out_the_same)
{
	cross(LAB_BLUE, 121, 123);
}
END_TEST

START_TEST(equal_addresses_of_another_tenant_have_other_pas)
{
	cross(LAB_RED, 131, 133);
}
END_TEST

START_TEST(super_frame_leaves_whole_with_its_partial_checksum)
{
	struct lab a = open_host(&host_a);
	uint8_t buffer[4096];
	struct frames frame = tcp(buffer, 21, 23, 3000);
	struct vs_packet *packet;
	const struct vs_recipe *recipe = &a.fake->seen.sent[0];
	struct wire wire;

	vs_store16(buffer + 50,
		   vs_sum_fold(vs_sum_pseudo(buffer + 14, 6, frame.size - 34)));
	packet = lab_packet(&a, buffer, frame.size, LAB_BLUE);
	packet->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
						   .gso_size = 1400,
						   .header_size = 54,
						   .csum_start = 34,
						   .csum_offset = 16};
	ck_assert_str_eq(lab_out(&a, packet), "sent");
	ck_assert_uint_eq(a.fake->seen.sent_count, 1);
	ck_assert_uint_eq(recipe->offload.gso, VS_GSO_TCP4);
	ck_assert_uint_eq(recipe->offload.gso_size, 1400);
	ck_assert_uint_eq(recipe->offload.header_size, 54);
	ck_assert_uint_eq(recipe->offload.csum_start, 34);
	ck_assert_uint_eq(recipe->lead_size, 52); /* up to the checksum */
	wire = wire_of(&a, 0);
	ck_assert_uint_eq(vs_load16(wire.bytes + 50),
			  vs_sum_fold(vs_sum_pseudo(wire.bytes + 14, 6,
						    frame.size - 34)));
	ck_assert_mem_eq(vs_view(recipe->frame)->data, buffer, frame.size);
	lab_close(&a);
}
END_TEST

START_TEST(merged_packet_comes_in_whole)
{
	struct lab b = open_host(&host_b);
	const uint8_t pas[8] = {192, 0, 2, 121, 192, 0, 2, 123};
	uint8_t buffer[4096];
	struct frames frame = tcp(buffer, 21, 23, 3000);
	struct wire wire = rewritten(&frame, pas);
	struct vs_packet *packet = lab_packet(&b, wire.bytes, wire.size, 0);
	uint8_t *field = (uint8_t *)(uintptr_t)packet->view.data + 50;

	vs_store16(field, vs_sum_fold(vs_sum_pseudo(packet->view.data + 14, 6,
						    frame.size - 34)));
	packet->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
						   .gso_size = 1400,
						   .header_size = 54,
						   .csum_start = 34,
						   .csum_offset = 16};
	ck_assert_str_eq(lab_in(&b, packet), "pass");
	ck_assert_uint_eq(packet->view.offload.gso_size, 1400);
	ck_assert_uint_eq(vs_load16(packet->view.data + 50),
			  vs_sum_fold(vs_sum_pseudo(packet->view.data + 14, 6,
						    frame.size - 34)));
	ck_assert_mem_eq(packet->view.data + 26, buffer + 26, 8);
	/* a checksum that starts behind the packet is not to be believed */
	packet = lab_packet(&b, wire.bytes, wire.size + 8, 0);
	packet->view.offload = (struct vs_offload){
		.csum_start = (uint16_t)wire.size, .csum_offset = 2};
	ck_assert_str_eq(lab_in(&b, packet), "offload_bad");
	lab_close(&b);
}
END_TEST

START_TEST(ipv6_comes_home_by_its_pair)
{
	struct lab b = open_host(&host_b);
	uint8_t pas[32] = {0xfd,	[3] = 0xaa,  [15] = 121,
			   [16] = 0xfd, [19] = 0xaa, [31] = 123};
	uint8_t buffer[512], sent[512];
	struct frames frame = lab_frame6(buffer, 21, 23, VS_IP_UDP);
	struct rewrite_addresses to = {vs_ip_from_v6(pas),
				       vs_ip_from_v6(pas + 16)};
	struct rewrite_packet layout;
	struct vs_packet *packet;

	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	memcpy(sent, buffer, frame.size);
	ck_assert(rewrite_read(buffer, frame.size, 14, &layout));
	rewrite_apply(buffer, &layout, &to, false);
	packet = lab_packet(&b, buffer, frame.size, 0);
	ck_assert_str_eq(lab_in(&b, packet), "pass");
	ck_assert_uint_eq(packet->view.vsid.value, LAB_BLUE);
	ck_assert_mem_eq(packet->view.data, sent, frame.size);
	/* ND is between the hosts, never between VMs */
	buffer[20] = VS_IP_ICMP6;
	buffer[54] = VS_ND_SOLICIT;
	memcpy(buffer + 22, pas, 32);
	ck_assert_str_eq(lab_in(&b, lab_packet(&b, buffer, frame.size, 0)),
			 "rw_not_carried");
	lab_close(&b);
}
END_TEST

START_TEST(tag_of_the_provider_network_is_written_and_taken_off)
{
	static const struct lab_options tagged_a = {
		.host = 1, .owned = true, .rewrite = true, .vlan = 100};
	static const struct lab_options tagged_b = {
		.host = 2, .owned = true, .rewrite = true, .vlan = 100};
	struct lab a = open_host(&tagged_a), b = open_host(&tagged_b);
	uint8_t buffer[4096];
	struct frames frame = tcp(buffer, 21, 23, 3000);
	struct vs_packet *packet = lab_packet(&a, buffer, frame.size, LAB_BLUE);
	const struct vs_recipe *recipe = &a.fake->seen.sent[0];
	struct wire wire;

	packet->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
						   .gso_size = 1400,
						   .header_size = 54,
						   .csum_start = 34,
						   .csum_offset = 16};
	ck_assert_str_eq(lab_out(&a, packet), "sent");
	ck_assert_uint_eq(recipe->offload.csum_start, 38);
	ck_assert_uint_eq(recipe->offload.header_size, 58);
	wire = wire_of(&a, 0);
	ck_assert_uint_eq(wire.size, frame.size + 4);
	ck_assert_mem_eq(wire.bytes + 12, "\x81\0\0\x64\x08\0\x45", 7);
	packet = lab_packet(&b, wire.bytes, wire.size, 0);
	packet->view.offload = recipe->offload;
	ck_assert_str_eq(lab_in(&b, packet), "pass");
	ck_assert_uint_eq(packet->view.offload.csum_start, 34);
	ck_assert_uint_eq(packet->view.size, frame.size);
	ck_assert_mem_eq(packet->view.data, buffer, frame.size);
	/* the same addresses in another VLAN, or in none, are not ours */
	wire.bytes[15]++;
	ck_assert_str_eq(arrive(&b, &wire), "pa_vlan");
	frame = tcp(buffer, 21, 23, 0);
	wire = rewritten(&frame,
			 (const uint8_t[]){192, 0, 2, 121, 192, 0, 2, 123});
	ck_assert_str_eq(arrive(&b, &wire), "pa_vlan");
	lab_close(&a);
	lab_close(&b);
}
END_TEST

/* -- what can't be carried --------------------------------------------------
 */

START_TEST(only_unicast_ip_between_two_records_is_carried)
{
	struct lab a = open_host(&host_a);
	struct vs_mac to = lab_vm_mac(23);
	struct lab_arp reply = {.to = &to,
				.sender_mac = lab_vm_mac(21),
				.sender = {10, 0, 0, 21},
				.target = {10, 0, 0, 23},
				.operation = 2};
	uint8_t buffer[512], size;
	struct frames frame;

	size = (uint8_t)lab_arp(buffer, &reply);
	ck_assert_str_eq(lab_out(&a, lab_packet(&a, buffer, size, LAB_BLUE)),
			 "rw_not_carried");
	/* red carries non-IP frames, but not by rewrite */
	frame = tcp(buffer, 21, 23, 0);
	vs_store16(buffer + 12, 0x88cc);
	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_RED)),
		"rw_not_carried");
	/* link-local addresses are no records */
	frame = lab_frame6(buffer, 21, 23, VS_IP_UDP);
	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	buffer[38] = 0xfe;
	buffer[39] = 0x80;
	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"rw_not_carried");
	lab_close(&a);
}
END_TEST

START_TEST(headers_that_no_lead_holds_are_named)
{
	struct lab a = open_host(&host_a);
	uint8_t buffer[512], options[240] = {VS_IP_UDP, 29, 1, 236};
	struct frames frame = lab_frame6(buffer, 21, 23, 60);

	frames_bytes(&frame, options, sizeof(options));
	frame.l4 = frame.size;
	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"rw_headers");
	lab_close(&a);
}
END_TEST

START_TEST(group_frames_go_to_tunnels_only)
{
	struct lab a = open_host(&host_a);
	uint8_t buffer[512];
	struct frames frame = udp(buffer, 21, 255, 10, false);
	unsigned int i;

	memset(buffer, 0xff, 6);
	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"sent");
	/* B, C, and the PA of 10.0.0.25; from the VM's own PA */
	ck_assert_uint_eq(a.fake->seen.sent_count, 3);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(a.fake->seen.sent[i].encapsulation,
				  VS_ENCAP_NVGRE);
		ck_assert_uint_eq(a.fake->seen.sent[i].lead[29], 121);
	}
	lab_close(&a);
}
END_TEST

START_TEST(group_frame_says_so_where_there_are_only_rewrite_records)
{
	struct lab a = open_host(&host_a);
	uint8_t buffer[512];
	struct frames frame = udp(buffer, 21, 255, 10, false);
	struct wnv_subnet *blue =
		(struct wnv_subnet *)(uintptr_t)wnv_subnet_find(
			a.state, (struct vs_vsid){LAB_BLUE});

	memset(buffer, 0xff, 6);
	blue->replica_count = 0;
	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"rw_not_carried");
	lab_close(&a);
}
END_TEST

START_TEST(sender_without_a_pa_of_its_own_is_named)
{
	struct lab a = open_host(&host_a);
	uint8_t buffer[512];
	struct frames frame = tcp(buffer, 5, 23, 10);

	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"rw_no_source");
	/* the other way round the rule is the destination's: a tunnel */
	frame = tcp(buffer, 21, 7, 10);
	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"sent");
	ck_assert_uint_eq(a.fake->seen.sent[0].encapsulation, VS_ENCAP_NVGRE);
	lab_close(&a);
}
END_TEST

START_TEST(tunnel_from_a_vm_is_refused_where_the_pa_carries_tunnels)
{
	struct lab a = open_host(&host_a), b = open_host(&host_b);
	const uint8_t pas[8] = {192, 0, 2, 121, 192, 0, 2, 124};
	uint8_t buffer[512];
	struct frames frame = lab_frame4(buffer, 21, 24, VS_IP_GRE), inner;
	struct wire wire;

	frames_bytes(&frame, "\x20\0\x65\x58\0\x13\x89\0", 8);
	frames_finish_ip(&frame);
	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"rw_tunnel");
	/* to a PA that carries none, GRE is the VM's own affair */
	buffer[33] = 23;
	frames_finish_ip(&frame);
	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"sent");
	frame = udp(buffer, 21, 24, 10, true);
	vs_store16(buffer + 36, VS_UDP_VXLAN);
	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"rw_tunnel");
	/* and what comes as a tunnel to such a PA is one */
	inner = tcp(buffer, 21, 25, 10);
	wire.size = lab_wrap(wire.bytes, 1, 2, &inner);
	memcpy(wire.bytes + 26, pas, 8);
	vs_store16(wire.bytes + 24, 0);
	vs_store16(wire.bytes + 24,
		   vs_checksum(vs_sum(0, wire.bytes + 14, 20)));
	ck_assert_str_eq(arrive(&b, &wire), "pass");
	lab_close(&a);
	lab_close(&b);
}
END_TEST

/* -- who may come in --------------------------------------------------------
 */

static const char *arrive_from(struct lab *lab, uint8_t source, uint8_t target)
{
	const uint8_t pas[8] = {192, 0, 2, source, 192, 0, 2, target};
	uint8_t buffer[512];
	struct frames frame = tcp(buffer, 21, 23, 10);
	struct wire wire = rewritten(&frame, pas);

	return arrive(lab, &wire);
}

START_TEST(pair_must_be_of_one_tenant_and_known)
{
	struct lab b = open_host(&host_b);
	const struct fake_records *seen = &b.fake->seen;

	ck_assert_str_eq(arrive_from(&b, 121, 123), "pass");
	ck_assert_str_eq(arrive_from(&b, 131, 123), "rw_other_tenant");
	ck_assert_uint_eq(seen->event_count, 1);
	ck_assert_uint_eq(seen->events[0].event, WNV_EVENT_POLICY_MISMATCH);
	ck_assert_str_eq(seen->events[0].text,
			 "rw_other_tenant: vsid 5001 from pa 192.0.2.131 to pa "
			 "192.0.2.123");
	ck_assert_str_eq(arrive_from(&b, 1, 123), "rw_no_pair");
	ck_assert_str_eq(arrive_from(&b, 250, 123), "rw_no_pair");
	ck_assert_str_eq(arrive_from(&b, 124, 123), "pa_src_martian");
	lab_close(&b);
}
END_TEST

START_TEST(what_is_for_no_vm_passes_untouched)
{
	struct lab b = open_host(&host_b);

	ck_assert_str_eq(arrive_from(&b, 121, 2), "pass");   /* the host's */
	ck_assert_str_eq(arrive_from(&b, 121, 122), "pass"); /* A's */
	ck_assert_str_eq(arrive_from(&b, 121, 99), "pass");
	lab_close(&b);
}
END_TEST

START_TEST(bytes_behind_the_packet_are_cut_and_missing_ones_refused)
{
	struct lab b = open_host(&host_b);
	const uint8_t pas[8] = {192, 0, 2, 121, 192, 0, 2, 123};
	uint8_t buffer[512];
	struct frames frame = udp(buffer, 21, 23, 2, true);
	struct wire wire = rewritten(&frame, pas);
	struct vs_packet *packet;

	packet = lab_packet(&b, wire.bytes, 60, 0);
	ck_assert_str_eq(lab_in(&b, packet), "pass");
	ck_assert_uint_eq(packet->view.size, frame.size);
	wire.size--;
	ck_assert_str_eq(arrive(&b, &wire), "outer_length");
	lab_close(&b);
}
END_TEST

/* -- errors ----------------------------------------------------------------
 */

/* Time exceeded from `from`, to a PA of B; it quotes `quoted` bytes. */
static struct wire exceeded(const uint8_t from[4], const struct wire *about,
			    uint32_t quoted)
{
	struct wire wire = {.size = 0};
	struct frames frame = frames_ethernet(wire.bytes, VS_TYPE_IPV4);
	const uint8_t head[8] = {11};

	frames_ipv4(&frame, VS_IP_ICMP);
	frames_bytes(&frame, head, 8);
	frames_bytes(&frame, about->bytes + 14, quoted);
	memcpy(wire.bytes + 26, from, 4);
	memcpy(wire.bytes + 30, about->bytes + 26, 4);
	frames_finish_ip(&frame);
	vs_store16(wire.bytes + 36,
		   vs_checksum(vs_sum(0, wire.bytes + 34, frame.size - 34)));
	wire.size = frame.size;
	return wire;
}

static void sums_are_right(const struct vs_view *view)
{
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, view->data + 14, 20)), 0xffff);
	ck_assert_uint_eq(
		vs_sum_fold(vs_sum(0, view->data + 34, view->size - 34)),
		0xffff);
}

START_TEST(error_of_a_fabric_router_comes_from_the_gateway_about_cas)
{
	struct lab b = open_host(&host_b);
	const uint8_t router[4] = {192, 0, 2, 254};
	const uint8_t pas[8] = {192, 0, 2, 123, 192, 0, 2, 121};
	const uint8_t odd[8] = {192, 0, 2, 123, 192, 0, 2, 131};
	struct vs_mac gateway = wnv_gateway_mac((struct vs_vsid){LAB_BLUE});
	struct vs_mac mac = lab_vm_mac(23);
	uint8_t buffer[512];
	struct frames frame = udp(buffer, 23, 21, 40, true);
	struct wire sent = rewritten(&frame, pas);
	struct wire error = exceeded(router, &sent, 28);
	struct vs_packet *packet = lab_packet(&b, error.bytes, error.size, 0);

	ck_assert_str_eq(lab_in(&b, packet), "pass");
	ck_assert_uint_eq(packet->view.vsid.value, LAB_BLUE);
	ck_assert_mem_eq(packet->view.data, mac.octet, 6);
	ck_assert_mem_eq(packet->view.data + 6, gateway.octet, 6);
	ck_assert_mem_eq(packet->view.data + 26, "\x0a\0\0\1\x0a\0\0\x17", 8);
	ck_assert_mem_eq(packet->view.data + 42, buffer + 14, 28);
	sums_are_right(&packet->view);
	/* about a packet to another tenant, or none at all: nobody's */
	sent = rewritten(&frame, odd);
	error = exceeded(router, &sent, 28);
	ck_assert_str_eq(arrive(&b, &error), "rw_no_pair");
	error = exceeded(router, &sent, 10);
	ck_assert_str_eq(arrive(&b, &error), "rw_no_pair");
	lab_close(&b);
}
END_TEST

START_TEST(error_of_the_peers_vm_quotes_cas_and_keeps_them)
{
	struct lab b = open_host(&host_b);
	const uint8_t peer[4] = {192, 0, 2, 121};
	const uint8_t pas[8] = {192, 0, 2, 123, 192, 0, 2, 121};
	uint8_t buffer[512];
	struct frames frame = udp(buffer, 23, 21, 40, true);
	struct wire sent = rewritten(&frame, pas), error;
	struct vs_packet *packet;

	/* quotes what the VM got: customer addresses */
	error = exceeded(peer, &sent, 28);
	memcpy(error.bytes + 42, buffer + 14, 28);
	vs_store16(error.bytes + 36, 0);
	vs_store16(error.bytes + 36,
		   vs_checksum(vs_sum(0, error.bytes + 34, error.size - 34)));
	packet = lab_packet(&b, error.bytes, error.size, 0);
	ck_assert_str_eq(lab_in(&b, packet), "pass");
	ck_assert_mem_eq(packet->view.data + 26, "\x0a\0\0\x15\x0a\0\0\x17", 8);
	ck_assert_mem_eq(packet->view.data + 42, buffer + 14, 28);
	sums_are_right(&packet->view);
	/* in the peer's name, by somebody who saw the wire */
	error = exceeded(peer, &sent, 28);
	packet = lab_packet(&b, error.bytes, error.size, 0);
	ck_assert_str_eq(lab_in(&b, packet), "pass");
	ck_assert_mem_eq(packet->view.data + 42, buffer + 14, 28);
	sums_are_right(&packet->view);
	lab_close(&b);
}
END_TEST

/* -- the MTU ----------------------------------------------------------------
 */

START_TEST(too_big_is_told_or_cut_before_the_rewrite)
{
	struct lab a = open_host(&host_a), b = open_host(&host_b);
	uint8_t buffer[4096], joined[4096];
	struct frames frame = udp(buffer, 21, 23, 2500, true);
	struct vs_packet *packet;
	unsigned int i;
	uint32_t at, sum;

	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"answered_too_big");
	frame = udp(buffer, 21, 23, 2500, false);
	ck_assert_str_eq(
		lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE)),
		"sent");
	ck_assert_uint_eq(a.fake->seen.sent_count, 2);
	for (i = 0; i < 2; i++) {
		struct wire wire = wire_of(&a, i);

		ck_assert_uint_eq(vs_sum_fold(vs_sum(0, wire.bytes + 14, 20)),
				  0xffff);
		ck_assert_mem_eq(wire.bytes + 26, "\xc0\0\2\x79\xc0\0\2\x7b",
				 8);
		at = (vs_load16(wire.bytes + 20) & 0x1fffu) * 8;
		memcpy(joined + 34 + at, wire.bytes + 34, wire.size - 34);
		memcpy(joined, wire.bytes, 34);
		packet = lab_packet(&b, wire.bytes, wire.size, 0);
		ck_assert_str_eq(lab_in(&b, packet), "pass");
		ck_assert_mem_eq(packet->view.data + 34, buffer + 34 + at,
				 packet->view.size - 34);
	}
	sum = vs_sum_fold(
		vs_sum(vs_sum_pseudo(joined + 14, VS_IP_UDP, frame.size - 34),
		       joined + 34, frame.size - 34));
	ck_assert_uint_eq(sum, 0xffff);
	lab_close(&a);
	lab_close(&b);
}
END_TEST

/* A SYN that offers 1460. */
static struct frames syn(uint8_t *buffer)
{
	struct frames frame = lab_frame4(buffer, 21, 23, VS_IP_TCP);

	frames_tcp(&frame, 1, 2);
	buffer[frame.l4 + 12] = 0x60;
	frames_bytes(&frame, "\2\4\x05\xb4", 4);
	frames_finish(&frame, VS_IP_TCP);
	return frame;
}

START_TEST(syns_are_clamped_both_ways)
{
	struct lab a = open_host(&host_a), b = open_host(&host_b);
	const uint8_t pas[8] = {192, 0, 2, 121, 192, 0, 2, 123};
	uint8_t buffer[512];
	struct frames frame = syn(buffer);
	struct vs_packet *packet;
	struct wire wire;

	lab_out(&a, lab_packet(&a, buffer, frame.size, LAB_BLUE));
	wire = wire_of(&a, 0);
	ck_assert_uint_eq(vs_load16(wire.bytes + 56), 1418);
	ck_assert_uint_eq(
		vs_sum_fold(vs_sum(vs_sum_pseudo(wire.bytes + 14, 6, 24),
				   wire.bytes + 34, 24)),
		0xffff);
	wire = rewritten(&frame, pas);
	packet = lab_packet(&b, wire.bytes, wire.size, 0);
	ck_assert_str_eq(lab_in(&b, packet), "pass");
	ck_assert_uint_eq(vs_load16(packet->view.data + 56), 1418);
	ck_assert_uint_eq(
		vs_sum_fold(vs_sum(vs_sum_pseudo(packet->view.data + 14, 6, 24),
				   packet->view.data + 34, 24)),
		0xffff);
	lab_close(&a);
	lab_close(&b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_rewrite_path");
	TCase *test = tcase_create("path");

	tcase_add_test(test,
		       frame_crosses_with_no_byte_more_and_comes_out_the_same);
	tcase_add_test(test, equal_addresses_of_another_tenant_have_other_pas);
	tcase_add_test(test,
		       super_frame_leaves_whole_with_its_partial_checksum);
	tcase_add_test(test, merged_packet_comes_in_whole);
	tcase_add_test(test, ipv6_comes_home_by_its_pair);
	tcase_add_test(test,
		       tag_of_the_provider_network_is_written_and_taken_off);
	tcase_add_test(test, only_unicast_ip_between_two_records_is_carried);
	tcase_add_test(test, headers_that_no_lead_holds_are_named);
	tcase_add_test(test, group_frames_go_to_tunnels_only);
	tcase_add_test(
		test, group_frame_says_so_where_there_are_only_rewrite_records);
	tcase_add_test(test, sender_without_a_pa_of_its_own_is_named);
	tcase_add_test(
		test, tunnel_from_a_vm_is_refused_where_the_pa_carries_tunnels);
	tcase_add_test(test, pair_must_be_of_one_tenant_and_known);
	tcase_add_test(test, what_is_for_no_vm_passes_untouched);
	tcase_add_test(
		test, bytes_behind_the_packet_are_cut_and_missing_ones_refused);
	tcase_add_test(
		test,
		error_of_a_fabric_router_comes_from_the_gateway_about_cas);
	tcase_add_test(test, error_of_the_peers_vm_quotes_cas_and_keeps_them);
	tcase_add_test(test, too_big_is_told_or_cut_before_the_rewrite);
	tcase_add_test(test, syns_are_clamped_both_ways);
	suite_add_tcase(suite, test);
	return suite_main(suite);
}
