// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel forwarded gets into the links' lines and the ledger as if a
 * worker had (switch/io/pump.h, fast.h), over real maps: what a program would
 * count is written by hand.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "core/switch.h"
#include "core/worker.h"
#include "io/fast.h"
#include "io/loop.h"
#include "io/pump.h"
#include "tests/support/frames.h"
#include "tests/support/suite.h"

#define WAIT_NS 20000000000ull
#define VM	2u
#define OTHER	3u
#define FRAMES	20u

/* One frame a burst. */
struct source {
	struct vs_link link; /* first */
	_Atomic uint32_t frames;
};

static struct source vm, other;
static struct vs_switch *sw;
static struct pump *pump;
static struct fast *fast;
static struct fast_flow *flows;
static uint8_t bytes[128];
static uint32_t size;

static int source_rx(struct vs_link *link, struct vs_pool *pool,
		     struct vs_packet *packets[], uint16_t room, uint32_t limit)
{
	struct source *self = (struct source *)link;

	(void)room;
	(void)limit;
	link->unread = self->frames > 1;
	if (!self->frames)
		return 0;
	packets[0] = vs_pool_take(pool, false);
	memcpy(packets[0]->buffer + VS_PACKET_HEADROOM, bytes, size);
	packets[0]->view.size = size;
	self->frames--;
	return 1;
}

static void source_tx(struct vs_link *link,
		      const struct vs_outbox_entry *const entries[],
		      uint16_t count, struct link_scratch *scratch)
{
	(void)entries;
	(void)scratch;
	atomic_fetch_add(&link->stats.sent, count);
	atomic_fetch_add(&link->stats.written, count);
}

static void source_close(struct vs_link *link)
{
	(void)link;
}

static const struct link_ops source_ops = {
	.name = "source",
	.rx_burst = source_rx,
	.tx_burst = source_tx,
	.close = source_close,
};

static void on_gone(struct pump_owner *owner)
{
	(void)owner;
}

static struct pump_owner owner = {.link_gone = on_gone};

static int make_map(enum bpf_map_type type, uint32_t key, uint32_t value,
		    uint32_t flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);

	return bpf_map_create(type, "map", key, value, FAST_FLOWS, &options);
}

static int make_flows(void)
{
	return make_map(BPF_MAP_TYPE_ARRAY, sizeof(uint32_t),
			sizeof(struct fast_flow), BPF_F_MMAPABLE);
}

static void open_fast(void)
{
	int fds[2] = {make_map(BPF_MAP_TYPE_HASH, sizeof(struct fast_key),
			       sizeof(uint32_t), 0),
		      make_flows()};

	flows = mmap(NULL, FAST_FLOWS * sizeof(*flows), PROT_READ | PROT_WRITE,
		     MAP_SHARED, fds[1], 0);
	ck_assert(flows != MAP_FAILED);
	ck_assert_int_eq(fast_create(&fast, fds), 0);
}

static void add_port(struct vs_snapshot *snapshot, uint16_t id,
		     struct source *link)
{
	const struct vs_port_plan plan = {
		.info = {.struct_size = sizeof(plan.info),
			 .id = {id},
			 .mtu = 1500,
			 .up = true,
			 .mac = {{2, 0, 0, 0, 0, (uint8_t)id}}},
		.link = &link->link,
		.vsid_count = 1,
	};
	struct vs_error error;

	ck_assert_int_eq(vs_snapshot_add_port(snapshot, &plan, &error), 0);
}

static void publish(void)
{
	struct vs_snapshot *snapshot = vs_snapshot_begin(sw);

	add_port(snapshot, VM, &vm);
	add_port(snapshot, OTHER, &other);
	vs_switch_publish(sw, snapshot);
	pump_wake(pump, UINT16_MAX);
}

/* From vm to other. */
static void make_frame(void)
{
	struct frames frame = frames_ethernet(bytes, VS_TYPE_IPV4);

	memcpy(bytes, "\2\0\0\0\0\3\2\0\0\0\0\2", 12);
	frames_ipv4(&frame, VS_IP_TCP);
	frames_tcp(&frame, 1, 0x10);
	frames_bytes(&frame, "0123456789", 10);
	frames_finish(&frame, VS_IP_TCP);
	size = frame.size;
}

static void begin(void)
{
	struct pump_params pump_params = {.workers = 1, .owner = &owner};
	struct vs_switch_params params = {.name = "lab", .workers = 1};
	struct vs_error error;

	make_frame();
	open_fast();
	link_init(&vm.link, &source_ops, -1, 1500);
	link_init(&other.link, &source_ops, -1, 1500);
	vm.link.fast = 11;
	other.link.fast = 12;
	pump_params.fast = fast;
	params.changes = fast_changes(fast);
	ck_assert_int_eq(pump_create(&pump, &pump_params, &error), 0);
	ck_assert_int_eq(vs_switch_create(&sw, &params, NULL, &error), 0);
	ck_assert_int_eq(pump_add(pump, sw), 0);
}

static void end(void)
{
	pump_drop(pump, sw);
	while (pump_holds(pump, sw))
		usleep(1000);
	pump_destroy(pump);
	vs_switch_destroy(sw);
	fast_destroy(fast);
}

/* The element that the flow got; NULL: none as yet. */
static struct fast_flow *taught(void)
{
	for (uint32_t i = FAST_FIRST; i < FAST_FLOWS; i++)
		if (flows[i].out == 12)
			return &flows[i];
	return NULL;
}

static struct fast_flow *teach(void)
{
	uint64_t until = loop_now_ns() + WAIT_NS;

	vm.frames = FRAMES;
	publish();
	while ((vm.frames || !taught()) && loop_now_ns() < until)
		usleep(1000);
	ck_assert_ptr_nonnull(taught());
	return taught();
}

static struct vs_ledger_row row(void)
{
	struct vs_ledger_row found;
	uint32_t cursor = 0;

	while (vs_ledger_next(vs_switch_ledger(sw), &cursor, &found))
		if (found.port.value == VM)
			return found;
	ck_abort();
}

START_TEST(lost_frames_were_received_with_their_bytes_and_not_written)
{
	struct fast_flow *flow = teach();
	uint64_t until = loop_now_ns() + WAIT_NS;
	struct link_counts in, out;
	struct vs_ledger_row booked;

	flow->bytes = 1000;
	flow->lost_bytes = 180;
	flow->frames = 10;
	flow->lost = 2;
	while (vm.link.stats.fast < 12 && loop_now_ns() < until)
		usleep(1000);
	booked = row();
	end();
	ck_assert_uint_eq(booked.received, FRAMES + 12);
	ck_assert_uint_eq(booked.received_bytes, FRAMES * size + 1180);
	ck_assert_uint_eq(booked.sent, FRAMES + 12);
	ck_assert_uint_eq(booked.sent_bytes, FRAMES * size + 1180);
	link_read_counts(&vm.link, &in);
	link_read_counts(&other.link, &out);
	ck_assert_uint_eq(in.fast, 12);
	ck_assert_uint_eq(in.received, 12); /* a source counts nothing */
	ck_assert_uint_eq(in.received_bytes, 1180);
	ck_assert_uint_eq(out.sent, FRAMES + 12);
	ck_assert_uint_eq(out.written, FRAMES + 10);
	ck_assert_uint_eq(out.wire_frames, 10);
	ck_assert_uint_eq(out.bytes, 1000);
	ck_assert_uint_eq(out.lost[LINK_REFUSED], 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pump_fast");
	TCase *tests = tcase_create("pump_fast");
	int probe = geteuid() ? -EPERM : make_flows();

	if (probe < 0) {
		fprintf(stderr, "skipped: the kernel makes no map: %s\n",
			strerror(-probe));
		return 77;
	}
	close(probe);
	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, begin, NULL);
	tcase_add_test(
		tests,
		lost_frames_were_received_with_their_bytes_and_not_written);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
