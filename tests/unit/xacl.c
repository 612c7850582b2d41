// SPDX-License-Identifier: Apache-2.0
/*
 * Extended ACL rules: the tree finds what a list of all rules would, whatever
 * the rules look like; weights, families, ranges, unknown ports; counters that
 * stay with their rules.
 */
#include <string.h>

#include <vswitch/wire.h>

#include "core/xacl.h"
#include "tests/support/prng.h"
#include "tests/support/suite.h"

#define BOXES 700u

static struct vs_xacl_rule any_rule(uint16_t weight)
{
	return (struct vs_xacl_rule){
		.inbound = true,
		.weight = weight,
		.protocol = VS_XACL_PROTOCOL_ANY,
		.local_ports = {1, 0},
		.remote_ports = {1, 0},
		.idle_s = VS_XACL_IDLE_S,
	};
}

static struct vs_prefix prefix(const char *text)
{
	struct vs_prefix result;

	ck_assert_int_eq(vs_prefix_parse(text, &result), 0);
	return result;
}

static struct vs_ip ip(const char *text)
{
	struct vs_ip result;

	ck_assert_int_eq(vs_ip_parse(text, &result), 0);
	return result;
}

static struct xacl_tuple tuple(const char *local, const char *remote,
			       uint8_t protocol)
{
	return (struct xacl_tuple){
		.local = ip(local),
		.remote = ip(remote),
		.inbound = true,
		.ipv6 = strchr(local, ':') != NULL,
		.protocol = protocol,
		.ported = protocol == VS_IP_TCP || protocol == VS_IP_UDP,
		.local_port = 443,
		.remote_port = 40000,
		.vsid = {5001},
	};
}

static uint32_t decides(const struct vs_xacl_rule *rules, uint32_t count,
			const struct xacl_tuple *frame)
{
	struct vs_xacl *xacl = vs_xacl_build(NULL, rules, count, 1);
	uint32_t number = xacl_rule_of(xacl, frame);

	vs_xacl_unref(xacl);
	return number;
}

/* -- the tree against a list ------------------------------------------------
 */

static uint32_t list_find(const struct xacl_box *boxes, uint32_t count,
			  const struct xacl_point *point)
{
	uint32_t best = XACL_NONE, i;
	int d;

	for (i = 0; i < count; i++) {
		for (d = 0; d < XACL_DIMENSIONS; d++)
			if (point->at[d] < boxes[i].low[d] ||
			    point->at[d] - boxes[i].low[d] > boxes[i].span[d])
				break;
		if (d == XACL_DIMENSIONS && boxes[i].rank < best)
			best = boxes[i].rank;
	}
	return best;
}

/* Small numbers, so that boxes and points meet; now and then the ends. */
static uint64_t number(struct prng *prng)
{
	uint64_t kind = prng_below(prng, 20);

	if (kind == 0)
		return 0;
	if (kind == 1)
		return UINT64_MAX;
	if (kind == 2)
		return prng_u64(prng);
	return prng_below(prng, 100);
}

static void random_box(struct prng *prng, struct xacl_box *box, uint32_t shape)
{
	int d;

	for (d = 0; d < XACL_DIMENSIONS; d++) {
		uint64_t a = number(prng), b = number(prng);

		box->low[d] = 0;
		box->span[d] = UINT64_MAX;
		if (prng_below(prng, 4) < shape)
			continue; /* takes all */
		box->low[d] = a < b ? a : b;
		box->span[d] =
			prng_below(prng, 2) ? (a < b ? b - a : a - b) : 0;
		if (box->span[d] > UINT64_MAX - box->low[d])
			box->span[d] = UINT64_MAX - box->low[d];
	}
}

START_TEST(tree_finds_what_a_list_would)
{
	static struct xacl_box boxes[BOXES];
	struct prng prng = prng_start(prng_seed() + (uint64_t)_i);
	uint32_t count = prng_below(&prng, BOXES), i, found = 0;
	uint32_t shape = prng_below(&prng, 4);
	struct xacl_tree *tree;
	int d;

	memset(boxes, 0, sizeof(boxes));
	for (i = 0; i < count; i++) {
		random_box(&prng, &boxes[i], shape);
		boxes[i].rank = i * 7919u % BOXES;
	}
	tree = xacl_tree_build(boxes, count);
	for (i = 0; i < 1000; i++) {
		struct xacl_point point;
		uint32_t here = count ? prng_below(&prng, count) : 0;
		uint32_t wanted;

		for (d = 0; d < XACL_DIMENSIONS; d++) {
			point.at[d] = number(&prng);
			if (count && prng_below(&prng, 8))
				point.at[d] = boxes[here].low[d] +
					      (prng_below(&prng, 3)
						       ? 0
						       : boxes[here].span[d]);
		}
		wanted = list_find(boxes, count, &point);
		found += wanted != XACL_NONE;
		ck_assert_uint_eq(xacl_tree_find(tree, &point), wanted);
	}
	ck_assert(count < 50 || found > 0);
	xacl_tree_destroy(tree);
}
END_TEST

/* -- rules ------------------------------------------------------------------
 */

START_TEST(highest_weight_that_matches_decides)
{
	struct vs_xacl_rule rules[3] = {any_rule(5), any_rule(900),
					any_rule(40)};
	struct xacl_tuple frame = tuple("10.0.0.5", "10.0.0.7", VS_IP_TCP);

	ck_assert_uint_eq(decides(rules, 3, &frame), 1);
	rules[1].by_remote = true;
	rules[1].remote = prefix("10.0.1.0/24");
	ck_assert_uint_eq(decides(rules, 3, &frame), 2);
	rules[2].inbound = false;
	ck_assert_uint_eq(decides(rules, 3, &frame), 0);
	rules[0].vsid.value = 5002;
	ck_assert_uint_eq(decides(rules, 3, &frame), XACL_NONE);
	rules[0].vsid.value = 5001;
	ck_assert_uint_eq(decides(rules, 3, &frame), 0);
	ck_assert_uint_eq(decides(rules, 0, &frame), XACL_NONE);
}
END_TEST

START_TEST(prefixes_hold_to_their_last_address_and_family)
{
	static const struct {
		const char *prefix, *in[2], *out[2];
	} cases[] = {
		{"10.0.0.0/23",
		 {"10.0.0.0", "10.0.1.255"},
		 {"9.255.255.255", "10.0.2.0"}},
		{"10.0.0.7/32",
		 {"10.0.0.7", "10.0.0.7"},
		 {"10.0.0.6", "10.0.0.8"}},
		{"0.0.0.0/0",
		 {"0.0.0.1", "255.255.255.255"},
		 {"::1", "2001:db8::1"}},
		{"::/0", {"::1", "ffff::"}, {"0.0.0.1", "10.0.0.7"}},
		{"2001:db8::/47",
		 {"2001:db8::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"},
		 {"2001:db8:2::", "2001:db7:ffff::"}},
		{"2001:db8::/64",
		 {"2001:db8::", "2001:db8::ffff:ffff:ffff:ffff"},
		 {"2001:db8:0:1::", "2001:db7::"}},
		{"2001:db8::8/125",
		 {"2001:db8::8", "2001:db8::f"},
		 {"2001:db8::7", "2001:db8::10"}},
		{"2001:db8::8/128",
		 {"2001:db8::8", "2001:db8::8"},
		 {"2001:db8::7", "2001:db8::9"}},
	};
	struct vs_xacl_rule rule = any_rule(1);
	size_t i, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (k = 0; k < 2; k++) {
			const char *own = strchr(cases[i].in[k], ':')
						  ? "fd00::1"
						  : "10.9.9.9";
			const char *other = strchr(cases[i].out[k], ':')
						    ? "fd00::1"
						    : "10.9.9.9";
			struct xacl_tuple in, out;

			rule.by_remote = true;
			rule.by_local = false;
			rule.remote = prefix(cases[i].prefix);
			in = tuple(own, cases[i].in[k], VS_IP_UDP);
			out = tuple(other, cases[i].out[k], VS_IP_UDP);
			ck_assert_uint_eq(decides(&rule, 1, &in), 0);
			ck_assert_uint_eq(decides(&rule, 1, &out), XACL_NONE);
			rule.by_remote = false;
			rule.by_local = true;
			rule.local = prefix(cases[i].prefix);
			in = tuple(cases[i].in[k], own, VS_IP_UDP);
			out = tuple(cases[i].out[k], other, VS_IP_UDP);
			ck_assert_uint_eq(decides(&rule, 1, &in), 0);
			ck_assert_uint_eq(decides(&rule, 1, &out), XACL_NONE);
		}
}
END_TEST

START_TEST(port_ranges_hold_both_ends_and_no_unknown_port)
{
	struct xacl_tuple frame = tuple("10.0.0.5", "10.0.0.7", VS_IP_TCP);
	struct vs_xacl_rule rule = any_rule(1);

	rule.local_ports = (struct vs_port_range){400, 443};
	ck_assert_uint_eq(decides(&rule, 1, &frame), 0);
	frame.local_port = 400;
	ck_assert_uint_eq(decides(&rule, 1, &frame), 0);
	frame.local_port = 399;
	ck_assert_uint_eq(decides(&rule, 1, &frame), XACL_NONE);
	frame.local_port = 444;
	ck_assert_uint_eq(decides(&rule, 1, &frame), XACL_NONE);
	rule.local_ports = (struct vs_port_range){0, UINT16_MAX};
	frame.local_port = UINT16_MAX;
	ck_assert_uint_eq(decides(&rule, 1, &frame), 0);
	/* all ports are named: that is not the same as no port */
	frame.ported = false;
	ck_assert_uint_eq(decides(&rule, 1, &frame), XACL_NONE);
	rule.local_ports = (struct vs_port_range){1, 0};
	ck_assert_uint_eq(decides(&rule, 1, &frame), 0);
	rule.remote_ports = (struct vs_port_range){40000, 40000};
	ck_assert_uint_eq(decides(&rule, 1, &frame), XACL_NONE);
	frame.ported = true;
	ck_assert_uint_eq(decides(&rule, 1, &frame), 0);
	rule.protocol = VS_IP_UDP;
	ck_assert_uint_eq(decides(&rule, 1, &frame), XACL_NONE);
}
END_TEST

START_TEST(rules_that_stay_keep_their_counters)
{
	struct vs_xacl_rule rules[3] = {any_rule(5), any_rule(6), any_rule(7)};
	struct vs_xacl *xacl = vs_xacl_build(NULL, rules, 3, 2), *next;

	xacl_count(xacl, 0, 0);
	xacl_count(xacl, 1, 0);
	xacl_count(xacl, 1, 2);
	xacl_count(xacl, 2, 2); /* the probe's */
	ck_assert_uint_eq(vs_xacl_hits(xacl, 0), 2);
	ck_assert_uint_eq(vs_xacl_hits(xacl, 2), 1);
	ck_assert(vs_xacl_is(xacl, rules, 3));
	rules[1] = any_rule(5);
	rules[0] = any_rule(7);
	rules[0].allow = true; /* another one of the same weight */
	next = vs_xacl_build(xacl, rules, 2, 2);
	ck_assert(!vs_xacl_is(xacl, rules, 2));
	ck_assert_uint_eq(vs_xacl_hits(next, 0), 0);
	ck_assert_uint_eq(vs_xacl_hits(next, 1), 2);
	xacl_count(xacl, 0, 0); /* a worker that is late */
	vs_xacl_unref(xacl);
	ck_assert_uint_eq(vs_xacl_hits(next, 1), 3);
	ck_assert_uint_eq(vs_xacl_number(next, true, 5), 1);
	ck_assert_uint_eq(vs_xacl_number(next, true, 6), XACL_NONE);
	ck_assert_uint_eq(vs_xacl_number(next, false, 5), XACL_NONE);
	vs_xacl_unref(next);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("xacl");
	TCase *tcase = tcase_create("xacl");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, tree_finds_what_a_list_would, 0, 30);
	tcase_add_test(tcase, highest_weight_that_matches_decides);
	tcase_add_test(tcase, prefixes_hold_to_their_last_address_and_family);
	tcase_add_test(tcase, port_ranges_hold_both_ends_and_no_unknown_port);
	tcase_add_test(tcase, rules_that_stay_keep_their_counters);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
