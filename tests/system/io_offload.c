/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What links do with segments: TCP segments and UDP datagrams of one flush
 * become one write to a TAP, an NVGRE super-frame becomes good frames on the
 * wire.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>

#include "tests/support/devices.h"
#include "tests/support/frames.h"
#include "tests/support/suite.h"

#define HEADERS 54u /* Ethernet, IPv4, TCP */
#define OUTER	42u
#define SECOND	1000000000ull

static struct shell shell;
static struct vs_pool *pool;
static struct link_scratch *scratch;

static void begin(void)
{
	netns_create('a');
	shell_open(&shell);
	pool = vs_pool_create(
		&(struct vs_pool_params){.small_count = 80, .big_count = 4});
	scratch = link_scratch_create();
}

static void end(void)
{
	link_scratch_destroy(scratch);
	vs_pool_destroy(pool);
	shell_close(&shell);
	netns_remove_all();
}

/* A TCP segment with `payload` bytes of counted data from `sequence`. */
static struct vs_packet *segment(uint32_t sequence, uint32_t payload)
{
	struct vs_packet *packet =
		vs_pool_take(pool, HEADERS + payload > VS_SMALL_SIZE);
	uint8_t *bytes = packet->buffer + (packet->view.data - packet->buffer);
	struct frames frame = frames_ethernet(bytes, VS_TYPE_IPV4);

	frames_ipv4(&frame, VS_IP_TCP);
	frames_tcp(&frame, sequence, 0x10);
	for (uint32_t i = 0; i < payload; i++)
		bytes[frame.size++] = (uint8_t)(sequence + i);
	frames_finish(&frame, VS_IP_TCP);
	packet->view.size = frame.size;
	vs_packet_parse(packet);
	return packet;
}

/* The next TCP frame from `port` 40000, wherever its IP header is. */
static struct vs_packet *read_tcp(struct vs_link *link, uint32_t l3)
{
	uint64_t until = loop_now_ns() + 10 * SECOND;

	while (loop_now_ns() < until) {
		struct vs_packet *packet;
		const uint8_t *ip;
		int count = link->ops->rx_burst(link, pool, &packet, 1, 1);

		ck_assert_int_ge(count, 0);
		if (!count)
			continue;
		ip = packet->view.data + l3;
		if (packet->view.size > l3 + 40 && ip[0] == 0x45 &&
		    ip[9] == VS_IP_TCP && vs_load16(ip + 20) == 40000)
			return packet;
		vs_packet_unref(packet);
	}
	ck_abort_msg("no frame came");
	return NULL;
}

static void entry_of(struct vs_outbox_entry *entry, struct vs_packet *packet)
{
	*entry = (struct vs_outbox_entry){.packet = packet};
	entry->recipe.frame = vs_packet_frame(packet);
	entry->recipe.slice_size = packet->view.size;
	entry->recipe.offload = packet->view.offload;
}

START_TEST(segments_of_a_flush_are_one_write)
{
	static struct vs_outbox_entry entry[3];
	const struct vs_outbox_entry *entries[3];
	struct vs_link *tap = open_tap(&shell, 'a', 1);
	struct vs_link *sight = open_packet(&shell, 'a', "eth0");
	struct link_counts counts;
	struct vs_packet *whole;

	for (uint32_t i = 0; i < 3; i++) {
		entry_of(&entry[i], segment(1 + i * 1000, 1000));
		entries[i] = &entry[i];
	}
	tap->ops->tx_burst(tap, entries, 3, scratch);
	link_read_counts(tap, &counts);
	ck_assert_uint_eq(counts.sent, 3);
	ck_assert_uint_eq(counts.written, 3);
	ck_assert_uint_eq(counts.merged, 3);
	ck_assert_uint_eq(counts.wire_frames, 1);
	whole = read_tcp(sight, VS_ETHERNET_SIZE);
	ck_assert_uint_eq(whole->view.size, HEADERS + 3000);
	ck_assert_uint_eq(whole->view.offload.gso, VS_GSO_TCP4);
	ck_assert_uint_eq(whole->view.offload.gso_size, 1000);
	for (uint32_t i = 0; i < 3000; i++)
		ck_assert_uint_eq(whole->view.data[HEADERS + i],
				  (uint8_t)(1 + i));
	vs_packet_unref(whole);
	for (int i = 0; i < 3; i++)
		vs_packet_unref(entry[i].packet);
	link_close(tap);
	link_close(sight);
}
END_TEST

/* A socket of namespace 'a' that waits for datagrams to port 53. */
static int open_receiver(void)
{
	const struct timeval most = {.tv_sec = 10};
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(53),
	};
	int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int there, receiver;
	char path[64];

	snprintf(path, sizeof(path), "/run/netns/%s", netns_name('a'));
	there = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(setns(there, CLONE_NEWNET), 0);
	receiver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(setns(here, CLONE_NEWNET), 0);
	close(here);
	close(there);
	ck_assert_int_eq(setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &most,
				    sizeof(most)),
			 0);
	ck_assert_int_eq(
		bind(receiver, (struct sockaddr *)&address, sizeof(address)),
		0);
	return receiver;
}

static struct vs_packet *datagram(uint8_t first, uint32_t payload)
{
	struct vs_packet *packet = vs_pool_take(pool, false);
	uint8_t *bytes = packet->buffer + (packet->view.data - packet->buffer);
	struct frames frame = frames_ethernet(bytes, VS_TYPE_IPV4);

	frames_ipv4(&frame, VS_IP_UDP);
	frames_udp(&frame);
	for (uint32_t i = 0; i < payload; i++)
		bytes[frame.size++] = (uint8_t)(first + i);
	frames_finish(&frame, VS_IP_UDP);
	packet->view.size = frame.size;
	vs_packet_parse(packet);
	return packet;
}

START_TEST(datagrams_of_a_flush_arrive_one_by_one)
{
	static const uint32_t sizes[] = {100, 100, 100, 60, 100};
	static struct vs_outbox_entry entry[5];
	const struct vs_outbox_entry *entries[5];
	struct vs_link *tap = open_tap(&shell, 'a', 1);
	int receiver = open_receiver();
	struct link_counts counts;
	uint8_t got[2048];

	for (uint8_t i = 0; i < 5; i++) {
		entry_of(&entry[i], datagram(i, sizes[i]));
		entries[i] = &entry[i];
	}
	tap->ops->tx_burst(tap, entries, 5, scratch);
	link_read_counts(tap, &counts);
	ck_assert_uint_eq(counts.written, 5);
	/* a kernel before 6.2 gets them as they are */
	ck_assert(counts.wire_frames == 2 || counts.merged == 0);
	for (uint8_t i = 0; i < 5; i++) {
		ck_assert_int_eq(recv(receiver, got, sizeof(got), 0),
				 (int)sizes[i]);
		for (uint32_t at = 0; at < sizes[i]; at++)
			ck_assert_uint_eq(got[at], (uint8_t)(i + at));
		vs_packet_unref(entry[i].packet);
	}
	close(receiver);
	link_close(tap);
}
END_TEST

/* Outer Ethernet, IPv4 192.0.2.1 to .2, GRE with key 5001. */
static void nvgre_lead(uint8_t lead[OUTER], uint32_t inner_size)
{
	struct frames frame = frames_ethernet(lead, VS_TYPE_IPV4);
	static const uint8_t gre[] = {0x20, 0, 0x65, 0x58, 0, 0x13, 0x89, 0};

	frames_ipv4(&frame, VS_IP_GRE);
	memcpy(lead + 26, "\xc0\0\x02\x01\xc0\0\x02\x02", 8);
	frames_bytes(&frame, gre, sizeof(gre));
	frame.size += inner_size;
	frames_finish_ip(&frame);
}

/* Everything that a receiver checks of one cut frame. */
static void check_piece(const struct vs_packet *packet, uint32_t sequence,
			uint32_t payload)
{
	const uint8_t *outer = packet->view.data + 14;
	const uint8_t *ip = packet->view.data + OUTER + 14;
	uint32_t tcp_size = 20 + payload;

	ck_assert_uint_eq(packet->view.size, OUTER + HEADERS + payload);
	ck_assert_uint_eq(vs_load16(outer + 2), packet->view.size - 14);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, outer, 20)), 0xffff);
	ck_assert_uint_eq(vs_load16(ip + 2), 20 + tcp_size);
	ck_assert_uint_eq(vs_sum_fold(vs_sum(0, ip, 20)), 0xffff);
	ck_assert_uint_eq(vs_load32(ip + 24), sequence);
	ck_assert_uint_eq(
		vs_sum_fold(vs_sum(vs_sum_pseudo(ip, VS_IP_TCP, tcp_size),
				   ip + 20, tcp_size)),
		0xffff);
	for (uint32_t i = 0; i < payload; i++)
		ck_assert_uint_eq(ip[40 + i], (uint8_t)(sequence + i));
}

static void veth(void)
{
	ck_assert_int_eq(run("ip -n %s link add v0 type veth peer name v1 && "
			     "ip -n %s link set v0 up && "
			     "ip -n %s link set v1 up",
			     netns_name('a'), netns_name('a'), netns_name('a')),
			 0);
}

START_TEST(nvgre_super_frame_is_cut_for_the_wire)
{
	static struct vs_outbox_entry entry;
	const struct vs_outbox_entry *entries[] = {&entry};
	struct vs_packet *super = segment(7, 5000);
	uint8_t *ip = super->buffer + (super->view.data - super->buffer) + 14;
	struct link_counts counts;
	struct vs_link *near, *far;

	veth();
	near = open_packet(&shell, 'a', "v0");
	far = open_packet(&shell, 'a', "v1");
	vs_store16(ip + 36,
		   vs_sum_fold(vs_sum_pseudo(ip, VS_IP_TCP, 20 + 5000)));
	entry_of(&entry, super);
	nvgre_lead(entry.recipe.lead, super->view.size);
	entry.recipe.lead_size = OUTER;
	entry.recipe.inner = OUTER;
	entry.recipe.encapsulation = VS_ENCAP_NVGRE;
	entry.recipe.offload = (struct vs_offload){
		.gso = VS_GSO_TCP4,
		/* above what fits: the link makes it 1500 - 82 */
		.gso_size = 1448,
		.header_size = OUTER + HEADERS,
		.csum_start = OUTER + 34,
		.csum_offset = 16,
	};
	near->ops->tx_burst(near, entries, 1, scratch);
	link_read_counts(near, &counts);
	ck_assert_uint_eq(counts.written, 1);
	ck_assert_uint_eq(counts.segments, 4);
	ck_assert_uint_eq(counts.wire_frames, 4);
	for (uint32_t at = 0; at < 5000; at += 1418) {
		struct vs_packet *piece = read_tcp(far, OUTER + 14);

		check_piece(piece, 7 + at, 5000 - at < 1418 ? 5000 - at : 1418);
		vs_packet_unref(piece);
	}
	vs_packet_unref(super);
	link_close(near);
	link_close(far);
}
END_TEST

/* v0 as an uplink; NULL: this kernel does not cut inside NVGRE. */
static struct vs_link *open_uplink(void)
{
	struct priv_request request = {
		.op = PRIV_OPEN_NETDEV,
		.flags = PRIV_FLAG_WRAP,
		.device = "v0",
	};
	struct shell_answer answer;
	struct vs_link *link;

	snprintf(request.netns, sizeof(request.netns), "%s", netns_name('a'));
	answer = shell_ask(&shell, &request);
	ck_assert_msg(!answer.reply.error, "%s", answer.reply.text);
	ck_assert_int_eq(
		packet_socket_create(&link, answer.fds[0], answer.fds[1], 1500),
		0);
	if (answer.fds[1] >= 0)
		return link;
	link_close(link);
	return NULL;
}

/* A TCP super-frame of `payload` bytes from sequence 7, behind NVGRE. */
static void wrapped_super(struct vs_outbox_entry *entry, uint32_t payload)
{
	struct vs_packet *super = segment(7, payload);
	uint8_t *ip = super->buffer + (super->view.data - super->buffer) + 14;

	vs_store16(ip + 36,
		   vs_sum_fold(vs_sum_pseudo(ip, VS_IP_TCP, 20 + payload)));
	entry_of(entry, super);
	nvgre_lead(entry->recipe.lead, super->view.size);
	entry->recipe.lead_size = OUTER;
	entry->recipe.inner = OUTER;
	entry->recipe.encapsulation = VS_ENCAP_NVGRE;
	entry->recipe.offload = (struct vs_offload){
		.gso = VS_GSO_TCP4,
		.gso_size = 1418,
		.header_size = OUTER + HEADERS,
		.csum_start = OUTER + 34,
		.csum_offset = 16,
	};
}

START_TEST(nvgre_super_frame_crosses_a_veth_whole)
{
	static struct vs_outbox_entry entry;
	const struct vs_outbox_entry *entries[] = {&entry};
	struct link_counts counts;
	struct vs_link *near, *far;
	struct vs_packet *whole;

	veth();
	near = open_uplink();
	if (!near)
		return;
	far = open_packet(&shell, 'a', "v1");
	wrapped_super(&entry, 20000);
	near->ops->tx_burst(near, entries, 1, scratch);
	link_read_counts(near, &counts);
	ck_assert_uint_eq(counts.written, 1);
	ck_assert_uint_eq(counts.wire_frames, 1);
	whole = read_tcp(far, OUTER + 14);
	ck_assert_uint_eq(whole->view.size, OUTER + HEADERS + 20000);
	ck_assert_mem_eq(whole->view.data, entry.recipe.lead, OUTER);
	ck_assert_uint_eq(whole->view.offload.gso, VS_GSO_TCP4);
	ck_assert_uint_eq(whole->view.offload.gso_size, 1418);
	ck_assert_uint_eq(whole->view.offload.csum_start, OUTER + 34);
	vs_packet_unref(whole);
	vs_packet_unref(entry.packet);
	link_close(near);
	link_close(far);
}
END_TEST

START_TEST(kernel_cuts_inside_nvgre_for_a_device_that_cannot)
{
	static struct vs_outbox_entry entry;
	const struct vs_outbox_entry *entries[] = {&entry};
	struct vs_link *near, *far;

	veth();
	near = open_uplink();
	if (!near || run("ip netns exec %s ethtool -K v0 tx off tso off "
			 "gso off tx-gre-segmentation off >/dev/null",
			 netns_name('a')))
		return;
	far = open_packet(&shell, 'a', "v1");
	wrapped_super(&entry, 5000);
	near->ops->tx_burst(near, entries, 1, scratch);
	for (uint32_t at = 0; at < 5000; at += 1418) {
		struct vs_packet *piece = read_tcp(far, OUTER + 14);

		check_piece(piece, 7 + at, 5000 - at < 1418 ? 5000 - at : 1418);
		vs_packet_unref(piece);
	}
	vs_packet_unref(entry.packet);
	link_close(near);
	link_close(far);
}
END_TEST

START_TEST(plain_super_frame_leaves_whole)
{
	static struct vs_outbox_entry entry;
	const struct vs_outbox_entry *entries[] = {&entry};
	struct vs_packet *super = segment(7, 20000), *whole;
	uint8_t *ip = super->buffer + (super->view.data - super->buffer) + 14;
	struct link_counts counts;
	struct vs_link *near, *far;

	veth();
	near = open_packet(&shell, 'a', "v0");
	far = open_packet(&shell, 'a', "v1");
	vs_store16(ip + 36,
		   vs_sum_fold(vs_sum_pseudo(ip, VS_IP_TCP, 20 + 20000)));
	entry_of(&entry, super);
	entry.recipe.offload = (struct vs_offload){
		.gso = VS_GSO_TCP4,
		.gso_size = 1448,
		.header_size = HEADERS,
		.csum_start = 34,
		.csum_offset = 16,
	};
	near->ops->tx_burst(near, entries, 1, scratch);
	link_read_counts(near, &counts);
	ck_assert_uint_eq(counts.wire_frames, 1);
	whole = read_tcp(far, 14);
	ck_assert_uint_eq(whole->view.size, HEADERS + 20000);
	ck_assert_uint_eq(whole->view.offload.gso_size, 1448);
	ck_assert_uint_eq(whole->view.offload.csum_start, 34);
	vs_packet_unref(whole);
	vs_packet_unref(super);
	link_close(near);
	link_close(far);
}
END_TEST

static Suite *offload_suite(void)
{
	Suite *suite = suite_create("io_offload");
	TCase *tcase = tcase_create("kernel");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, segments_of_a_flush_are_one_write);
	tcase_add_test(tcase, datagrams_of_a_flush_arrive_one_by_one);
	tcase_add_test(tcase, nvgre_super_frame_is_cut_for_the_wire);
	tcase_add_test(tcase, nvgre_super_frame_crosses_a_veth_whole);
	tcase_add_test(tcase,
		       kernel_cuts_inside_nvgre_for_a_device_that_cannot);
	tcase_add_test(tcase, plain_super_frame_leaves_whole);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	netns_or_skip();
	return suite_main(offload_suite());
}
