// SPDX-License-Identifier: Apache-2.0
/*
 * IGMP and MLD snooping: messages that are cut or lie name no group; who
 * joined gets what a model says, under random joins and leaves; and a tenant
 * with too many groups hears everything, the others are not touched.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "core/membership.h"
#include "core/reason.h"
#include "packet/parse.h"
#include "tests/support/prng.h"
#include "tests/support/rig.h"
#include "tests/support/suite.h"

#define PORTS  6u /* ids 2..7 in VSID 5001; 7 is the router's; 8, 9 in 6001 */
#define ROUTER 7u
#define GROUPS 5u

static struct rig *rig;
static uint8_t bytes[2048];

static void setup(void)
{
	char name[8];

	rig = rig_open(NULL);
	for (uint16_t id = 2; id < 10; id++) {
		snprintf(name, sizeof(name), "p%u", id);
		rig_port(rig, name, id, id < 8 ? 5001 : 6001)->police.snooping =
			true;
	}
	rig_publish(rig);
}

static void teardown(void)
{
	ck_assert_int_eq(rig_balance(rig), 0);
	ck_assert_uint_eq(rig_buffers_used(rig), 0);
	rig_close(rig);
}

/* An IPv4 frame to 239.1.x.y with this payload, from a port. */
static uint32_t frame4(uint8_t from, uint16_t group, uint8_t protocol,
		       const uint8_t *payload, uint32_t size)
{
	uint8_t *ip = bytes + 14;

	memset(bytes, 0, 34);
	memcpy(bytes, (const uint8_t[6]){1, 0, 0x5e, 1}, 6);
	vs_store16(bytes + 4, group);
	bytes[6] = 2;
	bytes[11] = from;
	vs_store16(bytes + 12, VS_TYPE_IPV4);
	ip[0] = 0x45;
	vs_store16(ip + 2, (uint16_t)(20 + size));
	ip[8] = 1;
	ip[9] = protocol;
	ip[12] = 10;
	ip[15] = from;
	ip[16] = 239;
	ip[17] = 1;
	vs_store16(ip + 18, group);
	vs_store16(ip + 10, vs_checksum(vs_sum(0, ip, 20)));
	memcpy(bytes + 34, payload, size);
	return 34 + size;
}

static void say(uint8_t from, uint8_t type, uint16_t group)
{
	uint8_t igmp[8] = {type, 0, 0, 0, 239, 1};

	if (type == 0x11)
		memset(igmp + 4, 0, 4);
	else
		vs_store16(igmp + 6, group);
	rig_forget(rig);
	rig_input(rig, from, bytes, frame4(from, group, 2, igmp, 8));
}

static void send(uint8_t from, uint16_t group)
{
	static const uint8_t udp[16] = {0, 1, 0, 2, 0, 16};

	rig_forget(rig);
	rig_input(rig, from, bytes, frame4(from, group, VS_IP_UDP, udp, 16));
}

static bool got(uint16_t port)
{
	for (uint32_t i = 0; i < rig->sent_count; i++)
		if (rig->sent[i].port.value == port)
			return true;
	return false;
}

START_TEST(members_get_what_a_model_says)
{
	struct prng prng = prng_start(prng_seed());
	bool member[PORTS + 2][GROUPS] = {{false}};
	uint32_t kept = 0;

	say(ROUTER, 0x11, 0);
	for (int i = 0; i < 20000; i++) {
		uint8_t from = (uint8_t)(2 + prng_below(&prng, PORTS - 1));
		uint16_t group = (uint16_t)prng_below(&prng, GROUPS);
		uint64_t what = prng_below(&prng, 10);

		if (what < 2) {
			say(from, what ? 0x16 : 0x12, group);
			member[from][group] = true;
		} else if (what == 2) {
			say(from, 0x17, group);
			member[from][group] = false;
			rig_advance(rig, GROUPS_LEAVE_NS + 1000000);
			say(ROUTER, 0x11, 0);
		} else {
			send(from, group);
			for (uint8_t id = 2; id < 2 + PORTS; id++) {
				bool wanted = id != from && (id == ROUTER ||
							     member[id][group]);

				ck_assert_msg(got(id) == wanted,
					      "step %d: group %u from %u to %u",
					      i, group, from, id);
				kept += !wanted;
			}
		}
		/* so that nobody's membership ages in the meantime */
		for (uint8_t id = 2; what == 2 && id < ROUTER; id++)
			for (uint16_t g = 0; g < GROUPS; g++)
				if (member[id][g])
					say(id, 0x16, g);
	}
	ck_assert_uint_gt(kept, 10000);
}
END_TEST

START_TEST(too_many_groups_are_flooded_in_their_tenant_only)
{
	uint16_t i;

	say(ROUTER, 0x11, 0);
	say(8, 0x11, 0);
	send(2, 9999);
	ck_assert(!got(3));
	for (i = 0; i < GROUPS_PER_VSID + 10; i++)
		say(2, 0x16, i);
	send(2, 9999);
	ck_assert(got(3));
	/* the other tenant is narrowed as before: 9 joined nothing */
	say(9, 0x16, 1);
	ck_assert(got(8));
	send(8, 2);
	ck_assert(!got(9));
	send(8, 1);
	ck_assert(got(9));
	/* and it ends, once they are silent */
	rig_advance(rig, GROUPS_IDLE_NS * 2);
	rig_tick(rig);
	say(ROUTER, 0x11, 0);
	send(2, 9999);
	ck_assert(!got(3));
}
END_TEST

START_TEST(what_is_known_is_listed)
{
	struct vs_group_member member;
	uint64_t cursor = 0;
	uint32_t routers = 0, members = 0;

	say(ROUTER, 0x11, 0);
	say(2, 0x16, 1);
	say(3, 0x16, 1);
	say(3, 0x17, 1);
	rig_tick(rig);
	while (vs_switch_group_next(rig->sw, &cursor, &member)) {
		ck_assert_uint_eq(member.vsid.value, 5001);
		if (vs_ip_is_unspecified(&member.group)) {
			ck_assert_uint_eq(member.port.value, ROUTER);
			routers++;
		} else {
			ck_assert_uint_eq(member.port.value, 2);
			members++;
		}
	}
	ck_assert_uint_eq(routers, 1);
	ck_assert_uint_eq(members, 1);
}
END_TEST

/* -- the reader -------------------------------------------------------------
 */

static uint32_t groups_in(uint32_t size, uint32_t *joined)
{
	struct vs_view view = {.data = bytes, .size = size};
	struct membership_message message;
	struct vs_ip group;
	uint32_t count = 0;
	bool joins;

	view.offload.csum_start = VS_ABSENT;
	parse_view(&view, size);
	*joined = 0;
	if (membership_read(&view, &message) != MEMBERSHIP_REPORT)
		return 0;
	while (membership_next(&message, &group, &joins)) {
		*joined += joins;
		count++;
	}
	return count;
}

static const uint8_t report[] = {0x22, 0, 0, 0, 0, 0, 0, 4,
				 /* to exclude, with words behind */
				 4, 1, 0, 0, 239, 1, 0, 1, 9, 9, 9, 9,
				 /* include two sources */
				 1, 0, 0, 2, 239, 1, 0, 2, 10, 0, 0, 9, 10, 0,
				 0, 8,
				 /* block: says nothing */
				 6, 0, 0, 1, 239, 1, 0, 3, 10, 0, 0, 9,
				 /* include nobody: leave */
				 3, 0, 0, 0, 239, 1, 0, 4};

START_TEST(report_names_each_group_once)
{
	uint32_t joined;

	ck_assert_uint_eq(
		groups_in(frame4(2, 0, 2, report, sizeof(report)), &joined), 3);
	ck_assert_uint_eq(joined, 2);
	/* from afar, or in pieces, it says nothing */
	frame4(2, 0, 2, report, sizeof(report));
	bytes[22] = 2;
	ck_assert_uint_eq(groups_in(34 + sizeof(report), &joined), 0);
	frame4(2, 0, 2, report, sizeof(report));
	vs_store16(bytes + 20, 0x2000);
	ck_assert_uint_eq(groups_in(34 + sizeof(report), &joined), 0);
}
END_TEST

/* Cut anywhere, also by its own length: as many as are whole. */
START_TEST(report_that_is_cut_names_what_is_whole)
{
	static const uint32_t ends[] = {20, 36, 48, 56};
	uint32_t size, joined, whole, i;

	for (size = 0; size <= sizeof(report); size++) {
		for (whole = i = 0; i < 4; i++)
			whole += size >= ends[i] && i != 2;
		ck_assert_uint_eq(
			groups_in(frame4(2, 0, 2, report, size), &joined),
			whole);
		frame4(2, 0, 2, report, sizeof(report));
		vs_store16(bytes + 16, (uint16_t)(20 + size));
		ck_assert_uint_eq(groups_in(34 + sizeof(report), &joined),
				  whole);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("groups");
	TCase *table = tcase_create("table"), *reader = tcase_create("reader");

	tcase_set_timeout(table, 60);
	tcase_add_checked_fixture(table, setup, teardown);
	tcase_add_test(table, members_get_what_a_model_says);
	tcase_add_test(table, too_many_groups_are_flooded_in_their_tenant_only);
	tcase_add_test(table, what_is_known_is_listed);
	suite_add_tcase(suite, table);
	tcase_add_test(reader, report_names_each_group_once);
	tcase_add_test(reader, report_that_is_cut_names_what_is_whole);
	suite_add_tcase(suite, reader);
	return suite_main(suite);
}
