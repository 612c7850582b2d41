/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several uplinks on a virtual clock: which one sends, what follows when one
 * goes, comes back, or is another device (provider_way.c, provider_link.c).
 */
#include "tests/support/suite.h"
#include "tests/support/wnv_lab.h"

static const struct lab_options shared = {.host = 1, .two_uplinks = true};
static const struct lab_options owned = {
	.host = 1, .owned = true, .two_uplinks = true};
static const struct lab_options single = {.host = 1, .owned = true};

static struct vs_packet *data(struct lab *lab, uint8_t to)
{
	static uint8_t buffer[4096];
	struct frames frame = lab_frame4(buffer, 5, to, VS_IP_UDP);

	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	return lab_packet(lab, buffer, frame.size, LAB_BLUE);
}

static struct vs_packet *to_all(struct lab *lab)
{
	static uint8_t buffer[4096];
	struct frames frame = lab_frame4(buffer, 5, 255, VS_IP_UDP);

	memset(buffer, 255, 6);
	memset(buffer + 30, 255, 4);
	frames_udp(&frame);
	frames_finish(&frame, VS_IP_UDP);
	return lab_packet(lab, buffer, frame.size, LAB_BLUE);
}

static struct vs_port_info *uplink(struct lab *lab, uint32_t id)
{
	struct vs_port_info *info = &lab->fake->ports[0];

	while (info->id.value != id)
		info++;
	return info;
}

/* An answer to host a, or with `to` NULL an announcement. */
static void hear(struct lab *lab, uint16_t port, const uint8_t sender[4],
		 uint8_t mac)
{
	struct lab_arp arp = {.sender_mac = lab_host_mac(mac),
			      .target = {192, 0, 2, 1},
			      .operation = 2};
	uint8_t bytes[64];

	memcpy(arp.sender, sender, 4);
	lab_in(lab,
	       fake_frame(lab->fake, bytes, lab_arp(bytes, &arp), port, 0));
}

static unsigned int said_count(const struct lab *lab)
{
	return lab->fake->seen.emitted_count;
}

struct arp {
	uint32_t uplink;
	const uint8_t *sender_mac, *sender, *target;
};

static struct arp said(const struct lab *lab)
{
	const struct fake_emitted *last;
	const uint8_t *p;

	ck_assert_uint_gt(said_count(lab), 0);
	last = &lab->fake->seen.emitted[said_count(lab) - 1];
	p = last->packet->view.data;
	ck_assert_uint_eq(vs_load16(p + 12), VS_TYPE_ARP);
	return (struct arp){last->to.value, p + 22, p + 28, p + 38};
}

static const char *pa_state(const struct lab *lab)
{
	return provider_pa_state_names[provider_pa_state(
		wnv_provider_at(lab->state, 0))];
}

static const uint8_t router1[4] = {192, 0, 2, 254};
static const uint8_t router2[4] = {198, 51, 100, 254};
static const uint8_t host_b[4] = {192, 0, 2, 2};

/* -- ways -------------------------------------------------------------------
 */

START_TEST(lowest_metric_sends_and_the_next_one_when_its_uplink_is_down)
{
	struct lab lab = lab_open(&shared);
	struct vs_mac second = lab_host_mac(101);
	const uint8_t *lead;

	lab_tick(&lab, 1);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 12)), "held");
	ck_assert_uint_eq(said(&lab).uplink, LAB_UPLINK);
	ck_assert_mem_eq(said(&lab).target, router1, 4);
	hear(&lab, LAB_UPLINK, router1, 54);
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	ck_assert_uint_eq(lab.fake->seen.sent[0].port.value, LAB_UPLINK);
	uplink(&lab, LAB_UPLINK)->up = false;
	lab_tick(&lab, 101);
	lab_clear(&lab);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 12)), "held");
	/* asked in the name of the address that lives there */
	ck_assert_uint_eq(said(&lab).uplink, LAB_SECOND);
	ck_assert_mem_eq(said(&lab).target, router2, 4);
	ck_assert_mem_eq(said(&lab).sender, "\xc6\x33\x64\1", 4);
	ck_assert_mem_eq(said(&lab).sender_mac, second.octet, 6);
	hear(&lab, LAB_SECOND, router2, 55);
	ck_assert_uint_eq(lab.fake->seen.sent[0].port.value, LAB_SECOND);
	lead = lab.fake->seen.sent[0].lead;
	ck_assert_uint_eq(lead[5], 55);
	ck_assert_mem_eq(lead + 6, second.octet, 6);
	ck_assert_mem_eq(lead + 26, "\xc0\0\2\1", 4); /* the record's PA */
	/* and back, as soon as the first is up again */
	uplink(&lab, LAB_UPLINK)->up = true;
	lab_tick(&lab, 101);
	lab_clear(&lab);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 12)), "held");
	ck_assert_uint_eq(said(&lab).uplink, LAB_UPLINK);
	hear(&lab, LAB_UPLINK, router1, 54);
	lab_close(&lab);
}
END_TEST

START_TEST(own_link_is_better_than_any_route)
{
	struct lab lab = lab_open(&shared);

	lab_tick(&lab, 1);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7)), "held");
	ck_assert_mem_eq(said(&lab).target, host_b, 4);
	hear(&lab, LAB_UPLINK, host_b, 2);
	/* while it is down, a route leads there too */
	uplink(&lab, LAB_UPLINK)->up = false;
	lab_tick(&lab, 101);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7)), "held");
	ck_assert_mem_eq(said(&lab).target, router2, 4);
	hear(&lab, LAB_SECOND, router2, 55);
	lab_close(&lab);
}
END_TEST

START_TEST(frames_that_wait_take_the_other_way_when_the_uplink_goes)
{
	struct lab lab = lab_open(&shared);
	struct vs_port_info *first = uplink(&lab, LAB_UPLINK);

	first->up = false;
	lab_tick(&lab, 1);
	lab_out(&lab, data(&lab, 12));
	hear(&lab, LAB_SECOND, router2, 55);
	first->up = true;
	lab_tick(&lab, 101);
	lab_clear(&lab);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 12)), "held");
	ck_assert_uint_eq(said(&lab).uplink, LAB_UPLINK);
	first->up = false;
	lab_tick(&lab, 100);
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	ck_assert_uint_eq(lab.fake->seen.sent_count, 1);
	ck_assert_uint_eq(lab.fake->seen.sent[0].port.value, LAB_SECOND);
	lab_close(&lab);
}
END_TEST

START_TEST(frames_that_wait_are_dropped_by_name_when_there_is_no_way)
{
	struct lab lab = lab_open(&shared);

	lab_tick(&lab, 1);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 12)), "held");
	uplink(&lab, LAB_UPLINK)->up = false;
	uplink(&lab, LAB_SECOND)->up = false;
	lab_tick(&lab, 100);
	ck_assert_uint_eq(lab.fake->seen.held_count, 0);
	ck_assert_int_eq(lab.fake->seen.released[0].action, VS_DROP);
	ck_assert_uint_eq(lab.fake->seen.released[0].reason,
			  VS_REASON(WNV_UPLINK_DOWN));
	ck_assert_str_eq(lab_out(&lab, data(&lab, 12)), "uplink_down");
	ck_assert_str_eq(lab_out(&lab, to_all(&lab)), "uplink_down");
	lab_close(&lab);
}
END_TEST

START_TEST(addresses_of_two_families_do_not_meet)
{
	struct lab lab = lab_open(&shared);

	lab_tick(&lab, 1);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 13)), "pa_family");
	lab_close(&lab);
}
END_TEST

/* -- neighbours and announcements -------------------------------------------
 */

START_TEST(neighbours_of_an_uplink_are_forgotten_when_it_goes)
{
	struct lab lab = lab_open(&single);
	struct vs_port_info *port = uplink(&lab, LAB_UPLINK);
	unsigned int i;

	for (i = 0; i < 8; i++)
		lab_tick(&lab, 1000);
	lab_out(&lab, data(&lab, 7));
	hear(&lab, LAB_UPLINK, host_b, 2);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7)), "sent");
	if (_i == 0) {
		port->up = false;
		lab_tick(&lab, 100);
		ck_assert_str_eq(lab_out(&lab, data(&lab, 7)), "uplink_down");
		port->up = true;
	} else if (_i == 1) {
		port->if_index++; /* another device of that name */
	} else {
		port->mac.octet[5] = 111;
	}
	lab_clear(&lab);
	lab_tick(&lab, 101);
	ck_assert_uint_eq(said_count(&lab), 1); /* announced again */
	ck_assert_mem_eq(said(&lab).sender, said(&lab).target, 4);
	ck_assert_mem_eq(said(&lab).sender_mac, port->mac.octet, 6);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 7)), "held");
	lab_tick(&lab, 200);
	hear(&lab, LAB_UPLINK, host_b, 2);
	lab_clear(&lab);
	lab_tick(&lab, 2000); /* and once more; then no more */
	ck_assert_uint_eq(said_count(&lab), 1);
	lab_tick(&lab, 10000); /* later the peer is asked: nothing comes back */
	ck_assert_uint_eq(said_count(&lab), 1);
	lab_close(&lab);
}
END_TEST

START_TEST(probing_begins_anew_when_the_uplink_went_meanwhile)
{
	struct lab lab = lab_open(&single);
	unsigned int i;

	lab_tick(&lab, 1);
	ck_assert_str_eq(pa_state(&lab), "tentative");
	lab_tick(&lab, 1000);
	uplink(&lab, LAB_UPLINK)->up = false;
	lab_tick(&lab, 1000);
	ck_assert_str_eq(pa_state(&lab), "new");
	lab_tick(&lab, 10000);
	uplink(&lab, LAB_UPLINK)->up = true;
	lab_clear(&lab);
	for (i = 0; i < 4; i++)
		lab_tick(&lab, 1000);
	ck_assert_str_eq(pa_state(&lab), "tentative");
	ck_assert_uint_eq(said_count(&lab), 3);
	lab_tick(&lab, 1000);
	ck_assert_str_eq(pa_state(&lab), "preferred");
	lab_close(&lab);
}
END_TEST

START_TEST(address_without_its_uplink_and_unproven_does_not_make_frames_wait)
{
	struct lab lab = lab_open(&owned);

	uplink(&lab, LAB_UPLINK)->up = false;
	lab_tick(&lab, 1);
	ck_assert_str_eq(lab_out(&lab, data(&lab, 12)), "uplink_down");
	lab_close(&lab);
}
END_TEST

START_TEST(next_hops_are_asked_in_advance_when_an_uplink_comes_back)
{
	static const struct lab_options options = {.host = 1, .advance = true};
	struct lab lab = lab_open(&options);
	struct vs_port_info *port = uplink(&lab, LAB_UPLINK);

	lab_tick(&lab, 1);
	hear(&lab, LAB_UPLINK, host_b, 2);
	hear(&lab, LAB_UPLINK, (const uint8_t[4]){192, 0, 2, 3}, 3);
	lab_tick(&lab, 1000);
	port->up = false;
	lab_tick(&lab, 100);
	lab_clear(&lab);
	port->up = true;
	lab_tick(&lab, 100);
	ck_assert_uint_eq(said_count(&lab), 2); /* both hosts */
	lab_close(&lab);
}
END_TEST

START_TEST(address_is_neither_asked_for_nor_claimed_on_another_uplink)
{
	struct lab lab = lab_open(&owned);
	struct lab_arp arp = {.sender_mac = lab_host_mac(44),
			      .sender = {198, 51, 100, 7},
			      .target = {192, 0, 2, 1},
			      .operation = 1};
	uint8_t bytes[64];
	uint32_t size = lab_arp(bytes, &arp);

	lab_tick(&lab, 1);
	lab_clear(&lab);
	ck_assert_str_eq(
		lab_in(&lab, fake_frame(lab.fake, bytes, size, LAB_SECOND, 0)),
		"pass");
	ck_assert_uint_eq(said_count(&lab), 0);
	memcpy(arp.sender, arp.target, 4);
	lab_arp(bytes, &arp);
	lab_in(&lab, fake_frame(lab.fake, bytes, size, LAB_SECOND, 0));
	ck_assert_str_eq(pa_state(&lab), "tentative");
	lab_in(&lab, fake_frame(lab.fake, bytes, size, LAB_UPLINK, 0));
	ck_assert_str_eq(pa_state(&lab), "duplicate");
	lab_close(&lab);
}
END_TEST

static Suite *suite(void)
{
	Suite *all = suite_create("wnv_uplinks");
	TCase *tests = tcase_create("uplinks");

	tcase_add_test(
		tests,
		lowest_metric_sends_and_the_next_one_when_its_uplink_is_down);
	tcase_add_test(tests, own_link_is_better_than_any_route);
	tcase_add_test(
		tests,
		frames_that_wait_take_the_other_way_when_the_uplink_goes);
	tcase_add_test(
		tests,
		frames_that_wait_are_dropped_by_name_when_there_is_no_way);
	tcase_add_test(tests, addresses_of_two_families_do_not_meet);
	tcase_add_loop_test(tests,
			    neighbours_of_an_uplink_are_forgotten_when_it_goes,
			    0, 3);
	tcase_add_test(tests,
		       probing_begins_anew_when_the_uplink_went_meanwhile);
	tcase_add_test(
		tests,
		address_without_its_uplink_and_unproven_does_not_make_frames_wait);
	tcase_add_test(
		tests,
		next_hops_are_asked_in_advance_when_an_uplink_comes_back);
	tcase_add_test(
		tests,
		address_is_neither_asked_for_nor_claimed_on_another_uplink);
	suite_add_tcase(all, tests);
	return all;
}

int main(void)
{
	return suite_main(suite());
}
