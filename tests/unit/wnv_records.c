/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a record and of a policy has an effect, and what has none (hnv.md
 * A2.12 to A2.14, A2.18, A2.22): two policies that must answer alike.
 */
#include "tests/support/policy_bench.h"
#include "wnv/wildcard.h"

#define RED "network red\nsubnet 6001 prefixes=10.0.0.0/24\n"

static const struct wnv_record *record(const struct bench *bench, uint32_t vsid,
				       const char *text)
{
	const struct wnv_ca key = ca(text);

	return wnv_record_find(bench->state, (struct vs_vsid){vsid}, &key);
}

/* The same VM, at the same place, by the same rule. */
static void expect_alike(const struct wnv_record *a, const struct wnv_record *b)
{
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_mem_eq(a->mac.octet, b->mac.octet, 6);
	ck_assert(wnv_pa_equal(&a->pa, &b->pa));
	ck_assert_uint_eq(a->rule, b->rule);
	ck_assert_uint_eq(a->type, b->type);
	ck_assert_uint_eq(a->flags, b->flags);
}

static void expect_subnets_alike(const struct bench *a, const struct bench *b)
{
	const struct vs_vsid vsid = {5001};
	const struct wnv_subnet *left = wnv_subnet_find(a->state, vsid);
	const struct wnv_subnet *right = wnv_subnet_find(b->state, vsid);

	ck_assert_uint_eq(left->replica_count, right->replica_count);
	ck_assert_uint_eq(left->port_count, right->port_count);
	ck_assert_uint_eq(left->mtu, right->mtu);
	ck_assert(wnv_pa_equal(&left->own_pa[0], &right->own_pa[0]));
}

/* A field that has no effect, of the record and of the network. */
static const char *const remarks[] = {"customer-id=acme", "note=spare",
				      "vm=db-7"};

START_TEST(customer_note_and_vm_name_have_no_effect)
{
	char lines[512];
	struct bench bare = accepted(UPLINK BLUE VM5 VM7, NULL), with;

	snprintf(lines, sizeof(lines),
		 UPLINK BLUE VM5 "ca 10.0.0.7 mac=02:00:00:00:00:07 "
				 "pa=192.0.2.2 %s\n",
		 remarks[_i]);
	with = accepted(lines, NULL);
	ck_assert_uint_eq(wnv_record_count(with.state), 2);
	expect_alike(record(&bare, 5001, "10.0.0.5"),
		     record(&with, 5001, "10.0.0.5"));
	expect_alike(record(&bare, 5001, "10.0.0.7"),
		     record(&with, 5001, "10.0.0.7"));
	expect_subnets_alike(&bare, &with);
	done(&bare);
	done(&with);
}
END_TEST

START_TEST(host_needs_the_policy_of_its_own_networks_only)
{
	struct bench whole =
		accepted(UPLINK BLUE VM5 VM7 RED
			 "ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.3\n"
			 "port web tap=eth0 vsid=5001 ca=10.0.0.5\n",
			 NULL);
	struct bench own = accepted(UPLINK BLUE VM5 VM7
				    "port web tap=eth0 vsid=5001 ca=10.0.0.5\n",
				    NULL);

	expect_alike(record(&whole, 5001, "10.0.0.5"),
		     record(&own, 5001, "10.0.0.5"));
	expect_alike(record(&whole, 5001, "10.0.0.7"),
		     record(&own, 5001, "10.0.0.7"));
	expect_subnets_alike(&whole, &own);
	ck_assert_ptr_nonnull(record(&whole, 6001, "10.0.0.5"));
	ck_assert_ptr_null(record(&own, 6001, "10.0.0.5"));
	done(&whole);
	done(&own);
}
END_TEST

/* Several in one VSID; one for each family, or for both. */
START_TEST(wildcards_are_kept_by_mac_and_family)
{
	struct bench bench = accepted(
		UPLINK "network b\nsubnet 5001 prefixes=10.0.0.0/24,fd00::/64\n"
		       "gateway 02:00:00:00:00:21 pa=192.0.2.2 families=4\n"
		       "gateway 02:00:00:00:00:22 pa=192.0.2.3 families=6\n"
		       "gateway 02:00:00:00:00:23 pa=192.0.2.4\n",
		NULL);
	const struct wnv_subnet *subnet =
		wnv_subnet_find(bench.state, (struct vs_vsid){5001});
	const struct wnv_ca out4 = ca("198.51.100.1"), out6 = ca("2001:db8::1");
	static const bool speaks[3][2] = {
		{true, false}, {false, true}, {true, true}};
	struct vs_mac mac = {{2, 0, 0, 0, 0, 0x21}};
	unsigned int i;

	for (i = 0; i < 3; i++, mac.octet[5]++) {
		ck_assert_ptr_nonnull(
			wnv_wildcard_of(bench.state, subnet, &mac));
		ck_assert_int_eq(wnv_wildcard_find(bench.state, subnet, &mac,
						   &out4) != NULL,
				 speaks[i][0]);
		ck_assert_int_eq(wnv_wildcard_find(bench.state, subnet, &mac,
						   &out6) != NULL,
				 speaks[i][1]);
	}
	ck_assert_ptr_null(wnv_wildcard_of(bench.state, subnet, &mac));
	done(&bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_records");
	TCase *tests = tcase_create("what has an effect");

	tcase_add_loop_test(tests, customer_note_and_vm_name_have_no_effect, 0,
			    sizeof(remarks) / sizeof(remarks[0]));
	tcase_add_test(tests, host_needs_the_policy_of_its_own_networks_only);
	tcase_add_test(tests, wildcards_are_kept_by_mac_and_family);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
