/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast path's programs at real devices: frames come in by a veth, as a
 * guest's, and go out by another one; what its sender says of them beside
 * their bytes is believed only if the switch would believe it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "io/fast.h"
#include "tests/support/fast_frames.h"
#include "tests/support/netns.h"
#include "tests/support/shell.h"
#include "tests/support/suite.h"

#define ELEMENT	   (FAST_FIRST + 7u)
#define ROOM	   8192u
#define WAIT_MS	   10000
#define SEGMENTED  3600u /* bytes of payload */
#define GSO_UDP_L4 5	 /* VIRTIO_NET_HDR_GSO_UDP_L4 */

/* The guest's end of "in", the far end of "out", the switch's socket at "in".
 */
static int guest, wire, port;
static struct shell shell;
static int keys, programs[2];
static struct fast *fast;
static struct fast_flow *flows;
static struct prng prng;

/* What comes out of a socket. */
static struct {
	struct flown frame;
	uint8_t bytes[ROOM];
	uint32_t size;
} got;

/* A frame, and what its sender says of it. */
static struct {
	struct virtio_net_hdr said;
	uint8_t bytes[ROOM];
} sent;

static struct flown frame; /* the same without, while it is small */
static struct fast_flow flow;

/* -- devices ----------------------------------------------------------------
 */

static int open_end(const char *device, int says)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(0x0003), /* all */
		.sll_ifindex = (int)if_nametoindex(device),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &says,
				    sizeof(says)),
			 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	return fd;
}

/* Nothing is left to the receiver: what leaves is summed and cut. */
static void make_devices(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	ck_assert_int_eq(
		run("sysctl -qw net.ipv6.conf.default.disable_ipv6=1;"
		    "ip link add out type veth peer name wire &&"
		    "for i in out wire; do ip link set $i up; done &&"
		    "ethtool -K out tx off tso off gso off >/dev/null"),
		0);
}

static void make_veth(void)
{
	ck_assert_int_eq(run("ip link add guest type veth peer name in &&"
			     "ip link set guest up && ip link set in up"),
			 0);
	guest = open_end("guest", 1);
}

/* What a VM writes into it comes in as it is; a veth mends some of it. */
static void make_tap(void)
{
	struct ifreq request = {.ifr_name = "in"};

	request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	guest = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	ck_assert_int_ge(guest, 0);
	ck_assert_int_eq(ioctl(guest, TUNSETIFF, &request), 0);
	ck_assert_int_eq(run("ip link set in up"), 0);
}

static struct shell_answer ask(const struct priv_request *request, int fd)
{
	struct shell_answer answer = {.caller.answer = shell_answered};

	ck_assert_int_eq(
		privileged_ask(shell.privileged, request, fd, &answer.caller),
		0);
	TURN_UNTIL(shell.loop, answer.came);
	ck_assert_msg(!answer.reply.error, "%s", answer.reply.text);
	return answer;
}

static void open_maps(void)
{
	struct priv_request request = {.op = PRIV_OPEN_FAST};
	struct shell_answer answer = ask(&request, -1);

	keys = dup(answer.fds[0]);
	flows = mmap(NULL, FAST_FLOWS * sizeof(*flows), PROT_READ | PROT_WRITE,
		     MAP_SHARED, answer.fds[1], 0);
	ck_assert(flows != MAP_FAILED);
	ck_assert_int_eq(fast_create(&fast, answer.fds), 0);
}

/* BPF_RET | BPF_K: all, or nothing. */
static uint64_t answer_all(bool take)
{
	return 0x06u | (take ? UINT64_C(0x40000) << 32 : 0);
}

static void join(bool takes)
{
	struct priv_request open = {.op = PRIV_OPEN_NETDEV,
				    .flags = PRIV_FLAG_PROMISCUOUS,
				    .device = "in"};
	struct priv_request request = {.op = PRIV_JOIN_FAST,
				       .device = "in",
				       .filter_count = 1,
				       .filter = {answer_all(takes)}};

	port = ask(&open, -1).fds[0];
	fast_maps(fast, request.maps);
	memcpy(programs, ask(&request, port).fds, sizeof(programs));
}

static void begin_with(void (*make_guest)(void))
{
	prng = prng_start(prng_seed());
	make_devices();
	make_guest();
	shell_open(&shell);
	open_maps();
	join(true);
	wire = open_end("wire", 0);
}

static void begin(void)
{
	begin_with(make_veth);
}

static void begin_with_tap(void)
{
	begin_with(make_tap);
}

static void end(void)
{
	fast_destroy(fast);
	shell_close(&shell);
	/* the rest goes with the process */
}

/* -- frames -----------------------------------------------------------------
 */

/* A frame of a flow that is to be changed, complete or only begun. */
static void make(bool ipv6, uint8_t protocol, bool partial)
{
	struct flown_names names = flown_names(&prng);
	struct fast_key key;
	uint32_t at = ELEMENT;

	names.ipv6 = ipv6;
	names.protocol = protocol;
	names.macs[0] &= 0xfe;
	do
		flown_make(&frame, &prng, &names);
	while (frame.gso_size || frame.partial != partial ||
	       frame.size != frame.end || !flown_header_right(&frame) ||
	       !flown_sum_right(&frame) || flown_unsummed(&frame));
	key = flown_key(&names, if_nametoindex("in"));
	flow = (struct fast_flow){.until = UINT64_MAX,
				  .generation = fast_changes(fast)->all,
				  .part_generation = 0,
				  .part = FAST_PART,
				  .out = if_nametoindex("out"),
				  .most = 1500,
				  .key = key};
	flow.change.ipv6 = ipv6;
	flow.change.protocol = protocol;
	flow.change.hop = flow.change.readdress = 1;
	prng_fill(&prng, flow.change.addresses, ipv6 ? 32 : 8);
	prng_fill(&prng, flow.change.macs, 12);
	flows[ELEMENT] = flow;
	ck_assert_int_eq(bpf_map_update_elem(keys, &key, &at, BPF_ANY), 0);
	memset(&sent, 0, sizeof(sent));
	memcpy(sent.bytes, frame.bytes, frame.size);
	if (!partial)
		return;
	sent.said.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	sent.said.csum_start = (uint16_t)flown_l4(&frame);
	sent.said.csum_offset =
		(uint16_t)(flown_sum(&frame) - flown_l4(&frame));
}

/* It becomes a super-frame, to be cut at so many bytes. */
static void grow(bool ipv6, uint32_t header, uint16_t segment)
{
	uint8_t *ip = sent.bytes + VS_ETHERNET_SIZE;

	frame.end = frame.size = flown_l4(&frame) + header + SEGMENTED;
	vs_store16(ip + (ipv6 ? 4 : 2),
		   (uint16_t)(header + SEGMENTED + (ipv6 ? 0u : 20u)));
	if (!ipv6) {
		vs_store16(ip + 10, 0);
		vs_store16(ip + 10, (uint16_t)~flown_add(0, ip, 20));
	}
	vs_store16(sent.bytes + flown_sum(&frame), flown_pseudo(&frame));
	sent.said.gso_size = segment;
	sent.said.hdr_len = (uint16_t)(flown_l4(&frame) + header);
}

static void make_super(bool ipv6, uint16_t segment)
{
	do
		make(ipv6, VS_IP_TCP, true);
	while (frame.bytes[flown_l4(&frame) + 12] >> 4 != 5);
	grow(ipv6, 20, segment);
	sent.said.gso_type =
		ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
}

/* UDP: many datagrams of one size. */
static void make_datagrams(bool ipv6, uint16_t segment)
{
	make(ipv6, VS_IP_UDP, true);
	vs_store16(sent.bytes + flown_l4(&frame) + 4, 8 + SEGMENTED);
	grow(ipv6, 8, segment);
	sent.said.gso_type = GSO_UDP_L4;
}

static void go(void)
{
	ck_assert_int_eq(write(guest, &sent, sizeof(sent.said) + frame.size),
			 (ssize_t)(sizeof(sent.said) + frame.size));
}

/* A frame of this test, and no other (the kernel speaks too). */
static bool is_ours(const uint8_t *bytes, const uint8_t *macs)
{
	return got.size >= 14 && !memcmp(bytes, macs, 12);
}

/* The next one that comes out; `says`: what is said of it comes first. */
static bool comes(int fd, const uint8_t *macs, size_t says, int wait_ms)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	while (poll(&ready, 1, wait_ms) > 0) {
		ssize_t size = recv(fd, got.bytes, sizeof(got.bytes), 0);

		ck_assert_int_gt(size, (ssize_t)says);
		got.size = (uint32_t)((size_t)size - says);
		memmove(got.bytes, got.bytes + says, got.size);
		if (is_ours(got.bytes, macs))
			return true;
	}
	return false;
}

/* It went the fast way: what comes out is changed and right. */
static void goes_fast(void)
{
	const struct fast_change *change = &flow.change;

	go();
	ck_assert(comes(wire, change->macs, 0, WAIT_MS));
	ck_assert(!comes(port, frame.bytes, sizeof(sent.said), 0));
	ck_assert_uint_eq(flows[ELEMENT].frames, 1);
	ck_assert_uint_eq(flows[ELEMENT].bytes, frame.size);
}

/* The switch has it, and nobody else. */
static void goes_to_the_switch(void)
{
	go();
	ck_assert(comes(port, frame.bytes, sizeof(sent.said), WAIT_MS));
	ck_assert(!comes(wire, flow.change.macs, 0, 0));
	ck_assert_uint_eq(flows[ELEMENT].frames, 0);
}

/* -- tests ------------------------------------------------------------------
 */

START_TEST(frame_of_a_flow_is_changed_and_right)
{
	for (int i = 0; i < 8; i++) {
		make(_i / 2, _i % 2 ? VS_IP_TCP : VS_IP_UDP, i % 2);
		goes_fast();
		ck_assert_uint_eq(got.size, frame.size);
		got.frame = frame;
		got.frame.partial = false;
		memcpy(got.frame.bytes, got.bytes, frame.size);
		ck_assert(flown_header_right(&got.frame));
		ck_assert(flown_sum_right(&got.frame));
		ck_assert_mem_eq(got.bytes + flown_address(&frame),
				 flow.change.addresses, _i / 2 ? 32 : 8);
		ck_assert_uint_eq(got.bytes[flown_hops(&frame)],
				  frame.bytes[flown_hops(&frame)] - 1);
	}
}
END_TEST

/* Into the addresses that a guard has read, for one. */
START_TEST(checksum_that_goes_elsewhere_is_the_switch_s)
{
	bool ipv6 = _i % 2;

	for (int i = 0; i < 6; i++) {
		do
			make(ipv6, i / 3 ? VS_IP_TCP : VS_IP_UDP, true);
		while (frame.size < flown_l4(&frame) + 20);
		if (i % 3 == 0)
			sent.said.csum_offset = 4;
		else if (i % 3 == 1) /* the other protocol's */
			sent.said.csum_offset = i / 3 ? 6 : 16;
		else
			sent.said.csum_start = (uint16_t)flown_address(&frame);
		goes_to_the_switch();
	}
}
END_TEST

START_TEST(super_frame_goes_whole_and_is_cut_at_the_end)
{
	uint32_t payload = 0, pieces = 0, header = _i / 2 ? 8 : 20;

	if (_i / 2)
		make_datagrams(_i % 2, 1200);
	else
		make_super(_i, 1200);
	goes_fast();
	do {
		uint32_t piece = got.size - flown_l4(&frame) - header;

		ck_assert_uint_le(piece, 1200);
		payload += piece;
		pieces++;
	} while (payload < SEGMENTED &&
		 comes(wire, flow.change.macs, 0, WAIT_MS));
	ck_assert_uint_eq(payload, SEGMENTED);
	ck_assert_uint_eq(pieces, 3);
}
END_TEST

START_TEST(super_frame_that_the_switch_would_refuse_is_its)
{
	make_super(_i, 1); /* more pieces than anybody needs */
	goes_to_the_switch();
	make_super(_i, 1);
	frame.size = flown_l4(&frame) + 20 + 2048; /* as many as there may be */
	ck_assert_uint_lt(frame.size, frame.end);
	frame.end = frame.size;
	vs_store16(sent.bytes + 14 + (_i ? 4 : 2),
		   (uint16_t)(20 + 2048 + (_i ? 0 : 20)));
	goes_fast();
	make_super(_i, 1501); /* larger pieces than the flow's */
	goes_to_the_switch();
}
END_TEST

/* It would be cut as what it is not. (The kernel lets nobody say IPv6 of IPv4,
 * whose header is too short for that.) */
START_TEST(super_frame_of_the_other_family_is_the_switch_s)
{
	make_super(true, 1200);
	sent.said.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	goes_to_the_switch();
	make_super(true, 1200);
	goes_fast();
}
END_TEST

/* Who cuts it sums each piece from what the sender began. */
START_TEST(super_frame_whose_checksum_is_not_begun_is_the_switch_s)
{
	make_super(_i, 1200);
	sent.said.flags = 0;
	goes_to_the_switch();
	make_super(_i, 1200);
	goes_fast();
}
END_TEST

START_TEST(frame_with_a_tag_is_the_switch_s)
{
	make(_i, VS_IP_TCP, false);
	memmove(sent.bytes + 16, sent.bytes + 12, frame.size - 12);
	vs_store16(sent.bytes + 12, VS_TYPE_VLAN);
	vs_store16(sent.bytes + 14, 5);
	frame.size += 4;
	goes_to_the_switch();
}
END_TEST

START_TEST(what_is_no_flow_s_meets_the_filter)
{
	close(port);
	close(programs[0]);
	close(programs[1]);
	join(false);
	make(_i, VS_IP_TCP, false);
	goes_fast();
	/* another generation: nobody's, and not for the socket either */
	flows[ELEMENT].generation++;
	go();
	ck_assert(!comes(port, frame.bytes, sizeof(sent.said), 100));
	ck_assert(!comes(wire, flow.change.macs, 0, 0));
	ck_assert_uint_eq(flows[ELEMENT].frames, 1);
}
END_TEST

START_TEST(without_the_program_at_the_device_nothing_goes)
{
	make(_i, VS_IP_TCP, false);
	goes_fast();
	/* as a port does that leaves */
	changes_count(&fast_changes(fast)->all);
	close(programs[0]);
	go();
	ck_assert(comes(port, frame.bytes, sizeof(sent.said), WAIT_MS));
	ck_assert(!comes(wire, flow.change.macs, 0, 0));
}
END_TEST

static TCase *tap_tests(void)
{
	TCase *tests = tcase_create("tap");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, begin_with_tap, end);
	tcase_add_loop_test(tests, super_frame_goes_whole_and_is_cut_at_the_end,
			    0, 4);
	tcase_add_test(tests, super_frame_of_the_other_family_is_the_switch_s);
	tcase_add_loop_test(
		tests, super_frame_whose_checksum_is_not_begun_is_the_switch_s,
		0, 2);
	return tests;
}

int main(void)
{
	Suite *suite = suite_create("io_fast");
	TCase *tests = tcase_create("io_fast");
	int probe;

	netns_or_skip();
	probe = bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", 4, 4, 1, NULL);
	if (probe < 0 || access("/sys/kernel/btf/vmlinux", R_OK)) {
		fprintf(stderr, "skipped: the kernel takes no programs\n");
		return 77;
	}
	close(probe);
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_loop_test(tests, frame_of_a_flow_is_changed_and_right, 0, 4);
	tcase_add_loop_test(tests, checksum_that_goes_elsewhere_is_the_switch_s,
			    0, 2);
	tcase_add_loop_test(tests, super_frame_goes_whole_and_is_cut_at_the_end,
			    0, 4);
	tcase_add_loop_test(
		tests, super_frame_that_the_switch_would_refuse_is_its, 0, 2);
	tcase_add_loop_test(tests, frame_with_a_tag_is_the_switch_s, 0, 2);
	tcase_add_loop_test(tests, what_is_no_flow_s_meets_the_filter, 0, 2);
	tcase_add_loop_test(
		tests, without_the_program_at_the_device_nothing_goes, 0, 2);
	suite_add_tcase(suite, tests);
	suite_add_tcase(suite, tap_tests());
	return suite_main(suite);
}
