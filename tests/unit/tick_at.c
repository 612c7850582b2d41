// SPDX-License-Identifier: Apache-2.0
/*
 * tick_at.c: a hook may ask for a tick before the one that the last tick
 * answered.
 */
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define SOON 5u
#define NEXT 70u

static struct rig *rig;
static unsigned int ticks;
static bool asks;

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	(void)burst;
	if (!asks)
		return;
	call->host->tick_at(call, call->now_ns + SOON);
	call->host->tick_at(call, call->now_ns + SOON + 4); /* earlier holds */
}

static uint64_t tick(const struct vs_call *call)
{
	ticks++;
	return call->now_ns + NEXT;
}

static const struct vs_filter_class filter = {.ingress = ingress};
static const struct vs_extension extension = {
	VS_EXTENSION_HEAD, .name = "ticks", .filter = &filter, .tick = tick};

static uint64_t deadline(void)
{
	struct vs_worker *worker = vs_switch_worker(rig->sw, 0);
	uint64_t next;

	vs_worker_enter(worker);
	next = vs_worker_deadline(worker);
	vs_worker_park(worker);
	return next;
}

static void setup(void)
{
	rig = rig_open(NULL);
	rig_port(rig, "a", 2, 0);
	rig_port(rig, "b", 3, 0);
	rig_attach(rig, &extension);
	rig_publish(rig);
	ticks = 0;
	rig_tick(rig);
	ck_assert_uint_eq(ticks, 1);
}

static void teardown(void)
{
	rig_close(rig);
}

static void send_one(void)
{
	uint8_t bytes[60];

	rig_input(rig, 2, bytes, rig_udp(bytes, sizeof(bytes), 2, 3));
}

START_TEST(hook_may_ask_for_an_earlier_tick)
{
	asks = true;
	send_one();
	ck_assert_uint_eq(deadline(), rig->now + SOON);
	rig_advance(rig, SOON - 1);
	ck_assert_uint_eq(ticks, 1);
	rig_advance(rig, 1);
	ck_assert_uint_eq(ticks, 2);
	ck_assert_uint_eq(deadline(), rig->now + NEXT);
}
END_TEST

START_TEST(who_does_not_ask_is_ticked_when_it_said)
{
	asks = false;
	send_one();
	ck_assert_uint_eq(deadline(), rig->now + NEXT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tick_at");
	TCase *tcase = tcase_create("tick_at");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, hook_may_ask_for_an_earlier_tick);
	tcase_add_test(tcase, who_does_not_ask_is_ticked_when_it_said);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
