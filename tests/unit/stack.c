// SPDX-License-Identifier: Apache-2.0
/*
 * The stack from inside: fake extensions of each class use their rights, and
 * try those that they don't have. The ledger balances after each test.
 */
#include <errno.h>
#include <string.h>

#include <vswitch/wire.h>

#include "tests/support/rig.h"
#include "tests/support/suite.h"

/* What the hooks saw and are told to do; one test runs per process. */
static struct {
	char order[64];
	uint16_t action; /* enum below, of the hooks named */
	int result;
	const struct vs_frame *held;
	uint16_t released;
	uint32_t retired, closed, detached;
	uint64_t tick_at;
	struct vs_note note;
	uint32_t notes;
} seen;

enum {
	PASS,
	DROP_OWN,
	DROP_BAD,
	DROP_CORE,
	CONSUME_BAD,
	EMIT,
	EMIT_FOREVER,
	EMIT_WIRE,
	HOLD,
	HOLD_MANY,
	EDIT,
	EXCLUDE,
	EXCLUDE_ALL,
	ADD,
	ADD_SELF,
	LEARN,
	ADD_AND_LEARN,
	NOTHING,
	EMIT_PORT,
	EVENTS,
	NOTES,
};

static struct rig *rig;
static uint8_t bytes[2048];

static const struct vs_reason_entry own_reasons[] = {
	{1, "first_own", "The first."}, {2, "second_own", "The second."}};
static const struct vs_named own_counters[] = {{"frames", "Frames seen."}};
static const struct vs_named own_events[] = {{"happened", "It did."}};

static void saw(char who)
{
	size_t end = strlen(seen.order);

	if (end < sizeof(seen.order) - 1)
		seen.order[end] = who;
}

static void emit_one(const struct vs_call *call, enum vs_emit where,
		     uint16_t to, uint16_t from)
{
	struct vs_frame *frame =
		call->host->frame_new(call, 60, (struct vs_vsid){5001});

	rig_udp(vs_frame_edit(frame, 0, 60), 60, 50, 3);
	seen.result =
		call->host->emit(call, frame, where, (struct vs_port_id){to},
				 (struct vs_port_id){from});
}

/* -- captures
 * ------------------------------------------------------------------ */

static void capture_ingress(const struct vs_call *call,
			    const struct vs_capture_burst *burst)
{
	const struct vs_frame *frame;

	saw('c');
	VS_FOR_EACH (frame, burst)
		call->host->count(call, 0, vs_view(frame)->size / 60);
	if (seen.action == EMIT_WIRE)
		emit_one(call, VS_EMIT_INGRESS, 0, 0);
}

static void capture_egress(const struct vs_call *call,
			   const struct vs_sight_burst *burst)
{
	(void)call;
	(void)burst;
	saw('C');
}

static const struct vs_capture_class capture_class = {
	.ingress = capture_ingress, .egress = capture_egress};
static const struct vs_extension capture = {
	VS_EXTENSION_HEAD, .name = "eye", .capture = &capture_class,
	.counters = own_counters, .counter_count = 1};

/* -- filters
 * ------------------------------------------------------------------- */

static void hold_frame(const struct vs_call *call, struct vs_frame *frame)
{
	int code = call->host->hold(call, frame);

	if (code < 0)
		seen.result = code;
	else
		seen.held = frame;
}

static void edit(struct vs_frame *frame)
{
	uint8_t *target = vs_frame_edit(frame, 0, 6);

	target[5] = 4;
}

static void filter_one(const struct vs_call *call, struct vs_frame *frame)
{
	uint32_t i;

	switch (seen.action) {
	case DROP_OWN:
		vs_drop(frame, VS_REASON(1));
		vs_drop(frame, VS_REASON(0)); /* the first answer counts */
		break;
	case DROP_BAD:
		vs_drop(frame, VS_REASON(2));
		break;
	case DROP_CORE:
		vs_drop(frame, VS_REASON_ACL_DENY);
		break;
	case CONSUME_BAD:
		vs_consume(frame, VS_CONSUMERS);
		break;
	case EMIT_FOREVER:
		emit_one(call, VS_EMIT_INGRESS, 0, 0);
		break;
	case EMIT:
		if (!(vs_view(frame)->flags & VS_FRAME_INJECTED))
			emit_one(call, VS_EMIT_INGRESS, 0, 0);
		break;
	case EMIT_WIRE:
		emit_one(call, VS_EMIT_UPLINK, 9, 0);
		break;
	case EMIT_PORT:
		emit_one(call, VS_EMIT_PORT, 2, 2);
		break;
	case HOLD:
	case HOLD_MANY:
		hold_frame(call, frame);
		break;
	case EDIT:
		edit(frame);
		break;
	case EVENTS:
		for (i = 0; i < 25; i++)
			call->host->event(call, 0, "again");
		break;
	case NOTES:
		seen.result =
			call->host->post(call, &(struct vs_note){.kind = 7});
		break;
	}
}

static void filter_ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	saw('f');
	VS_FOR_EACH (frame, burst)
		filter_one(call, frame);
}

static void filter_egress(const struct vs_call *call,
			  struct vs_delivery_burst *burst)
{
	struct vs_delivery *delivery;

	(void)call;
	saw('F');
	VS_FOR_EACH (delivery, burst) {
		if (seen.action == EXCLUDE)
			vs_delivery_exclude(delivery, (struct vs_port_id){3},
					    VS_REASON(0));
		if (seen.action == EXCLUDE_ALL)
			vs_delivery_drop(delivery, VS_REASON(1));
	}
}

static uint64_t filter_tick(const struct vs_call *call)
{
	if (seen.held && seen.released) {
		call->host->release(call, seen.held,
				    (enum vs_action)(seen.released - 1),
				    VS_REASON(0));
		seen.held = NULL;
	}
	return seen.tick_at ? seen.tick_at : UINT64_MAX;
}

static void filter_noted(struct vs_instance *instance,
			 const struct vs_note *note)
{
	(void)instance;
	seen.note = *note;
	seen.notes++;
}

static void filter_noted_shard(const struct vs_call *call,
			       const struct vs_note *note)
{
	(void)call;
	seen.note = *note;
	seen.notes++;
}

static struct vs_instance *filter_attach(const struct vs_main_host *host,
					 struct vs_error *error)
{
	static struct vs_instance instance;

	(void)error;
	instance.host = host;
	return &instance;
}

static void filter_detach(struct vs_instance *instance)
{
	(void)instance;
	seen.detached++;
}

static const struct vs_state *filter_configure(struct vs_instance *instance,
					       const struct vs_settings *set,
					       struct vs_error *error)
{
	static char states[8];
	static int next;

	(void)instance;
	(void)set;
	(void)error;
	return (const struct vs_state *)(const void *)&states[next++];
}

static void filter_retire(struct vs_instance *instance,
			  const struct vs_state *state)
{
	(void)instance;
	(void)state;
	seen.retired++;
}

static void filter_close(struct vs_instance *instance, struct vs_shard *shard,
			 uint16_t worker)
{
	(void)instance;
	(void)shard;
	(void)worker;
	seen.closed++;
}

static const struct vs_filter_class filter_class = {.ingress = filter_ingress,
						    .egress = filter_egress};
static const struct vs_extension filter = {
	VS_EXTENSION_HEAD,	     .name = "sieve",
	.filter = &filter_class,     .attach = filter_attach,
	.detach = filter_detach,     .configure = filter_configure,
	.retire = filter_retire,     .shard_size = 8,
	.shard_close = filter_close, .tick = filter_tick,
	.noted = filter_noted,	     .noted_shard = filter_noted_shard,
	.reasons = own_reasons,	     .reason_count = 2,
	.events = own_events,	     .event_count = 1};

/* A second filter, below, that only looks. */
static void below_ingress(const struct vs_call *call, struct vs_burst *burst)
{
	(void)call;
	(void)burst;
	saw('b');
}

static const struct vs_filter_class below_class = {.ingress = below_ingress};
static const struct vs_extension below = {VS_EXTENSION_HEAD, .name = "below",
					  .filter = &below_class};

/* -- forward
 * ------------------------------------------------------------------- */

static void forward_decide(const struct vs_call *call,
			   struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	(void)call;
	saw('d');
	VS_FOR_EACH (decision, burst) {
		switch (seen.action) {
		case ADD_AND_LEARN:
			vs_decision_learn(decision);
			/* fallthrough */
		case ADD:
			seen.result = vs_decision_add(decision,
						      (struct vs_port_id){4});
			break;
		case ADD_SELF:
			seen.result = vs_decision_add(decision,
						      (struct vs_port_id){2});
			ck_assert_int_eq(
				vs_decision_add(decision,
						(struct vs_port_id){77}),
				-EINVAL);
			break;
		case LEARN:
			vs_decision_learn(decision);
			break;
		case DROP_OWN:
			vs_decision_drop(decision, VS_REASON(0));
			break;
		}
	}
}

static const struct vs_forward_class forward_class = {.decide = forward_decide};
static const struct vs_extension forward = {
	VS_EXTENSION_HEAD, .name = "chooser", .forward = &forward_class,
	.reasons = own_reasons, .reason_count = 2};

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

static void send_udp(uint16_t port, uint8_t from, uint8_t to)
{
	rig_input(rig, port, bytes, rig_udp(bytes, 60, from, to));
}

static uint64_t dropped_named(const char *name)
{
	struct vs_ledger_row total = rig_total(rig);
	uint64_t sum = 0;
	uint16_t i;

	for (i = 1; i < VS_LEDGER_REASONS; i++)
		if (total.dropped[i] &&
		    strcmp(vs_switch_reason_name(rig->sw, i), name) == 0)
			sum += total.dropped[i];
	return sum;
}

START_TEST(hooks_run_down_and_up_in_stack_order)
{
	rig_attach(rig, &capture);
	rig_attach(rig, &filter);
	rig_attach(rig, &below);
	rig_attach(rig, &forward);
	rig_publish(rig);
	seen.action = LEARN;
	send_udp(2, 2, 3);
	ck_assert_str_eq(seen.order, "cfbdFC");
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(vs_attachment_counter(rig->stack[0], 0), 1);
}
END_TEST

START_TEST(stack_out_of_order_is_refused)
{
	struct vs_snapshot *snapshot;
	struct vs_error error = {0};

	rig_attach(rig, &filter);
	rig_attach(rig, &capture);
	ck_assert_int_eq(rig_build(rig, &snapshot, &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "eye stands below sieve"));
}
END_TEST

START_TEST(drop_reasons_of_an_extension_are_its_own)
{
	rig_attach(rig, &filter);
	rig_attach(rig, &forward);
	rig_publish(rig);
	seen.action = DROP_OWN;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(dropped_named("second_own"), 1);
	ck_assert_uint_eq(rig_dropped(rig, VS_CORE_REASONS + 1), 1);
	seen.action = DROP_BAD;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_EXT_BAD_VERDICT), 1);
	seen.action = CONSUME_BAD;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_EXT_BAD_VERDICT), 2);
	seen.action = DROP_CORE;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_ACL_DENY), 1);
	ck_assert_uint_eq(rig->sent_count, 0);
}
END_TEST

START_TEST(emitted_frame_enters_below_its_maker)
{
	rig_attach(rig, &capture);
	rig_attach(rig, &filter);
	rig_attach(rig, &below);
	rig_publish(rig);
	seen.action = EMIT;
	send_udp(2, 2, 3);
	ck_assert_int_eq(seen.result, 0);
	ck_assert_str_eq(seen.order, "cfbFCbFC");
	ck_assert_uint_eq(rig->sent_count, 2);
	ck_assert_uint_eq(rig_total(rig).injected, 1);
}
END_TEST

START_TEST(capture_may_not_emit_and_filter_not_to_the_wire)
{
	rig_attach(rig, &capture);
	rig_uplink(rig, "wire", 9);
	rig_publish(rig);
	seen.action = EMIT_WIRE;
	send_udp(2, 2, 3);
	ck_assert_int_eq(seen.result, -EPERM);
	send_udp(2, 2, 3);
	rig_tick(rig);
	ck_assert_uint_eq(rig->event_count, 1);
	ck_assert_str_eq(rig->event[0].source, "eye");
	rig->stack_count = 0;
	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.result = 0;
	send_udp(2, 2, 3);
	ck_assert_int_eq(seen.result, -EPERM);
	ck_assert_uint_eq(rig->sent_count, 3);
}
END_TEST

START_TEST(answer_to_a_port_is_booked_under_that_port)
{
	struct vs_ledger_row row;
	uint32_t cursor = 0;
	uint64_t injected = 0;

	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.action = EMIT_PORT;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig->sent_count, 2);
	ck_assert_uint_eq(rig->sent[1].port.value, 2);
	while (vs_ledger_next(vs_switch_ledger(rig->sw), &cursor, &row))
		if (row.port.value == 2 && row.vsid == 5001)
			injected = row.injected;
	ck_assert_uint_eq(injected, 1);
}
END_TEST

START_TEST(frames_that_make_frames_are_bounded)
{
	uint32_t i;

	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.action = EMIT_FOREVER;
	for (i = 0; i < 300; i++)
		send_udp(2, 2, 3);
	rig_tick(rig);
	ck_assert_uint_eq(rig->sent_count, 600);
}
END_TEST

START_TEST(held_frame_goes_on_below_the_filter)
{
	rig_attach(rig, &filter);
	rig_attach(rig, &below);
	rig_publish(rig);
	seen.action = HOLD;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_total(rig).held, 1);
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_str_eq(seen.order, "f");
	seen.released = VS_PASS + 1;
	rig_tick(rig);
	ck_assert_str_eq(seen.order, "fbF");
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig_total(rig).held, 0);
	ck_assert_uint_eq(rig_total(rig).injected, 0);
}
END_TEST

START_TEST(held_frame_may_be_dropped_later)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.action = HOLD;
	send_udp(2, 2, 3);
	seen.released = VS_DROP + 1;
	rig_tick(rig);
	ck_assert_uint_eq(dropped_named("first_own"), 1);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
}
END_TEST

START_TEST(holds_own_at_most_half_of_the_pool)
{
	uint32_t i;

	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.action = HOLD_MANY;
	for (i = 0; i < 200; i++)
		send_udp(2, 2, 3);
	ck_assert_int_eq(seen.result, -ENOBUFS);
	ck_assert_uint_eq(rig_total(rig).held, 128);
	ck_assert_uint_eq(rig->sent_count, 72);
}
END_TEST

START_TEST(what_an_extension_holds_goes_on_below_it_when_it_leaves)
{
	struct vs_attachment *gone;

	rig_attach(rig, &capture);
	gone = rig_attach(rig, &filter);
	rig_attach(rig, &below);
	rig_publish(rig);
	seen.action = HOLD;
	send_udp(2, 2, 3);
	ck_assert_str_eq(seen.order, "cf");
	rig->stack[1] = rig->stack[2];
	rig->state[1] = rig->state[2];
	rig->stack_count = 2;
	rig_publish(rig);
	rig_tick(rig);
	ck_assert(vs_attachment_idle(gone));
	ck_assert_str_eq(seen.order, "cfbC");
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig_total(rig).held, 0);
	ck_assert_uint_eq(seen.retired, 1);
	vs_switch_detach(rig->sw, gone);
	ck_assert_uint_eq(seen.closed, 2);
	ck_assert_uint_eq(seen.detached, 1);
}
END_TEST

START_TEST(state_is_retired_after_its_last_snapshot)
{
	struct vs_error error;

	rig_attach(rig, &filter);
	rig_publish(rig);
	rig_publish(rig);
	rig_tick(rig);
	ck_assert_uint_eq(seen.retired, 0);
	rig->state[0] = vs_attachment_configure(rig->stack[0], NULL, &error);
	rig_publish(rig);
	rig_tick(rig);
	ck_assert_uint_eq(seen.retired, 1);
	vs_state_discard(rig->stack[0],
			 vs_attachment_configure(rig->stack[0], NULL, &error));
	ck_assert_uint_eq(seen.retired, 2);
}
END_TEST

START_TEST(edited_frame_is_parsed_again)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.action = EDIT;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 4);
}
END_TEST

START_TEST(egress_takes_destinations_away_one_by_one)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.action = EXCLUDE;
	send_udp(2, 2, 99);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 4);
	ck_assert_uint_eq(dropped_named("first_own"), 1);
	send_udp(2, 2, 3);
	ck_assert_uint_eq(dropped_named("first_own"), 2);
	seen.action = EXCLUDE_ALL;
	send_udp(2, 2, 99);
	ck_assert_uint_eq(dropped_named("second_own"), 2);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
}
END_TEST

START_TEST(forward_extension_chooses_or_leaves_it)
{
	rig_attach(rig, &forward);
	rig_publish(rig);
	seen.action = NOTHING;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_NO_DESTINATION), 1);
	seen.action = ADD;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(rig->sent[0].port.value, 4);
	seen.action = ADD_SELF;
	send_udp(2, 2, 3);
	ck_assert_int_eq(seen.result, -EINVAL);
	ck_assert_uint_eq(rig_dropped(rig, VS_REASON_NO_DESTINATION), 2);
	seen.action = ADD_AND_LEARN;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(rig->sent_count, 3);
	ck_assert_uint_eq(rig_total(rig).replicas, 1);
	seen.action = DROP_OWN;
	send_udp(2, 2, 3);
	ck_assert_uint_eq(dropped_named("first_own"), 1);
}
END_TEST

START_TEST(events_are_limited_to_ten_a_second)
{
	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.action = EVENTS;
	send_udp(2, 2, 3);
	rig_tick(rig);
	ck_assert_uint_eq(rig->event_count, 10);
	ck_assert_str_eq(rig->event[0].name, "happened");
	rig_advance(rig, 1000000000);
	send_udp(2, 2, 3);
	rig_tick(rig);
	ck_assert_uint_eq(rig->event_count, 20);
}
END_TEST

START_TEST(notes_travel_both_ways)
{
	struct vs_note note = {.kind = 9};

	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.action = NOTES;
	send_udp(2, 2, 3);
	rig_tick(rig);
	ck_assert_uint_eq(seen.notes, 1);
	ck_assert_uint_eq(seen.note.kind, 7);
	ck_assert_int_eq(
		vs_attachment_instance(rig->stack[0])
			->host->kick(
				vs_attachment_instance(rig->stack[0])->host,
				UINT16_MAX, &note),
		0);
	rig_tick(rig);
	ck_assert_uint_eq(seen.notes, 2);
	ck_assert_uint_eq(seen.note.kind, 9);
}
END_TEST

/* -- tracing
 * --------------------------------------------------------------------- */

static char traced[4096];

static void trace_line(struct vs_tracer *tracer, const char *station,
		       const char *text)
{
	(void)tracer;
	strncat(traced, station, sizeof(traced) - strlen(traced) - 1);
	strncat(traced, ": ", sizeof(traced) - strlen(traced) - 1);
	strncat(traced, text, sizeof(traced) - strlen(traced) - 1);
	strncat(traced, "\n", sizeof(traced) - strlen(traced) - 1);
}

START_TEST(probe_walks_and_changes_nothing)
{
	struct vs_worker *probe = vs_switch_worker(rig->sw, 1);
	struct vs_tracer tracer = {.line = trace_line};
	struct vs_packet *packet;
	struct vs_input input = {.port = {2}, .count = 1, .packets = &packet};
	struct vs_table_stats stats;

	rig->plan[0].mac_guard = false;
	rig_attach(rig, &filter);
	rig_publish(rig);
	seen.action = HOLD;
	packet = vs_pool_take(vs_worker_pool(probe), false);
	rig_udp(packet->buffer + VS_PACKET_HEADROOM, 60, 77, 3);
	packet->view.size = 60;
	vs_worker_trace(probe, &input, &rig->outbox, &tracer);
	ck_assert_uint_eq(rig->outbox.count, 1);
	rig_flush(rig);
	ck_assert_ptr_nonnull(strstr(traced, "sieve: would wait for sieve"));
	ck_assert_ptr_nonnull(strstr(traced, "deliver: leaves by vm3"));
	ck_assert_uint_eq(rig_total(rig).received, 0);
	vs_table_stats(vs_switch_macs(rig->sw), &stats);
	ck_assert_uint_eq(stats.entries, 0);
}
END_TEST

START_TEST(trace_follows_a_mac_learned_behind_the_wire)
{
	struct vs_worker *probe = vs_switch_worker(rig->sw, 1);
	struct vs_tracer tracer = {.line = trace_line};
	struct vs_packet *packet;
	struct vs_input input = {.port = {5}, .count = 1, .packets = &packet};

	rig_port(rig, "host", 5, 0);
	rig_uplink(rig, "wire", 9);
	rig_publish(rig);
	rig_input(rig, 9, bytes, rig_udp(bytes, 60, 99, 5));
	rig_forget(rig);
	packet = vs_pool_take(vs_worker_pool(probe), false);
	packet->view.size =
		rig_udp(packet->buffer + VS_PACKET_HEADROOM, 60, 5, 99);
	traced[0] = '\0';
	vs_worker_trace(probe, &input, &rig->outbox, &tracer);
	rig_flush(rig);
	ck_assert_ptr_nonnull(
		strstr(traced, "decide: learned behind the wire"));
	ck_assert_ptr_nonnull(strstr(traced, "leaves by wire"));
}
END_TEST

static void add_tests(TCase *tcase)
{
	tcase_add_test(tcase, hooks_run_down_and_up_in_stack_order);
	tcase_add_test(tcase, stack_out_of_order_is_refused);
	tcase_add_test(tcase, drop_reasons_of_an_extension_are_its_own);
	tcase_add_test(tcase, emitted_frame_enters_below_its_maker);
	tcase_add_test(tcase, capture_may_not_emit_and_filter_not_to_the_wire);
	tcase_add_test(tcase, answer_to_a_port_is_booked_under_that_port);
	tcase_add_test(tcase, frames_that_make_frames_are_bounded);
	tcase_add_test(tcase, held_frame_goes_on_below_the_filter);
	tcase_add_test(tcase, held_frame_may_be_dropped_later);
	tcase_add_test(tcase, holds_own_at_most_half_of_the_pool);
	tcase_add_test(tcase,
		       what_an_extension_holds_goes_on_below_it_when_it_leaves);
	tcase_add_test(tcase, state_is_retired_after_its_last_snapshot);
	tcase_add_test(tcase, edited_frame_is_parsed_again);
	tcase_add_test(tcase, egress_takes_destinations_away_one_by_one);
	tcase_add_test(tcase, forward_extension_chooses_or_leaves_it);
	tcase_add_test(tcase, events_are_limited_to_ten_a_second);
	tcase_add_test(tcase, notes_travel_both_ways);
	tcase_add_test(tcase, probe_walks_and_changes_nothing);
	tcase_add_test(tcase, trace_follows_a_mac_learned_behind_the_wire);
}

int main(void)
{
	Suite *suite = suite_create("stack");
	TCase *tcase = tcase_create("stack");

	tcase_add_checked_fixture(tcase, setup, teardown);
	add_tests(tcase);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
