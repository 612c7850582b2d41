// SPDX-License-Identifier: Apache-2.0
/*
 * The packet path allocates nothing: every allocation of the process is
 * counted while 100,000 frames of all sorts walk.
 */
#include <stdlib.h>
#include <string.h>

#include <vswitch/wire.h>

#include "core/acl.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static uint64_t allocations;

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	allocations++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	allocations++;
	return __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	allocations++;
	return __real_aligned_alloc(alignment, size);
}

/* -- extensions that use every service that could allocate
 * --------------------- */

static const struct vs_frame *kept;

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	struct vs_frame *frame, *copy;

	VS_FOR_EACH (frame, burst) {
		switch (call->host->random(call) % 8) {
		case 0:
			copy = call->host->frame_copy(call, frame);
			if (copy &&
			    !(vs_view(frame)->flags & VS_FRAME_INJECTED))
				call->host->emit(call, copy, VS_EMIT_INGRESS,
						 (struct vs_port_id){0},
						 (struct vs_port_id){0});
			else if (copy)
				call->host->frame_free(call, copy);
			break;
		case 1:
			if (!kept && call->host->hold(call, frame) == 0)
				kept = frame;
			break;
		case 2:
			call->host->event(call, 0, "an event");
			call->host->post(call, &(struct vs_note){.kind = 1});
			break;
		case 3:
			vs_drop(frame, VS_REASON_EXCLUDED);
			break;
		}
	}
}

static uint64_t tick(const struct vs_call *call)
{
	if (kept)
		call->host->release(call, kept, VS_PASS, 0);
	kept = NULL;
	return 0;
}

static const struct vs_named events[] = {{"event", "An event."}};
static const struct vs_filter_class filter_class = {.ingress = ingress};
static const struct vs_extension busy = {
	VS_EXTENSION_HEAD, .name = "busy",   .filter = &filter_class,
	.tick = tick,	   .events = events, .event_count = 1};

static void to_wire(const struct vs_call *call, struct vs_outbound_burst *burst)
{
	struct vs_outbound *outbound;

	VS_FOR_EACH (outbound, burst) {
		const struct vs_frame *frame = vs_outbound_frame(outbound);
		struct vs_recipe *recipe = call->host->recipe_open(call, frame);

		memset(recipe->lead, 0, 42);
		recipe->lead_size = 42;
		recipe->offload.csum_start = VS_ABSENT;
		call->host->recipe_commit(call, recipe);
	}
}

static bool serves(const struct vs_state *state, struct vs_vsid vsid)
{
	(void)state;
	return vsid.value == 5001;
}

static const struct vs_translate_class translate_class = {.to_wire = to_wire,
							  .serves = serves};
static const struct vs_extension wire = {VS_EXTENSION_HEAD, .name = "wire",
					 .translate = &translate_class};

START_TEST(hundred_thousand_frames_allocate_nothing)
{
	struct rig *rig = rig_open(NULL);
	struct prng prng = prng_start(prng_seed());
	struct vs_acl_rule rule = {.allow = true,
				   .inbound = true,
				   .outbound = true,
				   .by_mac = true,
				   .any_mac = true};
	struct vs_worker *worker = vs_switch_worker(rig->sw, 0);
	uint8_t bytes[1514];
	uint64_t before;
	int i;

	rig_port(rig, "vm2", 2, 5001)->mac_guard = false;
	rig_port(rig, "vm3", 3, 5001)->acl = vs_acl_build(&rule, 1, 1);
	rig_port(rig, "p4", 4, 0)->mac_guard = false;
	rig_uplink(rig, "wire", 9);
	rig_attach(rig, &busy);
	rig_attach(rig, &wire);
	rig_publish(rig);
	rig->drop_sent = true;
	ck_assert_uint_gt(allocations, 0); /* the counter counts */
	before = allocations;
	for (i = 0; i < 100000; i++) {
		static const uint16_t ports[] = {2, 3, 4, 9};
		uint16_t port = ports[prng_below(&prng, 4)];
		uint32_t size = 60 + prng_below(&prng, 1400);

		rig_udp(bytes, size, 0, (uint8_t)prng_below(&prng, 8));
		bytes[11] =
			port == 3 ? 3 : (uint8_t)(10 + prng_below(&prng, 90));
		if (prng_below(&prng, 8) == 0)
			memset(bytes, 0xff, 6);
		rig_input(rig, port, bytes, size);
		if (i % 64 == 0) {
			rig->now += 1000000;
			vs_worker_enter(worker);
			vs_worker_tick(worker, rig->now, &rig->outbox);
			rig_flush(rig);
			vs_worker_park(worker);
		}
	}
	ck_assert_uint_eq(allocations, before);
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_gt(rig_total(rig).sent, 50000);
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("no_malloc");
	TCase *tcase = tcase_create("no_malloc");

	tcase_add_test(tcase, hundred_thousand_frames_allocate_nothing);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
