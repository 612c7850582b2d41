// SPDX-License-Identifier: Apache-2.0
/*
 * Where the headers of a frame are: every flag, every way to be cut, and that
 * no byte behind the frame is read (the frame lies in a heap block of exactly
 * its size, which the sanitizers watch).
 */
#include <string.h>

#include "packet/packet.h"
#include "packet/parse.h"
#include "tests/support/frames.h"
#include "tests/support/suite.h"

static uint8_t buffer[2048];

/* Parse a copy that ends where the frame ends; the bytes are not kept. */
static struct vs_view parse_with(const uint8_t *bytes, uint32_t size,
				 const struct vs_offload *offload)
{
	uint8_t *exact = malloc(size ? size : 1);
	struct vs_packet packet = {
		.view = {.data = exact, .size = size, .offload = *offload},
		.buffer = exact,
		.edited = true,
	};

	if (size)
		memcpy(exact, bytes, size);
	vs_packet_parse(&packet);
	ck_assert(!packet.edited);
	free(exact);
	return packet.view;
}

static struct vs_view parse_of(const struct frames *frame)
{
	struct vs_offload none = {.csum_start = VS_ABSENT};

	return parse_with(frame->bytes, frame->size, &none);
}

static struct frames tcp4(uint32_t payload)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV4);

	frames_ipv4(&frame, VS_IP_TCP);
	frames_tcp(&frame, 1, 0x10);
	memset(frame.bytes + frame.size, 'p', payload);
	frame.size += payload;
	frames_finish(&frame, VS_IP_TCP);
	return frame;
}

START_TEST(ipv4_tcp_is_found)
{
	struct frames frame = tcp4(10);
	struct vs_view view = parse_of(&frame);

	ck_assert_uint_eq(view.flags, VS_FRAME_IPV4 | VS_FRAME_DF);
	ck_assert_uint_eq(view.ether_type, VS_TYPE_IPV4);
	ck_assert_uint_eq(view.vlan, VS_ABSENT);
	ck_assert_uint_eq(view.tags, 0);
	ck_assert_uint_eq(view.l3, 14);
	ck_assert_uint_eq(view.l4, 34);
	ck_assert_uint_eq(view.payload, 54);
	ck_assert_uint_eq(view.protocol, VS_IP_TCP);
}
END_TEST

START_TEST(metadata_survives_and_derived_members_do_not)
{
	struct frames frame = tcp4(0);
	struct vs_packet packet = {
		.view = {.data = frame.bytes,
			 .size = frame.size,
			 .flags = 0xffff,
			 .vsid = {5001},
			 .port = {3},
			 .offload = {.csum_start = VS_ABSENT}},
	};

	vs_packet_parse(&packet);
	ck_assert_uint_eq(packet.view.flags,
			  VS_FRAME_IPV4 | VS_FRAME_DF | VS_FRAME_FROM_WIRE |
				  VS_FRAME_INJECTED | VS_FRAME_REFLECTED);
	ck_assert_uint_eq(packet.view.vsid.value, 5001);
	ck_assert_uint_eq(packet.view.port.value, 3);
}
END_TEST

START_TEST(group_and_broadcast_are_told_apart)
{
	struct frames frame = frames_ethernet(buffer, 0x88cc);
	struct vs_view view = parse_of(&frame);

	ck_assert_uint_eq(view.flags, 0);
	ck_assert_uint_eq(view.l3, VS_ABSENT);
	buffer[0] = 0x01;
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_GROUP);
	memset(buffer, 0xff, 6);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_GROUP | VS_FRAME_BROADCAST);
}
END_TEST

START_TEST(up_to_two_tags_are_skipped_and_the_outer_is_shown)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_QINQ);
	struct vs_view view;

	frames_u16(&frame, 0x2064);
	frames_u16(&frame, VS_TYPE_VLAN);
	frames_u16(&frame, 7);
	frames_u16(&frame, VS_TYPE_IPV4);
	frames_ipv4(&frame, VS_IP_ICMP);
	frames_bytes(&frame, "\x08\x00\x00\x00", 4);
	frames_finish_ip(&frame);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.tags, 2);
	ck_assert_uint_eq(view.vlan, 0x2064);
	ck_assert_uint_eq(view.ether_type, VS_TYPE_IPV4);
	ck_assert_uint_eq(view.l3, 22);
	ck_assert_uint_eq(view.l4, 42);
	ck_assert_uint_eq(view.payload, VS_ABSENT);
}
END_TEST

START_TEST(third_tag_stays_the_ether_type)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_VLAN);
	struct vs_view view;
	int i;

	for (i = 0; i < 3; i++) {
		frames_u16(&frame, (uint16_t)(i + 1));
		frames_u16(&frame, i < 2 ? VS_TYPE_VLAN : VS_TYPE_IPV4);
	}
	view = parse_of(&frame);
	ck_assert_uint_eq(view.tags, 2);
	ck_assert_uint_eq(view.vlan, 1);
	ck_assert_uint_eq(view.ether_type, VS_TYPE_VLAN);
	ck_assert_uint_eq(view.l3, VS_ABSENT);
}
END_TEST

START_TEST(tag_that_is_cut_is_a_tag_nobody_may_use)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_VLAN);
	struct vs_view view = parse_of(&frame);

	ck_assert_uint_eq(view.tags, 1);
	ck_assert_uint_eq(view.vlan, 4095);
	ck_assert_uint_eq(view.ether_type, VS_TYPE_VLAN);
	frames_u16(&frame, 5);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.tags, 1);
	ck_assert_uint_eq(view.vlan, 5);
}
END_TEST

START_TEST(runt_has_nothing)
{
	struct frames frame = tcp4(0);
	struct vs_view view;

	for (frame.size = 0; frame.size < 14; frame.size++) {
		view = parse_of(&frame);
		ck_assert_uint_eq(view.ether_type, 0);
		ck_assert_uint_eq(view.flags, 0);
		ck_assert_uint_eq(view.l3, VS_ABSENT);
	}
}
END_TEST

START_TEST(padding_behind_the_ip_packet_is_not_its_payload)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV4);
	struct vs_view view;

	frames_ipv4(&frame, VS_IP_UDP);
	frames_udp(&frame);
	frame.size -= 4; /* half a UDP header belongs to the packet */
	frames_finish_ip(&frame);
	memset(frame.bytes + frame.size, 0, 60);
	frame.size += 60;
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_IPV4 | VS_FRAME_DF);
	ck_assert_uint_eq(view.l3, 14);
	ck_assert_uint_eq(view.l4, VS_ABSENT);
	ck_assert_uint_eq(view.payload, VS_ABSENT);
}
END_TEST

START_TEST(ipv4_options_move_the_transport_header)
{
	static const uint8_t options[8] = {1, 1, 1, 1, 1, 1, 1, 0};
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV4);
	struct vs_view view;

	frames_ipv4(&frame, VS_IP_UDP);
	frames_bytes(&frame, options, sizeof(options));
	buffer[14] = 0x47;
	frame.l4 = frame.size;
	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.l4, 42);
	ck_assert_uint_eq(view.payload, 50);
}
END_TEST

/* What is wrong with an IPv4 header: byte `at` becomes `value`. */
static const struct {
	uint8_t at, value;
} bad_ipv4[] = {
	{14, 0x55}, /* version 5 */
	{14, 0x44}, /* header of 16 bytes */
	{14, 0x4f}, /* header of 60 bytes in a packet of 44 */
	{16, 0x01}, /* total length behind the frame */
	{17, 19},   /* total length below the header */
	{17, 0},    /* no length, and no super-frame */
};

START_TEST(ipv4_header_that_contradicts_itself_is_bad)
{
	struct frames frame = tcp4(4);
	struct vs_view view;

	buffer[bad_ipv4[_i].at] = bad_ipv4[_i].value;
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_BAD_IP);
	ck_assert_uint_eq(view.l3, VS_ABSENT);
	ck_assert_uint_eq(view.l4, VS_ABSENT);
	ck_assert_uint_eq(view.protocol, 0);
	ck_assert_uint_eq(view.ether_type, VS_TYPE_IPV4);
}
END_TEST

START_TEST(super_frame_may_have_no_total_length)
{
	struct vs_offload offload = {.gso = VS_GSO_TCP4,
				     .gso_size = 100,
				     .header_size = 14,
				     .csum_start = 34,
				     .csum_offset = 16};
	struct frames frame = tcp4(1000);
	struct vs_view view;

	vs_store16(buffer + 16, 0);
	view = parse_with(frame.bytes, frame.size, &offload);
	ck_assert(view.flags & VS_FRAME_IPV4);
	ck_assert_uint_eq(view.payload, 54);
	ck_assert_uint_eq(view.offload.header_size, 54);
}
END_TEST

/* Only a super-frame may leave its length out, and one without a segment size
 * is none. */
START_TEST(length_left_out_needs_a_super_frame)
{
	struct vs_offload offload = {
		.gso = VS_GSO_TCP4, .header_size = 54, .csum_start = VS_ABSENT};
	struct frames frame = tcp4(1000);
	struct vs_view view;

	vs_store16(buffer + 16, 0);
	view = parse_with(frame.bytes, frame.size, &offload);
	ck_assert_uint_eq(view.flags, VS_FRAME_BAD_IP);
	ck_assert_uint_eq(view.l4, VS_ABSENT);
	/* a super-frame of something else */
	offload.gso_size = 100;
	buffer[14 + 9] = VS_IP_ICMP;
	view = parse_with(frame.bytes, frame.size, &offload);
	ck_assert_uint_eq(view.flags, VS_FRAME_BAD_IP);
}
END_TEST

START_TEST(length_left_out_is_bad_where_the_offload_is_taken_back)
{
	struct vs_offload offload = {.gso = VS_GSO_TCP6,
				     .gso_size = 100,
				     .header_size = 9000,
				     .csum_start = 60,
				     .csum_offset = 16};
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV6);
	struct vs_view view;

	frames_ipv6(&frame, VS_IP_ICMP6);
	memset(buffer + frame.size, 0, 64);
	buffer[frame.size] = VS_ND_SOLICIT;
	frame.size += 64;
	view = parse_with(frame.bytes, frame.size, &offload);
	ck_assert_uint_eq(view.flags, VS_FRAME_BAD_IP);
}
END_TEST

/* RFC 7112: what hides its transport header in a later fragment hides it from
 * every guard. */
START_TEST(first_ipv6_fragment_holds_the_transport_header)
{
	static const uint8_t fragment[8] = {VS_IP_ICMP6, 0, 0, 1};
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV6);
	struct vs_view view;

	frames_ipv6(&frame, 44);
	frames_bytes(&frame, fragment, sizeof(fragment));
	frames_finish_ip(&frame);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_BAD_IP);
	frames_bytes(&frame, "\x88\0\0\0", 4);
	frames_finish_ip(&frame);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags,
			  VS_FRAME_IPV6 | VS_FRAME_FRAGMENT | VS_FRAME_ND);
}
END_TEST

START_TEST(offload_beyond_the_frame_is_taken_back)
{
	struct vs_offload offload = {.gso = VS_GSO_TCP4,
				     .gso_size = 100,
				     .header_size = 9000,
				     .csum_start = 60,
				     .csum_offset = 16};
	struct frames frame = tcp4(20);
	struct vs_view view;

	view = parse_with(frame.bytes, frame.size, &offload);
	ck_assert_uint_eq(view.offload.csum_start, VS_ABSENT);
	ck_assert_uint_eq(view.offload.gso, VS_GSO_NONE);
	ck_assert_uint_eq(view.offload.header_size, 0);
}
END_TEST

START_TEST(ipv4_fragments_are_first_or_later)
{
	struct frames frame = tcp4(40);
	struct vs_view view;

	vs_store16(buffer + 20, 0x2000);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_IPV4 | VS_FRAME_FRAGMENT);
	ck_assert_uint_eq(view.l4, 34);
	vs_store16(buffer + 20, 0x0003);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags,
			  VS_FRAME_IPV4 | VS_FRAME_FRAGMENT | VS_FRAME_LATER);
	ck_assert_uint_eq(view.l4, VS_ABSENT);
	ck_assert_uint_eq(view.payload, VS_ABSENT);
	ck_assert_uint_eq(view.protocol, VS_IP_TCP);
}
END_TEST

START_TEST(tcp_header_longer_than_its_packet_has_no_payload)
{
	struct frames frame = tcp4(4);
	struct vs_view view;

	buffer[46] = 0xf0;
	view = parse_of(&frame);
	ck_assert_uint_eq(view.l4, 34);
	ck_assert_uint_eq(view.payload, VS_ABSENT);
	buffer[46] = 0x40;
	view = parse_of(&frame);
	ck_assert_uint_eq(view.payload, VS_ABSENT);
}
END_TEST

START_TEST(udp_length_must_fit_its_packet)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV4);
	struct vs_view view;

	frames_ipv4(&frame, VS_IP_UDP);
	frames_udp(&frame);
	frames_bytes(&frame, "abcd", 4);
	frames_finish(&frame, VS_IP_UDP);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.payload, 42);
	vs_store16(buffer + 38, 13);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.payload, VS_ABSENT);
	vs_store16(buffer + 38, 7);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.payload, VS_ABSENT);
}
END_TEST

START_TEST(ipv6_udp_is_found_behind_extension_headers)
{
	static const uint8_t options[8] = {60, 0};
	static const uint8_t more[16] = {17, 1};
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV6);
	struct vs_view view;

	frames_ipv6(&frame, 0);
	frames_bytes(&frame, options, sizeof(options));
	frames_bytes(&frame, more, sizeof(more));
	frame.l4 = frame.size;
	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_IPV6);
	ck_assert_uint_eq(view.l3, 14);
	ck_assert_uint_eq(view.l4, 78);
	ck_assert_uint_eq(view.payload, 86);
	ck_assert_uint_eq(view.protocol, VS_IP_UDP);
}
END_TEST

static struct frames extensions(int count)
{
	static const uint8_t options[8] = {60, 0};
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV6);
	int i;

	frames_ipv6(&frame, count ? 60 : 58);
	for (i = 0; i < count; i++) {
		frames_bytes(&frame, options, 8);
		if (i == count - 1)
			frame.bytes[frame.size - 8] = 58;
	}
	frames_bytes(&frame, "\x80\0\0\0", 4);
	frames_finish_ip(&frame);
	return frame;
}

START_TEST(chain_of_extension_headers_is_bounded)
{
	struct frames frame = extensions(8);
	struct vs_view view = parse_of(&frame);

	ck_assert_uint_eq(view.flags, VS_FRAME_IPV6);
	ck_assert_uint_eq(view.protocol, VS_IP_ICMP6);
	frame = extensions(9);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_BAD_IP);
	ck_assert_uint_eq(view.l3, VS_ABSENT);
}
END_TEST

START_TEST(extension_header_longer_than_its_packet_is_bad)
{
	struct frames frame = extensions(1);
	struct vs_view view;

	buffer[14 + 40 + 1] = 1;
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_BAD_IP);
}
END_TEST

START_TEST(ipv6_fragments_are_first_later_or_whole)
{
	static const uint8_t header[8] = {17, 0, 0, 1, 0, 0, 0, 9};
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV6);
	struct vs_view view;

	frames_ipv6(&frame, 44);
	frames_bytes(&frame, header, sizeof(header));
	frame.l4 = frame.size;
	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_IPV6 | VS_FRAME_FRAGMENT);
	ck_assert_uint_eq(view.l4, 62);
	buffer[14 + 40 + 3] = 8;
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags,
			  VS_FRAME_IPV6 | VS_FRAME_FRAGMENT | VS_FRAME_LATER);
	ck_assert_uint_eq(view.l4, VS_ABSENT);
	ck_assert_uint_eq(view.protocol, VS_IP_UDP);
	buffer[14 + 40 + 3] = 0;
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_IPV6);
}
END_TEST

START_TEST(mapped_address_in_ipv6_is_told)
{
	static const uint8_t mapped[16] = {[10] = 255, 255, 10, 0, 0, 1};
	struct frames frame = extensions(0);
	struct vs_view view;

	memcpy(buffer + 14 + 24, mapped, 16);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_IPV6 | VS_FRAME_MAPPED_V6);
	frame = extensions(0);
	memcpy(buffer + 14 + 8, mapped, 16);
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_IPV6 | VS_FRAME_MAPPED_V6);
}
END_TEST

START_TEST(neighbour_discovery_is_five_icmp_types)
{
	struct frames frame = extensions(0);
	struct vs_view view;
	unsigned int type;

	for (type = 0; type < 256; type++) {
		buffer[54] = (uint8_t)type;
		view = parse_of(&frame);
		ck_assert_int_eq(!!(view.flags & VS_FRAME_ND),
				 type >= 133 && type <= 137);
	}
}
END_TEST

START_TEST(arp_is_whole_and_for_ipv4)
{
	static const uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 1};
	struct frames frame = frames_ethernet(buffer, VS_TYPE_ARP);
	struct vs_view view;

	frames_bytes(&frame, arp, sizeof(arp));
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, VS_FRAME_ARP);
	ck_assert_uint_eq(view.l3, 14);
	buffer[18] = 8;
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, 0);
	ck_assert_uint_eq(view.l3, VS_ABSENT);
	buffer[18] = 6;
	frame.size--;
	view = parse_of(&frame);
	ck_assert_uint_eq(view.flags, 0);
}
END_TEST

/* What offsets promise, for any bytes. */
static void check_sane(const struct vs_view *view)
{
	if (view->flags & (VS_FRAME_IPV4 | VS_FRAME_IPV6 | VS_FRAME_ARP))
		ck_assert_uint_le(view->l3 + 20u, view->size);
	else
		ck_assert_uint_eq(view->l3, VS_ABSENT);
	if (view->l4 != VS_ABSENT)
		ck_assert(view->l4 > view->l3 && view->l4 < view->size);
	if (view->payload != VS_ABSENT)
		ck_assert(view->l4 != VS_ABSENT &&
			  view->payload >= view->l4 + 8 &&
			  view->payload <= view->size);
	ck_assert_uint_le(view->tags, 2);
}

START_TEST(frame_cut_at_any_length_is_never_read_past)
{
	struct frames frame = _i == 0	? tcp4(30)
			      : _i == 1 ? extensions(8)
					: extensions(1);
	struct vs_view view;

	for (; frame.size > 0; frame.size--) {
		view = parse_of(&frame);
		check_sane(&view);
	}
}
END_TEST

START_TEST(mutated_frames_give_sane_offsets)
{
	struct prng prng = prng_start(prng_seed());
	struct vs_offload offload;
	struct frames frame;
	struct vs_view view;
	int i, n;

	for (i = 0; i < 50000; i++) {
		frame = prng_below(&prng, 2)
				? tcp4(prng_below(&prng, 40))
				: extensions((int)prng_below(&prng, 9));
		for (n = 0; n < 3; n++)
			buffer[prng_below(&prng, frame.size)] =
				(uint8_t)prng_u32(&prng);
		frame.size = prng_below(&prng, 4) == 0
				     ? prng_below(&prng, frame.size)
				     : frame.size;
		prng_fill(&prng, (uint8_t *)&offload, sizeof(offload));
		view = parse_with(frame.bytes, frame.size, &offload);
		check_sane(&view);
		if (view.offload.csum_start != VS_ABSENT)
			ck_assert_uint_le(view.offload.csum_start +
						  view.offload.csum_offset + 2u,
					  view.size);
		ck_assert_uint_le(view.offload.header_size, view.size);
	}
}
END_TEST

static struct frames udp4(uint32_t payload)
{
	struct frames frame = frames_ethernet(buffer, VS_TYPE_IPV4);

	frames_ipv4(&frame, VS_IP_UDP);
	frames_udp(&frame);
	memset(frame.bytes + frame.size, 'p', payload);
	frame.size += payload;
	frames_finish(&frame, VS_IP_UDP);
	return frame;
}

START_TEST(short_way_finds_what_the_long_way_finds)
{
	struct prng prng = prng_start(prng_seed());
	uint32_t flips, readable;
	struct vs_view way, longer;
	struct frames frame;
	int i;

	for (i = 0; i < 200000; i++) {
		frame = prng_below(&prng, 2) ? tcp4(prng_below(&prng, 40))
					     : udp4(prng_below(&prng, 40));
		for (flips = prng_below(&prng, 3); flips; flips--)
			buffer[prng_below(&prng, 60)] =
				prng_below(&prng, 4) ? (uint8_t)prng_u32(&prng)
						     : 0xff;
		readable = prng_below(&prng, 3)
				   ? frame.size
				   : prng_below(&prng, frame.size + 1);
		prng_fill(&prng, (uint8_t *)&way, sizeof(way));
		way.data = frame.bytes;
		way.size = frame.size;
		if (prng_below(&prng, 4))
			way.offload = (struct vs_offload){
				.csum_start =
					prng_below(&prng, 2) ? 34 : VS_ABSENT,
				.csum_offset = 6};
		longer = way;
		parse_view(&way, readable);
		parse_view_long(&longer, readable);
		ck_assert_mem_eq(&way, &longer, sizeof(way));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("parse");
	TCase *tcase = tcase_create("parse");

	tcase_add_test(tcase, ipv4_tcp_is_found);
	tcase_add_test(tcase, metadata_survives_and_derived_members_do_not);
	tcase_add_test(tcase, group_and_broadcast_are_told_apart);
	tcase_add_test(tcase,
		       up_to_two_tags_are_skipped_and_the_outer_is_shown);
	tcase_add_test(tcase, third_tag_stays_the_ether_type);
	tcase_add_test(tcase, tag_that_is_cut_is_a_tag_nobody_may_use);
	tcase_add_test(tcase, runt_has_nothing);
	tcase_add_test(tcase, padding_behind_the_ip_packet_is_not_its_payload);
	tcase_add_test(tcase, ipv4_options_move_the_transport_header);
	tcase_add_loop_test(tcase, ipv4_header_that_contradicts_itself_is_bad,
			    0, sizeof(bad_ipv4) / sizeof(bad_ipv4[0]));
	tcase_add_test(tcase, super_frame_may_have_no_total_length);
	tcase_add_test(tcase, offload_beyond_the_frame_is_taken_back);
	tcase_add_test(tcase, length_left_out_needs_a_super_frame);
	tcase_add_test(tcase,
		       length_left_out_is_bad_where_the_offload_is_taken_back);
	tcase_add_test(tcase, first_ipv6_fragment_holds_the_transport_header);
	tcase_add_test(tcase, ipv4_fragments_are_first_or_later);
	tcase_add_test(tcase, tcp_header_longer_than_its_packet_has_no_payload);
	tcase_add_test(tcase, udp_length_must_fit_its_packet);
	tcase_add_test(tcase, ipv6_udp_is_found_behind_extension_headers);
	tcase_add_test(tcase, chain_of_extension_headers_is_bounded);
	tcase_add_test(tcase, extension_header_longer_than_its_packet_is_bad);
	tcase_add_test(tcase, ipv6_fragments_are_first_later_or_whole);
	tcase_add_test(tcase, mapped_address_in_ipv6_is_told);
	tcase_add_test(tcase, neighbour_discovery_is_five_icmp_types);
	tcase_add_test(tcase, arp_is_whole_and_for_ipv4);
	tcase_add_loop_test(tcase, frame_cut_at_any_length_is_never_read_past,
			    0, 3);
	tcase_add_test(tcase, mutated_frames_give_sane_offsets);
	tcase_add_test(tcase, short_way_finds_what_the_long_way_finds);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
