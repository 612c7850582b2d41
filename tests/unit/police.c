// SPDX-License-Identifier: Apache-2.0
/*
 * The policies of a port beside its ACL: who counts as a DHCP server or a
 * router, how many frames and bytes a rate lets through, and what a switch
 * does with the rest: dropped under a name of its own, once per copy.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "core/police.h"
#include "core/reason.h"
#include "packet/packet.h"
#include "tests/support/frames.h"
#include "tests/support/prng.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define SECOND	   UINT64_C(1000000000)
#define PER_SECOND 100u

static struct rig *rig;
static struct vs_port_plan *vm;
static uint8_t bytes[66000];

static void setup(void)
{
	rig = rig_open(NULL);
	vm = rig_port(rig, "vm2", 2, 5001);
	rig_port(rig, "vm3", 3, 5001);
	rig_port(rig, "vm4", 4, 5001);
	rig_publish(rig);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

/* -- the guards -------------------------------------------------------------
 */

static struct frames from_vm2(uint16_t type)
{
	struct frames frame = frames_ethernet(bytes, type);

	bytes[5] = 3;
	return frame;
}

static uint32_t udp(int family, uint16_t from, uint16_t to)
{
	struct frames frame =
		from_vm2(family == 4 ? VS_TYPE_IPV4 : VS_TYPE_IPV6);

	if (family == 4)
		frames_ipv4(&frame, VS_IP_UDP);
	else
		frames_ipv6(&frame, VS_IP_UDP);
	frames_udp(&frame);
	vs_store16(bytes + frame.l4, from);
	vs_store16(bytes + frame.l4 + 2, to);
	memset(bytes + frame.size, 0, 240);
	frame.size += 240;
	frames_finish(&frame, VS_IP_UDP);
	return frame.size;
}

/* An ICMP message with `more` bytes of an extension header before it. */
static uint32_t icmp(int family, uint8_t type, uint32_t more)
{
	struct frames frame =
		from_vm2(family == 4 ? VS_TYPE_IPV4 : VS_TYPE_IPV6);

	if (family == 4)
		frames_ipv4(&frame, VS_IP_ICMP);
	else
		frames_ipv6(&frame, more ? 60 : VS_IP_ICMP6);
	if (more) {
		memset(bytes + frame.size, 0, more);
		bytes[frame.size] = VS_IP_ICMP6;
		bytes[frame.size + 1] = (uint8_t)(more / 8 - 1);
		frame.size += more;
	}
	memset(bytes + frame.size, 0, 40);
	bytes[frame.size] = type;
	frame.size += 40;
	frames_finish_ip(&frame);
	return frame.size;
}

static uint64_t dropped(uint16_t reason, uint32_t size)
{
	uint64_t before = rig_dropped_of(rig, 2, reason);

	rig_forget(rig);
	rig_input(rig, 2, bytes, size);
	ck_assert_uint_eq(
		rig->sent_count + rig_dropped_of(rig, 2, reason) - before, 1);
	return rig_dropped_of(rig, 2, reason) - before;
}

START_TEST(dhcp_servers_are_dropped_and_clients_pass)
{
	vm->police.dhcp_guard = true;
	rig_publish(rig);
	ck_assert(dropped(VS_REASON_DHCP_GUARD, udp(4, 67, 68)));
	ck_assert(dropped(VS_REASON_DHCP_GUARD, udp(4, 67, 67)));
	ck_assert(dropped(VS_REASON_DHCP_GUARD, udp(4, 1067, 68)));
	ck_assert(dropped(VS_REASON_DHCP_GUARD, udp(6, 547, 546)));
	ck_assert(dropped(VS_REASON_DHCP_GUARD, udp(6, 547, 547)));
	ck_assert(dropped(VS_REASON_DHCP_GUARD, udp(6, 1547, 546)));
	ck_assert(!dropped(VS_REASON_DHCP_GUARD, udp(4, 68, 67)));
	ck_assert(!dropped(VS_REASON_DHCP_GUARD, udp(6, 546, 547)));
	/* each family's ports mean nothing in the other */
	ck_assert(!dropped(VS_REASON_DHCP_GUARD, udp(6, 67, 68)));
	ck_assert(!dropped(VS_REASON_DHCP_GUARD, udp(4, 547, 546)));
	ck_assert(!dropped(VS_REASON_DHCP_GUARD, icmp(6, 134, 0)));
}
END_TEST

START_TEST(routers_are_dropped_and_hosts_pass)
{
	vm->police.router_guard = true;
	rig_publish(rig);
	ck_assert(dropped(VS_REASON_ROUTER_GUARD, icmp(6, 134, 0)));
	ck_assert(dropped(VS_REASON_ROUTER_GUARD, icmp(6, 137, 0)));
	ck_assert(dropped(VS_REASON_ROUTER_GUARD, icmp(6, 134, 8)));
	ck_assert(dropped(VS_REASON_ROUTER_GUARD, icmp(4, 9, 0)));
	ck_assert(dropped(VS_REASON_ROUTER_GUARD, icmp(4, 5, 0)));
	ck_assert(!dropped(VS_REASON_ROUTER_GUARD, icmp(6, 133, 0)));
	ck_assert(!dropped(VS_REASON_ROUTER_GUARD, icmp(6, 135, 0)));
	ck_assert(!dropped(VS_REASON_ROUTER_GUARD, icmp(4, 8, 0)));
	ck_assert(!dropped(VS_REASON_ROUTER_GUARD, icmp(4, 10, 0)));
	ck_assert(!dropped(VS_REASON_ROUTER_GUARD, udp(4, 67, 68)));
}
END_TEST

/* A first fragment of `payload` bytes, more of them to come. */
static uint32_t cut(uint32_t size, uint32_t payload)
{
	struct frames frame = {.bytes = bytes, .l3 = 14};

	ck_assert_uint_ge(size, 34 + payload);
	vs_store16(bytes + 14 + 6, 0x2000);
	frame.size = 34 + payload;
	frames_finish_ip(&frame);
	return frame.size;
}

START_TEST(fragments_hide_no_server_and_no_router)
{
	vm->police.dhcp_guard = vm->police.router_guard = true;
	rig_publish(rig);
	ck_assert(dropped(VS_REASON_DHCP_GUARD, cut(udp(4, 67, 68), 8)));
	ck_assert(dropped(VS_REASON_DHCP_GUARD, cut(udp(4, 67, 68), 1)));
	ck_assert(dropped(VS_REASON_ROUTER_GUARD, cut(icmp(4, 5, 0), 2)));
	ck_assert(!dropped(VS_REASON_DHCP_GUARD, cut(udp(4, 68, 67), 8)));
	/* later ones have no header and pass: without the first they are
	 * nothing */
	udp(4, 67, 68);
	cut(274, 64);
	vs_store16(bytes + 20, 0x2004);
	frames_finish_ip(
		&(struct frames){.bytes = bytes, .size = 98, .l3 = 14});
	ck_assert(!dropped(VS_REASON_DHCP_GUARD, 98));
}
END_TEST

START_TEST(guards_off_or_of_another_port_let_servers_and_routers_speak)
{
	rig->plan[1].police.dhcp_guard = true;
	rig->plan[1].police.router_guard = true;
	rig_publish(rig);
	ck_assert(!dropped(VS_REASON_DHCP_GUARD, udp(4, 67, 68)));
	ck_assert(!dropped(VS_REASON_DHCP_GUARD, udp(6, 547, 546)));
	ck_assert(!dropped(VS_REASON_ROUTER_GUARD, icmp(6, 134, 0)));
	ck_assert(!dropped(VS_REASON_ROUTER_GUARD, icmp(4, 5, 0)));
}
END_TEST

/* -- rates ------------------------------------------------------------------
 */

START_TEST(rate_lets_its_burst_through_and_then_its_rate)
{
	static const uint64_t rates[] = {1, 3, 7, 100, 999, 1000000, 148809523};
	_Atomic uint64_t bucket;
	uint64_t now, count;

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t burst = rates[i] < 5000 ? rates[i] : 5000;
		struct vs_rate rate = police_rate(rates[i], burst);

		bucket = 0;
		now = 77 * SECOND;
		for (count = 0; police_take(&bucket, &rate, now, 1); count++)
			;
		/* a cost is rounded down: at most one in a hundred more */
		ck_assert_uint_ge(count, burst);
		ck_assert_uint_le(count, burst + burst / 100);
		now += burst * SECOND / rates[i] + 1;
		for (count = 0; police_take(&bucket, &rate, now, 1); count++)
			;
		ck_assert_uint_ge(count + 1, burst);
		ck_assert_uint_le(count, burst + burst / 100 + 1);
	}
}
END_TEST

/* Against a model that counts in bytes: what it owes, paid off as time goes
 * by. */
START_TEST(rate_decides_as_a_bucket_of_bytes_does)
{
	struct prng prng = prng_start(prng_seed());
	const uint64_t per_second = 12500000, burst = 131072;
	struct vs_rate rate = police_rate(per_second, burst);
	_Atomic uint64_t bucket = 0;
	uint64_t now = 5 * SECOND, refused = 0, passed = 0;
	double owed = 0;

	for (int i = 0; i < 200000; i++) {
		uint64_t amount = 60 + prng_below(&prng, 65000);
		uint64_t pause = prng_below(&prng, 4000000);
		bool taken, sure;

		now += pause;
		owed -= (double)pause * (double)per_second / 1e9;
		if (owed < 0)
			owed = 0;
		taken = police_take(&bucket, &rate, now, amount);
		sure = owed < (double)burst - 500 || owed > (double)burst + 500;
		if (sure)
			ck_assert_int_eq(taken, owed < (double)burst);
		owed += taken ? (double)amount : 0;
		passed += taken;
		refused += !taken;
	}
	ck_assert_uint_gt(refused, 1000);
	ck_assert_uint_gt(passed, 1000);
}
END_TEST

static uint32_t to(uint8_t target)
{
	uint32_t size = rig_udp(bytes, 100, 2, target);

	if (target == 255)
		memset(bytes, 0xff, 6);
	if (target == 254)
		bytes[0] = 1;
	return size;
}

/* `count` frames to 255 (all), 254 (a group) or a MAC. */
static void many(uint8_t target, uint32_t count)
{
	rig_forget(rig);
	while (count--)
		rig_input(rig, 2, bytes, to(target));
}

START_TEST(storm_limit_counts_all_kinds_together_and_names_each)
{
	vm->police.storm_limit = PER_SECOND;
	rig_publish(rig);
	many(255, 40);
	many(254, 40);
	many(99, 20); /* nobody has this MAC */
	ck_assert_uint_eq(rig->sent_count, 2 * 20);
	many(255, 7);
	many(254, 8);
	many(99, 9);
	ck_assert_uint_eq(rig->sent_count, 0);
	ck_assert_uint_eq(rig_dropped_of(rig, 2, VS_REASON_STORM_BROADCAST), 7);
	ck_assert_uint_eq(rig_dropped_of(rig, 2, VS_REASON_STORM_MULTICAST), 8);
	ck_assert_uint_eq(rig_dropped_of(rig, 2, VS_REASON_STORM_UNKNOWN), 9);
	/* who is known is no storm */
	many(3, 300);
	ck_assert_uint_eq(rig->sent_count, 300);
	/* another port has a bucket of its own */
	rig_input(rig, 3, bytes, (bytes[5] = 4, bytes[11] = 3, 100));
	rig_advance(rig, SECOND / 2);
	many(255, PER_SECOND);
	ck_assert_uint_eq(rig->sent_count, 2 * (PER_SECOND / 2));
}
END_TEST

START_TEST(storm_limit_that_goes_or_comes_holds_from_the_next_frame)
{
	vm->police.storm_limit = 1;
	rig_publish(rig);
	many(255, 2);
	ck_assert_uint_eq(rig->sent_count, 2);
	vm->police.storm_limit = 0;
	rig_publish(rig);
	many(255, 50);
	ck_assert_uint_eq(rig->sent_count, 100);
	vm->police.storm_limit = 1;
	rig_publish(rig);
	rig_advance(rig, SECOND);
	many(255, 50);
	ck_assert_uint_eq(rig->sent_count, 2);
}
END_TEST

/* As the bucket of 128 KiB and the rate say: 1000 bytes each. */
static uint64_t passed_of(uint32_t count, uint16_t port)
{
	rig_forget(rig);
	while (count--)
		rig_input(
			rig, port, bytes,
			rig_udp(bytes, 1000, (uint8_t)port, port == 2 ? 3 : 2));
	return rig->sent_count;
}

START_TEST(bandwidth_is_kept_per_direction)
{
	uint64_t first;

	vm->police.bandwidth[false] = 8000000; /* 1 MB a second */
	rig_publish(rig);
	first = passed_of(400, 2);
	ck_assert_uint_eq(first, 132); /* 131072 bytes and what begins there */
	ck_assert_uint_eq(rig_dropped_of(rig, 2, VS_REASON_BANDWIDTH_OUT),
			  400 - first);
	ck_assert_uint_eq(passed_of(400, 3), 400);
	rig_advance(rig, SECOND / 10);
	ck_assert_uint_eq(passed_of(400, 2), 100);
	/* the other direction: dropped at vm2, booked to who sent it */
	vm->police.bandwidth[false] = 0;
	vm->police.bandwidth[true] = 8000000;
	rig_publish(rig);
	ck_assert_uint_eq(passed_of(400, 2), 400);
	ck_assert_uint_eq(passed_of(400, 3), 132);
	ck_assert_uint_eq(rig_dropped_of(rig, 3, VS_REASON_BANDWIDTH_IN), 268);
}
END_TEST

START_TEST(bandwidth_to_one_port_takes_no_copy_from_the_others)
{
	vm->police.bandwidth[true] = 8000;
	rig_publish(rig);
	rig_forget(rig);
	for (int i = 0; i < 200; i++) {
		rig_udp(bytes, 1400, 3, 9);
		memset(bytes, 0xff, 6);
		rig_input(rig, 3, bytes, 1400);
	}
	ck_assert_uint_eq(rig->sent_count, 200 + 94);
	ck_assert_uint_eq(rig_dropped_of(rig, 3, VS_REASON_BANDWIDTH_IN),
			  200 - 94);
}
END_TEST

START_TEST(super_frame_costs_what_its_segments_do)
{
	struct vs_view view = {.size = 54 + 64000,
			       .offload = {.gso = VS_GSO_TCP4,
					   .gso_size = 1000,
					   .header_size = 54}};

	ck_assert_uint_eq(police_wire_bytes(&view), 64 * 1054);
	view.size++;
	ck_assert_uint_eq(police_wire_bytes(&view), 64 * 1054 + 55);
	view.offload.gso = VS_GSO_NONE;
	ck_assert_uint_eq(police_wire_bytes(&view), 54 + 64001);
}
END_TEST

/* -- priorities -------------------------------------------------------------
 */

/* The tag with which a frame tagged `tci` leaves, from port 5 to port 6. */
static uint16_t tag_behind(uint16_t tci, bool beside)
{
	uint32_t size = rig_udp(bytes, 100, 5, 6);
	struct vs_packet *packet;

	if (!beside) {
		memmove(bytes + 16, bytes + 12, size - 12);
		vs_store16(bytes + 12, VS_TYPE_VLAN);
		vs_store16(bytes + 14, tci);
		size += 4;
	}
	packet = rig_packet(rig, 5, bytes, size);
	packet->view.tags = beside;
	packet->view.vlan = beside ? tci : VS_ABSENT;
	rig_forget(rig);
	rig_walk(rig, 5, packet);
	ck_assert_uint_eq(rig->sent_count, 1);
	ck_assert_uint_eq(vs_load16(rig->sent[0].bytes + 12), VS_TYPE_VLAN);
	return vs_load16(rig->sent[0].bytes + 14);
}

START_TEST(priority_is_reset_unless_the_port_keeps_it)
{
	struct vs_port_plan *plain = rig_port(rig, "plain5", 5, 0);

	rig_port(rig, "plain6", 6, 0);
	rig_publish(rig);
	ck_assert_uint_eq(tag_behind(0xa064, false), 0x0064);
	ck_assert_uint_eq(tag_behind(0xb064, true), 0x1064);
	ck_assert_uint_eq(tag_behind(0xe000, false), 0x0000);
	plain->police.priority_tag = true;
	rig_publish(rig);
	ck_assert_uint_eq(tag_behind(0xa064, false), 0xa064);
	ck_assert_uint_eq(tag_behind(0xb064, true), 0xb064);
}
END_TEST

START_TEST(tag_cut_short_has_no_priority_to_reset)
{
	rig_port(rig, "plain5", 5, 0);
	rig_port(rig, "plain6", 6, 0);
	rig_publish(rig);
	rig_udp(bytes, 100, 5, 6);
	vs_store16(bytes + 12, VS_TYPE_VLAN);
	for (uint32_t size = 14; size < 18; size++)
		rig_input(rig, 5, bytes, size);
	ck_assert_uint_eq(rig->sent_count, 4);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("police");
	TCase *tcase = tcase_create("police");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, dhcp_servers_are_dropped_and_clients_pass);
	tcase_add_test(tcase, routers_are_dropped_and_hosts_pass);
	tcase_add_test(tcase, fragments_hide_no_server_and_no_router);
	tcase_add_test(
		tcase,
		guards_off_or_of_another_port_let_servers_and_routers_speak);
	tcase_add_test(tcase, rate_lets_its_burst_through_and_then_its_rate);
	tcase_add_test(tcase, rate_decides_as_a_bucket_of_bytes_does);
	tcase_add_test(tcase,
		       storm_limit_counts_all_kinds_together_and_names_each);
	tcase_add_test(
		tcase,
		storm_limit_that_goes_or_comes_holds_from_the_next_frame);
	tcase_add_test(tcase, bandwidth_is_kept_per_direction);
	tcase_add_test(tcase,
		       bandwidth_to_one_port_takes_no_copy_from_the_others);
	tcase_add_test(tcase, super_frame_costs_what_its_segments_do);
	tcase_add_test(tcase, priority_is_reset_unless_the_port_keeps_it);
	tcase_add_test(tcase, tag_cut_short_has_no_priority_to_reset);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
