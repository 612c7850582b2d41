// SPDX-License-Identifier: Apache-2.0
/*
 * A thousand random changes of the stack while two workers walk. Each filter
 * stamps what it sees with the number of its state; a frame that leaves must
 * carry the stamps of one published stack, all of them, in order. Some filters
 * also hold frames, and leave while they do. For TSan and ASan.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define CHANGES	   1000u
#define KINDS	   6u
#define FRAME_SIZE 128u
#define STAMPS_AT  42u /* behind Ethernet, IP and UDP */
#define STAMPS	   16u
#define VSID	   5001u

/* Behind STAMPS_AT; a held frame is stamped on, and judged no more. */
struct stamps {
	uint16_t count;
	uint16_t was_held;
	struct {
		uint16_t kind;
		uint16_t number;
	} stamp[STAMPS];
};

/* The stack that was published with states of this number: written before it
 * is published, read by who walks it. */
static struct {
	uint16_t count;
	uint16_t kind[KINDS];
} published[CHANGES + 2];

static uint16_t number; /* of the states that are made now; main thread */
static atomic_bool stop;
static _Atomic uint64_t walked, left, mixed, incomplete, unstamped, were_held;
static _Atomic int32_t instances, states;

struct vs_state {
	uint16_t number;
};

struct vs_shard {
	const struct vs_frame *held[4];
	uint32_t count, seen;
};

/* -- the extensions --------------------------------------------------------
 */

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	struct vs_instance *instance = calloc(1, sizeof(*instance));

	(void)error;
	if (instance) {
		instance->host = host;
		instances++;
	}
	return instance;
}

static void detach(struct vs_instance *instance)
{
	instances--;
	free(instance);
}

static const struct vs_state *configure(struct vs_instance *own,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	struct vs_state *state = calloc(1, sizeof(*state));

	(void)own;
	(void)settings;
	(void)error;
	if (state) {
		state->number = number;
		states++;
	}
	return state;
}

static void retire(struct vs_instance *own, const struct vs_state *state)
{
	(void)own;
	states--;
	free((void *)(uintptr_t)state);
}

static void stamp(const struct vs_call *call, struct vs_frame *frame,
		  uint16_t kind)
{
	uint8_t *at = vs_frame_edit(frame, STAMPS_AT, sizeof(struct stamps));
	struct stamps stamps;

	memcpy(&stamps, at, sizeof(stamps));
	if (stamps.count < STAMPS) {
		stamps.stamp[stamps.count].kind = kind;
		stamps.stamp[stamps.count++].number = call->state->number;
	}
	memcpy(at, &stamps, sizeof(stamps));
}

static void stamp_all(const struct vs_call *call, struct vs_burst *burst,
		      uint16_t kind)
{
	struct vs_frame *frame;

	VS_FOR_EACH (frame, burst)
		stamp(call, frame, kind);
}

/* Every eleventh frame waits for a tick, or for the end of the extension. */
static void hold_some(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_shard *shard = call->shard;
	struct vs_frame *frame;
	uint16_t yes = 1;

	VS_FOR_EACH (frame, burst) {
		if (shard->seen++ % 11 || shard->count == 4)
			continue;
		memcpy(vs_frame_edit(frame,
				     STAMPS_AT +
					     offsetof(struct stamps, was_held),
				     sizeof(yes)),
		       &yes, sizeof(yes));
		if (call->host->hold(call, frame) == 0)
			shard->held[shard->count++] = frame;
	}
}

static uint64_t tick(const struct vs_call *call)
{
	struct vs_shard *shard = call->shard;

	while (shard->count)
		call->host->release(call, shard->held[--shard->count], VS_PASS,
				    0);
	return call->now_ns + 50000000;
}

/* On the way up it is the stack of the way down. */
static void check_up(const struct vs_call *call,
		     struct vs_delivery_burst *burst, uint16_t kind)
{
	struct vs_delivery *delivery;
	struct stamps stamps;

	VS_FOR_EACH (delivery, burst) {
		bool found = false;

		memcpy(&stamps,
		       vs_frame_at(vs_delivery_frame(delivery), STAMPS_AT,
				   sizeof(stamps)),
		       sizeof(stamps));
		for (uint16_t i = 0; i < stamps.count; i++)
			found |= stamps.stamp[i].kind == kind &&
				 stamps.stamp[i].number == call->state->number;
		if (!found && !stamps.was_held)
			unstamped++;
	}
}

#define FILTER(n, holds)                                                       \
	static void ingress_##n(const struct vs_call *call,                    \
				struct vs_burst *burst)                        \
	{                                                                      \
		stamp_all(call, burst, n);                                     \
		if (holds)                                                     \
			hold_some(call, burst);                                \
	}                                                                      \
	static void egress_##n(const struct vs_call *call,                     \
			       struct vs_delivery_burst *burst)                \
	{                                                                      \
		check_up(call, burst, n);                                      \
	}                                                                      \
	static const struct vs_filter_class class_##n = {ingress_##n,          \
							 egress_##n}

#define EXTENSION(n, text)                                                     \
	{                                                                      \
		VS_EXTENSION_HEAD, .name = (text), .filter = &class_##n,       \
				   .attach = attach, .detach = detach,         \
				   .configure = configure, .retire = retire,   \
				   .shard_size = sizeof(struct vs_shard),      \
				   .tick = tick                                \
	}

FILTER(0, false);
FILTER(1, true);
FILTER(2, false);
FILTER(3, true);
FILTER(4, false);
FILTER(5, false);

static const struct vs_extension kinds[KINDS] = {
	EXTENSION(0, "f0"), EXTENSION(1, "f1"), EXTENSION(2, "f2"),
	EXTENSION(3, "f3"), EXTENSION(4, "f4"), EXTENSION(5, "f5"),
};

/* -- the workers' threads --------------------------------------------------
 */

struct thread {
	struct vs_outbox outbox; /* first: flush finds it */
	pthread_t id;
	struct rig *rig;
	uint16_t worker, port;
};

/* The worker walks the snapshot of this generation; the first is 1. */
static void judge(const struct stamps *stamps, uint64_t generation)
{
	uint16_t which = (uint16_t)(generation - 1);

	for (uint16_t i = 0; i < stamps->count; i++)
		if (stamps->stamp[i].number != which) {
			mixed++;
			return;
		}
	if (published[which].count != stamps->count) {
		incomplete++;
		return;
	}
	for (uint16_t i = 0; i < stamps->count; i++)
		if (published[which].kind[i] != stamps->stamp[i].kind)
			incomplete++;
}

static void flush(struct vs_outbox *outbox)
{
	const struct thread *thread = (const struct thread *)outbox;
	uint64_t generation = vs_worker_generation(
		vs_switch_worker(thread->rig->sw, thread->worker));
	struct stamps stamps;

	for (uint16_t i = 0; i < outbox->count; i++) {
		const struct vs_frame *frame = outbox->entry[i].recipe.frame;

		memcpy(&stamps, vs_frame_at(frame, STAMPS_AT, sizeof(stamps)),
		       sizeof(stamps));
		left++;
		if (stamps.was_held)
			were_held++;
		else
			judge(&stamps, generation);
	}
	vs_outbox_clear(outbox);
}

static void walk_some(struct thread *thread, struct vs_worker *worker,
		      uint64_t now)
{
	struct vs_packet *packets[16];
	struct vs_input input = {
		.port = {thread->port}, .packets = packets, .now = now};
	uint8_t bytes[FRAME_SIZE] = {0};

	rig_udp(bytes, FRAME_SIZE, (uint8_t)thread->port,
		thread->port == 2 ? 3 : 2);
	memset(bytes + STAMPS_AT, 0, FRAME_SIZE - STAMPS_AT);
	while (input.count < 16) {
		struct vs_packet *packet =
			vs_pool_take(vs_worker_pool(worker), false);

		if (!packet)
			break;
		memcpy(packet->buffer + VS_PACKET_HEADROOM, bytes, FRAME_SIZE);
		packet->view.size = FRAME_SIZE;
		packets[input.count++] = packet;
	}
	vs_worker_input(worker, &input, &thread->outbox);
	flush(&thread->outbox);
	atomic_fetch_add(&walked, input.count);
}

static void *run(void *data)
{
	struct thread *thread = data;
	struct vs_worker *worker =
		vs_switch_worker(thread->rig->sw, thread->worker);
	uint64_t now = 1000000000;

	while (!atomic_load(&stop)) {
		vs_worker_enter(worker);
		walk_some(thread, worker, now);
		vs_worker_tick(worker, now, &thread->outbox);
		flush(&thread->outbox);
		vs_worker_park(worker);
		now += 1000000;
	}
	return NULL;
}

/* -- the changes ------------------------------------------------------------
 */

struct stack {
	struct rig *rig;
	struct prng random;
	uint16_t count;
	struct vs_attachment *at[KINDS];
	uint16_t kind[KINDS];
	uint32_t leaving_count;
	struct vs_attachment *leaving[CHANGES * 2];
};

static void put(struct stack *stack, uint16_t kind, uint16_t place)
{
	struct vs_error error = {0};

	for (uint16_t i = stack->count++; i > place; i--) {
		stack->at[i] = stack->at[i - 1];
		stack->kind[i] = stack->kind[i - 1];
	}
	stack->kind[place] = kind;
	ck_assert_int_eq(vs_switch_attach(stack->rig->sw, &kinds[kind],
					  &stack->at[place], &error),
			 0);
}

static void take(struct stack *stack, uint16_t place)
{
	stack->leaving[stack->leaving_count++] = stack->at[place];
	stack->count--;
	for (uint16_t i = place; i < stack->count; i++) {
		stack->at[i] = stack->at[i + 1];
		stack->kind[i] = stack->kind[i + 1];
	}
}

static void swap(struct stack *stack, uint16_t a, uint16_t b)
{
	struct vs_attachment *at = stack->at[a];
	uint16_t kind = stack->kind[a];

	stack->at[a] = stack->at[b];
	stack->kind[a] = stack->kind[b];
	stack->at[b] = at;
	stack->kind[b] = kind;
}

static bool has(const struct stack *stack, uint16_t kind)
{
	for (uint16_t i = 0; i < stack->count; i++)
		if (stack->kind[i] == kind)
			return true;
	return false;
}

/* One of: in, out, two change places, a new instance in the place of one. */
static void change(struct stack *stack)
{
	uint16_t kind = (uint16_t)prng_below(&stack->random, KINDS);
	uint16_t place = stack->count ? (uint16_t)prng_below(&stack->random,
							     stack->count)
				      : 0;

	if (!has(stack, kind)) {
		put(stack, kind, place);
	} else if (prng_below(&stack->random, 3) == 0) {
		take(stack, place);
	} else if (prng_below(&stack->random, 2)) {
		swap(stack, place, 0);
	} else {
		kind = stack->kind[place];
		take(stack, place);
		put(stack, kind, place);
	}
}

static void publish(struct stack *stack)
{
	struct rig *rig = stack->rig;
	struct vs_error error = {0};

	published[number].count = stack->count;
	rig->stack_count = stack->count;
	for (uint16_t i = 0; i < stack->count; i++) {
		published[number].kind[i] = stack->kind[i];
		rig->stack[i] = stack->at[i];
		rig->state[i] =
			vs_attachment_configure(stack->at[i], NULL, &error);
	}
	rig_publish(rig);
}

static void let_leave(struct stack *stack)
{
	uint32_t left_over = 0;

	for (uint32_t i = 0; i < stack->leaving_count; i++) {
		if (vs_attachment_idle(stack->leaving[i]))
			vs_switch_detach(stack->rig->sw, stack->leaving[i]);
		else
			stack->leaving[left_over++] = stack->leaving[i];
	}
	stack->leaving_count = left_over;
}

static void change_often(struct stack *stack)
{
	for (number = 1; number <= CHANGES; number++) {
		uint64_t before = atomic_load(&walked);

		change(stack);
		publish(stack);
		/* every other stack is walked for sure */
		while (number % 2 && atomic_load(&walked) < before + 32)
			vs_switch_poll(stack->rig->sw, 1000000000);
		vs_switch_poll(stack->rig->sw, 1000000000);
		let_leave(stack);
	}
	while (stack->count)
		take(stack, 0);
	publish(stack);
}

static void finish(struct stack *stack, struct thread *threads)
{
	while (stack->leaving_count) {
		vs_switch_poll(stack->rig->sw, 1000000000);
		let_leave(stack);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i].id, NULL);
}

START_TEST(frame_meets_one_whole_stack_through_a_thousand_changes)
{
	struct vs_switch_params params = {.name = "busy",
					  .workers = 2,
					  .seed = 3,
					  .small_buffers = 256,
					  .big_buffers = 2};
	struct rig *rig = rig_open(&params);
	struct thread threads[2] = {
		{.rig = rig, .worker = 0, .port = 2, .outbox.flush = flush},
		{.rig = rig, .worker = 1, .port = 3, .outbox.flush = flush}};
	struct stack *stack = calloc(1, sizeof(*stack));
	struct vs_ledger_row total;

	stack->rig = rig;
	stack->random = prng_start(prng_seed());
	rig_port(rig, "a", 2, VSID);
	rig_port(rig, "b", 3, VSID)->worker = 1;
	publish(stack);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i].id, NULL, run, &threads[i]);
	change_often(stack);
	finish(stack, threads);
	total = rig_total(rig);
	ck_assert_uint_eq(mixed, 0);
	ck_assert_uint_eq(incomplete, 0);
	ck_assert_uint_eq(unstamped, 0);
	ck_assert_uint_gt(were_held, 0);
	ck_assert_uint_eq(total.received, walked);
	ck_assert_uint_eq(total.sent, left);
	ck_assert_uint_eq(total.sent, walked); /* nobody dropped anything */
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	ck_assert_int_eq(instances, 0);
	ck_assert_int_eq(states, 0);
	rig_close(rig);
	free(stack);
}
END_TEST

/* -- one frame, one worker --------------------------------------------------
 */

/* [f1, f2], and f1 holds a frame. */
static struct stack *stack_that_holds(void)
{
	struct rig *rig = rig_open(&(struct vs_switch_params){.workers = 1});
	struct stack *stack = calloc(1, sizeof(*stack));
	uint8_t bytes[FRAME_SIZE] = {0};

	ck_assert_ptr_nonnull(stack);
	stack->rig = rig;
	rig_port(rig, "a", 2, VSID);
	rig_port(rig, "b", 3, VSID);
	put(stack, 1, 0);
	put(stack, 2, 1);
	publish(stack);
	rig_udp(bytes, FRAME_SIZE, 2, 3);
	memset(bytes + STAMPS_AT, 0, FRAME_SIZE - STAMPS_AT);
	rig_input(rig, 2, bytes, FRAME_SIZE);
	ck_assert_uint_eq(rig_total(rig).held, 1);
	return stack;
}

/* Under a new stack it is released, and has met these, in this order. */
static void expect_met(struct stack *stack, const uint16_t *kind,
		       uint16_t count)
{
	struct rig *rig = stack->rig;
	struct stamps stamps;

	publish(stack);
	rig_advance(rig, 1000000000);
	ck_assert_uint_eq(rig->sent_count, 1);
	memcpy(&stamps, rig->sent[0].bytes + STAMPS_AT, sizeof(stamps));
	ck_assert_uint_eq(stamps.count, count);
	for (uint16_t i = 0; i < count; i++)
		ck_assert_uint_eq(stamps.stamp[i].kind, kind[i]);
	ck_assert_int_eq(rig_balance(rig), 0);
	rig_close(rig);
	free(stack);
}

START_TEST(held_frame_goes_on_below_its_filter_in_a_new_stack)
{
	struct stack *stack = stack_that_holds();

	put(stack, 0, 0);
	expect_met(stack, (const uint16_t[]){1, 2}, 2);
}
END_TEST

/* f2, which it has yet to meet, stands above f1 now. */
START_TEST(held_frame_skips_nobody_when_the_stack_is_turned_around)
{
	struct stack *stack = stack_that_holds();

	swap(stack, 0, 1);
	expect_met(stack, (const uint16_t[]){1, 2, 1}, 3);
}
END_TEST

static unsigned int main_ticks;

static uint64_t tick_rarely(struct vs_instance *instance, uint64_t now_ns)
{
	(void)instance;
	main_ticks++;
	return now_ns + 3600000000000u;
}

START_TEST(main_tick_runs_under_each_new_state_once)
{
	static const struct vs_filter_class looks_at_nothing = {0};
	static const struct vs_extension slow = {
		VS_EXTENSION_HEAD, .name = "slow", .filter = &looks_at_nothing,
		.tick_main = tick_rarely};
	struct rig *rig = rig_open(&(struct vs_switch_params){.workers = 1});

	main_ticks = 0;
	rig_attach(rig, &slow);
	for (unsigned int i = 1; i <= 3; i++) {
		rig_publish(rig);
		vs_switch_poll(rig->sw, rig->now);
		vs_switch_poll(rig->sw, rig->now);
		ck_assert_uint_eq(main_ticks, i);
	}
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stack_change");
	TCase *tcase = tcase_create("threads");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase,
		       frame_meets_one_whole_stack_through_a_thousand_changes);
	tcase_add_test(tcase,
		       held_frame_goes_on_below_its_filter_in_a_new_stack);
	tcase_add_test(tcase,
		       held_frame_skips_nobody_when_the_stack_is_turned_around);
	tcase_add_test(tcase, main_tick_runs_under_each_new_state_once);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
