// SPDX-License-Identifier: Apache-2.0
/*
 * The loop guard: somebody joins two ports outside of the switch, so that what
 * leaves by one comes back by the other; the frames must come to an end, by
 * the younger port, whoever reads the ports, and an uplink stays.
 */
#include <string.h>

#include "core/reason.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define ROUNDS 5000u
#define QUEUE  64u

static struct rig *rig;
static uint8_t bytes[128];

static void open_port(const char *name, uint16_t id, uint16_t worker)
{
	struct vs_port_plan *plan = rig_port(rig, name, id, 0);

	plan->mac_guard = false;
	plan->police.loop_guard = true;
	plan->worker = worker;
}

static void setup(void)
{
	struct vs_switch_params params = {.workers = 2, .name = "lab"};

	rig = rig_open(&params);
	open_port("host2", 2, 0);
	open_port("a3", 3, 0);
	rig_publish(rig);
	open_port("b4", 4, 1);
	rig_publish(rig);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

static struct rig_frame under_way[QUEUE];
static uint32_t head, tail;

static void queue(uint16_t left, uint16_t right)
{
	uint32_t i;

	for (i = 0; i < rig->sent_count; i++)
		if (tail - head < QUEUE && (rig->sent[i].port.value == left ||
					    rig->sent[i].port.value == right))
			under_way[tail++ % QUEUE] = rig->sent[i];
}

/* Frames for `left` go into `right` and back, one in a millisecond, until none
 * is left: how many went. */
static uint32_t go_round(uint16_t left, uint16_t right)
{
	uint32_t went;

	head = tail = 0;
	queue(left, right);
	for (went = 0; head != tail && went < ROUNDS; went++) {
		struct rig_frame *frame = &under_way[head++ % QUEUE];

		rig_forget(rig);
		rig_input(rig, frame->port.value == left ? right : left,
			  frame->bytes, frame->size);
		rig_advance(rig, 1000000);
		queue(left, right);
	}
	return went;
}

static void broadcast(uint16_t port, uint8_t from)
{
	uint32_t size = rig_udp(bytes, 100, from, 0);

	memset(bytes, 0xff, 6);
	rig_forget(rig);
	rig_input(rig, port, bytes, size);
}

START_TEST(loop_ends_and_the_younger_port_is_blocked)
{
	struct vs_loop_found found;

	broadcast(2, 0x55);
	ck_assert_uint_lt(go_round(3, 4), ROUNDS);
	rig_tick(rig);
	ck_assert(vs_switch_loop(rig->sw, (struct vs_port_id){4}, &found));
	ck_assert_uint_eq(found.port.value, 4);
	ck_assert_uint_eq(found.mac.octet[5], 0x55);
	ck_assert(!vs_switch_loop(rig->sw, (struct vs_port_id){3}, &found));
	ck_assert(!vs_switch_loop(rig->sw, (struct vs_port_id){2}, &found));
	ck_assert_uint_gt(rig_dropped(rig, VS_REASON_LOOP_BLOCKED), 0);
	/* who is not in it goes on */
	broadcast(2, 0x55);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 3);
}
END_TEST

START_TEST(uplink_stays_and_the_port_behind_it_goes)
{
	struct vs_loop_found found;

	rig_uplink(rig, "wire", 9);
	rig_publish(rig);
	broadcast(2, 0x55);
	ck_assert_uint_lt(go_round(3, 9), ROUNDS);
	rig_tick(rig);
	ck_assert(vs_switch_loop(rig->sw, (struct vs_port_id){3}, &found));
	ck_assert_uint_eq(found.other.value, VS_PORT_EXTERNAL);
	ck_assert(!vs_switch_loop(rig->sw, (struct vs_port_id){9}, &found));
}
END_TEST

/* A VM's own MAC is known: what comes back with it is refused at once. */
START_TEST(guarded_ports_need_no_loop_guard)
{
	rig->plan[0].mac_guard = true;
	rig_publish(rig);
	broadcast(2, 2);
	ck_assert_uint_lt(go_round(3, 4), 4);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_MAC_PINNED), 2);
}
END_TEST

START_TEST(without_the_guard_it_goes_round_for_ever)
{
	rig->plan[1].police.loop_guard = rig->plan[2].police.loop_guard = false;
	rig->plan[0].police.loop_guard = false;
	rig_publish(rig);
	broadcast(2, 0x55);
	ck_assert_uint_eq(go_round(3, 4), ROUNDS);
}
END_TEST

START_TEST(port_that_goes_takes_its_block_along)
{
	struct vs_loop_found found;

	broadcast(2, 0x55);
	go_round(3, 4);
	rig_tick(rig);
	ck_assert(vs_switch_loop(rig->sw, (struct vs_port_id){4}, &found));
	rig->port_count--;
	rig_publish(rig);
	rig_tick(rig);
	open_port("c4", 4, 1);
	rig_publish(rig);
	ck_assert(!vs_switch_loop(rig->sw, (struct vs_port_id){4}, &found));
	broadcast(4, 0x66);
	ck_assert_uint_eq(rig->sent_count, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flap");
	TCase *tcase = tcase_create("flap");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, loop_ends_and_the_younger_port_is_blocked);
	tcase_add_test(tcase, uplink_stays_and_the_port_behind_it_goes);
	tcase_add_test(tcase, guarded_ports_need_no_loop_guard);
	tcase_add_test(tcase, without_the_guard_it_goes_round_for_ever);
	tcase_add_test(tcase, port_that_goes_takes_its_block_along);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
