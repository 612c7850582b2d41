/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame in words becomes the frame that was meant, with good checksums, and
 * what cannot be meant is refused with the word that is wrong.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "describe.h"
#include "packet/pool.h"
#include "tests/support/suite.h"

static struct vs_pool *pool;

static struct vs_packet *build(const char *text)
{
	struct vs_packet *packet = vs_pool_take(pool, true);
	struct vs_error error = {0};
	struct describe d;
	int size;

	ck_assert_int_eq(describe_parse(text, &d, &error), 0);
	if (!d.has_source_ip)
		ck_assert_int_eq(vs_ip_parse(vs_ip_is_v4(&d.target_ip)
						     ? "10.0.0.5"
						     : "fd00::5",
					     &d.source_ip),
				 0);
	d.source_mac = (struct vs_mac){{2, 0, 0, 0, 0, 5}};
	if (!d.has_target_mac)
		d.target_mac = (struct vs_mac){{2, 0, 0, 0, 0, 7}};
	size = describe_build(&d, packet->buffer + VS_PACKET_HEADROOM, 9216,
			      &error);
	ck_assert_msg(size > 0, "%s", error.text);
	packet->view.size = (uint32_t)size;
	vs_packet_parse(packet);
	return packet;
}

/* Sum of pseudo-header and transport bytes: all ones if the sum is right. */
static uint16_t transport_sum(const struct vs_packet *packet)
{
	const struct vs_view *view = &packet->view;
	uint32_t size = view->size - view->l4;
	uint64_t sum = view->protocol == VS_IP_ICMP
			       ? 0
			       : vs_sum_pseudo(view->data + view->l3,
					       view->protocol, size);

	return vs_sum_fold(vs_sum(sum, view->data + view->l4, size));
}

START_TEST(every_transport_has_a_good_checksum)
{
	static const char *const texts[] = {
		"tcp 10.0.0.7:443",
		"tcp [fd00::7]:443",
		"udp 10.0.0.7:53 size=101",
		"udp [fd00::7]:53 size=1200",
		"icmp 10.0.0.7 size=56",
		"ping fd00::7",
		"nd fd00::7",
		"broadcast size=9",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vs_packet *packet = build(texts[i]);

		ck_assert_msg(packet->view.l4 != VS_ABSENT, "%s", texts[i]);
		ck_assert_msg(transport_sum(packet) == 0xffff, "%s", texts[i]);
		vs_packet_unref(packet);
	}
}
END_TEST

START_TEST(words_choose_ports_addresses_and_flags)
{
	struct vs_packet *packet =
		build("tcp 10.0.0.7:443 from=10.0.0.9:7 df ttl=3 size=5 "
		      "dmac=02:00:00:00:00:aa");
	const struct vs_view *view = &packet->view;
	const uint8_t *l4 = view->data + view->l4;

	ck_assert_uint_eq(vs_load16(l4), 7);
	ck_assert_uint_eq(vs_load16(l4 + 2), 443);
	ck_assert_uint_eq(view->data[5], 0xaa);
	ck_assert_uint_eq(view->data[view->l3 + 8], 3);
	ck_assert_uint_eq(view->data[view->l3 + 15], 9);
	ck_assert(view->flags & VS_FRAME_DF);
	ck_assert_uint_eq(view->size - view->payload, 5);
	vs_packet_unref(packet);
}
END_TEST

START_TEST(arp_is_a_broadcast_request_from_the_port)
{
	struct vs_packet *packet = build("arp 10.0.0.7");
	const uint8_t *arp = packet->view.data + packet->view.l3;

	ck_assert(packet->view.flags & VS_FRAME_ARP);
	ck_assert(packet->view.flags & VS_FRAME_BROADCAST);
	ck_assert_uint_eq(vs_load16(arp + 6), 1);
	ck_assert_uint_eq(arp[27], 7);
	vs_packet_unref(packet);
}
END_TEST

START_TEST(what_is_for_a_group_has_the_groups_mac)
{
	static const struct {
		const char *text;
		uint8_t mac[6];
	} cases[] = {
		{"udp 224.0.0.251:5353", {0x01, 0, 0x5e, 0, 0, 0xfb}},
		{"udp 239.255.1.2:9", {0x01, 0, 0x5e, 0x7f, 1, 2}},
		{"icmp 255.255.255.255", {255, 255, 255, 255, 255, 255}},
		{"udp [ff02::1:2]:547", {0x33, 0x33, 0, 1, 0, 2}},
		{"nd fd00::12:3456", {0x33, 0x33, 0xff, 0x12, 0x34, 0x56}},
		{"icmp 10.0.0.7", {2, 0, 0, 0, 0, 7}},
		/* said is said */
		{"icmp 224.0.0.1 dmac=02:00:00:00:00:aa",
		 {2, 0, 0, 0, 0, 0xaa}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vs_packet *packet = build(cases[i].text);

		ck_assert_msg(!memcmp(packet->view.data, cases[i].mac, 6), "%s",
			      cases[i].text);
		vs_packet_unref(packet);
	}
}
END_TEST

START_TEST(a_tag_is_put_when_asked)
{
	struct vs_packet *packet = build("udp 10.0.0.7:9 vlan=100");

	ck_assert_uint_eq(packet->view.tags, 1);
	ck_assert_uint_eq(packet->view.vlan & 0xfff, 100);
	vs_packet_unref(packet);
}
END_TEST

START_TEST(what_is_wrong_is_named)
{
	static const char *const wrong[][2] = {
		{"", "empty"},
		{"sctp 10.0.0.7", "sctp"},
		{"tcp", "address"},
		{"tcp 10.0.0.777", "10.0.0.777"},
		{"tcp 10.0.0.7:70000", "10.0.0.7:70000"},
		{"tcp 10.0.0.7 colour=red", "colour"},
		{"tcp 10.0.0.7 ttl=256", "256"},
		{"tcp 10.0.0.7 ttl", "ttl"},
		{"udp 10.0.0.7 size=99999", "99999"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct vs_error error = {0};
		struct describe d;

		ck_assert_int_lt(describe_parse(wrong[i][0], &d, &error), 0);
		ck_assert_msg(strstr(error.text, wrong[i][1]), "%s: %s",
			      wrong[i][0], error.text);
	}
}
END_TEST

START_TEST(families_do_not_mix)
{
	struct vs_error error = {0};
	struct describe d;
	uint8_t frame[256];

	ck_assert_int_eq(
		describe_parse("tcp 10.0.0.7 from=fd00::5", &d, &error), 0);
	ck_assert_int_lt(describe_build(&d, frame, sizeof(frame), &error), 0);
	ck_assert_int_eq(describe_parse("arp fd00::7 from=fd00::5", &d, &error),
			 0);
	ck_assert_int_lt(describe_build(&d, frame, sizeof(frame), &error), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("describe");
	TCase *tests = tcase_create("describe");
	const struct vs_pool_params params = {4, 4};

	pool = vs_pool_create(&params);
	tcase_add_test(tests, every_transport_has_a_good_checksum);
	tcase_add_test(tests, words_choose_ports_addresses_and_flags);
	tcase_add_test(tests, arp_is_a_broadcast_request_from_the_port);
	tcase_add_test(tests, what_is_for_a_group_has_the_groups_mac);
	tcase_add_test(tests, a_tag_is_put_when_asked);
	tcase_add_test(tests, what_is_wrong_is_named);
	tcase_add_test(tests, families_do_not_mix);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
