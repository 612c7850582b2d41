// SPDX-License-Identifier: Apache-2.0
/*
 * Whose frame is it? Extensions that use frames which are not theirs, or no
 * more, and ports that are not there (trust.md D3): nothing comes of it, and
 * an event names who did what.
 */
#include <errno.h>
#include <string.h>

#include "core/reason.h"
#include "core/worker.h"
#include "packet/pool.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

enum deed {
	NOTHING,
	EMIT_GIVEN,
	FREE_GIVEN,
	EMIT_TWICE,
	FREE_TWICE,
	FREE_EMITTED,
	EDIT_EMITTED,
	HOLD_GIVEN,
	DROP_KEPT,
	EDIT_KEPT,
	HOLD_KEPT,
	RELEASE_NO_FRAME,
	ANSWER_TWICE,
	EMIT_TO_NOBODY,
	EMIT_TO_TENANT,
	EMIT_FROM_NOBODY,
	EMIT_RUNT,
	EMIT_NOWHERE,
	MAKE_AND_KEEP,
	MAKE_BIG,
	CHOOSE_NOBODY,
	CHOOSE_TENANT,
};

static struct rig *rig;
static enum deed deed;
static int result;
static struct vs_frame *kept;
static uint8_t bytes[60];

static struct vs_frame *make(const struct vs_call *call)
{
	struct vs_frame *frame =
		call->host->frame_new(call, 60, (struct vs_vsid){5001});

	if (frame)
		rig_udp(vs_frame_edit(frame, 0, 60), 60, 50, 3);
	return frame;
}

static int emit(const struct vs_call *call, struct vs_frame *frame,
		enum vs_emit where, uint16_t to)
{
	return call->host->emit(call, frame, where, (struct vs_port_id){to},
				(struct vs_port_id){0});
}

/* Of every size that the host promises (host.h). */
static int make_big(const struct vs_call *call)
{
	static const uint32_t sizes[] = {1, 2048, 2049, 9000, 65536};
	struct vs_frame *frame;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		frame = call->host->frame_new(call, sizes[i],
					      (struct vs_vsid){5001});
		if (!frame || !vs_frame_edit(frame, 0, sizes[i]))
			return (int)sizes[i];
		call->host->frame_free(call, frame);
	}
	return call->host->frame_new(call, 70000, (struct vs_vsid){5001}) ? -1
									  : 0;
}

static void with_made(const struct vs_call *call, struct vs_frame *frame)
{
	switch (deed) {
	case EMIT_TWICE:
		emit(call, frame, VS_EMIT_INGRESS, 0);
		result = emit(call, frame, VS_EMIT_INGRESS, 0);
		break;
	case FREE_TWICE:
		call->host->frame_free(call, frame);
		call->host->frame_free(call, frame);
		break;
	case FREE_EMITTED:
		emit(call, frame, VS_EMIT_INGRESS, 0);
		call->host->frame_free(call, frame);
		break;
	case EDIT_EMITTED:
		emit(call, frame, VS_EMIT_INGRESS, 0);
		ck_assert_ptr_null(vs_frame_edit(frame, 0, 1));
		break;
	case EMIT_TO_NOBODY:
		result = emit(call, frame, VS_EMIT_PORT, 77);
		break;
	case EMIT_TO_TENANT:
		result = emit(call, frame, VS_EMIT_PORT, 6);
		break;
	case EMIT_FROM_NOBODY:
		result = call->host->emit(call, frame, VS_EMIT_INGRESS,
					  (struct vs_port_id){0},
					  (struct vs_port_id){77});
		break;
	case EMIT_RUNT:
		vs_frame_resize(frame, 13);
		result = emit(call, frame, VS_EMIT_INGRESS, 0);
		break;
	case EMIT_NOWHERE:
		result = emit(call, frame, (enum vs_emit)17, 0);
		break;
	default: /* MAKE_AND_KEEP */
		break;
	}
}

static void with_given(const struct vs_call *call, struct vs_frame *frame)
{
	switch (deed) {
	case EMIT_GIVEN:
		result = emit(call, frame, VS_EMIT_INGRESS, 0);
		break;
	case FREE_GIVEN:
		call->host->frame_free(call, frame);
		break;
	case HOLD_GIVEN:
		kept = frame;
		ck_assert_int_eq(call->host->hold(call, frame), 0);
		break;
	case EDIT_KEPT:
		ck_assert_ptr_null(vs_frame_edit(kept, 50, 1));
		break;
	case DROP_KEPT:
		vs_drop(kept, VS_REASON_ACL_DENY);
		break;
	case HOLD_KEPT:
		result = call->host->hold(call, kept);
		break;
	case RELEASE_NO_FRAME:
		call->host->release(call, (const struct vs_frame *)bytes,
				    VS_PASS, 0);
		break;
	default: /* ANSWER_TWICE */
		vs_drop(frame, VS_REASON_ACL_DENY);
		vs_consume(frame, VS_CONSUMED_EXTENSION);
		break;
	}
}

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame, *made;

	VS_FOR_EACH (frame, burst) {
		if (deed == NOTHING ||
		    vs_view(frame)->flags & VS_FRAME_INJECTED)
			continue;
		if (deed == EMIT_GIVEN || deed == FREE_GIVEN ||
		    (deed >= HOLD_GIVEN && deed <= ANSWER_TWICE)) {
			with_given(call, frame);
			continue;
		}
		if (deed == MAKE_BIG) {
			result = make_big(call);
			continue;
		}
		made = make(call);
		if (made)
			with_made(call, made);
		else
			result = -ENOBUFS;
	}
}

static void decide(const struct vs_call *call, struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	(void)call;
	VS_FOR_EACH (decision, burst)
		result = vs_decision_add(
			decision,
			(struct vs_port_id){deed == CHOOSE_NOBODY ? 77 : 6});
}

static const struct vs_filter_class filters = {.ingress = ingress};
static const struct vs_extension filter = {VS_EXTENSION_HEAD, .name = "thief",
					   .filter = &filters};
static const struct vs_forward_class forwards = {.decide = decide};
static const struct vs_extension forward = {
	VS_EXTENSION_HEAD, .name = "chooser", .forward = &forwards};

static void set_up(void)
{
	rig = rig_open(NULL);
	rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "red", 6, 6001);
	result = 0;
}

static void tear_down(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	rig_close(rig);
}

static void send(enum deed told)
{
	deed = told;
	rig_input(rig, 2, bytes, rig_udp(bytes, sizeof(bytes), 2, 3));
	rig_tick(rig);
}

/* Said once, however often it is done. */
static void expect_said(const char *source, const char *text)
{
	ck_assert_uint_eq(rig->event_count, 1);
	ck_assert_str_eq(rig->event[0].source, source);
	ck_assert_str_eq(rig->event[0].name, "rule_broken");
	ck_assert_msg(strstr(rig->event[0].text, text), "%s",
		      rig->event[0].text);
	rig->event_count = 0;
}

static void with_filter(enum deed told, const char *text, uint32_t sent)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	send(told);
	expect_said("thief", text);
	ck_assert_uint_eq(rig->sent_count, sent);
	send(told);
	ck_assert_uint_eq(rig->event_count, 0);
	ck_assert_uint_eq(rig->sent_count, 2 * sent);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
}

START_TEST(frame_of_the_burst_can_not_be_emitted)
{
	with_filter(EMIT_GIVEN, "did not make", 1);
	ck_assert_int_eq(result, -EINVAL);
}
END_TEST

START_TEST(frame_of_the_burst_can_not_be_freed)
{
	with_filter(FREE_GIVEN, "did not make", 1);
}
END_TEST

START_TEST(frame_is_given_away_once)
{
	with_filter(EMIT_TWICE, "twice", 2);
	ck_assert_int_eq(result, -EINVAL);
}
END_TEST

START_TEST(frame_is_freed_once)
{
	with_filter(FREE_TWICE, "twice", 1);
}
END_TEST

START_TEST(emitted_frame_can_not_be_freed)
{
	with_filter(FREE_EMITTED, "twice", 2);
}
END_TEST

START_TEST(emitted_frame_can_not_be_edited)
{
	with_filter(EDIT_EMITTED, "was not given", 2);
}
END_TEST

START_TEST(held_frame_is_in_no_later_burst)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	send(HOLD_GIVEN);
	ck_assert_uint_eq(rig->event_count, 0);
	send(DROP_KEPT);
	expect_said("thief", "was not given");
	send(EDIT_KEPT);
	send(HOLD_KEPT);
	ck_assert_int_eq(result, -EINVAL);
	ck_assert_uint_eq(rig->sent_count, 3);
	ck_assert_uint_eq(rig_total(rig).held, 1);
	rig->stack_count = 0;
	rig_publish(rig);
	send(NOTHING);
	ck_assert_uint_eq(rig->sent_count, 5);
	for (uint32_t i = 0; i < rig->sent_count; i++)
		ck_assert_mem_eq(rig->sent[i].bytes, bytes, sizeof(bytes));
}
END_TEST

START_TEST(release_of_what_is_no_frame_does_nothing)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	send(RELEASE_NO_FRAME);
	ck_assert_uint_eq(rig->sent_count, 1);
}
END_TEST

START_TEST(second_answer_is_said_and_the_first_counts)
{
	with_filter(ANSWER_TWICE, "the first answer counts", 0);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ACL_DENY), 2);
}
END_TEST

START_TEST(port_that_is_not_there_gets_nothing)
{
	with_filter(EMIT_TO_NOBODY, "port that is not there", 1);
	ck_assert_int_eq(result, -EINVAL);
}
END_TEST

START_TEST(port_that_is_not_there_sent_nothing)
{
	with_filter(EMIT_FROM_NOBODY, "port that is not there", 1);
	ck_assert_int_eq(result, -EINVAL);
}
END_TEST

START_TEST(port_of_another_vsid_gets_no_injected_frame)
{
	with_filter(EMIT_TO_TENANT, "has not the frame's VSID", 1);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_VSID_ACL), 2);
}
END_TEST

START_TEST(frame_without_a_header_is_not_emitted)
{
	with_filter(EMIT_RUNT, "no header", 1);
	ck_assert_int_eq(result, -EINVAL);
}
END_TEST

START_TEST(place_that_does_not_exist_takes_no_frame)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	send(EMIT_NOWHERE);
	ck_assert_int_lt(result, 0);
	ck_assert_uint_eq(rig->event_count, 1);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
}
END_TEST

START_TEST(choosing_a_port_that_is_not_there_is_said)
{
	rig_attach(rig, &forward);
	rig_publish(rig);
	send(CHOOSE_NOBODY);
	ck_assert_int_eq(result, -EINVAL);
	expect_said("chooser", "port that is not there");
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_NO_DESTINATION), 1);
}
END_TEST

START_TEST(choosing_a_port_of_another_vsid_is_said)
{
	rig_attach(rig, &forward);
	rig_publish(rig);
	send(CHOOSE_TENANT);
	expect_said("chooser", "has not the frame's VSID");
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_VSID_ACL), 1);
	ck_assert_uint_eq(rig->sent_count, 0);
}
END_TEST

/* Half of the buffers, and all of them back when it leaves. */
START_TEST(frames_of_up_to_64_kib_are_made)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	result = -1;
	send(MAKE_BIG);
	ck_assert_int_eq(result, 0);
	ck_assert_uint_eq(rig->event_count, 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
}
END_TEST

START_TEST(who_makes_and_gives_nothing_away_gets_no_more)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	for (int i = 0; i < 200; i++)
		send(MAKE_AND_KEEP);
	expect_said("thief", "gave none away");
	ck_assert_int_eq(result, -ENOBUFS);
	ck_assert_uint_eq(rig->sent_count, 200);
	ck_assert_uint_eq(rig_buffers_used(rig), 128);
	ck_assert_uint_eq(vs_attachment_made(rig->stack[0]), 128);
	rig->stack_count = 0;
	rig_publish(rig);
	send(NOTHING);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
}
END_TEST

START_TEST(what_was_made_and_kept_does_not_outlive_the_switch)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	send(MAKE_AND_KEEP);
	ck_assert_uint_eq(rig_buffers_used(rig), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("owned");
	TCase *tcase = tcase_create("owned");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, frame_of_the_burst_can_not_be_emitted);
	tcase_add_test(tcase, frame_of_the_burst_can_not_be_freed);
	tcase_add_test(tcase, frame_is_given_away_once);
	tcase_add_test(tcase, frame_is_freed_once);
	tcase_add_test(tcase, emitted_frame_can_not_be_freed);
	tcase_add_test(tcase, emitted_frame_can_not_be_edited);
	tcase_add_test(tcase, held_frame_is_in_no_later_burst);
	tcase_add_test(tcase, release_of_what_is_no_frame_does_nothing);
	tcase_add_test(tcase, second_answer_is_said_and_the_first_counts);
	tcase_add_test(tcase, port_that_is_not_there_gets_nothing);
	tcase_add_test(tcase, port_that_is_not_there_sent_nothing);
	tcase_add_test(tcase, port_of_another_vsid_gets_no_injected_frame);
	tcase_add_test(tcase, frame_without_a_header_is_not_emitted);
	tcase_add_test(tcase, place_that_does_not_exist_takes_no_frame);
	tcase_add_test(tcase, choosing_a_port_that_is_not_there_is_said);
	tcase_add_test(tcase, choosing_a_port_of_another_vsid_is_said);
	tcase_add_test(tcase, frames_of_up_to_64_kib_are_made);
	tcase_add_test(tcase, who_makes_and_gives_nothing_away_gets_no_more);
	tcase_add_test(tcase,
		       what_was_made_and_kept_does_not_outlive_the_switch);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
