// SPDX-License-Identifier: Apache-2.0
/*
 * A capture on the stack and the fast path: while it looks at nothing flows are
 * steady (core/steady.h), while it looks at something none is.
 */
#include "tests/support/rig.h"
#include "tests/support/suite.h"

static struct rig *rig;
static struct vs_changes changes;
static bool looking;
static uint32_t steady, unsteady, sights;

static void ingress(const struct vs_call *call,
		    const struct vs_capture_burst *burst)
{
	(void)call;
	sights += burst->count;
}

static void wire(const struct vs_call *call, const struct vs_wire_frame *frame)
{
	(void)call;
	(void)frame;
}

static bool looks(const struct vs_state *state)
{
	(void)state;
	return looking;
}

static const struct vs_capture_class quiet_class = {
	.ingress = ingress, .wire = wire, .looks = looks};
static const struct vs_extension quiet = {VS_EXTENSION_HEAD, .name = "quiet",
					  .capture = &quiet_class};
static const struct vs_capture_class outside_class = {.wire = wire,
						      .looks = looks};
static const struct vs_extension outside = {
	VS_EXTENSION_HEAD, .name = "outside", .capture = &outside_class};
static const struct vs_capture_class always_class = {.ingress = ingress};
static const struct vs_extension always = {VS_EXTENSION_HEAD, .name = "always",
					   .capture = &always_class};

static void take(struct rig *from, const struct vs_outbox_entry *entry)
{
	(void)from;
	steady += entry->steady > 0;
	unsteady += !entry->steady;
}

static void setup(void)
{
	static const struct vs_switch_params params = {.name = "rig",
						       .workers = 1,
						       .seed = 7,
						       .small_buffers = 256,
						       .big_buffers = 4,
						       .changes = &changes};

	rig = rig_open(&params);
	rig->taker = take;
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	rig_close(rig);
}

/* ten frames, whose entries are all steady, or none */
static void says(bool wanted)
{
	uint8_t bytes[60];

	steady = unsteady = 0;
	for (uint16_t i = 0; i < 10; i++)
		rig_input(rig, 2, bytes, rig_udp(bytes, 60, 2, 3));
	ck_assert_uint_eq(steady, wanted ? 10 : 0);
	ck_assert_uint_eq(unsteady, wanted ? 0 : 10);
}

START_TEST(flows_are_steady_while_captures_look_at_nothing)
{
	uint64_t before;

	rig_attach(rig, &quiet);
	rig_publish(rig);
	says(true);
	before = changes.all;
	looking = true;
	rig_publish(rig);
	ck_assert_uint_gt(changes.all, before);
	sights = 0;
	says(false);
	ck_assert_uint_eq(sights, 10);
	looking = false;
	rig_publish(rig);
	says(true);
}
END_TEST

START_TEST(one_that_looks_is_enough)
{
	rig_attach(rig, &always);
	rig_attach(rig, &quiet);
	rig_publish(rig);
	says(false);
}
END_TEST

START_TEST(what_leaves_by_the_wire_is_seen_there)
{
	rig_attach(rig, &outside);
	rig_publish(rig);
	says(true);
	looking = true;
	rig_publish(rig);
	says(false);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("idle_capture");
	TCase *tcase = tcase_create("idle_capture");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, flows_are_steady_while_captures_look_at_nothing);
	tcase_add_test(tcase, one_that_looks_is_enough);
	tcase_add_test(tcase, what_leaves_by_the_wire_is_seen_there);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
