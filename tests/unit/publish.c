// SPDX-License-Identifier: Apache-2.0
/*
 * Snapshots change under running workers: two threads walk while the main
 * thread publishes, polls and looks at the books; run under ThreadSanitizer.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/snapshot.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define ROUNDS	  300
#define TENANTS	  5001u
#define STRANGERS 6001u

static atomic_bool stop;
static _Atomic uint64_t leaked, walked;

/* A worker's thread: its own outbox, one port. */
struct thread {
	struct vs_outbox outbox; /* first */
	pthread_t id;
	struct rig *rig;
	uint16_t worker, port;
};

/* Frames of VSID 5001 carry 0x11, those of 6001 0x66: deliver must never mix,
 * whatever VSID a port has in the snapshot that is walked. */
static void flush(struct vs_outbox *outbox)
{
	uint16_t i;

	for (i = 0; i < outbox->count; i++) {
		const struct vs_view *view =
			vs_view(outbox->entry[i].recipe.frame);
		uint16_t to = outbox->entry[i].recipe.port.value;

		if ((view->vsid.value == TENANTS) != (to <= 3))
			leaked++;
	}
	vs_outbox_clear(outbox);
}

static void walk_some(struct thread *thread, struct vs_worker *worker,
		      uint64_t now)
{
	struct vs_packet *packets[32];
	struct vs_input input = {
		.port = {thread->port}, .packets = packets, .now = now};
	uint8_t bytes[60];

	rig_udp(bytes, 60, (uint8_t)thread->port, thread->port == 2 ? 3 : 2);
	while (input.count < 32) {
		struct vs_packet *packet =
			vs_pool_take(vs_worker_pool(worker), false);

		if (!packet)
			break;
		bytes[5] = (uint8_t)(input.count % 6);
		memcpy(packet->buffer + VS_PACKET_HEADROOM, bytes, 60);
		packet->view.size = 60;
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

/* A filter with a state that must never be seen after its retirement. */
struct vs_state {
	_Atomic uint32_t alive;
};

static struct vs_instance instance;
static _Atomic uint64_t dead_states;

static struct vs_instance *attach(const struct vs_main_host *host,
				  struct vs_error *error)
{
	(void)error;
	instance.host = host;
	return &instance;
}

static void detach(struct vs_instance *gone)
{
	(void)gone;
}

static const struct vs_state *configure(struct vs_instance *own,
					const struct vs_settings *settings,
					struct vs_error *error)
{
	struct vs_state *state = calloc(1, sizeof(*state));

	(void)own;
	(void)settings;
	(void)error;
	if (state)
		atomic_init(&state->alive, 0xa11fe);
	return state;
}

static void retire(struct vs_instance *own, const struct vs_state *state)
{
	union {
		const struct vs_state *lent;
		struct vs_state *own;
	} handle = {.lent = state};

	(void)own;
	atomic_store(&handle.own->alive, 0);
	free(handle.own);
}

static void ingress(const struct vs_call *call, struct vs_burst *burst)
{
	(void)burst;
	if (atomic_load(&call->state->alive) != 0xa11fe)
		dead_states++;
	call->host->count(call, 0, 1);
	call->host->post(call, &(struct vs_note){.kind = 1});
}

static const struct vs_named counters[] = {{"bursts", "Bursts."}};
static const struct vs_filter_class class = {.ingress = ingress};
static const struct vs_extension filter = {
	VS_EXTENSION_HEAD, .name = "watch",	 .filter = &class,
	.attach = attach,  .detach = detach,	 .configure = configure,
	.retire = retire,  .counters = counters, .counter_count = 1};

START_TEST(publishing_under_load_leaks_nothing_and_frees_everything)
{
	struct vs_switch_params params = {.name = "busy",
					  .workers = 2,
					  .seed = 3,
					  .small_buffers = 128,
					  .big_buffers = 2};
	struct rig *rig = rig_open(&params);
	struct thread threads[2] = {
		{.rig = rig, .worker = 0, .port = 2, .outbox.flush = flush},
		{.rig = rig, .worker = 1, .port = 4, .outbox.flush = flush}};
	struct vs_error error;
	int i;

	rig_port(rig, "a2", 2, TENANTS);
	rig_port(rig, "a3", 3, TENANTS)->worker = 1;
	rig_port(rig, "b4", 4, STRANGERS)->worker = 1;
	rig_port(rig, "b5", 5, STRANGERS);
	rig->plan[0].mac_guard = false;
	rig->plan[2].mac_guard = false;
	rig_attach(rig, &filter);
	rig_publish(rig);
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i].id, NULL, run, &threads[i]);
	for (i = 0; i < ROUNDS || atomic_load(&walked) < 20000; i++) {
		rig->plan[1].waits = i & 1;
		rig->state[0] =
			vs_attachment_configure(rig->stack[0], NULL, &error);
		rig_publish(rig);
		vs_switch_poll(rig->sw, 1000000000u + (uint64_t)i * 5000000u);
		(void)rig_total(rig);
	}
	atomic_store(&stop, true);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i].id, NULL);
	ck_assert_uint_eq(leaked, 0);
	ck_assert_uint_eq(dead_states, 0);
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	ck_assert_uint_gt(vs_attachment_counter(rig->stack[0], 0), 0);
	rig_close(rig);
}
END_TEST

/* A device that is up and not yet opened sends nothing. */
START_TEST(extension_is_told_that_a_port_is_up_only_when_it_can_send)
{
	struct rig *rig = rig_open(&(struct vs_switch_params){.workers = 1});
	struct vs_port_plan *plan = rig_uplink(rig, "wire", 9);
	struct vs_snapshot *snapshot;
	struct vs_error error;
	int link, up;

	for (link = 0; link < 2; link++)
		for (up = 0; up < 2; up++) {
			plan->link = link ? &rig->link[9] : NULL;
			plan->info.up = up;
			ck_assert_int_eq(rig_build(rig, &snapshot, &error), 0);
			ck_assert_int_eq(snapshot_port(snapshot, plan->info.id)
						 ->plan.info.up,
					 link && up);
			vs_snapshot_discard(snapshot);
		}
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("publish");
	TCase *tcase = tcase_create("publish");

	tcase_add_test(
		tcase,
		publishing_under_load_leaks_nothing_and_frees_everything);
	tcase_add_test(
		tcase,
		extension_is_told_that_a_port_is_up_only_when_it_can_send);
	tcase_set_timeout(tcase, 200);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
