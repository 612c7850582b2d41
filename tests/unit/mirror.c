// SPDX-License-Identifier: Apache-2.0
/*
 * Mirrors in the walk: what a VM sends to nowhere is seen too, no monitor gets
 * a frame of a VSID that it may not see or a frame twice, and the books hold,
 * whatever is mirrored to whom.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "core/reason.h"
#include "tests/support/prng.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

static struct rig *rig;
static struct vs_port_plan *vm, *monitor;
static uint8_t bytes[2048];

static void setup(void)
{
	rig = rig_open(NULL);
	vm = rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "red4", 4, 6001);
	monitor = rig_port(rig, "mon5", 5, 5001);
	monitor->monitor = true;
	rig_port(rig, "mon6", 6, 5001)->monitor = true;
	rig_publish(rig);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

static uint32_t got(uint16_t port)
{
	uint32_t count = 0, i;

	for (i = 0; i < rig->sent_count; i++)
		count += rig->sent[i].port.value == port;
	return count;
}

static void send(uint16_t port, uint8_t to)
{
	uint32_t size = rig_udp(bytes, 100, (uint8_t)port, to);

	if (to == 255)
		memset(bytes, 0xff, 6);
	rig_forget(rig);
	rig_input(rig, port, bytes, size);
}

START_TEST(frame_to_nowhere_is_seen)
{
	rig->port_count = 1; /* vm2 alone, and a monitor */
	rig->plan[1] = rig->plan[3];
	rig->port_count = 2;
	vm->police.monitors[false][0].value = 5;
	rig_publish(rig);
	send(2, 255);
	ck_assert_uint_eq(got(5), 1);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_NO_DESTINATION), 0);
	/* what a limit drops was not sent */
	vm->police.storm_limit = 1;
	rig_publish(rig);
	send(2, 255);
	ck_assert_uint_eq(got(5), 1);
	send(2, 255);
	send(2, 77);
	ck_assert_uint_eq(got(5), 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_STORM_UNKNOWN), 1);
}
END_TEST

START_TEST(monitor_of_another_vsid_gets_no_copy)
{
	monitor->vsids[0].value = 6001;
	vm->police.monitors[false][0].value = 5;
	rig_publish(rig);
	send(2, 3);
	ck_assert_uint_eq(got(3), 1);
	ck_assert_uint_eq(got(5), 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_VSID_ACL), 1);
}
END_TEST

START_TEST(monitor_is_flooded_nothing)
{
	send(2, 255);
	send(2, 77);
	ck_assert_uint_eq(got(5) + got(6), 0);
	ck_assert_uint_eq(got(3), 1);
}
END_TEST

START_TEST(monitor_that_is_away_takes_nothing_from_the_vm)
{
	vm->police.monitors[false][0].value = 5;
	vm->police.monitors[true][0].value = 5;
	monitor->link = NULL;
	rig_publish(rig);
	send(2, 3);
	ck_assert_uint_eq(got(3), 1);
	send(3, 2);
	ck_assert_uint_eq(got(2), 1);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_PORT_DOWN), 2);
}
END_TEST

/* Random mirrors and random frames against the definition. */
START_TEST(each_monitor_gets_what_its_ports_send_or_get_once)
{
	struct prng prng = prng_start(prng_seed());

	for (int round = 0; round < 300; round++) {
		for (int port = 0; port < 2; port++)
			for (int in = 0; in < 2; in++) {
				struct vs_port_id *to =
					rig->plan[port].police.monitors[in];
				uint32_t which = prng_below(&prng, 4);

				to[0].value = to[1].value = 0;
				if (which & 1)
					to[0].value = 5;
				if (which & 2)
					to[which & 1].value = 6;
			}
		rig_publish(rig);
		for (int i = 0; i < 20; i++) {
			uint16_t from = (uint16_t)(2 + prng_below(&prng, 2));
			uint8_t to = prng_below(&prng, 2) ? 255
							  : (uint8_t)(5 - from);
			const struct vs_police *source =
				&rig->plan[from - 2].police;
			const struct vs_police *target =
				&rig->plan[3 - from].police;

			send(from, to);
			ck_assert_uint_eq(got((uint16_t)(5 - from)), 1);
			ck_assert_uint_eq(got(4), 0);
			for (uint16_t mon = 5; mon < 7; mon++) {
				uint32_t wanted = 0;

				for (int k = 0; k < 2; k++)
					wanted |=
						source->monitors[0][k].value ==
							mon ||
						target->monitors[1][k].value ==
							mon;
				ck_assert_uint_eq(got(mon), wanted);
			}
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mirror");
	TCase *tcase = tcase_create("mirror");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, frame_to_nowhere_is_seen);
	tcase_add_test(tcase, monitor_of_another_vsid_gets_no_copy);
	tcase_add_test(tcase, monitor_is_flooded_nothing);
	tcase_add_test(tcase, monitor_that_is_away_takes_nothing_from_the_vm);
	tcase_add_test(tcase,
		       each_monitor_gets_what_its_ports_send_or_get_once);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
