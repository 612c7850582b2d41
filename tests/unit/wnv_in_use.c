/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider address that goes while VMs stand behind it (configure_in_use.c,
 * hnv.md A3.11): refused with who does, unless it is said that this is meant.
 */
#include "tests/support/policy_bench.h"

#define BLUE46                                                                 \
	"network blue\n"                                                       \
	"subnet 5001 prefixes=10.0.0.0/24,fd00::/64 mtu=1400\n"
#define TWO  "uplink eth1\npa 192.0.2.1 prefix=24\npa 192.0.2.9 prefix=24\n"
#define ONE  "uplink eth1\npa 192.0.2.9 prefix=24\n"
#define NONE "uplink eth1\n"
#define VM   "port web tap=t vsid=5001 ca=10.0.0.5\n"

/* From policy `was` to `is`. */
static struct bench step(const char *was, const char *is, bool force)
{
	struct bench before = load(was), bench = load(is);

	before.fake->version = 1;
	bench.fake->version = 2;
	bench.fake->before = before.fake;
	bench.fake->forced = force;
	configure(&bench, WNV_OCCASION_CHANGE);
	bench.fake->before = NULL;
	done(&before);
	return bench;
}

static void stays(const char *was, const char *is, const char *place,
		  const char *words)
{
	struct bench bench = step(was, is, false);

	ck_assert_int_eq(bench.result, -EADDRINUSE);
	ck_assert_str_eq(bench.error.path, place);
	ck_assert_msg(strstr(bench.error.text, words) != NULL, "%s",
		      bench.error.text);
	ck_assert_ptr_nonnull(strstr(bench.error.text, "--force"));
	ck_assert_ptr_null(bench.state);
	done(&bench);
	bench = step(was, is, true);
	ck_assert_msg(!bench.result, "%s", bench.error.text);
	done(&bench);
}

static void goes(const char *was, const char *is)
{
	struct bench bench = step(was, is, false);

	ck_assert_msg(!bench.result, "%s: %s", bench.error.path,
		      bench.error.text);
	done(&bench);
}

START_TEST(pa_of_a_ports_record_stays)
{
	stays(TWO BLUE VM5 VM, ONE BLUE VM5 VM, "pa 192.0.2.1",
	      "192.0.2.1 is in use by port web: the record of 10.0.0.5 names "
	      "it (vsctl ca move 10.0.0.5 vsid=5001 pa=...); move it or delete "
	      "the port first");
	stays(TWO BLUE46 "ca fd00::5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"
			 "port web tap=t vsid=5001 ca=fd00::5\n",
	      ONE BLUE46 "ca fd00::5 mac=02:00:00:00:00:05 pa=192.0.2.1\n"
			 "port web tap=t vsid=5001 ca=fd00::5\n",
	      "pa 192.0.2.1", "the record of fd00::5 names it");
}
END_TEST

START_TEST(ipv6_pa_stays_likewise)
{
#define VM5_6 "ca 10.0.0.5 mac=02:00:00:00:00:05 pa=2001:db8::1\n"
	stays("uplink eth1\npa 2001:db8::1 prefix=64\n" BLUE46 VM5_6 VM,
	      NONE BLUE46 VM5_6 VM, "pa 2001:db8::1",
	      "2001:db8::1 is in use by port web");
}
END_TEST

/* With its uplink, too; and how many more there are. */
START_TEST(every_way_to_lose_it_is_seen)
{
	stays(TWO BLUE VM5 VM, "uplink eth2\n" BLUE VM5 VM, "pa 192.0.2.1",
	      "in use by port web");
	stays(TWO BLUE VM5 "ca 10.0.0.6 mac=02:00:00:00:00:06 pa=192.0.2.1\n" VM
			   "port db tap=u vsid=5001 ca=10.0.0.6\n",
	      ONE BLUE VM5 "ca 10.0.0.6 mac=02:00:00:00:00:06 pa=192.0.2.1\n" VM
			   "port db tap=u vsid=5001 ca=10.0.0.6\n",
	      "pa 192.0.2.1", "by port web and 1 more: the record of 10.0.0.5");
	stays(TWO BLUE "l2only 02:00:00:00:00:08 pa=192.0.2.1\n"
		       "port new tap=t vsid=5001 mac=02:00:00:00:00:08\n",
	      ONE BLUE "l2only 02:00:00:00:00:08 pa=192.0.2.1\n"
		       "port new tap=t vsid=5001 mac=02:00:00:00:00:08\n",
	      "pa 192.0.2.1", "the l2only 02:00:00:00:00:08 of 5001 names it");
	stays(TWO BLUE "gateway 02:00:00:00:00:08 pa=192.0.2.1\n"
		       "port way tap=t rdmap=7:5001 mac=02:00:00:00:00:08\n",
	      ONE BLUE "gateway 02:00:00:00:00:08 pa=192.0.2.1\n"
		       "port way tap=t rdmap=7:5001 mac=02:00:00:00:00:08\n",
	      "pa 192.0.2.1", "the gateway 02:00:00:00:00:08 of 5001 names it");
}
END_TEST

/* Whose address has no record: the lowest PA is its own. */
START_TEST(pa_of_a_port_without_a_record_stays)
{
	stays(TWO BLUE VM, ONE BLUE VM, "pa 192.0.2.1",
	      "10.0.0.5 has no record of its own");
	goes(TWO BLUE VM, "uplink eth1\npa 192.0.2.1 prefix=24\n" BLUE VM);
	stays(ONE BLUE VM, NONE BLUE VM, "pa 192.0.2.9", "no record");
	/* another takes its place: other hosts know the VM behind the old */
	stays(ONE BLUE VM, "uplink eth1\npa 192.0.2.1 prefix=24\n" BLUE VM,
	      "pa 192.0.2.9", "no record");
}
END_TEST

START_TEST(what_nobody_here_uses_goes)
{
	goes(TWO BLUE VM5, ONE BLUE VM5);    /* no port */
	goes(TWO BLUE VM5 VM, ONE BLUE VM5); /* with its port */
	goes(TWO BLUE VM5 VM,		     /* the record has moved */
	     ONE BLUE "ca 10.0.0.5 mac=02:00:00:00:00:05 pa=192.0.2.9\n" VM);
	goes(TWO BLUE VM5 VM, /* at another uplink */
	     "uplink eth1\npa 192.0.2.9 prefix=24\n"
	     "uplink eth2\npa 192.0.2.1 prefix=24\n" BLUE VM5 VM);
	goes(TWO BLUE VM7 "port web tap=t vsid=5001 ca=10.0.0.7\n",
	     ONE BLUE VM7 "port web tap=t vsid=5001 ca=10.0.0.7\n");
}
END_TEST

/* A daemon that starts, and one whose device changed, compare with nothing. */
START_TEST(what_stands_already_is_no_removal)
{
	struct bench bench = run(NONE BLUE VM5 VM);

	ck_assert_int_eq(bench.result, 0);
	done(&bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_in_use");
	TCase *tests = tcase_create("in use");

	tcase_add_test(tests, pa_of_a_ports_record_stays);
	tcase_add_test(tests, ipv6_pa_stays_likewise);
	tcase_add_test(tests, every_way_to_lose_it_is_seen);
	tcase_add_test(tests, pa_of_a_port_without_a_record_stays);
	tcase_add_test(tests, what_nobody_here_uses_goes);
	tcase_add_test(tests, what_stands_already_is_no_removal);
	suite_add_tcase(suite, tests);
	return suite_main(suite);
}
