// SPDX-License-Identifier: Apache-2.0
/*
 * What is full is counted where it can be seen: a worker's mailbox and the
 * main thread's, a pool without a buffer.
 */
#include "core/mailbox.h"
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

int main(void)
{
	Suite *suite = suite_create("shortage");
	TCase *tcase = tcase_create("shortage");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase,
		       notes_that_the_main_thread_has_no_room_for_are_counted);
	tcase_add_test(tcase, notes_that_a_worker_has_no_room_for_are_counted);
	tcase_add_test(tcase, buffers_that_are_not_there_are_counted);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
