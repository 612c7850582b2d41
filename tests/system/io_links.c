/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TAPs and packet sockets against the real kernel: a device that dies, the
 * MTU, tags in auxdata, and a whole switch between two namespaces.
 */
#include <errno.h>
#include <linux/virtio_net.h>

#include "core/switch.h"
#include "core/worker.h"
#include "io/pump.h"
#include "tests/support/devices.h"
#include "tests/support/suite.h"

#define SECOND 1000000000ull

static struct shell shell;

static void begin(void)
{
	netns_create('a');
	netns_create('b');
	shell_open(&shell);
}

static void end(void)
{
	shell_close(&shell);
	netns_remove_all();
}

/* -- one link at a time
 * --------------------------------------------------------- */

/* A broadcast frame of `size` bytes with an unused EtherType. */
static struct vs_packet *some_frame(struct vs_pool *pool, uint32_t size)
{
	struct vs_packet *packet = vs_pool_take(pool, size > VS_SMALL_SIZE);
	uint8_t *bytes = packet->buffer + (packet->view.data - packet->buffer);

	memset(bytes, 0x5a, size);
	memset(bytes, 0xff, 6);
	memcpy(bytes + 6, "\x02\0\0\0\0\x63\x88\xb5", 8);
	packet->view.size = size;
	vs_packet_parse(packet);
	return packet;
}

/* trust.md 0.4: the kernel would take 65,536 bytes on a TAP of 1500 */
START_TEST(frame_above_the_mtu_is_a_named_loss)
{
	struct vs_pool *pool = vs_pool_create(
		&(struct vs_pool_params){.small_count = 8, .big_count = 4});
	struct link_scratch *scratch = link_scratch_create();
	struct vs_link *link = open_tap(&shell, 'a', 1);
	struct link_counts counts;

	send_whole(link, scratch, some_frame(pool, 1514));
	send_whole(link, scratch, some_frame(pool, 1515));
	send_whole(link, scratch, some_frame(pool, 65000));
	link_read_counts(link, &counts);
	ck_assert_uint_eq(counts.sent, 3);
	ck_assert_uint_eq(counts.written, 1);
	ck_assert_uint_eq(counts.lost[LINK_TOO_BIG], 2);
	run("ip -n %s link set eth0 down", netns_name('a'));
	send_whole(link, scratch, some_frame(pool, 60));
	link_read_counts(link, &counts);
	ck_assert_uint_eq(counts.lost[LINK_DOWN], 1);
	link_close(link);
	link_scratch_destroy(scratch);
	vs_pool_destroy(pool);
}
END_TEST

/* Reads until a frame with our EtherType, behind a tag or not, came. */
static struct vs_packet *read_ours(struct vs_link *link, struct vs_pool *pool)
{
	uint64_t until = loop_now_ns() + 10 * SECOND;

	while (loop_now_ns() < until) {
		struct vs_packet *packet;
		int count = link->ops->rx_burst(link, pool, &packet, 1, 1);

		ck_assert_int_ge(count, 0);
		if (!count)
			continue;
		vs_packet_parse(packet);
		if (packet->view.ether_type == 0x88b5)
			return packet;
		vs_packet_unref(packet);
	}
	return NULL;
}

START_TEST(tag_in_auxdata_is_back_in_the_bytes)
{
	struct vs_pool *pool = vs_pool_create(
		&(struct vs_pool_params){.small_count = 8, .big_count = 4});
	struct link_scratch *scratch = link_scratch_create();
	struct vs_link *near, *far;
	struct vs_packet *packet;
	uint8_t *bytes;

	run("ip -n %s link add v0 type veth peer name v1; ip -n %s link set v0 "
	    "up; ip -n %s link set v1 up",
	    netns_name('a'), netns_name('a'), netns_name('a'));
	near = open_packet(&shell, 'a', "v0");
	far = open_packet(&shell, 'a', "v1");
	packet = some_frame(pool, 100);
	bytes = packet->buffer + (packet->view.data - packet->buffer);
	memcpy(bytes + 12, "\x81\x00\x60\x07\x88\xb5", 6);
	vs_packet_parse(packet);
	send_whole(near, scratch, packet);
	packet = read_ours(far, pool);
	ck_assert_ptr_nonnull(packet);
	ck_assert_uint_eq(packet->view.size, 100);
	ck_assert_uint_eq(packet->view.vlan, 0x6007);
	ck_assert_uint_eq(packet->view.tags, 1);
	vs_packet_unref(packet);
	link_close(near);
	link_close(far);
	link_scratch_destroy(scratch);
	vs_pool_destroy(pool);
}
END_TEST

/* One of UDP as a VM may send it: a super-frame that is cut into fragments
 * (VIRTIO_NET_HDR_GSO_UDP), for which a packet socket's header has no word. */
static void write_ufo(int tap)
{
	static const uint8_t start[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,	  0,	0,  0, 0,
		0x63, 0x08, 0,	  0x45, 0,    0x0f, 0xbc, 0,	0,  0, 0,
		64,   17,   0,	  0,	10,   0,    0,	  0x63, 10, 0, 0,
		0xff, 0x10, 0,	  0x10, 1,    0x0f, 0xa8, 0,	0};
	struct {
		struct virtio_net_hdr vnet;
		uint8_t frame[14 + 0xfbc];
	} all = {
		.vnet = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
			 .gso_type = VIRTIO_NET_HDR_GSO_UDP,
			 .hdr_len = 42,
			 .gso_size = 1400,
			 .csum_start = 34,
			 .csum_offset = 6},
	};

	memcpy(all.frame, start, sizeof(start));
	ck_assert_int_eq(write(tap, &all, sizeof(all)), sizeof(all));
}

START_TEST(frame_that_the_kernel_cannot_describe_is_lost_alone)
{
	struct vs_pool *pool = vs_pool_create(
		&(struct vs_pool_params){.small_count = 80, .big_count = 4});
	struct link_scratch *scratch = link_scratch_create();
	struct vs_link *vm = open_tap(&shell, 'a', 1);
	struct vs_link *near = open_packet(&shell, 'a', "eth0");
	struct link_counts counts;
	struct vs_packet *packet;

	for (int i = 0; i < 100; i++)
		write_ufo(vm->fd);
	send_whole(vm, scratch, some_frame(pool, 100));
	packet = read_ours(near, pool);
	ck_assert_ptr_nonnull(packet);
	vs_packet_unref(packet);
	link_read_counts(near, &counts);
	ck_assert_uint_eq(counts.truncated, 100);
	link_close(near);
	link_close(vm);
	link_scratch_destroy(scratch);
	vs_pool_destroy(pool);
}
END_TEST

/* -- a whole switch
 * ---------------------------------------------------------------- */

struct bench {
	struct pump_owner owner; /* first */
	struct vs_switch_owner switch_owner;
	_Atomic unsigned int gone;
	struct vs_switch *sw;
	struct pump *pump;
	struct vs_link *link[2];
	bool retired[2];
};

static struct bench bench;

static void on_gone(struct pump_owner *owner)
{
	((struct bench *)owner)->gone++;
}

static void on_retired(struct vs_switch_owner *owner, struct vs_link *link)
{
	(void)owner;
	for (int i = 0; i < 2; i++)
		if (bench.link[i] == link)
			bench.retired[i] = true;
}

static void on_wake(struct vs_switch_owner *owner, struct vs_switch *sw,
		    uint16_t worker)
{
	(void)owner;
	(void)sw;
	pump_wake(bench.pump, worker);
}

/* Port 2 + i reads and writes link[i]; NULL = waits for its device. */
static void publish(void)
{
	struct vs_snapshot *snapshot = vs_snapshot_begin(bench.sw);
	struct vs_error error;

	for (uint16_t i = 0; i < 2; i++) {
		struct vs_port_plan plan = {
			.info = {.struct_size = sizeof(plan.info),
				 .id = {(uint16_t)(2 + i)},
				 .mtu = 1500,
				 .up = true,
				 .mac = {{2, 0, 0, 0, 0, (uint8_t)(i + 1)}}},
			.link = bench.link[i],
			.worker = (uint16_t)(i % vs_switch_workers(bench.sw)),
			.vsid_count = 1,
		};

		ck_assert_int_eq(vs_snapshot_add_port(snapshot, &plan, &error),
				 0);
	}
	vs_switch_publish(bench.sw, snapshot);
	pump_wake(bench.pump, UINT16_MAX);
}

static void bench_open(uint16_t workers)
{
	struct vs_switch_params params = {.name = "lab", .workers = workers};
	struct pump_params pump_params = {
		.workers = workers,
		.spin_us = PUMP_SPIN_AUTO,
		.owner = &bench.owner,
	};
	struct vs_error error = {0};

	memset(&bench, 0, sizeof(bench));
	bench.owner.link_gone = on_gone;
	bench.switch_owner.link_retired = on_retired;
	bench.switch_owner.wake = on_wake;
	ck_assert_msg(pump_create(&bench.pump, &pump_params, &error) == 0, "%s",
		      error.text);
	ck_assert_msg(vs_switch_create(&bench.sw, &params, &bench.switch_owner,
				       &error) == 0,
		      "%s", error.text);
	ck_assert_int_eq(pump_add(bench.pump, bench.sw), 0);
	bench.link[0] = open_tap(&shell, 'a', 1);
	bench.link[1] = open_tap(&shell, 'b', 2);
	publish();
}

static void bench_close(void)
{
	uint64_t until = loop_now_ns() + 10 * SECOND;

	pump_drop(bench.pump, bench.sw);
	while (pump_holds(bench.pump, bench.sw) && loop_now_ns() < until)
		usleep(1000);
	ck_assert(!pump_holds(bench.pump, bench.sw));
	pump_destroy(bench.pump);
	vs_switch_destroy(bench.sw);
	for (int i = 0; i < 2; i++)
		link_close(bench.link[i]);
}

static int ping(void)
{
	return run("ip netns exec %s ping -q -c 3 -i 0.05 -W 2 10.0.0.2 "
		   ">/dev/null",
		   netns_name('a'));
}

/* Bytes and frames that went into namespace b while TCP ran for 2 s. */
static void run_tcp(struct link_counts *difference)
{
	struct link_counts before, after;

	link_read_counts(bench.link[1], &before);
	ck_assert_int_eq(run("ip netns exec %s iperf3 -s -1 -D >/dev/null && "
			     "sleep 0.3 && ip netns exec %s iperf3 -c 10.0.0.2 "
			     "-t 2 -C cubic >/dev/null",
			     netns_name('b'), netns_name('a')),
			 0);
	link_read_counts(bench.link[1], &after);
	difference->bytes = after.bytes - before.bytes;
	difference->wire_frames = after.wire_frames - before.wire_frames;
	difference->segments = after.segments - before.segments;
}

static void two_namespaces_talk(uint16_t workers)
{
	struct link_counts tcp;

	if (run("command -v iperf3 >/dev/null"))
		return;
	bench_open(workers);
	ck_assert_int_eq(ping(), 0);
	run_tcp(&tcp);
	printf("%u worker(s): %.2f Gbit/s, %.0f bytes a frame\n", workers,
	       (double)tcp.bytes * 8 / 2e9,
	       (double)tcp.bytes / (double)tcp.wire_frames);
	ck_assert_uint_gt(tcp.bytes, 50u << 20);
	/* whole: far more than the MTU in a write, nothing cut */
	ck_assert_uint_gt(tcp.bytes / tcp.wire_frames, 8000);
	ck_assert_uint_eq(tcp.segments, 0);
	bench_close();
}

START_TEST(super_frames_stay_whole_between_two_taps)
{
	two_namespaces_talk(1);
}
END_TEST

START_TEST(two_workers_carry_the_same)
{
	two_namespaces_talk(2);
}
END_TEST

static uint64_t rounds(void)
{
	struct pump_stats stats;

	pump_stats(bench.pump, 0, &stats);
	return stats.rounds;
}

/* trust.md 0.2: 366,000 wake-ups in 0.2 s */
START_TEST(dead_tap_is_no_busy_loop_and_comes_back)
{
	struct vs_link *old;
	uint64_t before, until = loop_now_ns() + 10 * SECOND;

	bench_open(1);
	ck_assert_int_eq(ping(), 0);
	netns_delete('a');
	while (!bench.gone && loop_now_ns() < until)
		usleep(1000);
	ck_assert_uint_ge(bench.gone, 1);
	ck_assert(bench.link[0]->gone);
	ck_assert(!bench.link[1]->gone);
	before = rounds();
	usleep(500000);
	ck_assert_uint_lt(rounds() - before, 500);
	/* the owner closes what no snapshot names, and opens a new one */
	old = bench.link[0];
	bench.link[0] = NULL;
	publish();
	bench.link[0] = old;
	until = loop_now_ns() + 10 * SECOND;
	while (!bench.retired[0] && loop_now_ns() < until) {
		vs_switch_poll(bench.sw, loop_now_ns());
		usleep(1000);
	}
	ck_assert(bench.retired[0]);
	link_close(old);
	netns_create('a');
	bench.link[0] = open_tap(&shell, 'a', 1);
	publish();
	ck_assert_int_eq(ping(), 0);
	bench_close();
}
END_TEST

START_TEST(idle_pump_sleeps)
{
	uint64_t before;

	bench_open(1);
	ck_assert_int_eq(ping(), 0);
	before = rounds();
	sleep(1);
	ck_assert_uint_lt(rounds() - before, 200);
	bench_close();
}
END_TEST

static Suite *links_suite(void)
{
	Suite *suite = suite_create("io_links");
	TCase *tcase = tcase_create("kernel");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, frame_above_the_mtu_is_a_named_loss);
	tcase_add_test(tcase, tag_in_auxdata_is_back_in_the_bytes);
	tcase_add_test(tcase,
		       frame_that_the_kernel_cannot_describe_is_lost_alone);
	tcase_add_test(tcase, super_frames_stay_whole_between_two_taps);
	tcase_add_test(tcase, two_workers_carry_the_same);
	tcase_add_test(tcase, dead_tap_is_no_busy_loop_and_comes_back);
	tcase_add_test(tcase, idle_pump_sleeps);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	netns_or_skip();
	return suite_main(links_suite());
}
