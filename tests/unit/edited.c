// SPDX-License-Identifier: Apache-2.0
/*
 * edited.c: what a filter edited is parsed again before anybody else looks at
 * it, also if the frame waited in between.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define BURST 3u

static struct rig *rig;
static bool holds;
static struct vs_frame *held[BURST];
static unsigned int held_count;
static uint16_t seen[BURST]; /* EtherTypes, as the filter below sees them */
static unsigned int seen_count;

/* Every second frame becomes ARP. */
static void edit(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;
	unsigned int i = 0;

	VS_FOR_EACH (frame, burst) {
		if (i++ % 2 == 0)
			vs_store16(vs_frame_edit(frame, 12, 2), VS_TYPE_ARP);
		if (holds && call->host->hold(call, frame) == 0)
			held[held_count++] = frame;
	}
}

static void look(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	(void)call;
	VS_FOR_EACH (frame, burst)
		seen[seen_count++] = vs_view(frame)->ether_type;
}

static uint64_t tick(const struct vs_call *call)
{
	while (held_count)
		call->host->release(call, held[--held_count], VS_PASS, 0);
	return call->now_ns;
}

static const struct vs_filter_class edits = {.ingress = edit};
static const struct vs_filter_class looks = {.ingress = look};
static const struct vs_extension editor = {VS_EXTENSION_HEAD, .name = "edits",
					   .filter = &edits, .tick = tick};
static const struct vs_extension viewer = {VS_EXTENSION_HEAD, .name = "looks",
					   .filter = &looks};

static void setup(void)
{
	rig = rig_open(NULL);
	rig_port(rig, "a", 2, 0);
	rig_port(rig, "b", 3, 0);
	rig_attach(rig, &editor);
	rig_attach(rig, &viewer);
	rig_publish(rig);
	rig_tick(rig);
	held_count = seen_count = 0;
	memset(seen, 0, sizeof(seen));
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	rig_close(rig);
}

static void send_burst(void)
{
	struct vs_worker *worker = vs_switch_worker(rig->sw, 0);
	struct vs_packet *packets[BURST];
	struct vs_input input = {.port = {2},
				 .count = BURST,
				 .packets = packets,
				 .now = rig->now};
	uint8_t bytes[60];

	for (unsigned int i = 0; i < BURST; i++)
		packets[i] = rig_packet(rig, 2, bytes,
					rig_udp(bytes, sizeof(bytes), 2, 3));
	vs_worker_enter(worker);
	vs_worker_input(worker, &input, &rig->outbox);
	rig_flush(rig);
	vs_worker_park(worker);
}

START_TEST(edited_frames_and_no_others_are_parsed_again)
{
	holds = false;
	send_burst();
	ck_assert_uint_eq(seen_count, 3);
	ck_assert_uint_eq(seen[0], VS_TYPE_ARP);
	ck_assert_uint_eq(seen[1], VS_TYPE_IPV4);
	ck_assert_uint_eq(seen[2], VS_TYPE_ARP);
}
END_TEST

START_TEST(frame_edited_and_held_is_parsed_before_it_goes_on)
{
	unsigned int arps = 0;

	holds = true;
	send_burst();
	ck_assert_uint_eq(seen_count, 0);
	rig_tick(rig);
	ck_assert_uint_eq(seen_count, 3);
	for (unsigned int i = 0; i < BURST; i++)
		arps += seen[i] == VS_TYPE_ARP;
	ck_assert_uint_eq(arps, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("edited");
	TCase *tcase = tcase_create("edited");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, edited_frames_and_no_others_are_parsed_again);
	tcase_add_test(tcase,
		       frame_edited_and_held_is_parsed_before_it_goes_on);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
