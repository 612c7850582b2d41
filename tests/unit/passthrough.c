// SPDX-License-Identifier: Apache-2.0
/*
 * The do-nothing extension on the fake host: both halves pass, both are seen.
 */
#include "tests/support/suite.h"

#include <vswitch/wire.h>

#include "tests/support/fake_host.h"

static const uint8_t frame[60] = {0x02, 0, 0, 0, 0, 2,	  0x02,
				  0,	0, 0, 0, 1, 0x88, 0xb5};

START_TEST(ingress_passes_and_counts)
{
	struct fake_host *fake = fake_host_open(&vs_extension);
	struct vs_packet *packet;

	packet = fake_frame(fake, frame, sizeof(frame), 5, 5001);
	ck_assert_int_eq(fake_ingress(fake, packet).action, VS_PASS);
	ck_assert_int_eq(fake_ingress(fake, packet).action, VS_PASS);
	ck_assert_uint_eq(fake->seen.counters[0], 2);
	ck_assert_uint_eq(fake->seen.counters[1], 0);
	fake_host_close(fake);
}
END_TEST

START_TEST(egress_keeps_the_destination_and_counts)
{
	struct fake_host *fake = fake_host_open(&vs_extension);
	struct vs_packet *packet;

	packet = fake_frame(fake, frame, sizeof(frame), 5, 5001);
	ck_assert(fake_egress(fake, packet, 6));
	ck_assert_uint_eq(fake->seen.counters[1], 1);
	fake_host_close(fake);
}
END_TEST

START_TEST(frame_is_left_as_it_was)
{
	struct fake_host *fake = fake_host_open(&vs_extension);
	struct vs_packet *packet;

	packet = fake_frame(fake, frame, sizeof(frame), 5, 5001);
	fake_ingress(fake, packet);
	fake_egress(fake, packet, 6);
	ck_assert_uint_eq(packet->view.size, sizeof(frame));
	ck_assert_mem_eq(packet->view.data, frame, sizeof(frame));
	ck_assert_uint_eq(packet->view.vsid.value, 5001);
	fake_host_close(fake);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("passthrough");
	TCase *tcase = tcase_create("passthrough");

	tcase_add_test(tcase, ingress_passes_and_counts);
	tcase_add_test(tcase, egress_keeps_the_destination_and_counts);
	tcase_add_test(tcase, frame_is_left_as_it_was);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
