/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Customer routes and what else a network says of its router (hnv.md A3.1 to
 * A3.6, A3.14, A4.10, A4.11): what is refused, what is warned of, which way is
 * taken.
 */
#include "tests/support/policy_bench.h"
#include "wnv/routes.h"

START_TEST(routes_find_their_subnet_and_are_checked)
{
	struct bench bench = accepted(
		BLUE "route out prefix=0.0.0.0/0 next-hop=10.0.0.7\n" VM7,
		NULL);
	const struct wnv_ca far = ca("198.51.100.1"), near = ca("10.0.0.99");
	const struct wnv_route *route;

	route = wnv_route_find(bench.state, 0, &far);
	ck_assert_ptr_nonnull(route);
	ck_assert(!route->on_link);
	ck_assert_uint_eq(route->vsid.value, 5001);
	ck_assert(wnv_route_find(bench.state, 0, &near)->on_link);
	done(&bench);
	refused(BLUE "route out prefix=0.0.0.0/0 next-hop=10.9.0.7\n", EINVAL,
		"route out next-hop", "in no subnet of this network");
	refused(BLUE "route out prefix=0.0.0.0/0 next-hop=10.0.0.1\n", EINVAL,
		"route out next-hop", "the gateway of subnet");
	refused(BLUE "route out prefix=::/0 next-hop=10.0.0.7\n", EINVAL,
		"route out next-hop", "different families");
	refused(BLUE "route out prefix=10.0.0.0/24 next-hop=10.0.0.7\n", EEXIST,
		"route out", "on-link in subnet 5001");
	refused(BLUE "route out prefix=0.0.0.0/0 next-hop=10.0.0.7 vsid=6001\n",
		ENOENT, "route out vsid", "no subnet of this network");
	refused(BLUE "subnet 5002 prefixes=10.2.0.0/24\n"
		     "route out prefix=0.0.0.0/0 next-hop=10.0.0.7 vsid=5002\n",
		EINVAL, "route out next-hop", "in no prefix");
	refused(BLUE
		"route out prefix=0.0.0.0/0 next-hop=10.0.0.7\n"
		"route again prefix=0.0.0.0/0 next-hop=10.0.0.7 metric=9\n",
		EEXIST, "route again", "another route leads to 0.0.0.0/0");
}
END_TEST

START_TEST(routes_of_one_prefix_are_taken_by_metric_and_use)
{
	struct bench bench = load(
		UPLINK BLUE
		"route first prefix=0.0.0.0/0 next-hop=10.0.0.6 metric=1\n"
		"route second prefix=0.0.0.0/0 next-hop=10.0.0.7 metric=10\n"
		"route third prefix=0.0.0.0/0 next-hop=10.0.0.8\n" VM7
		"ca 10.0.0.8 mac=02:00:00:00:00:08 pa=192.0.2.2\n");
	const struct wnv_ca far = ca("198.51.100.1"), best = ca("10.0.0.6"),
			    usable = ca("10.0.0.7");
	struct wnv_passage passage;

	configure(&bench, WNV_OCCASION_CHANGE);
	ck_assert_int_eq(bench.result, 0);
	ck_assert(wnv_ca_equal(&wnv_route_find(bench.state, 0, &far)->next_hop,
			       &best));
	wnv_passage_find(bench.state, 0, &far, 1, &passage);
	ck_assert_int_eq(passage.way, WNV_WAY_VIA);
	ck_assert(wnv_ca_equal(&passage.record->ca, &usable));
	ck_assert_uint_eq(passage.route->metric, 10);
	done(&bench);
}
END_TEST

START_TEST(external_router_takes_the_gateways_away)
{
	struct bench bench =
		accepted("network blue external-router=on\n"
			 "subnet 5001 prefixes=10.0.0.0/24,fd00::/64\n"
			 "subnet 5002 prefixes=10.1.0.0/24\n",
			 "no route of the network");
	const struct wnv_subnet *subnet =
		wnv_subnet_find(bench.state, (struct vs_vsid){5001});

	ck_assert_uint_eq(subnet->gateway_count, 0);
	ck_assert(!wnv_network_has_router(bench.state, subnet->network));
	done(&bench);
	refused("network blue external-router=on\n"
		"subnet 5001 prefixes=10.0.0.0/24 gateway=10.0.0.9\n",
		EINVAL, "subnet 5001 gateway", "external-router=on");
}
END_TEST

START_TEST(slaac_needs_a_prefix_of_64)
{
	struct bench bench = accepted("network blue\n"
				      "subnet 5001 prefixes=fd00::/64 "
				      "slaac=on\n",
				      NULL);

	ck_assert(wnv_subnet_find(bench.state, (struct vs_vsid){5001})->slaac);
	done(&bench);
	refused("network blue\nsubnet 5001 prefixes=10.0.0.0/24,fd00::/80 "
		"slaac=on\n",
		EINVAL, "subnet 5001 slaac", "an IPv6 prefix of /64");
	refused("network blue\nsubnet 5001 prefixes=fd00::/64 gateway=none "
		"slaac=on\n",
		EINVAL, "subnet 5001 slaac", "has no gateway");
}
END_TEST

START_TEST(warns_of_a_next_hop_without_a_record)
{
	struct bench bench =
		accepted(BLUE "route out prefix=0.0.0.0/0 next-hop=10.0.0.7\n",
			 "has no record");

	done(&bench);
}
END_TEST

START_TEST(warns_of_a_next_hop_among_ordinary_vms)
{
	struct bench bench = accepted(
		BLUE "route out prefix=0.0.0.0/0 next-hop=10.0.0.7\n" VM5 VM7,
		"a subnet of its own");

	done(&bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_routes");
	TCase *tcase = tcase_create("routes");

	tcase_add_test(tcase, routes_find_their_subnet_and_are_checked);
	tcase_add_test(tcase, routes_of_one_prefix_are_taken_by_metric_and_use);
	tcase_add_test(tcase, external_router_takes_the_gateways_away);
	tcase_add_test(tcase, slaac_needs_a_prefix_of_64);
	tcase_add_test(tcase, warns_of_a_next_hop_without_a_record);
	tcase_add_test(tcase, warns_of_a_next_hop_among_ordinary_vms);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
