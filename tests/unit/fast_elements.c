// SPDX-License-Identifier: Apache-2.0
/*
 * Elements of the fast path's maps: given, given back, and what went through
 * them into the books (switch/io/fast.h).
 */
#include "tests/support/fast_rig.h"

/* -- elements ---------------------------------------------------------------
 */

static void end_flow(uint16_t number)
{
	struct answer answer = usual;

	answer.steady = 0;
	ck_assert_int_eq(fast_turn(number, &answer), FAST_END);
}

START_TEST(element_lies_fallow_before_it_is_another_s)
{
	struct fast_flow *flow = teach(1);

	now += SECOND;
	end_flow(1);
	ck_assert_uint_ne(flow->out, 0); /* who is in it goes on */
	ck_assert_ptr_ne(teach(2), flow);
	sweep(100 * MS);
	ck_assert_uint_ne(flow->out, 0);
	ck_assert_ptr_ne(teach(3), flow);
	sweep(1);
	ck_assert_uint_eq(flow->out | flow->generation | flow->until, 0);
	ck_assert_ptr_eq(teach(4), flow);
	ck_assert_ptr_nonnull(find(2));
	ck_assert_ptr_nonnull(find(3));
}
END_TEST

START_TEST(flow_without_frames_gives_its_place_away)
{
	struct fast_flow *flow = teach(1);

	sweep(8 * SECOND);
	ck_assert_ptr_eq(find(1), flow);
	flow->frames = 1; /* one came */
	sweep(SECOND);
	sweep(8 * SECOND);
	ck_assert_ptr_eq(find(1), flow);
	fast_turn(1, &usual); /* or was walked */
	sweep(8 * SECOND);
	ck_assert_ptr_eq(find(1), flow);
	sweep(1);
	ck_assert_ptr_null(find(1));
	ck_assert_uint_ne(flow->out, 0);
	ck_assert_uint_eq(fast_due(table), now + SECOND);
	sweep(SECOND);
	ck_assert_uint_eq(flow->out, 0);
	/* nobody is left: no need to wake up */
	ck_assert_uint_eq(fast_due(table), UINT64_MAX);
	ck_assert_ptr_eq(teach(1), flow);
	ck_assert_uint_eq(fast_due(table), now + SECOND);
}
END_TEST

static int count_known(uint16_t first, uint16_t count)
{
	int known = 0;

	for (uint16_t i = 0; i < count; i++)
		known += find((uint16_t)(first + i)) != NULL;
	return known;
}

/* From here on frames are those of a port and a VSID with no flow yet; there
 * are enough of both to fill the table. */
static void be_another(uint16_t number)
{
	owner.seat = (uint16_t)(number / 1000);
	vm = (uint16_t)(2 + number % 1000);
	while (changes_part(owner.sw, (struct vs_vsid){vsid}) !=
	       number % VS_CHANGES_PARTS)
		vsid++;
}

START_TEST(full_table_teaches_nobody_else)
{
	for (uint16_t number = 1; number <= ROOM; number++) {
		be_another(number);
		teach(number);
		ck_assert(!refused);
	}
	sweep(MS); /* bursts of those that it may meet are forgotten */
	be_another(ROOM + 1);
	for (int i = 1; i < 2 * FIRST; i++) {
		fast_turn(ROOM + 1, &usual);
		ck_assert_int_eq(refused, i >= FIRST);
	}
	ck_assert_ptr_null(find(ROOM + 1));
	ck_assert_int_eq(count_known(1, ROOM), ROOM);
	/* each in its own element */
	for (uint16_t number = 1; number <= ROOM; number++)
		find(number)->lost = number;
	for (uint16_t number = 1; number <= ROOM; number++) {
		ck_assert_uint_eq(find(number)->lost, number);
		find(number)->lost = 0;
	}
	end_flow(77);
	sweep(SECOND);
	teach(ROOM + 1);
	ck_assert_ptr_null(find(77));
	ck_assert_int_eq(count_known(1, ROOM + 1), ROOM);
	/* all of them, in whatever order they hang together */
	for (uint16_t number = 78; number <= ROOM; number++)
		end_flow(number);
	for (uint16_t number = 76; number; number--)
		end_flow(number);
	end_flow(ROOM + 1);
	ck_assert_int_eq(count_known(1, ROOM + 1), 0);
	sweep(SECOND);
	ck_assert_uint_eq(fast_due(table), UINT64_MAX);
	teach(1);
}
END_TEST

/* Flows that it gets into the kernel, one after the other. */
static uint16_t flood(uint16_t first)
{
	uint16_t number = first;

	do
		for (int i = 0; i < FIRST; i++)
			fast_turn(number, &usual);
	while (find(number) && ++number < first + ROOM);
	ck_assert(refused);
	ck_assert_ptr_eq(watch.link, arrives ? &out : &in);
	return (uint16_t)(number - first);
}

START_TEST(flood_of_a_port_leaves_places_for_others)
{
	uint16_t reds = flood(1), blues;

	ck_assert_uint_eq(reds, (ROOM + 1) / 2);
	vm = OTHER;
	vsid++;
	blues = flood(3000);
	ck_assert_uint_eq(blues, (ROOM - reds + 1) / 2);
	/* it goes on with what it has */
	ck_assert_int_eq(fast_turn(3000, &usual), FAST_RENEW);
	ck_assert(!refused);
	/* and so does the first */
	vm = VM;
	vsid--;
	ck_assert_int_eq(fast_turn(1, &usual), FAST_RENEW);
	ck_assert(!refused);
	/* what it gives back is for who has less, once nobody is in it */
	end_flow(1);
	end_flow(2);
	vm = OTHER;
	vsid++;
	ck_assert_uint_eq(flood(6000), 0);
	sweep(SECOND);
	ck_assert_uint_eq(flood(6000), 1);
}
END_TEST

START_TEST(flood_that_is_over_gives_its_share_back)
{
	uint16_t reds = flood(1);

	for (uint16_t number = 1; number <= reds; number++)
		end_flow(number);
	sweep(SECOND);
	ck_assert_uint_eq(flood(3000), reds);
	sweep(8 * SECOND + 1); /* nobody came */
	sweep(SECOND);
	ck_assert_uint_eq(flood(6000), reds);
}
END_TEST

/* An uplink has everybody's flows: those from it are their receiver's. */
START_TEST(flood_from_the_wire_is_that_of_its_receiver)
{
	uint16_t reds;

	arrives = true;
	reds = flood(1);
	ck_assert_uint_eq(reds, (ROOM + 1) / 2);
	usual.port = OTHER + 1;
	vsid++;
	ck_assert_uint_eq(flood(3000), (ROOM - reds + 1) / 2);
	/* what the first one sends is counted with what it gets */
	arrives = false;
	vm = OTHER;
	usual.port = VM;
	ck_assert_uint_eq(flood(6000), 0);
}
END_TEST

START_TEST(flood_of_a_vsid_leaves_places_for_others)
{
	uint16_t reds = 0;

	for (vm = VM; vm < 40; vm++)
		reds = (uint16_t)(reds +
				  flood((uint16_t)(1 + 1500 * (vm - VM))));
	ck_assert_uint_eq(reds, (ROOM * 3 + 3) / 4);
	vsid++;
	ck_assert_uint_eq(flood(60000), (ROOM - reds + 1) / 2);
}
END_TEST

START_TEST(tables_of_two_threads_share_no_element)
{
	struct fast_table *first = table;
	struct fast_table *second = fast_table_create(fast, 1, THREADS);
	struct fast_table *last = fast_table_create(fast, THREADS - 1, THREADS);

	for (uint16_t number = 1; number <= ROOM; number++) {
		be_another(number);
		table = first;
		teach(number);
		table = second;
		teach((uint16_t)(2000 + number));
		table = last;
		teach((uint16_t)(4000 + number));
	}
	for (uint16_t number = 1; number <= ROOM; number++)
		for (uint16_t i = 0; i < 3; i++)
			ck_assert_uint_eq(
				find((uint16_t)(2000 * i + number))->lost++, 0);
	ck_assert_uint_eq(flows[0].lost, 0);
	table = first;
	fast_table_destroy(second);
	fast_table_destroy(last);
	fast_table_destroy(NULL);
}
END_TEST

/* Its port was read by one thread, and is by another. */
START_TEST(flow_that_another_thread_took_over_stays)
{
	struct fast_table *before = table;
	struct fast_table *after = fast_table_create(fast, 1, THREADS);
	struct fast_flow *old = teach(1), *flow;

	table = after;
	for (int i = 0; i < FIRST; i++)
		ck_assert_int_eq(fast_turn(1, &usual), FAST_TEACH);
	flow = find(1);
	ck_assert_ptr_ne(flow, old);
	table = before;
	sweep(8 * SECOND + 1);
	ck_assert_ptr_eq(find(1), flow);
	sweep(SECOND);
	ck_assert_uint_eq(fast_due(table), UINT64_MAX);
	ck_assert_ptr_eq(find(1), flow);
	ck_assert_uint_eq(flow->out, 12);
	fast_table_destroy(after);
}
END_TEST

START_TEST(flow_that_comes_back_to_its_thread_is_found_there)
{
	struct fast_table *before = table;
	struct fast_table *after = fast_table_create(fast, 1, THREADS);
	struct fast_flow *old = teach(1);

	table = after;
	for (int i = 0; i < FIRST; i++)
		fast_turn(1, &usual);
	table = before;
	ck_assert_int_eq(fast_turn(1, &usual), FAST_RENEW);
	ck_assert_ptr_eq(find(1), old);
	table = after;
	sweep(8 * SECOND + 1);
	table = before;
	ck_assert_ptr_eq(find(1), old);
	fast_table_destroy(after);
}
END_TEST

START_TEST(flows_of_a_switch_that_leaves_are_nobody_s)
{
	struct fast_flow *flow = teach(1), *fallow = teach(2);

	end_flow(2);
	owner.seat = 2;
	teach(3);
	owner.seat = 1;
	flow->frames = 5;
	fallow->frames = 6;
	fast_leave(table, 1, now);
	ck_assert_ptr_null(find(1));
	ck_assert_ptr_nonnull(find(3));
	/* who takes the seat is not asked to book them, nor is nobody */
	sweep(MS);
	ck_assert_uint_ne(flow->out, 0);
	sweep(SECOND);
	ck_assert_uint_eq(flow->out | fallow->out, 0);
	find(3)->frames = 7;
	sweep(SECOND);
	ck_assert_int_eq(booked_count, 1);
	ck_assert_ptr_eq(booked[0].owner.sw, owner.sw);
}
END_TEST

/* -- the books --------------------------------------------------------------
 */

START_TEST(what_was_counted_comes_out_once)
{
	struct fast_flow *flow = teach(1);

	flow->frames = 10;
	flow->bytes = 1000;
	flow->lost = 2;
	flow->lost_bytes = 180;
	sweep(SECOND);
	ck_assert_int_eq(booked_count, 1);
	ck_assert_ptr_eq(booked[0].owner.sw, owner.sw);
	ck_assert_uint_eq(booked[0].owner.seat, 1);
	ck_assert_uint_eq(booked[0].steady.from.value, VM);
	ck_assert_uint_eq(booked[0].steady.to.value, OTHER);
	ck_assert_uint_eq(booked[0].steady.vsid.value, VSID);
	ck_assert_uint_eq(booked[0].steady.frames, 10);
	ck_assert_uint_eq(booked[0].steady.bytes, 1000);
	ck_assert_uint_eq(booked[0].lost, 2);
	ck_assert_uint_eq(booked[0].lost_bytes, 180);
	sweep(SECOND);
	ck_assert_int_eq(booked_count, 1);
	flow->frames = 13;
	flow->bytes = 1300;
	sweep(SECOND);
	ck_assert_int_eq(booked_count, 2);
	ck_assert_uint_eq(booked[1].steady.frames, 3);
	ck_assert_uint_eq(booked[1].steady.bytes, 300);
	ck_assert_uint_eq(booked[1].lost, 0);
	ck_assert_uint_eq(booked[1].lost_bytes, 0);
	flow->lost = 3;
	flow->lost_bytes = 270;
	sweep(SECOND);
	ck_assert_int_eq(booked_count, 3);
	ck_assert_uint_eq(booked[2].steady.frames, 0);
	ck_assert_uint_eq(booked[2].lost, 1);
	ck_assert_uint_eq(booked[2].lost_bytes, 90);
}
END_TEST

START_TEST(what_comes_in_while_it_lies_fallow_is_booked_too)
{
	struct fast_flow *flow = teach(1);

	flow->frames = 10;
	end_flow(1);
	sweep(MS);
	ck_assert_int_eq(booked_count, 1);
	flow->frames = 11;
	sweep(SECOND);
	ck_assert_int_eq(booked_count, 2);
	ck_assert_uint_eq(booked[1].steady.frames, 1);
	ck_assert_uint_eq(booked[1].steady.vsid.value, VSID);
	/* the next one's begin at nothing */
	ck_assert_ptr_eq(teach(2), flow);
	flow->frames = 4;
	sweep(SECOND);
	ck_assert_int_eq(booked_count, 3);
	ck_assert_uint_eq(booked[2].steady.frames, 4);
}
END_TEST

/* -- the maps ---------------------------------------------------------------
 */

static int make_keys(uint32_t count)
{
	return bpf_map_create(BPF_MAP_TYPE_HASH, "keys",
			      sizeof(struct fast_key), sizeof(uint32_t), count,
			      NULL);
}

START_TEST(flow_that_the_kernel_has_no_room_for_is_not_taught)
{
	int fds[2] = {make_keys(2), make_flows(BPF_F_MMAPABLE)};

	prepare();
	open_over(fds);
	teach(1);
	teach(2);
	for (int i = 0; i < 2 * FIRST; i++)
		fast_turn(3, &usual);
	ck_assert_ptr_null(find(3));
	ck_assert_ptr_nonnull(find(1));
	end_flow(1);
	sweep(SECOND);
	teach(3);
	ck_assert_ptr_nonnull(find(2));
	end();
}
END_TEST

static uint32_t id_of(int fd)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);

	ck_assert_int_eq(bpf_obj_get_info_by_fd(fd, &info, &size), 0);
	return info.id;
}

START_TEST(maps_are_known_by_their_numbers)
{
	int fds[2] = {make_keys(8), make_flows(BPF_F_MMAPABLE)};
	uint32_t expected[2] = {id_of(fds[0]), id_of(fds[1])}, ids[2];

	prepare();
	open_over(fds);
	fast_maps(fast, ids);
	ck_assert_mem_eq(ids, expected, sizeof(ids));
	/* the first elements are the generations */
	changes_count(&fast_changes(fast)->all);
	changes_count(&fast_changes(fast)->part[FAST_PARTS - 1]);
	ck_assert_uint_eq(((uint64_t *)flows)[0], 1);
	ck_assert_uint_eq(((uint64_t *)flows)[FAST_PART + FAST_PARTS - 1], 1);
	end();
	ck_assert_int_eq(fcntl(fds[0], F_GETFD), -1);
	ck_assert_int_eq(fcntl(fds[1], F_GETFD), -1);
	fast_destroy(NULL);
}
END_TEST

START_TEST(what_is_no_map_is_refused_and_closed)
{
	int fds[2] = {make_keys(8), open("/dev/null", O_RDONLY)};
	int more[2] = {make_keys(8), make_flows(0)};
	int other[2] = {-1, make_flows(BPF_F_MMAPABLE)};

	fast = (struct fast *)&owner;
	ck_assert_int_lt(fast_create(&fast, fds), 0);
	ck_assert_ptr_null(fast);
	ck_assert_int_eq(fcntl(fds[0], F_GETFD), -1);
	ck_assert_int_eq(fcntl(fds[1], F_GETFD), -1);
	other[0] = open("/dev/null", O_RDONLY);
	ck_assert_int_lt(fast_create(&fast, other), 0);
	ck_assert_ptr_null(fast);
	ck_assert_int_eq(fcntl(other[1], F_GETFD), -1);
	/* one that nobody may look into */
	ck_assert_int_lt(fast_create(&fast, more), 0);
	ck_assert_ptr_null(fast);
	ck_assert_int_eq(fcntl(more[0], F_GETFD), -1);
	ck_assert_int_eq(fcntl(more[1], F_GETFD), -1);
}
END_TEST

static void add_elements(Suite *suite)
{
	TCase *tests = tcase_create("elements");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, element_lies_fallow_before_it_is_another_s);
	tcase_add_test(tests, flow_without_frames_gives_its_place_away);
	tcase_add_test(tests, full_table_teaches_nobody_else);
	tcase_add_test(tests, flood_of_a_port_leaves_places_for_others);
	tcase_add_test(tests, flood_that_is_over_gives_its_share_back);
	tcase_add_test(tests, flood_from_the_wire_is_that_of_its_receiver);
	tcase_add_test(tests, flood_of_a_vsid_leaves_places_for_others);
	tcase_add_test(tests, tables_of_two_threads_share_no_element);
	tcase_add_test(tests, flow_that_another_thread_took_over_stays);
	tcase_add_test(tests,
		       flow_that_comes_back_to_its_thread_is_found_there);
	tcase_add_test(tests, flows_of_a_switch_that_leaves_are_nobody_s);
	tcase_add_test(tests, what_was_counted_comes_out_once);
	tcase_add_test(tests, what_comes_in_while_it_lies_fallow_is_booked_too);
	suite_add_tcase(suite, tests);
}

static void add_maps(Suite *suite)
{
	TCase *tests = tcase_create("maps");

	tcase_add_test(tests,
		       flow_that_the_kernel_has_no_room_for_is_not_taught);
	tcase_add_test(tests, maps_are_known_by_their_numbers);
	tcase_add_test(tests, what_is_no_map_is_refused_and_closed);
	suite_add_tcase(suite, tests);
}

int main(void)
{
	Suite *suite = suite_create("fast_elements");
	int probe = geteuid() ? -EPERM : make_flows(BPF_F_MMAPABLE);

	if (probe < 0) {
		fprintf(stderr, "skipped: the kernel makes no map: %s\n",
			strerror(-probe));
		return 77;
	}
	close(probe);
	add_elements(suite);
	add_maps(suite);
	return suite_main(suite);
}
