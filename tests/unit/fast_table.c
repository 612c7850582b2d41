// SPDX-License-Identifier: Apache-2.0
/*
 * When a flow gets a place in the kernel, and how long it keeps it
 * (switch/io/fast.h), over real maps.
 */
#include "tests/support/fast_rig.h"

/* -- teaching ---------------------------------------------------------------
 */

START_TEST(flow_is_taught_with_its_eighth_burst)
{
	struct fast_flow *flow;

	usual.mac = 0x77;
	ck_assert_uint_eq(fast_due(table), UINT64_MAX);
	for (int i = 1; i < FIRST; i++) {
		ck_assert_int_eq(fast_turn(1, &usual), FAST_TEACH);
		ck_assert_ptr_null(find(1));
	}
	fast_turn(1, &usual);
	flow = find(1);
	ck_assert_ptr_nonnull(flow);
	ck_assert_ptr_null(find(2));
	ck_assert_uint_eq(flow->until, now + 4 * SECOND);
	ck_assert_uint_eq(flow->generation, fast_changes(fast)->all);
	ck_assert_uint_eq(flow->out, 12);
	ck_assert_uint_eq(flow->most, 1500);
	ck_assert_uint_eq(flow->change.macs[5], 0x77);
	ck_assert_uint_eq(flow->change.macs[11], 2);
	ck_assert(!flow->change.hop && !flow->change.readdress);
	ck_assert_uint_eq(flow->frames | flow->bytes | flow->lost, 0);
	ck_assert_uint_eq(fast_due(table), now + SECOND);
	now += MS; /* the sweep comes when it was to come */
	teach(2);
	ck_assert_uint_eq(fast_due(table), now + SECOND - MS);
}
END_TEST

START_TEST(bursts_are_counted_between_two_sweeps)
{
	for (int i = 1; i < FIRST; i++)
		fast_turn(1, &usual);
	sweep(SECOND);
	for (int i = 1; i < FIRST; i++)
		fast_turn(1, &usual);
	ck_assert_ptr_null(find(1));
	fast_turn(1, &usual);
	ck_assert_ptr_nonnull(find(1));
}
END_TEST

START_TEST(smaller_of_two_limits_holds)
{
	usual.steady = 1400;
	ck_assert_uint_eq(teach(1)->most, 1400);
	usual.steady = 1500;
	out.mtu = 1300;
	ck_assert_uint_eq(teach(2)->most, 1300);
}
END_TEST

/* 74 bytes, of which 60 are the IP packet. */
START_TEST(frame_beyond_the_limit_teaches_nothing)
{
	usual.steady = 49;
	ck_assert_int_eq(fast_turn(1, &usual), FAST_NOTHING);
	usual.steady = 50;
	ck_assert_int_eq(fast_turn(1, &usual), FAST_TEACH);
}
END_TEST

static struct vs_packet *super_frame(uint16_t segment)
{
	struct vs_packet *packet = frame_of(1), *big = vs_pool_take(pool, true);
	uint8_t *bytes = big->buffer + VS_PACKET_HEADROOM;

	memset(bytes, 0x5a, 3054);
	memcpy(bytes, packet->view.data, packet->view.size);
	vs_store16(bytes + 16, 3040);
	big->view.size = 3054;
	big->view.port = packet->view.port;
	big->view.offload = (struct vs_offload){.gso = VS_GSO_TCP4,
						.gso_size = segment,
						.header_size = 54,
						.csum_start = 34,
						.csum_offset = 16};
	vs_packet_unref(packet);
	return big;
}

START_TEST(super_frame_counts_by_its_segments)
{
	ck_assert_int_eq(turn_of(super_frame(1461), &usual), FAST_NOTHING);
	ck_assert_int_eq(turn_of(super_frame(1460), &usual), FAST_TEACH);
	ck_assert_uint_eq(watch.head.gso_size, 1460);
	ck_assert(watch.head.partial);
}
END_TEST

START_TEST(what_the_kernel_could_not_do_teaches_nothing)
{
	struct answer answer = usual;

	answer.steady = 0;
	ck_assert_int_eq(fast_turn(1, &answer), FAST_NOTHING);
	answer = usual;
	answer.link = NULL; /* the port has no device */
	ck_assert_int_eq(fast_turn(1, &answer), FAST_NOTHING);
	answer = usual;
	answer.encapsulation = VS_ENCAP_NVGRE;
	ck_assert_int_eq(fast_turn(1, &answer), FAST_NOTHING);
	answer = usual;
	answer.cut = 1;
	ck_assert_int_eq(fast_turn(1, &answer), FAST_NOTHING);
	answer = usual;
	answer.copies = 0; /* it was dropped, or is held */
	ck_assert_int_eq(fast_turn(1, &answer), FAST_NOTHING);
	answer.copies = 2;
	ck_assert_int_eq(fast_turn(1, &answer), FAST_NOTHING);
	answer = usual;
	answer.marks = true; /* a change that no program knows */
	ck_assert_int_eq(fast_turn(1, &answer), FAST_NOTHING);
	out.fast = 0; /* not a device that programs reach */
	ck_assert_int_eq(fast_turn(1, &usual), FAST_NOTHING);
}
END_TEST

/* 3054 bytes, of which a recipe has so many in its lead. */
static int turn_of_recipe(uint16_t lead, uint16_t slice_offset,
			  uint16_t segment)
{
	struct vs_packet *packet = super_frame(1000);
	struct vs_recipe *recipe = &outbox.entry[0].recipe;

	fast_enter(table);
	fast_look(table, &in, &packet, 1, &watch);
	walk(packet, &usual);
	recipe->lead_size = lead;
	memcpy(recipe->lead, packet->view.data, lead);
	recipe->slice_offset = slice_offset;
	recipe->slice_size = 3054u - lead;
	recipe->offload.gso_size = segment;
	fast_learn(table, &watch, &outbox, owner, now);
	vs_packet_unref(packet);
	return watch.lesson;
}

START_TEST(recipe_that_makes_another_frame_teaches_nothing)
{
	ck_assert_int_eq(turn_of_recipe(54, 54, 1000), FAST_TEACH);
	ck_assert_int_eq(turn_of_recipe(96, 96, 1000), FAST_TEACH);
	/* the end is another one, which nobody looks at */
	ck_assert_int_eq(turn_of_recipe(96, 95, 1000), FAST_NOTHING);
	/* more than is looked at may be another one */
	ck_assert_int_eq(turn_of_recipe(97, 97, 1000), FAST_NOTHING);
	ck_assert_int_eq(turn_of_recipe(120, 120, 1000), FAST_NOTHING);
	/* other segments */
	ck_assert_int_eq(turn_of_recipe(54, 54, 999), FAST_NOTHING);
}
END_TEST

START_TEST(first_frame_of_a_flow_in_a_burst_is_watched)
{
	struct vs_packet *packets[3] = {frame_of(1), frame_of(2), frame_of(3)};

	packets[0]->buffer[VS_PACKET_HEADROOM + 47] = 0x02; /* SYN */
	fast_look(table, &in, packets, 3, &watch);
	ck_assert_ptr_eq(watch.packet, packets[1]);
	ck_assert_uint_eq(watch.key.if_index, 11);
	ck_assert_uint_eq(vs_load16(watch.key.ports), 2);
	fast_look(table, &in, packets, 1, &watch);
	ck_assert_ptr_null(watch.packet);
	/* no fast path, or not for this link */
	fast_look(NULL, &in, packets, 3, &watch);
	ck_assert_ptr_null(watch.packet);
	in.fast = 0;
	fast_look(table, &in, packets, 3, &watch);
	ck_assert_ptr_null(watch.packet);
	for (int i = 0; i < 3; i++)
		vs_packet_unref(packets[i]);
}
END_TEST

/* -- keeping ----------------------------------------------------------------
 */

START_TEST(same_answer_renews)
{
	struct fast_flow *flow = teach(1);

	now += 2 * SECOND;
	usual.steady = 1400;
	changes_count(&fast_changes(fast)->all);
	ck_assert_uint_ne(flow->generation, fast_changes(fast)->all);
	ck_assert_int_eq(fast_turn(1, &usual), FAST_RENEW);
	ck_assert_ptr_eq(find(1), flow);
	ck_assert_uint_eq(flow->until, now + 4 * SECOND);
	ck_assert_uint_eq(flow->most, 1400);
	ck_assert_uint_eq(flow->generation, fast_changes(fast)->all);
}
END_TEST

/* Something of the VSID changed. */
static void change_in(uint32_t of)
{
	struct vs_changes *changes = fast_changes(fast);

	changes_count(
		&changes->part[changes_part(owner.sw, (struct vs_vsid){of})]);
	changes_count(&changes->parts);
}

/* Would the kernel find it so? */
static bool holds(const struct fast_flow *flow)
{
	const uint64_t *words = (const uint64_t *)flows;

	return words[0] == flow->generation &&
	       words[flow->part] == flow->part_generation;
}

/* VSIDs that meet in no part. */
static uint32_t other_vsid(void)
{
	uint32_t other = VSID + 1;

	while (changes_part(owner.sw, (struct vs_vsid){other}) ==
	       changes_part(owner.sw, (struct vs_vsid){VSID}))
		other++;
	return other;
}

START_TEST(what_changes_in_a_vsid_ends_its_flows_and_no_others)
{
	struct fast_flow *red = teach(1), *blue;

	ck_assert_uint_ge(red->part, FAST_PART);
	ck_assert_uint_lt(red->part, FAST_PART + FAST_PARTS);
	vsid = other_vsid();
	blue = teach(2);
	ck_assert_uint_ne(blue->part, red->part);
	ck_assert(holds(red) && holds(blue));
	change_in(VSID);
	ck_assert(!holds(red) && holds(blue));
	ck_assert_int_eq(fast_turn(2, &usual), FAST_RENEW);
	ck_assert(!holds(red) && holds(blue));
	vsid = VSID;
	ck_assert_int_eq(fast_turn(1, &usual), FAST_RENEW);
	ck_assert(holds(red) && holds(blue));
	change_in(VSID);
	ck_assert(!holds(red) && holds(blue));
	ck_assert_int_eq(fast_turn(1, &usual), FAST_RENEW);
	ck_assert(holds(red) && holds(blue));
	changes_count(&fast_changes(fast)->all);
	ck_assert(!holds(blue));
}
END_TEST

/* One switch's VSIDs are not another's. */
START_TEST(part_is_that_of_switch_and_vsid)
{
	ck_assert_uint_eq(
		teach(1)->part,
		FAST_PART + changes_part(owner.sw, (struct vs_vsid){VSID}));
	owner.sw = (const struct vs_switch *)&usual;
	vsid = 0;
	ck_assert_uint_eq(teach(2)->part,
			  FAST_PART +
				  changes_part(owner.sw, (struct vs_vsid){0}));
}
END_TEST

START_TEST(table_that_comes_later_knows_what_has_changed)
{
	struct fast_table *first = table;
	struct fast_flow *flow;

	change_in(VSID);
	change_in(VSID);
	table = fast_table_create(fast, 1, THREADS);
	flow = teach(1);
	ck_assert_uint_eq(flow->part_generation, 2);
	ck_assert(holds(flow));
	fast_table_destroy(table);
	table = first;
}
END_TEST

/* What is known was found out under the generations that were read before. */
START_TEST(generation_is_that_of_before_the_walk)
{
	struct vs_packet *packet = frame_of(1);
	struct fast_flow *flow = teach(1);
	uint64_t before = fast_changes(fast)->all;

	fast_enter(table);
	fast_look(table, &in, &packet, 1, &watch);
	if (_i)
		changes_count(&fast_changes(fast)->all);
	else
		change_in(VSID);
	walk(packet, &usual);
	now += SECOND;
	fast_learn(table, &watch, &outbox, owner, now);
	fast_keep(table, &watch, false, now);
	vs_packet_unref(packet);
	ck_assert_int_eq(watch.lesson, FAST_RENEW);
	ck_assert_uint_eq(flow->until, now + 4 * SECOND);
	ck_assert_uint_eq(flow->generation, before);
	ck_assert_uint_eq(flow->part_generation, 0);
	ck_assert(!holds(flow));
}
END_TEST

START_TEST(renewal_waits_while_frames_wait_but_not_for_long)
{
	struct fast_flow *flow = teach(1);
	uint64_t until = flow->until;

	now += SECOND;
	behind = true;
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(fast_turn(1, &usual), FAST_RENEW);
		ck_assert_uint_eq(flow->until, until);
	}
	fast_turn(1, &usual);
	ck_assert_uint_eq(flow->until, now + 4 * SECOND);
	/* and from the beginning */
	until = flow->until;
	now += SECOND;
	fast_turn(1, &usual);
	ck_assert_uint_eq(flow->until, until);
	behind = false;
	fast_turn(1, &usual);
	ck_assert_uint_eq(flow->until, now + 4 * SECOND);
	/* nothing waits for an end */
	behind = true;
	usual.steady = 0;
	ck_assert_int_eq(fast_turn(1, &usual), FAST_END);
	ck_assert_ptr_null(find(1));
}
END_TEST

START_TEST(another_answer_ends_it)
{
	struct answer answer = usual;

	teach(1);
	teach(2);
	switch (_i) {
	case 0:
		answer.link = &third;
		break;
	case 1:
		answer.mac = 0x99;
		break;
	case 2:
		answer.port = OTHER + 1;
		break;
	case 3:
		answer.steady = 0;
		break;
	case 4:
		answer.encapsulation = VS_ENCAP_VXLAN;
		break;
	case 5:
		answer.marks = true;
		break;
	case 6:
		vm++; /* the port of its device is another one */
		break;
	case 7:
		vsid++;
		break;
	case 8: /* or it and its device are another switch's */
		owner.sw = (const struct vs_switch *)&usual;
		break;
	default:
		owner.seat++;
		break;
	}
	ck_assert_int_eq(fast_turn(1, &answer), FAST_END);
	ck_assert_ptr_null(find(1));
	ck_assert_ptr_nonnull(find(2));
	/* which is learned like any */
	if (watch.flow.most)
		ck_assert_int_eq(fast_turn(1, &answer),
				 answer.encapsulation || answer.marks
					 ? FAST_NOTHING
					 : FAST_TEACH);
}
END_TEST

START_TEST(no_answer_is_none)
{
	struct fast_flow *flow = teach(1);
	uint64_t until = flow->until;

	now += SECOND;
	usual.copies = 0;
	ck_assert_int_eq(fast_turn(1, &usual), FAST_NOTHING);
	ck_assert_ptr_eq(find(1), flow);
	ck_assert_uint_eq(flow->until, until);
}
END_TEST

static void add_flows(Suite *suite)
{
	TCase *tests = tcase_create("flows");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, flow_is_taught_with_its_eighth_burst);
	tcase_add_test(tests, bursts_are_counted_between_two_sweeps);
	tcase_add_test(tests, smaller_of_two_limits_holds);
	tcase_add_test(tests, frame_beyond_the_limit_teaches_nothing);
	tcase_add_test(tests, super_frame_counts_by_its_segments);
	tcase_add_test(tests, what_the_kernel_could_not_do_teaches_nothing);
	tcase_add_test(tests, recipe_that_makes_another_frame_teaches_nothing);
	tcase_add_test(tests, first_frame_of_a_flow_in_a_burst_is_watched);
	tcase_add_test(tests, same_answer_renews);
	tcase_add_test(tests,
		       what_changes_in_a_vsid_ends_its_flows_and_no_others);
	tcase_add_test(tests, part_is_that_of_switch_and_vsid);
	tcase_add_test(tests, table_that_comes_later_knows_what_has_changed);
	tcase_add_loop_test(tests, generation_is_that_of_before_the_walk, 0, 2);
	tcase_add_test(tests, renewal_waits_while_frames_wait_but_not_for_long);
	tcase_add_loop_test(tests, another_answer_ends_it, 0, 10);
	tcase_add_test(tests, no_answer_is_none);
	suite_add_tcase(suite, tests);
}

int main(void)
{
	Suite *suite = suite_create("fast_table");
	int probe = geteuid() ? -EPERM : make_flows(BPF_F_MMAPABLE);

	if (probe < 0) {
		fprintf(stderr, "skipped: the kernel makes no map: %s\n",
			strerror(-probe));
		return 77;
	}
	close(probe);
	add_flows(suite);
	return suite_main(suite);
}
