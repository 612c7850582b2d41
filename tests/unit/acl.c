// SPDX-License-Identifier: Apache-2.0
/*
 * Basic ACLs: the ties of design 8, and the same answers as a model that
 * looks at every rule.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "core/acl.h"
#include "packet/pool.h"
#include "tests/support/suite.h"

static struct vs_pool *pool;
static struct vs_packet *packet;

static void setup(void)
{
	pool = vs_pool_create(&(struct vs_pool_params){8, 1});
	packet = vs_pool_take(pool, false);
}

static void teardown(void)
{
	vs_packet_unref(packet);
	vs_pool_destroy(pool);
}

/* An IPv4 frame; last octets of MACs and addresses. */
static const struct vs_frame *frame_v4(uint8_t from, uint8_t to)
{
	uint8_t bytes[60] = {0x02, 0, 0, 0, 0, to, 0x02, 0, 0, 0, 0, from};
	uint8_t *ip = bytes + 14;

	vs_store16(bytes + 12, VS_TYPE_IPV4);
	ip[0] = 0x45;
	vs_store16(ip + 2, 46);
	ip[8] = 64;
	ip[9] = 253;
	vs_store32(ip + 12, 0x0a000000u + from);
	vs_store32(ip + 16, 0x0a000000u + to);
	memcpy(packet->buffer + VS_PACKET_HEADROOM, bytes, sizeof(bytes));
	packet->view.size = sizeof(bytes);
	vs_packet_parse(packet);
	return vs_packet_frame(packet);
}

static const struct vs_frame *frame_arp(void)
{
	frame_v4(5, 7);
	vs_store16(packet->buffer + VS_PACKET_HEADROOM + 12, VS_TYPE_ARP);
	vs_packet_parse(packet);
	return vs_packet_frame(packet);
}

static struct vs_prefix prefix(const char *text)
{
	struct vs_prefix result;

	ck_assert_int_eq(vs_prefix_parse(text, &result), 0);
	return result;
}

static bool allows(const struct vs_acl_rule *rules, uint16_t count,
		   bool inbound, const struct vs_frame *frame)
{
	struct vs_acl *acl = vs_acl_build(rules, count, 1);
	uint16_t rule;
	bool answer = vs_acl_allows(acl, 0, inbound, frame, &rule);

	if (rule != UINT16_MAX)
		ck_assert_uint_eq(vs_acl_count(acl, rule).frames, 1);
	vs_acl_unref(acl);
	return answer;
}

START_TEST(no_match_allows)
{
	struct vs_acl_rule rule = {.inbound = true,
				   .side = VS_ACL_REMOTE,
				   .prefix = prefix("192.168.0.0/16")};

	ck_assert(allows(&rule, 1, true, frame_v4(5, 7)));
	ck_assert(allows(NULL, 0, true, frame_v4(5, 7)));
}
END_TEST

START_TEST(longest_prefix_decides)
{
	struct vs_acl_rule rules[] = {{.inbound = true,
				       .side = VS_ACL_REMOTE,
				       .prefix = prefix("0.0.0.0/0")},
				      {.allow = true,
				       .inbound = true,
				       .side = VS_ACL_REMOTE,
				       .prefix = prefix("10.0.0.5/32")}};

	ck_assert(allows(rules, 2, true, frame_v4(5, 7)));
	ck_assert(!allows(rules, 2, true, frame_v4(6, 7)));
	ck_assert(allows(rules, 2, false, frame_v4(7, 6)));
}
END_TEST

START_TEST(deny_wins_on_equal_length)
{
	struct vs_acl_rule rules[] = {{.allow = true,
				       .inbound = true,
				       .side = VS_ACL_REMOTE,
				       .prefix = prefix("10.0.0.0/24")},
				      {.inbound = true,
				       .side = VS_ACL_REMOTE,
				       .prefix = prefix("10.0.0.0/24")}};

	ck_assert(!allows(rules, 2, true, frame_v4(5, 7)));
}
END_TEST

START_TEST(both_sides_must_allow)
{
	struct vs_acl_rule rules[] = {{.allow = true,
				       .inbound = true,
				       .side = VS_ACL_REMOTE,
				       .prefix = prefix("10.0.0.5/32")},
				      {.inbound = true,
				       .side = VS_ACL_LOCAL,
				       .prefix = prefix("10.0.0.0/8")}};

	ck_assert(!allows(rules, 2, true, frame_v4(5, 7)));
	ck_assert(allows(rules, 1, true, frame_v4(5, 7)));
}
END_TEST

START_TEST(mac_deny_is_final_and_mac_allow_is_not)
{
	struct vs_acl_rule rules[] = {{.inbound = true,
				       .side = VS_ACL_REMOTE,
				       .by_mac = true,
				       .mac = {{2, 0, 0, 0, 0, 5}}},
				      {.allow = true,
				       .inbound = true,
				       .side = VS_ACL_REMOTE,
				       .prefix = prefix("10.0.0.5/32")},
				      {.inbound = true,
				       .side = VS_ACL_REMOTE,
				       .prefix = prefix("10.0.0.6/32")},
				      {.allow = true,
				       .inbound = true,
				       .side = VS_ACL_REMOTE,
				       .by_mac = true,
				       .any_mac = true}};

	ck_assert(!allows(rules, 4, true, frame_v4(5, 7)));
	ck_assert(!allows(rules, 4, true, frame_v4(6, 7)));
	ck_assert(allows(rules, 4, true, frame_v4(8, 7)));
}
END_TEST

START_TEST(arp_meets_mac_entries_only)
{
	struct vs_acl_rule ip = {.inbound = true,
				 .side = VS_ACL_REMOTE,
				 .prefix = prefix("0.0.0.0/0")};
	struct vs_acl_rule mac = {.inbound = true,
				  .side = VS_ACL_REMOTE,
				  .by_mac = true,
				  .any_mac = true};

	ck_assert(allows(&ip, 1, true, frame_arp()));
	ck_assert(!allows(&mac, 1, true, frame_arp()));
}
END_TEST

START_TEST(families_do_not_meet)
{
	struct vs_acl_rule rule = {.inbound = true,
				   .side = VS_ACL_REMOTE,
				   .prefix = prefix("::/0")};

	ck_assert(allows(&rule, 1, true, frame_v4(5, 7)));
}
END_TEST

/* -- the model: look at every rule -------------------------------------------
 */

struct best {
	int length;
	bool found, deny;
};

static void consider(struct best *best, int length, bool allow)
{
	if (best->found && length < best->length)
		return;
	if (!best->found || length > best->length)
		*best = (struct best){length, true, !allow};
	else if (!allow)
		best->deny = true;
}

static bool model(const struct vs_acl_rule *rules, uint16_t count, bool inbound,
		  const struct vs_frame *frame)
{
	const uint8_t *bytes = vs_view(frame)->data;
	int side;
	uint16_t i;
	bool allowed = true;

	for (side = 0; side < 2; side++) {
		bool target = inbound == (side == VS_ACL_LOCAL);
		struct best mac = {0}, ip = {0};
		struct vs_ip address =
			vs_ip_from_v4(bytes + (target ? 30 : 26));

		for (i = 0; i < count; i++) {
			if (rules[i].side != side ||
			    !(inbound ? rules[i].inbound : rules[i].outbound))
				continue;
			if (rules[i].by_mac) {
				if (rules[i].any_mac)
					consider(&mac, 0, rules[i].allow);
				else if (memcmp(rules[i].mac.octet,
						bytes + (target ? 0 : 6),
						6) == 0)
					consider(&mac, 1, rules[i].allow);
			} else if (vs_prefix_contains(&rules[i].prefix,
						      &address)) {
				consider(&ip, rules[i].prefix.length,
					 rules[i].allow);
			}
		}
		allowed = allowed && !mac.deny && !ip.deny;
	}
	return allowed;
}

static struct vs_acl_rule random_rule(struct prng *prng)
{
	struct vs_acl_rule rule = {
		.allow = prng_below(prng, 2),
		.inbound = true,
		.outbound = prng_below(prng, 2),
		.side = (uint8_t)prng_below(prng, 2),
		.by_mac = prng_below(prng, 4) == 0,
		.any_mac = prng_below(prng, 3) == 0,
		.mac = {{2, 0, 0, 0, 0, (uint8_t)prng_below(prng, 8)}},
	};
	uint8_t bytes[4] = {10, 0, 0, (uint8_t)prng_below(prng, 8)};
	unsigned drop = prng_below(prng, 9);

	bytes[3] = (uint8_t)(bytes[3] >> drop << drop);
	rule.prefix.ip = vs_ip_from_v4(bytes);
	rule.prefix.length = (uint8_t)(128 - drop);
	return rule;
}

START_TEST(answers_equal_a_model_that_looks_at_every_rule)
{
	struct prng prng = prng_start(prng_seed());
	struct vs_acl_rule rules[12];
	int round, i;

	for (round = 0; round < 3000; round++) {
		uint16_t count = (uint16_t)prng_below(&prng, 13), n;

		for (n = 0; n < count; n++)
			rules[n] = random_rule(&prng);
		for (i = 0; i < 8; i++) {
			const struct vs_frame *frame =
				frame_v4((uint8_t)prng_below(&prng, 8),
					 (uint8_t)prng_below(&prng, 8));
			bool inbound = prng_below(&prng, 2);

			ck_assert(allows(rules, count, inbound, frame) ==
				  model(rules, count, inbound, frame));
		}
	}
}
END_TEST

START_TEST(acl_knows_the_rules_it_was_built_from)
{
	struct vs_acl_rule rules[2] = {
		{.inbound = true, .prefix = prefix("10.0.0.0/8")},
		{.outbound = true, .by_mac = true, .any_mac = true}};
	struct vs_acl *acl = vs_acl_build(rules, 2, 1);

	ck_assert(vs_acl_is(acl, rules, 2));
	ck_assert(!vs_acl_is(acl, rules, 1));
	rules[0].prefix.length++;
	ck_assert(!vs_acl_is(acl, rules, 2));
	rules[0].prefix.length--;
	rules[1].allow = true;
	ck_assert(!vs_acl_is(acl, rules, 2));
	vs_acl_unref(acl);
}
END_TEST

/* -- meters -----------------------------------------------------------------
 */

static struct vs_acl_rule metering(const char *text, uint8_t side)
{
	return (struct vs_acl_rule){.meter = true,
				    .inbound = true,
				    .outbound = true,
				    .side = side,
				    .prefix = prefix(text)};
}

/* An IPv6 frame of 60 + 14 bytes, fd00::from to fd00::to. */
static const struct vs_frame *frame_v6(uint8_t from, uint8_t to)
{
	uint8_t bytes[74] = {0x02, 0, 0, 0, 0, to, 0x02, 0, 0, 0, 0, from};
	uint8_t *ip = bytes + 14;

	vs_store16(bytes + 12, VS_TYPE_IPV6);
	ip[0] = 0x60;
	vs_store16(ip + 4, 20);
	ip[6] = 253;
	ip[7] = 64;
	ip[8] = ip[24] = 0xfd;
	ip[23] = from;
	ip[39] = to;
	memcpy(packet->buffer + VS_PACKET_HEADROOM, bytes, sizeof(bytes));
	packet->view.size = sizeof(bytes);
	vs_packet_parse(packet);
	return vs_packet_frame(packet);
}

static bool pass(const struct vs_acl *acl, bool inbound,
		 const struct vs_frame *frame)
{
	uint16_t rule;

	return vs_acl_allows(acl, 0, inbound, frame, &rule);
}

static uint64_t frames_of(const struct vs_acl *acl, uint16_t rule)
{
	return vs_acl_count(acl, rule).frames;
}

START_TEST(meter_counts_and_decides_nothing)
{
	struct vs_acl_rule rules[] = {
		metering("10.0.0.0/24", VS_ACL_REMOTE),
		metering("10.0.0.7/32", VS_ACL_REMOTE),
		metering("10.0.0.5/32", VS_ACL_LOCAL),
		metering("fd00::/64", VS_ACL_REMOTE),
		{.outbound = true,
		 .side = VS_ACL_REMOTE,
		 .prefix = prefix("10.0.0.9/32")},
	};
	struct vs_acl *acl = vs_acl_build(rules, 5, 1);

	/* from the port (local = source): the longest prefix; the remote one
	 * where both are as long */
	ck_assert(pass(acl, false, frame_v4(4, 8)));
	ck_assert_uint_eq(frames_of(acl, 0), 1);
	ck_assert_uint_eq(vs_acl_count(acl, 0).bytes, 60);
	ck_assert(pass(acl, false, frame_v4(5, 7)));
	ck_assert_uint_eq(frames_of(acl, 1), 1);
	ck_assert(pass(acl, false, frame_v4(5, 8)));
	ck_assert_uint_eq(frames_of(acl, 2), 1);
	/* to the port */
	ck_assert(pass(acl, true, frame_v4(7, 5)));
	ck_assert(pass(acl, true, frame_v4(8, 5)));
	ck_assert_uint_eq(frames_of(acl, 1), 2);
	ck_assert_uint_eq(frames_of(acl, 2), 2);
	ck_assert(pass(acl, true, frame_v6(7, 5)));
	ck_assert_uint_eq(frames_of(acl, 3), 1);
	ck_assert_uint_eq(vs_acl_count(acl, 3).bytes, 74);
	/* what is denied was no traffic, ARP is no IP */
	ck_assert(!pass(acl, false, frame_v4(4, 9)));
	ck_assert(pass(acl, false, frame_arp()));
	ck_assert_uint_eq(frames_of(acl, 0), 1);
	ck_assert_uint_eq(frames_of(acl, 4), 1);
	ck_assert_uint_eq(vs_acl_count(acl, 4).bytes, 0);
	vs_acl_unref(acl);
}
END_TEST

START_TEST(counters_go_on_when_other_rules_change)
{
	struct vs_acl_rule rules[] = {
		metering("10.0.0.0/24", VS_ACL_REMOTE),
		metering("10.0.0.7/32", VS_ACL_REMOTE),
		metering("10.0.0.8/32", VS_ACL_REMOTE),
	};
	struct vs_acl_rule after[] = {rules[2], rules[2], rules[0]};
	struct vs_acl *acl = vs_acl_build(rules, 3, 1), *next;

	pass(acl, false, frame_v4(5, 8));
	pass(acl, false, frame_v4(5, 6));
	next = vs_acl_follow(acl, after, 3, 1);
	/* a worker may be behind for a moment: nothing of it is lost */
	pass(acl, false, frame_v4(5, 8));
	pass(acl, false, frame_v4(5, 7));
	vs_acl_unref(acl);
	ck_assert_uint_eq(frames_of(next, 0), 2);
	ck_assert_uint_eq(frames_of(next, 1), 0); /* a second one is new */
	ck_assert_uint_eq(frames_of(next, 2), 1);
	pass(next, false, frame_v4(5, 6));
	ck_assert_uint_eq(frames_of(next, 2), 2);
	vs_acl_unref(next);
	/* nothing to follow */
	next = vs_acl_follow(NULL, after, 3, 1);
	ck_assert_uint_eq(frames_of(next, 0), 0);
	acl = vs_acl_follow(next, NULL, 0, 1);
	vs_acl_unref(next);
	vs_acl_unref(acl);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("acl");
	TCase *tcase = tcase_create("acl");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, no_match_allows);
	tcase_add_test(tcase, longest_prefix_decides);
	tcase_add_test(tcase, deny_wins_on_equal_length);
	tcase_add_test(tcase, both_sides_must_allow);
	tcase_add_test(tcase, mac_deny_is_final_and_mac_allow_is_not);
	tcase_add_test(tcase, arp_meets_mac_entries_only);
	tcase_add_test(tcase, families_do_not_meet);
	tcase_add_test(tcase, answers_equal_a_model_that_looks_at_every_rule);
	tcase_add_test(tcase, acl_knows_the_rules_it_was_built_from);
	tcase_add_test(tcase, meter_counts_and_decides_nothing);
	tcase_add_test(tcase, counters_go_on_when_other_rules_change);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
