// SPDX-License-Identifier: Apache-2.0
/*
 * The fast path's programs (switch/io/bpf/fast.bpf.c), run by the kernel over
 * frames of ours: they read and change what fast_frame.c says, and nothing
 * else. No device takes part.
 */
#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "io/fast_frame.h"
#include "io/fast_object.h"
#include "tests/support/fast_frames.h"
#include "tests/support/suite.h"

#define DEVICE	  1u /* lo: whose frames they seem to be */
#define ELEMENT	  (FAST_FIRST + 7u)
#define TAKEN_OFF 14u /* what a socket's filter is not shown */
#define ACCEPT	  0x40000u
#define NEXT	  UINT32_MAX
#define REDIRECT  7u
#define SHOT	  2u
#define CPUS	  256

#ifndef BPF_F_TEST_SKB_CHECKSUM_COMPLETE
#define BPF_F_TEST_SKB_CHECKSUM_COMPLETE (1u << 2)
#endif

static struct bpf_object *object;
static int seen, forward;     /* programs */
static int keys, flows, told; /* maps */

/* -- the programs -----------------------------------------------------------
 */

static int quiet(enum libbpf_print_level level, const char *format,
		 va_list list)
{
	(void)level;
	(void)format;
	(void)list;
	return 0;
}

static int set_type(const char *name, enum bpf_prog_type type)
{
	struct bpf_program *program =
		bpf_object__find_program_by_name(object, name);

	return program ? bpf_program__set_type(program, type) : -ENOENT;
}

static int fd_of(const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(object, name));
}

/* Not only in tests: nothing of Check's. */
static int load(void)
{
	int error;

	libbpf_set_print(quiet);
	object = bpf_object__open_mem(fast_object, fast_object_size, NULL);
	if (!object)
		return -errno;
	error = set_type("fast_seen", BPF_PROG_TYPE_SOCKET_FILTER);
	if (!error)
		error = set_type("fast_forward", BPF_PROG_TYPE_SCHED_CLS);
	if (!error)
		error = bpf_object__load(object);
	if (error)
		return error;
	seen = fd_of("fast_seen");
	forward = fd_of("fast_forward");
	keys = bpf_object__find_map_fd_by_name(object, "fast_keys");
	flows = bpf_object__find_map_fd_by_name(object, "fast_flows");
	told = bpf_object__find_map_fd_by_name(object, "fast_told");
	return 0;
}

static void begin(void)
{
	ck_assert_int_eq(load(), 0);
}

static void end(void)
{
	bpf_object__close(object);
}

/* As a map with a value for each CPU is written: eight bytes, or more. */
struct told {
	struct fast_pending pending;
	uint32_t zero;
};
_Static_assert(sizeof(struct told) % 8 == 0, "the kernel rounds up");

/* What the first program told the second, on whatever CPU it ran: all have
 * the same. */
static void tell(uint32_t flow, uint32_t if_index, uint32_t size)
{
	static struct told all[CPUS];
	uint32_t zero = 0;

	for (int i = 0; i < CPUS; i++)
		all[i].pending = (struct fast_pending){flow, if_index, size};
	ck_assert_int_le(libbpf_num_possible_cpus(), CPUS);
	ck_assert_int_eq(bpf_map_update_elem(told, &zero, all, BPF_ANY), 0);
}

/* Told by the first one, on the CPU where it ran; before, all had 99. */
static uint32_t was_told(uint32_t size)
{
	static struct told all[CPUS];
	uint32_t zero = 0;

	memset(all, 0, sizeof(all));
	ck_assert_int_eq(bpf_map_lookup_elem(told, &zero, all), 0);
	for (int i = 0; i < libbpf_num_possible_cpus(); i++)
		if (all[i].pending.if_index == DEVICE &&
		    all[i].pending.size == size)
			return all[i].pending.flow;
	ck_abort_msg("nothing was told");
	return 0;
}

static void put_flow(const struct fast_key *key, const struct fast_flow *flow)
{
	uint32_t at = ELEMENT;

	ck_assert_int_eq(bpf_map_update_elem(flows, &at, flow, BPF_ANY), 0);
	ck_assert_int_eq(bpf_map_update_elem(keys, key, &at, BPF_ANY), 0);
}

static struct fast_flow get_flow(void)
{
	struct fast_flow flow;
	uint32_t at = ELEMENT;

	ck_assert_int_eq(bpf_map_lookup_elem(flows, &at, &flow), 0);
	return flow;
}

/* A flow of all that this key's frames may be. */
static struct fast_flow any_flow(const struct fast_key *key)
{
	return (struct fast_flow){.until = UINT64_MAX,
				  .part = FAST_PART,
				  .out = DEVICE,
				  .most = UINT16_MAX,
				  .key = *key};
}

/* -- looking ----------------------------------------------------------------
 */

/* Is the frame kept from the socket? */
static bool is_kept(const struct flown *frame)
{
	uint8_t bytes[TAKEN_OFF + FLOWN_SIZE] = {0};
	struct __sk_buff context = {.gso_size = frame->gso_size};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = bytes,
		    .data_size_in = TAKEN_OFF + frame->size, .repeat = 1,
		    .ctx_in = &context, .ctx_size_in = sizeof(context));

	memcpy(bytes + TAKEN_OFF, frame->bytes, frame->size);
	tell(99, 99, 99);
	ck_assert_int_eq(bpf_prog_test_run_opts(seen, &run), 0);
	if (run.retval != 0 && run.retval != ACCEPT)
		ck_abort_msg("answer %u", run.retval);
	return run.retval == 0;
}

/* A super-frame of no kind, which is all that there is here, is nobody's. */
static bool is_read_as(const struct flown *frame, const struct fast_key *key)
{
	struct fast_head head = flown_head(frame);
	struct fast_seen what;
	struct fast_key read;

	return !frame->gso_size &&
	       fast_frame_read(&head, DEVICE, &read, &what) &&
	       memcmp(&read, key, sizeof(read)) == 0;
}

START_TEST(frames_that_are_read_as_the_flow_s_are_kept)
{
	struct prng prng = prng_start(prng_seed());
	uint32_t kept = 0, left = 0;

	for (int round = 0; round < 5000; round++) {
		struct flown_names names = flown_names(&prng);
		struct fast_key key = flown_key(&names, DEVICE);
		struct fast_flow flow = any_flow(&key);
		struct flown frame;
		bool expected;

		put_flow(&key, &flow);
		flown_make(&frame, &prng, &names);
		flown_spoil(&frame, &prng);
		if (!frame.size) /* that is no skb */
			frame.size = 1;
		expected = is_read_as(&frame, &key);
		if (is_kept(&frame) != expected)
			ck_abort_msg("round %d: read as the flow's: %d", round,
				     expected);
		kept += expected;
		left += !expected;
		ck_assert_int_eq(bpf_map_delete_elem(keys, &key), 0);
	}
	ck_assert_uint_gt(kept, 1000);
	ck_assert_uint_gt(left, 1000);
}
END_TEST

static struct flown frame;
static struct fast_key key;
static struct fast_flow flow;

/* A frame of a flow that is known. */
static void known_flow(bool ipv6)
{
	struct prng prng = prng_start(prng_seed());
	struct flown_names names;

	do
		names = flown_names(&prng);
	while (names.ipv6 != ipv6);
	do
		flown_make(&frame, &prng, &names);
	while (frame.gso_size);
	key = flown_key(&names, DEVICE);
	flow = any_flow(&key);
}

static bool is_kept_by(const struct fast_flow *as)
{
	put_flow(&key, as);
	return is_kept(&frame);
}

/* The number becomes this one. */
static void put_generation(uint32_t word, uint64_t generation)
{
	union {
		struct fast_flow flow;
		uint64_t words[FAST_WORDS];
	} element;
	uint32_t at = word / FAST_WORDS;

	ck_assert_uint_lt(at, FAST_FIRST);
	ck_assert_int_eq(bpf_map_lookup_elem(flows, &at, &element), 0);
	element.words[word % FAST_WORDS] = generation;
	ck_assert_int_eq(bpf_map_update_elem(flows, &at, &element, BPF_ANY), 0);
}

START_TEST(flow_of_another_generation_or_of_before_is_not_kept)
{
	known_flow(_i);
	ck_assert(is_kept_by(&flow));
	ck_assert_uint_eq(was_told(frame.size), ELEMENT);
	put_generation(0, 5);
	ck_assert(!is_kept_by(&flow));
	flow.generation = 6;
	ck_assert(!is_kept_by(&flow));
	flow.generation = 5;
	ck_assert(is_kept_by(&flow));
	flow.until = 1; /* long ago */
	ck_assert(!is_kept_by(&flow));
}
END_TEST

START_TEST(flow_lives_with_its_part_s_generation_too)
{
	static const uint32_t parts[] = {FAST_PART, FAST_PART + 1,
					 FAST_PART + 77,
					 FAST_PART + FAST_PARTS - 1};

	known_flow(_i % 2);
	flow.part = parts[_i / 2];
	put_generation(0, 5);
	flow.generation = 5;
	ck_assert(is_kept_by(&flow));
	put_generation(flow.part, 3);
	ck_assert(!is_kept_by(&flow));
	flow.part_generation = 3;
	ck_assert(is_kept_by(&flow));
	/* another part's is another matter */
	put_generation(flow.part == FAST_PART ? FAST_PART + 1 : FAST_PART, 9);
	put_generation(FAST_PART + 500, 9);
	ck_assert(is_kept_by(&flow));
	/* both must hold, each by itself */
	put_generation(0, 6);
	ck_assert(!is_kept_by(&flow));
	flow.part_generation = 2;
	ck_assert(!is_kept_by(&flow));
	flow.part_generation = 3;
	put_generation(0, 5);
	ck_assert(is_kept_by(&flow));
}
END_TEST

/* Where its value leads has become another flow's. */
START_TEST(element_of_another_key_is_not_used)
{
	uint8_t *byte = (uint8_t *)&flow.key;

	known_flow(_i);
	for (size_t at = 0; at < sizeof(key); at++) {
		byte[at] ^= 1;
		ck_assert(!is_kept_by(&flow));
		byte[at] ^= 1;
	}
	ck_assert(is_kept_by(&flow));
}
END_TEST

START_TEST(frame_beyond_the_limit_is_not_kept)
{
	struct fast_head head;
	struct fast_seen what;

	known_flow(_i);
	head = flown_head(&frame);
	ck_assert(fast_frame_read(&head, DEVICE, &key, &what));
	flow.most = what.size;
	ck_assert(is_kept_by(&flow));
	flow.most--;
	ck_assert(!is_kept_by(&flow));
}
END_TEST

START_TEST(datagram_that_ends_in_its_header_is_not_kept)
{
	struct flown_names names = {.ipv6 = _i, .protocol = VS_IP_UDP};
	struct prng prng = prng_start(prng_seed());

	key = flown_key(&names, DEVICE);
	flow = any_flow(&key);
	for (uint32_t size = 0; size < 16; size++) {
		uint8_t *ip;

		flown_make(&frame, &prng, &names);
		ip = frame.bytes + VS_ETHERNET_SIZE;
		vs_store16(ip + (_i ? 4 : 2), (uint16_t)(size + (_i ? 0 : 20)));
		vs_store16(frame.bytes + flown_l4(&frame) + 4, (uint16_t)size);
		frame.gso_size = 0;
		frame.size = flown_l4(&frame) + size;
		if (frame.size < 60)
			frame.size = 60; /* padded */
		ck_assert_int_eq(is_kept_by(&flow), size >= 8);
		ck_assert_int_eq(is_read_as(&frame, &key), size >= 8);
	}
}
END_TEST

START_TEST(what_is_behind_the_packet_is_padding_or_no_flow)
{
	known_flow(false);
	flown_plain(frame.bytes, UDP4); /* 58 bytes */
	memcpy(key.macs, frame.bytes, 12);
	memcpy(key.ports, frame.bytes + 34, 4);
	memcpy(key.addresses, frame.bytes + 26, 8);
	key.protocol = VS_IP_UDP;
	flow = any_flow(&key);
	for (frame.size = 57; frame.size < 80; frame.size++)
		ck_assert_int_eq(is_kept_by(&flow),
				 frame.size >= 58 && frame.size <= 60);
}
END_TEST

START_TEST(last_hop_is_the_switch_s)
{
	known_flow(_i);
	for (uint8_t hops = 0; hops < 4; hops++) {
		frame.bytes[flown_hops(&frame)] = hops;
		flow.change.hop = 1;
		ck_assert_int_eq(is_kept_by(&flow), hops > 1);
		flow.change.hop = 0;
		ck_assert(is_kept_by(&flow));
	}
}
END_TEST

START_TEST(frame_of_another_device_is_not_kept)
{
	known_flow(_i);
	key.if_index = DEVICE + 1;
	flow.key = key;
	ck_assert(!is_kept_by(&flow));
	ck_assert_uint_eq(was_told(frame.size), 0);
}
END_TEST

/* -- changing ---------------------------------------------------------------
 */

/* The second program's answer; the frame is what it makes of it. */
static uint32_t change(struct flown *of, uint32_t flags, int *error)
{
	uint8_t bytes[FLOWN_SIZE];
	struct __sk_buff context = {.gso_size = of->gso_size};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = of->bytes,
		    .data_size_in = of->size, .data_out = bytes,
		    .data_size_out = sizeof(bytes), .repeat = 1,
		    .ctx_in = &context, .ctx_size_in = sizeof(context),
		    .flags = flags);

	*error = bpf_prog_test_run_opts(forward, &run);
	if (*error)
		return 0;
	ck_assert_uint_eq(run.data_size_out, of->size);
	memcpy(of->bytes, bytes, of->size);
	return run.retval;
}

/* The first program has told it of the flow. */
static uint32_t change_told(struct flown *of)
{
	int error;
	uint32_t answer;

	tell(ELEMENT, DEVICE, of->size);
	answer = change(of, 0, &error);
	ck_assert_int_eq(error, 0);
	return answer;
}

/* Either zero will do. */
static void check_same(const struct flown *left, const struct flown *right)
{
	struct flown a = *left, b = *right;
	uint8_t *sums[] = {a.bytes + flown_sum(&a), b.bytes + flown_sum(&b),
			   a.bytes + 24, b.bytes + 24};

	ck_assert_uint_eq(flown_unsummed(left), flown_unsummed(right));
	for (int i = 0; i < (a.names.ipv6 ? 2 : 4); i += 2) {
		ck_assert(flown_equal(vs_load16(sums[i]),
				      vs_load16(sums[i + 1])));
		vs_store16(sums[i], 0);
		vs_store16(sums[i + 1], 0);
	}
	ck_assert_mem_eq(a.bytes, b.bytes, a.size);
}

static struct fast_change random_change(struct prng *prng,
					const struct flown_names *names)
{
	struct fast_change made = {.ipv6 = names->ipv6,
				   .protocol = names->protocol,
				   .hop = (uint8_t)prng_below(prng, 2),
				   .readdress = (uint8_t)prng_below(prng, 2)};

	prng_fill(prng, made.macs, sizeof(made.macs));
	memcpy(made.addresses, names->addresses, sizeof(made.addresses));
	if (made.readdress)
		prng_fill(prng, made.addresses, names->ipv6 ? 32 : 8);
	return made;
}

static void apply(struct flown *of, const struct fast_change *made)
{
	struct fast_head head = flown_head(of);

	fast_frame_apply(made, &head);
	memcpy(of->bytes, head.bytes,
	       of->size < FAST_HEAD ? of->size : FAST_HEAD);
}

/* A frame as a device gives it to a program here: summed, or without. */
static void complete_frame(struct flown *of, struct prng *prng,
			   const struct flown_names *names)
{
	do
		flown_make(of, prng, names);
	while (of->partial);
}

START_TEST(change_is_the_one_that_the_daemon_found)
{
	struct prng prng = prng_start(prng_seed());

	for (int round = 0; round < 3000; round++) {
		struct flown_names names = flown_names(&prng);
		struct flown made, expected;
		struct fast_flow went;

		key = flown_key(&names, DEVICE);
		flow = any_flow(&key);
		flow.change = random_change(&prng, &names);
		put_flow(&key, &flow);
		complete_frame(&made, &prng, &names);
		expected = made;
		apply(&expected, &flow.change);
		if (change_told(&made) != REDIRECT)
			ck_abort_msg("round %d: not redirected", round);
		check_same(&made, &expected);
		went = get_flow();
		ck_assert_uint_eq(went.frames, 1);
		ck_assert_uint_eq(went.bytes, made.size);
		ck_assert_uint_eq(went.lost, 0);
	}
}
END_TEST

/* What the kernel has summed itself, for whoever receives it: an error is a
 * sum that is no more the frame's. */
START_TEST(sum_that_a_device_computed_stays_the_frame_s)
{
	struct prng prng = prng_start(prng_seed());
	int error;

	for (int round = 0; round < 1000; round++) {
		struct flown_names names = flown_names(&prng);

		key = flown_key(&names, DEVICE);
		flow = any_flow(&key);
		flow.change = random_change(&prng, &names);
		put_flow(&key, &flow);
		complete_frame(&frame, &prng, &names);
		tell(ELEMENT, DEVICE, frame.size);
		if (change(&frame, BPF_F_TEST_SKB_CHECKSUM_COMPLETE, &error) !=
			    REDIRECT &&
		    error != -EINVAL) /* before Linux 6.11 */
			ck_abort_msg("round %d, IPv%d: %s", round,
				     names.ipv6 ? 6 : 4, strerror(-error));
	}
}
END_TEST

START_TEST(frame_that_nobody_told_of_goes_on_as_it_is)
{
	struct prng prng = prng_start(prng_seed());
	struct flown made;
	int error;

	known_flow(_i);
	flow.change = random_change(&prng, &frame.names);
	put_flow(&key, &flow);
	made = frame;
	tell(0, DEVICE, made.size);
	ck_assert_uint_eq(change(&made, 0, &error), NEXT);
	/* of another device's frame */
	tell(ELEMENT, DEVICE + 1, made.size);
	ck_assert_uint_eq(change(&made, 0, &error), NEXT);
	/* of another frame */
	tell(ELEMENT, DEVICE, made.size + 1);
	ck_assert_uint_eq(change(&made, 0, &error), NEXT);
	ck_assert_mem_eq(made.bytes, frame.bytes, frame.size);
	ck_assert_uint_eq(get_flow().frames, 0);
}
END_TEST

/* Its header ends before the checksum that is to be changed. */
START_TEST(frame_that_can_be_changed_by_half_is_dropped_and_counted)
{
	struct fast_flow went;
	struct flown made;
	int error;

	known_flow(_i);
	flow.change.ipv6 = (uint8_t)_i;
	flow.change.protocol = VS_IP_TCP;
	flow.change.readdress = 1;
	put_flow(&key, &flow);
	frame.size = flown_l4(&frame) + 10;
	for (uint32_t lost = 1; lost < 4; lost++) {
		made = frame;
		tell(ELEMENT, DEVICE, made.size);
		ck_assert_uint_eq(change(&made, 0, &error), SHOT);
		went = get_flow();
		ck_assert_uint_eq(went.lost, lost);
		ck_assert_uint_eq(went.lost_bytes, lost * frame.size);
		ck_assert_uint_eq(went.frames | went.bytes, 0);
	}
}
END_TEST

static bool is_redirected(void)
{
	struct flown made = frame;
	int error;

	return change(&made, 0, &error) == REDIRECT;
}

/* One CPU's runs: what is told holds for one frame. */
START_TEST(what_is_told_holds_for_one_frame)
{
	uint32_t redirected = 0;

	known_flow(_i);
	put_flow(&key, &flow);
	tell(ELEMENT, DEVICE, frame.size);
	/* at most once on each CPU */
	for (int i = 0; i < 10 * libbpf_num_possible_cpus(); i++)
		redirected += is_redirected();
	ck_assert_uint_ge(redirected, 1);
	ck_assert_uint_le(redirected, (uint32_t)libbpf_num_possible_cpus());
	ck_assert_uint_eq(get_flow().frames, redirected);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fast_program");
	TCase *tests = tcase_create("fast_program");
	int error = geteuid() ? -EPERM : load();

	if (error) {
		fprintf(stderr, "skipped: not in the kernel: %s\n",
			strerror(-error));
		return 77;
	}
	bpf_object__close(object);
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, frames_that_are_read_as_the_flow_s_are_kept);
	tcase_add_loop_test(tests,
			    flow_of_another_generation_or_of_before_is_not_kept,
			    0, 2);
	tcase_add_loop_test(tests, flow_lives_with_its_part_s_generation_too, 0,
			    8);
	tcase_add_loop_test(tests, element_of_another_key_is_not_used, 0, 2);
	tcase_add_loop_test(tests, frame_beyond_the_limit_is_not_kept, 0, 2);
	tcase_add_loop_test(tests, datagram_that_ends_in_its_header_is_not_kept,
			    0, 2);
	tcase_add_test(tests, what_is_behind_the_packet_is_padding_or_no_flow);
	tcase_add_loop_test(tests, last_hop_is_the_switch_s, 0, 2);
	tcase_add_loop_test(tests, frame_of_another_device_is_not_kept, 0, 2);
	tcase_add_test(tests, change_is_the_one_that_the_daemon_found);
	tcase_add_test(tests, sum_that_a_device_computed_stays_the_frame_s);
	tcase_add_loop_test(tests, frame_that_nobody_told_of_goes_on_as_it_is,
			    0, 2);
	tcase_add_loop_test(
		tests, frame_that_can_be_changed_by_half_is_dropped_and_counted,
		0, 2);
	tcase_add_loop_test(tests, what_is_told_holds_for_one_frame, 0, 2);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
