// SPDX-License-Identifier: Apache-2.0
/*
 * Extensions that break a rule of the boundary: what they did is a named drop,
 * and an event names them, once.
 */
#include <errno.h>
#include <string.h>

#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define SECOND UINT64_C(1000000000)

static struct rig *rig;
static uint8_t bytes[60];
static const struct vs_frame *held[8];
static uint32_t held_count;
static bool release;
static enum vs_action answer;

static void hold_all(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	VS_FOR_EACH (frame, burst)
		if (call->host->hold(call, frame) == 0)
			held[held_count++] = frame;
	while (release && held_count)
		call->host->release(call, held[--held_count], answer,
				    VS_REASON_OWN + 7);
}

static void lie(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	(void)call;
	VS_FOR_EACH (frame, burst)
		vs_drop(frame, VS_REASON_OWN + 7);
}

static void consume_as_nobody(const struct vs_call *call,
			      struct vs_burst *burst)
{
	struct vs_frame *frame;

	(void)call;
	VS_FOR_EACH (frame, burst)
		vs_consume(frame, (enum vs_consumer)200);
}

/* const is cast away. */
static void scribble(const struct vs_call *call,
		     struct vs_delivery_burst *burst)
{
	struct vs_delivery *delivery;

	(void)call;
	VS_FOR_EACH (delivery, burst)
		*(uint8_t *)(uintptr_t)vs_frame_at(vs_delivery_frame(delivery),
						   50, 1) ^= 1;
}

static const struct vs_filter_class scribbles = {.egress = scribble};
static const struct vs_extension scribbler = {
	VS_EXTENSION_HEAD, .name = "scribbler", .filter = &scribbles};

static const struct vs_filter_class keeps = {.ingress = hold_all};
static const struct vs_filter_class lies = {.ingress = lie};
static const struct vs_filter_class consumes = {.ingress = consume_as_nobody};
static const struct vs_extension keeper = {VS_EXTENSION_HEAD, .name = "keeper",
					   .filter = &keeps};
static const struct vs_extension liar = {VS_EXTENSION_HEAD, .name = "liar",
					 .filter = &lies};
static const struct vs_extension nobody = {VS_EXTENSION_HEAD, .name = "nobody",
					   .filter = &consumes};

static void set_up(void)
{
	rig = rig_open(NULL);
	rig_port(rig, "a", 2, 5001);
	rig_port(rig, "b", 3, 5001);
}

static void tear_down(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

static void send_one(void)
{
	rig_input(rig, 2, bytes, rig_udp(bytes, sizeof(bytes), 2, 3));
}

static uint64_t dropped(const char *name)
{
	struct vs_ledger_row total = rig_total(rig);
	uint64_t sum = 0;

	for (uint16_t i = 1; i < VS_LEDGER_REASONS; i++)
		if (total.dropped[i] &&
		    strcmp(vs_switch_reason_name(rig->sw, i), name) == 0)
			sum += total.dropped[i];
	return sum;
}

static void expect_event(const char *source, const char *text)
{
	rig_tick(rig);
	ck_assert_uint_eq(rig->event_count, 1);
	ck_assert_str_eq(rig->event[0].source, source);
	ck_assert_str_eq(rig->event[0].name, "rule_broken");
	ck_assert_msg(strstr(rig->event[0].text, text), "%s",
		      rig->event[0].text);
}

START_TEST(frame_that_is_kept_for_ever_is_taken_back)
{
	rig_attach(rig, &keeper);
	rig_publish(rig);
	send_one();
	rig_advance(rig, 20 * SECOND);
	send_one();
	ck_assert_uint_eq(rig_total(rig).held, 2);
	ck_assert_uint_eq(vs_worker_deadline(vs_switch_worker(rig->sw, 0)),
			  rig->now + 10 * SECOND);
	rig_advance(rig, 11 * SECOND);
	ck_assert_uint_eq(rig_total(rig).held, 1);
	ck_assert_uint_eq(dropped("ext_held"), 1);
	expect_event("keeper", "ext_held");
	rig_advance(rig, 20 * SECOND);
	ck_assert_uint_eq(dropped("ext_held"), 2);
	ck_assert_uint_eq(rig->event_count, 1);
	ck_assert_uint_eq(rig->sent_count, 0);
	/* and releasing it then is nothing */
	release = true;
	send_one();
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(dropped("ext_held"), 2);
}
END_TEST

/* Holding and releasing in one hook is answering: this way or that. */
START_TEST(frame_that_is_released_by_the_hook_that_held_it_is_answered_once)
{
	rig_attach(rig, &keeper);
	rig_publish(rig);
	release = true;
	answer = VS_PASS;
	send_one();
	ck_assert_uint_eq(rig->sent_count, 1);
	answer = VS_DROP;
	send_one();
	ck_assert_uint_eq(dropped("ext_bad_verdict"), 1);
	answer = VS_SENT; /* though nothing was */
	send_one();
	ck_assert_uint_eq(dropped("ext_bad_verdict"), 2);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig_total(rig).held, 0);
}
END_TEST

START_TEST(reason_that_does_not_exist_accuses_the_extension)
{
	struct vs_attachment *attachment = rig_attach(rig, &liar);

	rig_publish(rig);
	ck_assert(!vs_attachment_broke(attachment));
	send_one();
	send_one();
	ck_assert_uint_eq(dropped("ext_bad_verdict"), 2);
	expect_event("liar", "ext_bad_verdict");
	ck_assert(vs_attachment_broke(attachment));
}
END_TEST

START_TEST(consumer_that_does_not_exist_accuses_the_extension)
{
	rig_attach(rig, &nobody);
	rig_publish(rig);
	send_one();
	ck_assert_uint_eq(dropped("ext_bad_verdict"), 1);
	expect_event("nobody", "ext_bad_verdict");
}
END_TEST

START_TEST(hook_that_writes_where_it_may_only_look_is_accused)
{
	rig_attach(rig, &scribbler);
	rig_publish(rig);
	send_one();
	ck_assert_uint_eq(rig->sent_count, 1);
	if (vs_core_checks_hooks())
		expect_event("scribbler", "may only look");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("accuse");
	TCase *tcase = tcase_create("accuse");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, frame_that_is_kept_for_ever_is_taken_back);
	tcase_add_test(
		tcase,
		frame_that_is_released_by_the_hook_that_held_it_is_answered_once);
	tcase_add_test(tcase, reason_that_does_not_exist_accuses_the_extension);
	tcase_add_test(tcase,
		       consumer_that_does_not_exist_accuses_the_extension);
	tcase_add_test(tcase,
		       hook_that_writes_where_it_may_only_look_is_accused);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
