// SPDX-License-Identifier: Apache-2.0
/*
 * A burst is what its frames are alone: whatever follows what, each frame
 * leaves, or is dropped by the same name, as if it had walked by itself.
 */
#include <vswitch/wire.h>

#include "tests/support/fake_settings.h"
#include "tests/support/frames.h"
#include "tests/support/prng.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define VM	   5u
#define WIRE	   9u
#define VSID	   5001u
#define OUTER	   42u
#define FRAMES	   8u
#define FRAME_SIZE 256u
#define ROUNDS	   1500
#define STEP_NS	   UINT64_C(10000000)

extern const struct vs_extension vs_extension;

static struct rig *rig;
static struct fake_settings *settings;
static struct vs_port_info uplink;

struct bytes {
	uint32_t size;
	uint8_t at[FRAME_SIZE];
};
static struct bytes frame[FRAMES];

/* What came of some frames. */
struct outcome {
	struct vs_ledger_row before, after;
	uint32_t count;
	struct rig_frame sent[2 * FRAMES];
};
static struct outcome together, alone;

static void open_host(const char *rule)
{
	static const struct vs_switch_params params = {.name = "follow",
						       .workers = 1};
	struct vs_error error = {0};
	char policy[1024];

	rig = rig_open(&params);
	rig_port(rig, "vm", VM, VSID);
	uplink = rig_uplink(rig, "eth1", WIRE)->info;
	uplink.address_count = 1;
	uplink.addresses[0].length = 120;
	vs_ip_parse("192.0.2.1", &uplink.addresses[0].ip);
	snprintf(policy, sizeof(policy),
		 "uplink eth1\npa 192.0.2.1 prefix=24\nnetwork blue "
		 "redirect=off\n"
		 "subnet %u prefixes=10.0.0.0/8,fd00::/64 mtu=1400\n"
		 "ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"
		 "ca 10.0.0.7 mac=02:00:00:00:00:07 pa=192.0.2.2 rule=%s\n"
		 "ca 10.0.0.8 mac=02:00:00:00:00:08 pa=192.0.2.2 rule=%s\n"
		 "ca fd00::5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"
		 "ca fd00::7 mac=02:00:00:00:00:07 pa=192.0.2.2 rule=%s\n"
		 "port vm tap=t0 vsid=%u ca=10.0.0.5,fd00::5\n",
		 VSID, rule, rule, rule, VSID);
	settings =
		fake_settings_open(vs_extension.nouns, vs_extension.noun_count);
	fake_settings_load(settings, policy);
	fake_settings_attach(settings, "eth1", &uplink);
	ck_assert_int_eq(vs_switch_attach(rig->sw, &vs_extension,
					  &rig->stack[0], &error),
			 0);
	rig->stack_count = 1;
	rig->state[0] = vs_attachment_configure(rig->stack[0],
						&settings->settings, &error);
	ck_assert_msg(rig->state[0] != NULL, "%s: %s", error.path, error.text);
	rig_publish(rig);
}

static void close_host(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	rig_close(rig);
	fake_settings_close(settings);
}

/* The other host says its MAC, as often as it is needed. */
static void resolve(void)
{
	static const uint8_t reply[42] = {2,  0, 0, 0, 0, 9,   2,   0, 0, 0, 0,
					  99, 8, 6, 0, 1, 8,   0,   6, 4, 0, 2,
					  2,  0, 0, 0, 0, 99,  192, 0, 2, 2, 2,
					  0,  0, 0, 0, 9, 192, 0,   2, 1};
	uint8_t bytes[FRAME_SIZE];

	rig_tick(rig);
	rig_input(rig, VM, bytes, rig_udp(bytes, 100, 5, 7));
	rig_input(rig, WIRE, reply, sizeof(reply));
	rig_tick(rig);
	rig_forget(rig);
}

static void stations(uint8_t *bytes, uint8_t from, uint8_t to)
{
	static const uint8_t mac[5] = {2};

	memcpy(bytes, mac, 5);
	bytes[5] = to;
	memcpy(bytes + 6, mac, 5);
	bytes[11] = from;
}

/* A frame between our VM and the other, either way, v4 or v6, UDP or TCP. */
static uint32_t write_inner(uint8_t *bytes, struct prng *prng, bool inbound)
{
	bool ipv6 = !prng_below(prng, 3), tcp = prng_below(prng, 2);
	uint8_t protocol = tcp ? VS_IP_TCP : VS_IP_UDP;
	uint8_t from = inbound ? 7 : 5, to = inbound ? 5 : 7;
	struct frames made =
		frames_ethernet(bytes, ipv6 ? VS_TYPE_IPV6 : VS_TYPE_IPV4);

	if (ipv6)
		frames_ipv6(&made, protocol);
	else
		frames_ipv4(&made, protocol);
	if (tcp)
		frames_tcp(&made, 1, 0x10);
	else
		frames_udp(&made);
	prng_fill(prng, bytes + made.size, 60);
	made.size += 40 + prng_below(prng, 20);
	stations(bytes, from, to);
	if (ipv6) {
		memset(bytes + 22, 0, 32);
		bytes[22] = bytes[38] = 0xfd;
		bytes[37] = from;
		bytes[53] = to;
	} else {
		vs_store32(bytes + 26, 0x0a000000u + from);
		vs_store32(bytes + 30, 0x0a000000u + to);
	}
	frames_finish(&made, protocol);
	return made.size;
}

static void sum_outer(uint8_t *bytes)
{
	vs_store16(bytes + 24, 0);
	vs_store16(bytes + 24, vs_checksum(vs_sum(0, bytes + 14, 20)));
}

static void write_outer(uint8_t *bytes, uint32_t inner)
{
	static const uint8_t addresses[8] = {192, 0, 2, 2, 192, 0, 2, 1};
	struct frames made = frames_ethernet(bytes, VS_TYPE_IPV4);

	frames_ipv4(&made, VS_IP_GRE);
	stations(bytes, 99, WIRE);
	memcpy(bytes + 26, addresses, sizeof(addresses));
	vs_store16(bytes + 16, (uint16_t)(OUTER - 14 + inner));
	vs_store16(bytes + 34, 0x2000);
	vs_store16(bytes + 36, VS_TYPE_TEB);
	vs_store32(bytes + 38, VSID << 8);
	sum_outer(bytes);
}

/* One flow, some of it changed. */
static void make_frames(struct prng *prng, bool inbound)
{
	uint32_t front = inbound ? OUTER : 0, i;

	frame[0].size = front + write_inner(frame[0].at + front, prng, inbound);
	if (inbound)
		write_outer(frame[0].at, frame[0].size - OUTER);
	for (i = 1; i < FRAMES; i++) {
		frame[i] = frame[prng_below(prng, 4) ? i - 1 : 0];
		if (inbound) {
			vs_store16(frame[i].at + 18, (uint16_t)i);
			sum_outer(frame[i].at);
		}
		if (!prng_below(prng, 3))
			frame[i].at[prng_below(prng, front + 62)] ^=
				(uint8_t)(1u << prng_below(prng, 8));
		if (inbound && prng_below(prng, 2))
			sum_outer(frame[i].at);
		if (!prng_below(prng, 8))
			frame[i].size -= prng_below(prng, 20);
	}
}

/* What counts up by itself is not the frame's. */
static void level(uint8_t *bytes, uint32_t size)
{
	if (size > OUTER && bytes[23] == VS_IP_GRE)
		memset(bytes + 18, 0, 2), memset(bytes + 24, 0, 2);
	if (size > 50 && bytes[23] == VS_IP_UDP &&
	    vs_load16(bytes + 36) == VS_UDP_VXLAN)
		memset(bytes + 18, 0, 2), memset(bytes + 24, 0, 2);
}

static void send_frames(uint16_t port, uint16_t burst, struct outcome *outcome)
{
	struct vs_worker *worker = vs_switch_worker(rig->sw, 0);
	struct vs_packet *packets[FRAMES];
	struct vs_input input = {.port = {port},
				 .count = burst,
				 .packets = packets,
				 .now = rig->now};
	uint16_t done, i;

	rig_forget(rig);
	outcome->before = rig_total(rig);
	for (done = 0; done < FRAMES; done = (uint16_t)(done + burst)) {
		for (i = 0; i < burst; i++)
			packets[i] = rig_packet(rig, port, frame[done + i].at,
						frame[done + i].size);
		vs_worker_enter(worker);
		vs_worker_input(worker, &input, &rig->outbox);
		rig_flush(rig);
		vs_worker_park(worker);
	}
	outcome->after = rig_total(rig);
	outcome->count = rig->sent_count;
	ck_assert_uint_le(rig->sent_count, 2 * FRAMES);
	for (i = 0; i < rig->sent_count; i++) {
		outcome->sent[i] = rig->sent[i];
		level(outcome->sent[i].bytes, outcome->sent[i].size);
	}
}

static void compare(void)
{
	uint32_t i;

	ck_assert_uint_eq(together.count, alone.count);
	for (i = 0; i < alone.count; i++) {
		ck_assert_uint_eq(together.sent[i].port.value,
				  alone.sent[i].port.value);
		ck_assert_uint_eq(together.sent[i].size, alone.sent[i].size);
		ck_assert_mem_eq(together.sent[i].bytes, alone.sent[i].bytes,
				 alone.sent[i].size);
	}
	for (i = 0; i < VS_LEDGER_REASONS; i++)
		ck_assert_uint_eq(
			together.after.dropped[i] - together.before.dropped[i],
			alone.after.dropped[i] - alone.before.dropped[i]);
	ck_assert_uint_eq(together.after.sent - together.before.sent,
			  alone.after.sent - alone.before.sent);
	ck_assert_uint_eq(together.after.sent_bytes -
				  together.before.sent_bytes,
			  alone.after.sent_bytes - alone.before.sent_bytes);
	ck_assert_uint_eq(
		together.after.received_bytes - together.before.received_bytes,
		alone.after.received_bytes - alone.before.received_bytes);
}

static void bursts_like_frames(bool inbound)
{
	struct prng prng = prng_start(prng_seed());
	uint64_t sent = 0;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		if (round % 50 == 0)
			resolve();
		make_frames(&prng, inbound);
		send_frames(inbound ? WIRE : VM, FRAMES, &together);
		send_frames(inbound ? WIRE : VM, 1, &alone);
		compare();
		sent += alone.count;
		rig_advance(rig, STEP_NS);
	}
	/* it was about something: most of them left */
	ck_assert_uint_gt(sent, ROUNDS * FRAMES / 3);
}

START_TEST(burst_out_is_what_its_frames_are_alone)
{
	open_host(_i ? "vxlan" : "encap");
	bursts_like_frames(false);
	close_host();
}
END_TEST

START_TEST(burst_in_is_what_its_frames_are_alone)
{
	open_host("encap");
	bursts_like_frames(true);
	close_host();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_follow");
	TCase *tcase = tcase_create("wnv_follow");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, burst_out_is_what_its_frames_are_alone, 0,
			    2);
	tcase_add_test(tcase, burst_in_is_what_its_frames_are_alone);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
