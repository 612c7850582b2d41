// SPDX-License-Identifier: Apache-2.0
/*
 * Which entries of the outbox stand for their flow (core/steady.h), by what
 * extensions said and did, and what takes it back (vs_switch_params.changes).
 */
#include "tests/support/steady_rig.h"

/* -- the stack --------------------------------------------------------------
 */

static struct {
	bool in, out;	   /* cacheable */
	bool edit, hold;   /* frames on their way in */
	bool from_wire;	   /* cacheable */
	uint32_t emit;	   /* so many bytes */
	bool reflect;	   /* back to the switch */
	uint16_t recipe;   /* its steadiness */
	uint32_t asked;	   /* the filters, of both */
	uint32_t outdates; /* answers about a VSID */
	const struct vs_frame *held;
} told;

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct vs_instance *instance = calloc(1, sizeof(*instance));

	(void)error;
	ck_assert_ptr_nonnull(instance);
	instance->host = host;
	return instance;
}

static void detach(struct vs_instance *instance)
{
	free(instance);
}

static void filter_in(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	VS_FOR_EACH (frame, burst) {
		told.asked++;
		if (told.edit)
			vs_frame_edit(frame, 60, 1)[0] ^= 1;
		if (told.in)
			vs_frame_cacheable(frame);
		if (told.outdates)
			call->host->invalidate_vsid(
				call, (struct vs_vsid){told.outdates});
		if (told.hold)
			ck_assert_int_eq(call->host->hold(call, frame), 0);
		if (told.hold)
			told.held = frame;
	}
}

static uint64_t filter_tick(const struct vs_call *call)
{
	if (told.held)
		call->host->release(call, told.held, VS_PASS, 0);
	told.held = NULL;
	return call->now_ns + 1;
}

static void filter_out(const struct vs_call *call,
		       struct vs_delivery_burst *burst)
{
	struct vs_delivery *delivery;

	(void)call;
	VS_FOR_EACH (delivery, burst) {
		told.asked++;
		if (told.out)
			vs_delivery_cacheable(delivery);
	}
}

static void capture(const struct vs_call *call,
		    const struct vs_capture_burst *burst)
{
	(void)call;
	(void)burst;
}

static void capture_wire(const struct vs_call *call,
			 const struct vs_wire_frame *frame)
{
	(void)call;
	(void)frame;
}

static void decide(const struct vs_call *call, struct vs_decision_burst *burst)
{
	struct vs_decision *decision;

	(void)call;
	VS_FOR_EACH (decision, burst)
		vs_decision_learn(decision);
}

static void reflect(const struct vs_call *call, struct vs_outbound *outbound)
{
	const struct vs_frame *frame = vs_outbound_frame(outbound);
	uint8_t header[14];

	memcpy(header, vs_view(frame)->data, sizeof(header));
	header[5] = OTHER;
	ck_assert_int_eq(call->host->reflect(call, outbound,
					     (struct vs_vsid){TENANT}, header,
					     sizeof(header)),
			 0);
}

static void send_recipe(const struct vs_call *call,
			const struct vs_frame *frame)
{
	struct vs_recipe *recipe = call->host->recipe_open(call, frame);

	ck_assert_ptr_nonnull(recipe);
	ck_assert_uint_eq(recipe->steady, 0);
	recipe->steady = told.recipe;
	ck_assert_int_eq(call->host->recipe_commit(call, recipe), 0);
}

static void to_wire(const struct vs_call *call, struct vs_outbound_burst *burst)
{
	struct vs_outbound *outbound;

	VS_FOR_EACH (outbound, burst) {
		if (told.reflect)
			reflect(call, outbound);
		else if (told.hold)
			ck_assert_int_eq(call->host->hold_outbound(
						 call, outbound, &told.held),
					 0);
		else
			send_recipe(call, vs_outbound_frame(outbound));
	}
}

/* What is in `bytes`, in the name of vm. */
static void emit_to_other(const struct vs_call *call)
{
	struct vs_frame *frame = call->host->frame_new(
		call, told.emit, (struct vs_vsid){TENANT});

	ck_assert_ptr_nonnull(frame);
	memcpy(vs_frame_edit(frame, 0, told.emit), bytes, told.emit);
	ck_assert_int_eq(call->host->emit(call, frame, VS_EMIT_PORT,
					  other->info.id, vm->info.id),
			 0);
}

static uint64_t translate_tick(const struct vs_call *call)
{
	if (told.emit)
		emit_to_other(call);
	if (told.held) {
		send_recipe(call, told.held);
		call->host->release(call, told.held, VS_SENT, 0);
		told.held = NULL;
	}
	return call->now_ns + 1;
}

static void from_wire(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame;

	(void)call;
	VS_FOR_EACH (frame, burst) {
		vs_frame_set_vsid(frame, (struct vs_vsid){TENANT});
		vs_frame_edit(frame, 0, 12)[5] = OTHER;
		if (told.from_wire)
			vs_frame_cacheable(frame);
	}
}

static bool serves(const struct vs_state *state, struct vs_vsid vsid)
{
	(void)state;
	return vsid.value == TENANT;
}

static bool is_remote(const struct vs_state *state, struct vs_vsid vsid,
		      const struct vs_mac *mac)
{
	(void)state;
	(void)vsid;
	return mac->octet[5] == BEHIND;
}

static const struct vs_filter_class in_class = {.ingress = filter_in};
static const struct vs_filter_class out_class = {.egress = filter_out};
static const struct vs_capture_class capture_class = {.ingress = capture};
static const struct vs_capture_class wire_class = {.wire = capture_wire};
static const struct vs_forward_class forward_class = {.decide = decide};
static const struct vs_translate_class translate_class = {
	.from_wire = from_wire,
	.to_wire = to_wire,
	.serves = serves,
	.is_remote = is_remote,
};

#define EXTENSION(text, number, class, hooks)                                  \
	{                                                                      \
		VS_EXTENSION_HEAD,                                             \
			.name = text, .version = "1",                          \
			.guid = "22222222-2222-2222-2222-22222222222" number,  \
			.help = "tests", .class = hooks, .attach = attach,     \
			.detach = detach                                       \
	}
static const struct vs_extension filters_in = {
	VS_EXTENSION_HEAD, .name = "in",     .filter = &in_class,
	.attach = attach,  .detach = detach, .tick = filter_tick};
static const struct vs_extension filters_out =
	EXTENSION("out", "1", filter, &out_class);
static const struct vs_extension captures =
	EXTENSION("capture", "2", capture, &capture_class);
static const struct vs_extension captures_wire =
	EXTENSION("wire", "3", capture, &wire_class);
static const struct vs_extension forwards =
	EXTENSION("forward", "4", forward, &forward_class);
static const struct vs_extension translates = {
	VS_EXTENSION_HEAD, .name = "translate", .translate = &translate_class,
	.attach = attach,  .detach = detach,	.tick = translate_tick};

START_TEST(flow_that_somebody_watches_is_not)
{
	static const struct vs_extension *const watching[] = {
		&captures, &captures_wire, &forwards};

	rig_publish(rig);
	ck_assert_uint_eq(steady(), MTU);
	rig_attach(rig, watching[_i]);
	rig_publish(rig);
	ck_assert_uint_eq(steady(), 0);
	ck_assert_uint_eq(steady(), 0);
	rig->stack_count = 0;
	rig_publish(rig);
	ck_assert_uint_eq(steady(), MTU);
}
END_TEST

START_TEST(filter_that_says_nothing_of_the_flow_makes_it_unsteady)
{
	rig_attach(rig, _i ? &filters_out : &filters_in);
	rig_publish(rig);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(steady(), 0);
	ck_assert_uint_eq(told.asked, 4);
}
END_TEST

/* The very first answer only tells that there is somebody whose answers are
 * worth keeping. */
START_TEST(filter_that_answers_for_the_flow_makes_it_steady)
{
	struct sent sent = tcp(VM, OTHER);

	told.in = told.out = true;
	rig_attach(rig, _i ? &filters_out : &filters_in);
	rig_publish(rig);
	ck_assert_uint_eq(steady(), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(steady(), MTU);
	/* asked for the second, of which it was known that it is kept */
	ck_assert_uint_eq(told.asked, 2);
	/* of another flow, the first one will do: that was the answer */
	sent.target++;
	ck_assert_uint_eq(steady_of(&sent), MTU);
	ck_assert_uint_eq(told.asked, 3);
	/* after an invalidation it is to be asked again, and is */
	vs_attachment_instance(rig->stack[0])
		->host->invalidate(vs_attachment_instance(rig->stack[0])->host);
	ck_assert_uint_eq(steady_of(&sent), MTU);
	ck_assert_uint_eq(told.asked, 4);
	told.in = told.out = false;
	sent.target++;
	ck_assert_uint_eq(steady_of(&sent), 0);
}
END_TEST

START_TEST(every_filter_must_answer)
{
	told.in = _i == 0;
	told.out = _i == 1;
	rig_attach(rig, &filters_in);
	rig_attach(rig, &filters_out);
	rig_publish(rig);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(steady(), 0);
	told.in = told.out = true;
	steady();
	ck_assert_uint_eq(steady(), MTU);
}
END_TEST

START_TEST(without_a_flow_cache_nobody_knows_what_a_filter_says)
{
	rig_close(rig);
	open_rig(&changes, true);
	told.in = true;
	rig_attach(rig, &filters_in);
	rig_publish(rig);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(steady(), 0);
}
END_TEST

/* The kernel would not edit what only this frame's hook edits. */
START_TEST(edited_frame_is_not)
{
	told.in = told.edit = true;
	rig_attach(rig, &filters_in);
	rig_publish(rig);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(steady(), 0);
}
END_TEST

START_TEST(frame_that_was_held_is_not)
{
	struct sent sent = tcp(VM, OTHER);

	told.in = told.hold = true;
	rig_attach(rig, &filters_in);
	rig_publish(rig);
	for (int i = 0; i < 3; i++) {
		left_count = 0;
		rig_input(rig, VM, bytes, build(&sent));
		ck_assert_uint_eq(left_count, 0);
		rig_advance(rig, 1000);
		ck_assert_uint_eq(left_count, 1);
		ck_assert_uint_eq(left[0].steady, 0);
	}
}
END_TEST

/* -- the wire ---------------------------------------------------------------
 */

START_TEST(recipe_is_as_steady_as_its_maker_says_and_the_port_allows)
{
	struct sent sent = tcp(VM, BEHIND);
	uint32_t size;

	rig_attach(rig, &translates);
	rig_publish(rig);
	size = build(&sent);
	ck_assert_uint_eq(goes(VM, size, UPLINK), 0);
	told.recipe = 1442;
	ck_assert_uint_eq(goes(VM, size, UPLINK), 1442);
	told.recipe = 9000;
	ck_assert_uint_eq(goes(VM, size, UPLINK), MTU);
	vm->police.bandwidth[false] = UINT64_C(100000000000);
	rig_publish(rig);
	ck_assert_uint_eq(goes(VM, size, UPLINK), 0);
}
END_TEST

START_TEST(recipe_that_somebody_watches_is_not)
{
	struct sent sent = tcp(VM, BEHIND);

	told.recipe = MTU;
	rig_attach(rig, &translates);
	rig_publish(rig);
	ck_assert_uint_eq(goes(VM, build(&sent), UPLINK), MTU);
	rig->stack_count = 0;
	rig_attach(rig, &captures_wire);
	rig_attach(rig, &translates);
	rig_publish(rig);
	ck_assert_uint_eq(goes(VM, build(&sent), UPLINK), 0);
}
END_TEST

START_TEST(recipe_of_a_frame_that_was_held_is_not)
{
	struct sent sent = tcp(VM, BEHIND);

	told.recipe = MTU;
	told.hold = true;
	rig_attach(rig, &translates);
	rig_publish(rig);
	rig_input(rig, VM, bytes, build(&sent));
	ck_assert_uint_eq(left_count, 0);
	rig_advance(rig, 1000);
	ck_assert_uint_eq(left_count, 1);
	ck_assert_uint_eq(left[0].steady, 0);
}
END_TEST

START_TEST(frame_that_an_extension_made_is_not)
{
	struct sent sent = tcp(VM, OTHER);

	rig_attach(rig, &translates);
	rig_publish(rig);
	ck_assert_uint_eq(steady(), MTU);
	told.emit = build(&sent);
	left_count = 0;
	rig_tick(rig);
	ck_assert_uint_eq(left_count, 1);
	ck_assert_uint_eq(left[0].port, OTHER);
	ck_assert_uint_eq(left[0].steady, 0);
}
END_TEST

START_TEST(reflected_frame_is_not)
{
	struct sent sent = tcp(VM, BEHIND);

	told.reflect = true;
	rig_port(rig, "fourth", 4, TENANT);
	rig_attach(rig, &translates);
	rig_publish(rig);
	ck_assert_uint_eq(goes(VM, build(&sent), OTHER), 0);
}
END_TEST

START_TEST(frame_from_the_wire_is_steady_if_the_translation_says_so)
{
	struct sent sent = tcp(BEHIND, OTHER);
	uint32_t size;

	uplink->info.mtu = 9000;
	rig_attach(rig, &translates);
	rig_publish(rig);
	size = build(&sent);
	ck_assert_uint_eq(goes(UPLINK, size, OTHER), 0);
	told.from_wire = true;
	ck_assert_uint_eq(goes(UPLINK, size, OTHER), 9000);
	told.from_wire = false;
	ck_assert_uint_eq(goes(UPLINK, size, OTHER), 0);
}
END_TEST

/* Of a burst, those of which it was said. */
START_TEST(certainty_is_each_frame_s_own)
{
	struct sent sent = tcp(BEHIND, OTHER);
	struct vs_packet *packets[2];
	uint32_t size;

	told.from_wire = told.in = true;
	rig_attach(rig, &filters_in);
	rig_attach(rig, &translates);
	rig_publish(rig);
	size = build(&sent);
	goes(UPLINK, size, OTHER);
	ck_assert_uint_eq(goes(UPLINK, size, OTHER), MTU);
	/* what a filter says of it is no word of the translation's */
	told.from_wire = false;
	ck_assert_uint_eq(goes(UPLINK, size, OTHER), 0);
	/* nor the other way round */
	told.from_wire = true;
	told.in = false;
	sent.target++;
	size = build(&sent);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(goes(UPLINK, size, OTHER), 0);
	told.in = true;
	goes(UPLINK, size, OTHER);
	packets[0] = rig_packet(rig, UPLINK, bytes, 30); /* it is cut */
	packets[1] = rig_packet(rig, UPLINK, bytes, size);
	left_count = 0;
	rig_burst(rig, UPLINK, packets, 2);
	ck_assert_uint_eq(left_count, 1);
	ck_assert_uint_eq(left[0].steady, MTU);
}
END_TEST

START_TEST(frames_of_the_provider_network_pass_through_steadily)
{
	struct sent in = tcp(BEHIND, HOST);

	uplink->info.mtu = 9000;
	rig_publish(rig);
	ck_assert_uint_eq(to_provider(), MTU);
	ck_assert_uint_eq(goes(UPLINK, build(&in), HOST), 9000);
}
END_TEST

/* -- what takes it back -------------------------------------------------------
 */

START_TEST(changes_are_counted_when_something_is_published)
{
	uint64_t before = changes.all;

	rig_publish(rig);
	ck_assert_uint_gt(changes.all, before);
	before = changes.all;
	rig_publish(rig);
	ck_assert_uint_gt(changes.all, before);
}
END_TEST

START_TEST(changes_are_counted_when_an_extension_invalidates)
{
	const struct vs_main_host *host;
	uint64_t before;

	rig_attach(rig, &filters_in);
	rig_publish(rig);
	host = vs_attachment_instance(rig->stack[0])->host;
	before = changes.all;
	host->invalidate(host);
	ck_assert_uint_gt(changes.all, before);
}
END_TEST

static void hear(uint16_t port, uint8_t mac)
{
	struct sent sent = tcp(mac, OTHER);

	left_count = 0;
	rig_input(rig, port, bytes, build(&sent));
}

/* Of all parts. */
static uint64_t moved(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < VS_CHANGES_PARTS; i++)
		sum += changes.part[i];
	return sum;
}

static uint64_t moved_in(uint32_t vsid)
{
	return changes.part[changes_part(rig->sw, (struct vs_vsid){vsid})];
}

START_TEST(changes_are_counted_when_a_mac_moves_and_not_for_traffic)
{
	uint64_t before;

	vm->mac_guard = false;
	rig_port(rig, "second", 4, TENANT)->mac_guard = false;
	rig_publish(rig);
	before = changes.all;
	hear(VM, 99);
	ck_assert_uint_eq(moved_in(TENANT), 1);
	for (int i = 0; i < 5; i++) {
		hear(VM, 99);
		hear(VM, VM);
		rig_advance(rig, UINT64_C(2000000000));
	}
	ck_assert_uint_eq(moved(), 1);
	ck_assert_uint_eq(changes.parts, 1);
	hear(4, 99);
	ck_assert_uint_eq(moved_in(TENANT), 2);
	hear(4, 99);
	ck_assert_uint_eq(moved_in(TENANT), 2);
	rig_advance(rig, UINT64_C(2000000000));
	hear(VM, 99);
	ck_assert_uint_eq(moved_in(TENANT), 3);
	ck_assert_uint_eq(moved(), 3);
	ck_assert_uint_eq(changes.parts, 3);
	ck_assert_uint_eq(changes.all, before);
}
END_TEST

/* Flows to where it was may go on, who asked nobody since. */
START_TEST(mac_that_was_forgotten_and_turns_up_elsewhere_has_moved)
{
	vm->mac_guard = false;
	rig_port(rig, "second", 4, TENANT)->mac_guard = false;
	rig_publish(rig);
	hear(VM, 99);
	rig_advance(rig, UINT64_C(301000000000));
	ck_assert_uint_eq(moved_in(TENANT), 1);
	hear(4, 99);
	ck_assert_uint_eq(moved_in(TENANT), 2);
}
END_TEST

START_TEST(mac_that_moves_is_the_matter_of_its_vsid_alone)
{
	uint32_t neighbour = TENANT + 1;

	/* not one that meets the other in its part */
	while (changes_part(rig->sw, (struct vs_vsid){neighbour}) ==
	       changes_part(rig->sw, (struct vs_vsid){TENANT}))
		neighbour++;
	vm->mac_guard = false;
	rig_port(rig, "second", 4, neighbour)->mac_guard = false;
	rig_port(rig, "third", 5, neighbour)->mac_guard = false;
	rig_publish(rig);
	hear(VM, 99);
	hear(4, 99); /* another station of the same MAC */
	ck_assert_uint_eq(moved_in(TENANT), 1);
	ck_assert_uint_eq(moved_in(neighbour), 1);
	hear(5, 99);
	ck_assert_uint_eq(moved_in(neighbour), 2);
	ck_assert_uint_eq(moved(), 3);
	/* nobody is in the provider's network */
	rig_port(rig, "host2", 8, 0)->mac_guard = false;
	rig_publish(rig);
	hear(UPLINK, 99);
	hear(8, 99);
	ck_assert_uint_eq(moved_in(0), 2);
	ck_assert_uint_eq(moved(), 5);
}
END_TEST

START_TEST(answers_about_a_vsid_are_the_matter_of_that_one)
{
	uint64_t before;

	told.outdates = 77;
	rig_attach(rig, &filters_in);
	rig_publish(rig);
	before = changes.all;
	steady();
	ck_assert_uint_eq(moved_in(77), 1);
	ck_assert_uint_eq(moved(), 1);
	ck_assert_uint_eq(changes.parts, 1);
	ck_assert_uint_eq(changes.all, before);
}
END_TEST

/* What filters said is asked again: it may have been about that VSID. */
START_TEST(answers_about_a_vsid_are_asked_for_again)
{
	struct sent back = tcp(OTHER, VM);
	uint32_t before;

	told.in = true;
	rig_attach(rig, &filters_in);
	rig_publish(rig);
	steady();
	steady();
	before = told.asked;
	steady();
	ck_assert_uint_eq(told.asked, before);
	told.outdates = TENANT;
	steady_of(&back);
	told.outdates = 0;
	before = told.asked;
	steady();
	ck_assert_uint_eq(told.asked, before + 1);
}
END_TEST

START_TEST(parts_are_those_of_a_switch_and_spread)
{
	const struct vs_switch *one = rig->sw;
	const struct vs_switch *two = (const struct vs_switch *)&changes;
	bool used[VS_CHANGES_PARTS] = {false};
	uint32_t same = 0, parts = 0;

	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t part = changes_part(one, (struct vs_vsid){i});

		ck_assert_uint_lt(part, VS_CHANGES_PARTS);
		same += part == changes_part(two, (struct vs_vsid){i});
		parts += !used[part];
		used[part] = true;
	}
	ck_assert_uint_lt(same, 20);
	ck_assert_uint_gt(parts, 500);
}
END_TEST

START_TEST(flushed_table_concerns_everybody)
{
	uint64_t before;

	rig_publish(rig);
	before = changes.all;
	vs_switch_changed(rig->sw);
	ck_assert_uint_eq(changes.all, before + 1);
	ck_assert_uint_eq(moved(), 0);
}
END_TEST

static void add_stack(TCase *tests)
{
	tcase_add_loop_test(tests, flow_that_somebody_watches_is_not, 0, 3);
	tcase_add_loop_test(
		tests, filter_that_says_nothing_of_the_flow_makes_it_unsteady,
		0, 2);
	tcase_add_loop_test(
		tests, filter_that_answers_for_the_flow_makes_it_steady, 0, 2);
	tcase_add_loop_test(tests, every_filter_must_answer, 0, 2);
	tcase_add_test(tests,
		       without_a_flow_cache_nobody_knows_what_a_filter_says);
	tcase_add_test(tests, edited_frame_is_not);
	tcase_add_test(tests, frame_that_was_held_is_not);
	tcase_add_test(
		tests,
		recipe_is_as_steady_as_its_maker_says_and_the_port_allows);
	tcase_add_test(tests, recipe_that_somebody_watches_is_not);
	tcase_add_test(tests, recipe_of_a_frame_that_was_held_is_not);
	tcase_add_test(tests, frame_that_an_extension_made_is_not);
	tcase_add_test(tests, reflected_frame_is_not);
	tcase_add_test(
		tests,
		frame_from_the_wire_is_steady_if_the_translation_says_so);
	tcase_add_test(tests, certainty_is_each_frame_s_own);
	tcase_add_test(tests,
		       frames_of_the_provider_network_pass_through_steadily);
}

static void add_changes(TCase *tests)
{
	tcase_add_test(tests, changes_are_counted_when_something_is_published);
	tcase_add_test(tests,
		       changes_are_counted_when_an_extension_invalidates);
	tcase_add_test(
		tests,
		changes_are_counted_when_a_mac_moves_and_not_for_traffic);
	tcase_add_test(tests,
		       mac_that_was_forgotten_and_turns_up_elsewhere_has_moved);
	tcase_add_test(tests, mac_that_moves_is_the_matter_of_its_vsid_alone);
	tcase_add_test(tests, answers_about_a_vsid_are_the_matter_of_that_one);
	tcase_add_test(tests, answers_about_a_vsid_are_asked_for_again);
	tcase_add_test(tests, parts_are_those_of_a_switch_and_spread);
	tcase_add_test(tests, flushed_table_concerns_everybody);
}

int main(void)
{
	Suite *suite = suite_create("steady_stack");
	TCase *tests = tcase_create("steady_stack");

	tcase_add_checked_fixture(tests, setup, teardown);
	add_stack(tests);
	add_changes(tests);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
