/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rule=rewrite asks of a policy (configure_rewrite.c).
 *
 * hnv.md combination                 test
 * A4.2   use-vm-mac, other rule      use_vm_mac_needs_rewrite
 * A4.7   two CAs, one PA             refuses_two_cas_with_one_pa_...
 * A4.8   rewrite and encap, one PA   warns_of_a_pa_that_carries_tunnels_too
 * A4.14  CA and PA of two families   refuses_a_pa_of_the_other_family
 */
#include "tests/support/policy_bench.h"
#include "wnv/pair.h"

#define OWN    "uplink eth1\npa 192.0.2.1 prefix=24\npa 192.0.2.51 prefix=24\n"
#define VM51   "ca 10.0.0.51 mac=02:00:00:00:00:51 pa=192.0.2.51 rule=rewrite\n"
#define VM71   "ca 10.0.0.71 mac=02:00:00:00:00:71 pa=192.0.2.71 rule=rewrite\n"
#define VM_MAC "use-vm-mac=on"

static const struct wnv_record *by_pa(const struct bench *bench,
				      const char *text)
{
	const struct wnv_pa pa = {ca(text).ip};

	return wnv_record_by_pa(bench->state, &pa);
}

START_TEST(pair_of_pas_names_both_records)
{
	struct bench bench = accepted(OWN BLUE VM51 VM71, NULL);
	const struct wnv_record *own = by_pa(&bench, "192.0.2.51");
	const struct wnv_record *far = by_pa(&bench, "192.0.2.71");
	const struct wnv_ca expected = ca("10.0.0.51");

	ck_assert(wnv_rewrites(bench.state));
	ck_assert_uint_eq(own->flags, WNV_RECORD_LOCAL | WNV_RECORD_USABLE);
	ck_assert_uint_eq(far->flags, WNV_RECORD_USABLE);
	ck_assert(wnv_ca_equal(&own->ca, &expected));
	ck_assert_ptr_null(by_pa(&bench, "192.0.2.1"));
	done(&bench);
	bench = accepted(OWN BLUE VM5, NULL);
	ck_assert(!wnv_rewrites(bench.state));
	ck_assert_ptr_null(by_pa(&bench, "192.0.2.1"));
	done(&bench);
}
END_TEST

START_TEST(refuses_two_cas_with_one_pa_anywhere)
{
	refused(OWN BLUE VM51 "ca 10.0.0.52 mac=02:00:00:00:00:52 "
			      "pa=192.0.2.51 rule=rewrite\n",
		EEXIST, "ca 10.0.0.52 pa",
		"stands for 10.0.0.51 of subnet 5001");
	refused(BLUE VM71
		"network red\nsubnet 6001 prefixes=10.0.0.0/24\n" VM71,
		EEXIST, "ca 10.0.0.71 pa", "provider address of its own");
}
END_TEST

START_TEST(refuses_a_pa_of_the_other_family)
{
	refused("network blue\nsubnet 5001 prefixes=10.0.0.0/24,fd00::/64\n"
		"ca fd00::7 mac=02:00:00:00:00:07 pa=192.0.2.7 rule=rewrite\n",
		EINVAL, "ca fd00::7 pa", "of the same family");
	refused(BLUE "ca 10.0.0.7 mac=02:00:00:00:00:07 pa=2001:db8::7 "
		     "rule=rewrite\n",
		EINVAL, "ca 10.0.0.7 pa", "of the same family");
}
END_TEST

START_TEST(refuses_records_without_an_address_of_their_own)
{
	refused(BLUE "l2only 02:00:00:00:00:07 pa=192.0.2.7 rule=rewrite\n",
		EINVAL, "l2only 02:00:00:00:00:07 rule", "none of its own");
	refused(BLUE "gateway 02:00:00:00:00:07 pa=192.0.2.7 rule=rewrite\n",
		EINVAL, "gateway 02:00:00:00:00:07 rule", "none of its own");
}
END_TEST

START_TEST(refuses_a_pa_that_the_kernel_has)
{
	struct vs_port_info info = *device("eth1", 1500);
	struct bench bench = load(OWN BLUE VM51);

	info.address_count = 1;
	info.addresses[0] = (struct vs_prefix){ca("192.0.2.51").ip, 120};
	fake_settings_attach(bench.fake, "eth1", &info);
	configure(&bench, WNV_OCCASION_CHANGE);
	ck_assert_int_eq(bench.result, -EADDRINUSE);
	ck_assert_str_eq(bench.error.path, "ca 10.0.0.51 pa");
	ck_assert_ptr_nonnull(strstr(bench.error.text, "ip address del"));
	/* an address that came later: unusable, and what stands stays */
	configure(&bench, WNV_OCCASION_DEVICES);
	ck_assert_int_eq(bench.result, 0);
	ck_assert_uint_eq(bench.fake->warning_count, 1);
	ck_assert_uint_eq(by_pa(&bench, "192.0.2.51")->flags, WNV_RECORD_LOCAL);
	done(&bench);
}
END_TEST

START_TEST(warns_of_a_pa_that_carries_tunnels_too)
{
	struct bench bench = accepted(
		BLUE VM71 "ca 10.0.0.72 mac=02:00:00:00:00:72 pa=192.0.2.71\n"
			  "ca 10.0.0.73 mac=02:00:00:00:00:73 pa=192.0.2.71\n",
		"cannot use GRE or VXLAN");

	ck_assert(by_pa(&bench, "192.0.2.71")->flags & WNV_RECORD_TUNNELED);
	done(&bench);
}
END_TEST

START_TEST(warns_once_of_vms_that_cannot_send_to_rewrite)
{
	struct bench bench =
		accepted(OWN BLUE VM5 VM71
			 "ca 10.0.0.6 mac=02:00:00:00:00:06 pa=192.0.2.1\n",
			 "10.0.0.5 has no rule=rewrite");

	done(&bench);
}
END_TEST

START_TEST(use_vm_mac_needs_rewrite)
{
	refused(BLUE "ca 10.0.0.7 mac=02:00:00:00:00:07 pa=192.0.2.7 " VM_MAC
		     "\n",
		EINVAL, "ca 10.0.0.7 use-vm-mac", "needs rule=rewrite");
}
END_TEST

START_TEST(use_vm_mac_gives_the_pa_the_vms_mac)
{
	struct bench bench = accepted(
		OWN BLUE "ca 10.0.0.51 mac=02:00:00:00:00:51 pa=192.0.2.51 "
			 "rule=rewrite " VM_MAC "\n" VM71,
		NULL);
	const struct vs_mac mac = {{2, 0, 0, 0, 0, 0x51}};
	const struct wnv_pa pa = {ca("192.0.2.51").ip};

	ck_assert_mem_eq(wnv_provider_find(bench.state, &pa)->mac.octet,
			 mac.octet, 6);
	ck_assert(wnv_is_provider_mac(bench.state, &mac));
	done(&bench);
	refused("uplink eth1\npa 192.0.2.51 prefix=24 "
		"mac=02:00:00:00:00:99\n" BLUE
		"ca 10.0.0.51 mac=02:00:00:00:00:51 pa=192.0.2.51 "
		"rule=rewrite " VM_MAC "\n",
		EEXIST, "ca 10.0.0.51 use-vm-mac", "has a mac of its own");
}
END_TEST

START_TEST(refuses_one_vm_mac_on_the_wires_of_two_hosts)
{
	refused(OWN BLUE "ca 10.0.0.51 mac=02:00:00:00:00:51 pa=192.0.2.51 "
			 "rule=rewrite " VM_MAC "\n"
			 "network red\nsubnet 6001 prefixes=10.0.0.0/24\n"
			 "ca 10.0.0.51 mac=02:00:00:00:00:51 pa=192.0.2.61 "
			 "rule=rewrite " VM_MAC "\n",
		EEXIST, "ca 10.0.0.51 use-vm-mac", "another host already");
}
END_TEST

/* A4.7 of where a VM is about to go, whatever rule the other's record has. */
START_TEST(refuses_to_move_to_a_pa_that_stands_for_another)
{
	static const char taken[] =
		"with rule=rewrite each needs one of its own";

	refused(OWN BLUE VM51 "ca 10.0.0.71 mac=02:00:00:00:00:71 "
			      "pa=192.0.2.71 rule=rewrite next-pa=192.0.2.51\n",
		EEXIST, "ca 10.0.0.71 next-pa", taken);
	refused(OWN BLUE "ca 10.0.0.7 mac=02:00:00:00:00:07 pa=192.0.2.2 "
			 "next-pa=192.0.2.90\n"
			 "ca 10.0.0.71 mac=02:00:00:00:00:71 "
			 "pa=192.0.2.71 rule=rewrite next-pa=192.0.2.90\n",
		EEXIST, "ca 10.0.0.71 next-pa", taken);
	refused(OWN BLUE "ca 10.0.0.71 mac=02:00:00:00:00:71 pa=192.0.2.71 "
			 "rule=rewrite next-pa=2001:db8::1\n",
		EINVAL, "ca 10.0.0.71 next-pa", "of another family");
}
END_TEST

START_TEST(vms_move_to_pas_of_their_own)
{
	struct bench bench =
		accepted(OWN BLUE "ca 10.0.0.71 mac=02:00:00:00:00:71 "
				  "pa=192.0.2.71 rule=rewrite "
				  "next-pa=192.0.2.90\n"
				  "ca 10.0.0.72 mac=02:00:00:00:00:72 "
				  "pa=192.0.2.72 rule=rewrite "
				  "next-pa=192.0.2.91\n",
			 NULL);

	done(&bench);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wnv_configure_rewrite");
	TCase *test = tcase_create("rewrite");

	tcase_add_test(test, pair_of_pas_names_both_records);
	tcase_add_test(test, refuses_two_cas_with_one_pa_anywhere);
	tcase_add_test(test, refuses_a_pa_of_the_other_family);
	tcase_add_test(test, refuses_records_without_an_address_of_their_own);
	tcase_add_test(test, refuses_a_pa_that_the_kernel_has);
	tcase_add_test(test, warns_of_a_pa_that_carries_tunnels_too);
	tcase_add_test(test, warns_once_of_vms_that_cannot_send_to_rewrite);
	tcase_add_test(test, use_vm_mac_needs_rewrite);
	tcase_add_test(test, use_vm_mac_gives_the_pa_the_vms_mac);
	tcase_add_test(test, refuses_one_vm_mac_on_the_wires_of_two_hosts);
	tcase_add_test(test, refuses_to_move_to_a_pa_that_stands_for_another);
	tcase_add_test(test, vms_move_to_pas_of_their_own);
	suite_add_tcase(suite, test);
	return suite_main(suite);
}
