// SPDX-License-Identifier: Apache-2.0
/*
 * The books of a port that leaves: they close when its last frame is gone,
 * their sums stay, and who gets its id begins with none of them.
 */
#include "tests/support/rig.h"
#include "tests/support/suite.h"

static struct rig *rig;
static uint8_t bytes[64];

/* -- a filter that keeps every frame until it is told to drop them --------- */

static const struct vs_frame *held;
static bool released;

static void keeper_ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	VS_FOR_EACH (frame, burst)
		if (call->host->hold(call, frame) == 0)
			held = frame;
}

static uint64_t keeper_tick(const struct vs_call *call)
{
	if (held && released) {
		call->host->release(call, held, VS_DROP, VS_REASON_ACL_DENY);
		held = NULL;
	}
	return 1; /* always due */
}

static const struct vs_filter_class keeper_class = {.ingress = keeper_ingress};
static const struct vs_extension keeper = {VS_EXTENSION_HEAD, .name = "keeper",
					   .filter = &keeper_class,
					   .tick = keeper_tick};

/* -- ports 2 and 3 stay, 4 comes and goes -----------------------------------
 */

static void setup(void)
{
	rig = rig_open(NULL);
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "vm4", 4, 5001);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	rig_close(rig);
}

static void send_from_4(void)
{
	rig_input(rig, 4, bytes, rig_udp(bytes, 60, 4, 3));
}

static void publish_ports(uint16_t count)
{
	rig->port_count = count;
	rig_publish(rig);
}

static uint64_t received_of(uint16_t port)
{
	struct vs_ledger_row row;
	uint32_t cursor = 0;
	uint64_t sum = 0;

	while (vs_ledger_next(vs_switch_ledger(rig->sw), &cursor, &row))
		if (row.port.value == port)
			sum += row.received;
	return sum;
}

START_TEST(books_of_a_port_close_when_its_last_frame_is_gone)
{
	rig_attach(rig, &keeper);
	rig_publish(rig);
	send_from_4();
	publish_ports(2);
	rig_advance(rig, 10);
	rig_advance(rig, 10);
	ck_assert_uint_eq(received_of(4), 1);
	ck_assert_uint_eq(rig_total(rig).held, 1);
	ck_assert_int_eq(rig_balance(rig), 0);
	released = true;
	rig_advance(rig, 10); /* the frame goes */
	rig_advance(rig, 10); /* its worker says that it was the last one */
	ck_assert_uint_eq(received_of(4), 0);
	ck_assert_uint_eq(received_of(VS_LEDGER_GONE), 1);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ACL_DENY), 1);
	ck_assert_uint_eq(rig_total(rig).held, 0);
}
END_TEST

START_TEST(books_stay_open_until_every_worker_has_looked)
{
	struct vs_switch_params params = {.workers = 2};
	struct vs_worker *second;

	rig_close(rig);
	rig = rig_open(&params);
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "vm4", 4, 5001);
	rig_publish(rig);
	rig_tick(rig);
	send_from_4();
	publish_ports(2);
	/* the second worker sleeps: there may be a frame in its queue */
	vs_worker_enter(vs_switch_worker(rig->sw, 0));
	vs_worker_park(vs_switch_worker(rig->sw, 0));
	vs_switch_poll(rig->sw, rig->now);
	ck_assert_uint_eq(received_of(4), 1);
	second = vs_switch_worker(rig->sw, 1);
	vs_worker_enter(second);
	vs_worker_park(second);
	vs_switch_poll(rig->sw, rig->now);
	ck_assert_uint_eq(received_of(4), 0);
	ck_assert_uint_eq(received_of(VS_LEDGER_GONE), 1);
}
END_TEST

START_TEST(port_with_the_id_of_a_gone_one_starts_from_zero)
{
	rig_publish(rig);
	send_from_4();
	send_from_4();
	publish_ports(2);
	rig_tick(rig);
	publish_ports(3);
	ck_assert_uint_eq(received_of(4), 0);
	send_from_4();
	ck_assert_uint_eq(received_of(4), 1);
	ck_assert_uint_eq(received_of(VS_LEDGER_GONE), 2);
	ck_assert_uint_eq(rig_total(rig).received, 3);
}
END_TEST

START_TEST(rows_of_gone_ports_never_fill_the_books)
{
	uint32_t i;

	for (i = 0; i < 3000; i++) {
		rig->plan[2].vsids[0].value = 5001 + i;
		publish_ports(3);
		send_from_4();
		publish_ports(2);
		rig_tick(rig);
	}
	publish_ports(3);
	send_from_4();
	ck_assert_uint_eq(received_of(4), 1);
	ck_assert_uint_eq(received_of(VS_LEDGER_GONE), 3000);
	ck_assert_uint_eq(rig_total(rig).received, 3001);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("gone_port");
	TCase *tcase = tcase_create("gone_port");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase,
		       books_of_a_port_close_when_its_last_frame_is_gone);
	tcase_add_test(tcase, books_stay_open_until_every_worker_has_looked);
	tcase_add_test(tcase, port_with_the_id_of_a_gone_one_starts_from_zero);
	tcase_add_test(tcase, rows_of_gone_ports_never_fill_the_books);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
