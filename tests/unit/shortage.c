// SPDX-License-Identifier: Apache-2.0
/*
 * What is full is counted where it can be seen: a worker's mailbox and the
 * main thread's, a pool without a buffer, the queue of injected frames.
 */
#include <errno.h>

#include "core/mailbox.h"
#include "core/reason.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

static struct rig *rig;
static const struct vs_main_host *main_host;

/* -- a filter that tells the main thread of every frame ---------------------
 */

static void teller_ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	VS_FOR_EACH (frame, burst)
		call->host->post(call,
				 &(struct vs_note){.kind = vs_view(frame)->l3});
}

static struct vs_instance *teller_attach(const struct vs_main_host *host,
					 struct vs_error *error)
{
	static struct vs_instance instance;

	(void)error;
	main_host = instance.host = host;
	return &instance;
}

static const struct vs_filter_class teller_class = {.ingress = teller_ingress};
static const struct vs_extension teller = {VS_EXTENSION_HEAD, .name = "teller",
					   .filter = &teller_class,
					   .attach = teller_attach};

/* -- a filter that makes more frames of one than a worker queues ------------
 */

#define QUEUED 256u /* vswitch-drops(7) */
#define MADE   (QUEUED + 3)

static int made_last;

static void make(const struct vs_call *call, struct vs_vsid vsid)
{
	struct vs_frame *frame = call->host->frame_new(call, 60, vsid);

	rig_udp(vs_frame_edit(frame, 0, 60), 60, 50, 3);
	made_last = call->host->emit(call, frame, VS_EMIT_INGRESS,
				     (struct vs_port_id){0},
				     (struct vs_port_id){0});
}

static void maker_ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;
	uint32_t i;

	VS_FOR_EACH (frame, burst)
		for (i = 0; i < MADE; i++)
			make(call, vs_view(frame)->vsid);
}

static const struct vs_filter_class maker_class = {.ingress = maker_ingress};
static const struct vs_extension maker = {VS_EXTENSION_HEAD, .name = "maker",
					  .filter = &maker_class};

static void setup(void)
{
	rig = rig_open(NULL);
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_attach(rig, &teller);
	rig_publish(rig);
}

static void teardown(void)
{
	rig_close(rig);
}

static struct vs_worker_stats look(void)
{
	struct vs_worker_stats stats;

	vs_worker_stats(vs_switch_worker(rig->sw, 0), &stats);
	return stats;
}

START_TEST(notes_that_the_main_thread_has_no_room_for_are_counted)
{
	uint8_t bytes[64];
	uint32_t i;

	for (i = 0; i < VS_MAILBOX_SIZE + 5; i++)
		rig_input(rig, 2, bytes, rig_udp(bytes, 60, 2, 3));
	ck_assert_uint_eq(vs_switch_mailbox_full(rig->sw), 5);
	ck_assert_uint_eq(look().mailbox_full, 0);
}
END_TEST

START_TEST(notes_that_a_worker_has_no_room_for_are_counted)
{
	const struct vs_note note = {.kind = 1};
	uint32_t i;

	for (i = 0; i < VS_MAILBOX_SIZE + 7; i++)
		main_host->kick(main_host, 0, &note);
	ck_assert_uint_eq(look().mailbox_full, 7);
	ck_assert_uint_eq(vs_switch_mailbox_full(rig->sw), 0);
}
END_TEST

START_TEST(buffers_that_are_not_there_are_counted)
{
	struct vs_pool *pool = vs_worker_pool(vs_switch_worker(rig->sw, 0));
	struct vs_packet *taken = NULL, *packet;
	int i;

	ck_assert_uint_eq(look().no_buffer, 0);
	for (i = 0; i < 2; i++) {
		while ((packet = vs_pool_take(pool, i == 1))) {
			packet->next = taken;
			taken = packet;
		}
	}
	ck_assert_uint_eq(look().no_buffer, 2);
	while ((packet = taken)) {
		taken = packet->next;
		vs_packet_unref(packet);
	}
}
END_TEST

START_TEST(frames_that_the_queue_has_no_room_for_are_dropped_by_name)
{
	static const struct vs_switch_params many = {
		.name = "rig", .workers = 1, .small_buffers = 2 * QUEUED};
	uint8_t frame[64];

	rig_close(rig);
	rig = rig_open(&many);
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_attach(rig, &maker);
	rig_publish(rig);
	rig_input(rig, 2, frame, rig_udp(frame, 60, 2, 3));
	ck_assert_int_eq(made_last, -ENOBUFS);
	ck_assert_uint_eq(rig_total(rig).injected, MADE);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_INJECT_LIMIT), 3);
	ck_assert_uint_eq(rig->sent_count, 1 + QUEUED);
	ck_assert_int_eq(rig_balance(rig), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shortage");
	TCase *tcase = tcase_create("shortage");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase,
		       notes_that_the_main_thread_has_no_room_for_are_counted);
	tcase_add_test(tcase, notes_that_a_worker_has_no_room_for_are_counted);
	tcase_add_test(tcase, buffers_that_are_not_there_are_counted);
	tcase_add_test(
		tcase,
		frames_that_the_queue_has_no_room_for_are_dropped_by_name);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
