// SPDX-License-Identifier: Apache-2.0
/*
 * The text forms of addresses and ids, and questions about addresses.
 */
#include <errno.h>
#include <string.h>

#include <vswitch/types.h>

#include "tests/support/suite.h"

static struct vs_ip ip_of(const char *text)
{
	struct vs_ip ip;

	ck_assert_int_eq(vs_ip_parse(text, &ip), 0);
	return ip;
}

static struct vs_prefix prefix_of(const char *text)
{
	struct vs_prefix prefix;

	ck_assert_int_eq(vs_prefix_parse(text, &prefix), 0);
	return prefix;
}

START_TEST(mac_text_comes_back_as_it_was)
{
	char text[VS_MAC_TEXT];
	struct vs_mac mac;

	ck_assert_int_eq(vs_mac_parse("02:00:5E:00:af:05", &mac), 0);
	ck_assert_str_eq(vs_mac_format(&mac, text), "02:00:5e:00:af:05");
}
END_TEST

START_TEST(mac_text_that_is_none_is_refused_and_writes_nothing)
{
	static const char *const wrong[] = {
		"",
		"02:00:00:00:00",
		"02:00:00:00:00:0",
		"02:00:00:00:00:055",
		"02-00-00-00-00-05",
		"02:00:00:00:00:0g",
		"0200:00:00:00:005",
		"02:00:00:00:00:05:",
	};
	struct vs_mac mac = {{1, 2, 3, 4, 5, 6}};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(vs_mac_parse(wrong[i], &mac), -EINVAL);
	ck_assert_uint_eq(mac.octet[0], 1);
}
END_TEST

START_TEST(ip_text_comes_back_as_it_was)
{
	static const char *const right[] = {
		"10.0.0.5", "255.255.255.255", "0.0.0.0",
		"::",	    "2001:db8::1",     "fe80::5eff:1"};
	char text[VS_IP_TEXT];
	struct vs_ip ip;
	size_t i;

	for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		ip = ip_of(right[i]);
		ck_assert_str_eq(vs_ip_format(&ip, text), right[i]);
	}
}
END_TEST

START_TEST(an_address_has_one_name)
{
	static const char *const wrong[] = {
		"",	     "10.0.0",		"10.0.0.256", "10.0.0.5 ",
		"010.0.0.5", "::ffff:10.0.0.5", "::g",	      "1:2:3"};
	struct vs_ip ip;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(vs_ip_parse(wrong[i], &ip), -EINVAL);
}
END_TEST

START_TEST(prefix_text_comes_back_as_it_was)
{
	static const char *const right[] = {"10.0.0.0/24",   "0.0.0.0/0",
					    "10.1.2.3/32",   "::/0",
					    "2001:db8::/32", "2001:db8::1/128"};
	char text[VS_PREFIX_TEXT];
	struct vs_prefix prefix;
	size_t i;

	for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		prefix = prefix_of(right[i]);
		ck_assert_str_eq(vs_prefix_format(&prefix, text), right[i]);
	}
	prefix = prefix_of("10.0.0.0/24");
	ck_assert_uint_eq(prefix.length, 120);
}
END_TEST

START_TEST(prefix_with_host_bits_or_a_bad_length_is_refused)
{
	static const char *const wrong[] = {
		"10.0.0.1/24",	  "10.0.0.0/33",	"10.0.0.0",
		"10.0.0.0/",	  "10.0.0.0/-1",	"10.0.0.0/024",
		"2001::/129",	  "2001::1/64",		"/24",
		"10.0.0.0/24/24", "10.0.0.0/ 8",	"128.0.0.0/0",
		"::/00",	  "10.0.0.0/4294967296"};
	struct vs_prefix prefix;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(vs_prefix_parse(wrong[i], &prefix), -EINVAL);
}
END_TEST

START_TEST(uuid_text_comes_back_as_it_was)
{
	static const char *const wrong[] = {
		"", "11111111-2222-3333-4444-00000000000",
		"11111111-2222-3333-4444-0000000000001",
		"{1111111-2222-3333-4444-00000000000}",
		"111111112-222-3333-4444-000000000000"};
	const char *right = "11111111-2222-3333-4444-0123456789ab";
	char text[VS_UUID_TEXT];
	struct vs_uuid uuid;
	size_t i;

	ck_assert_int_eq(vs_uuid_parse(right, &uuid), 0);
	ck_assert_str_eq(vs_uuid_format(&uuid, text), right);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(vs_uuid_parse(wrong[i], &uuid), -EINVAL);
}
END_TEST

START_TEST(prefix_contains_its_own_and_no_other)
{
	struct vs_prefix lan = prefix_of("10.0.0.128/25");
	struct vs_prefix all4 = prefix_of("0.0.0.0/0");
	struct vs_prefix all6 = prefix_of("::/0");
	struct vs_ip in = ip_of("10.0.0.200"), out = ip_of("10.0.0.127");
	struct vs_ip six = ip_of("2001:db8::1");

	ck_assert(vs_prefix_contains(&lan, &in));
	ck_assert(!vs_prefix_contains(&lan, &out));
	ck_assert(vs_prefix_contains(&all4, &in));
	ck_assert(!vs_prefix_contains(&all4, &six));
	ck_assert(vs_prefix_contains(&all6, &six));
	ck_assert(!vs_prefix_contains(&all6, &in));
}
END_TEST

START_TEST(prefixes_overlap_if_one_holds_the_other)
{
	struct vs_prefix wide = prefix_of("10.0.0.0/8");
	struct vs_prefix narrow = prefix_of("10.9.0.0/16");
	struct vs_prefix other = prefix_of("11.0.0.0/8");
	struct vs_prefix all6 = prefix_of("::/0");

	ck_assert(vs_prefix_overlaps(&wide, &narrow));
	ck_assert(vs_prefix_overlaps(&narrow, &wide));
	ck_assert(!vs_prefix_overlaps(&wide, &other));
	ck_assert(!vs_prefix_overlaps(&all6, &wide));
}
END_TEST

START_TEST(special_addresses_are_known)
{
	struct vs_ip zero4 = ip_of("0.0.0.0"), zero6 = ip_of("::");
	struct vs_ip group4 = ip_of("239.1.2.3"), group6 = ip_of("ff02::1");
	struct vs_ip all = ip_of("255.255.255.255");
	struct vs_ip local4 = ip_of("169.254.9.9"), local6 = ip_of("febf::1");
	struct vs_ip one4 = ip_of("10.0.0.1"), one6 = ip_of("2001:db8::1");

	ck_assert(vs_ip_is_unspecified(&zero4));
	ck_assert(vs_ip_is_unspecified(&zero6));
	ck_assert(!vs_ip_is_unspecified(&one4));
	ck_assert(vs_ip_is_group(&group4));
	ck_assert(vs_ip_is_group(&group6));
	ck_assert(vs_ip_is_group(&all));
	ck_assert(!vs_ip_is_group(&one4));
	ck_assert(!vs_ip_is_group(&one6));
	ck_assert(vs_ip_is_link_local(&local4));
	ck_assert(vs_ip_is_link_local(&local6));
	ck_assert(!vs_ip_is_link_local(&one6));
}
END_TEST

START_TEST(error_keeps_code_place_and_text_and_cuts_what_is_too_long)
{
	struct vs_error error;
	char longer[2000];

	ck_assert_int_eq(vs_error_set(&error, ENOENT, "networks.blue",
				      "no subnet %d", 5001),
			 -ENOENT);
	ck_assert_int_eq(error.code, ENOENT);
	ck_assert_str_eq(error.path, "networks.blue");
	ck_assert_str_eq(error.text, "no subnet 5001");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	vs_error_set(&error, EINVAL, longer, "%s", longer);
	ck_assert_uint_eq(strlen(error.path), sizeof(error.path) - 1);
	ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
	ck_assert_int_eq(vs_error_set(NULL, EPERM, NULL, "nobody reads"),
			 -EPERM);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("types");
	TCase *tcase = tcase_create("types");

	tcase_add_test(tcase, mac_text_comes_back_as_it_was);
	tcase_add_test(tcase,
		       mac_text_that_is_none_is_refused_and_writes_nothing);
	tcase_add_test(tcase, ip_text_comes_back_as_it_was);
	tcase_add_test(tcase, an_address_has_one_name);
	tcase_add_test(tcase, prefix_text_comes_back_as_it_was);
	tcase_add_test(tcase, prefix_with_host_bits_or_a_bad_length_is_refused);
	tcase_add_test(tcase, uuid_text_comes_back_as_it_was);
	tcase_add_test(tcase, prefix_contains_its_own_and_no_other);
	tcase_add_test(tcase, prefixes_overlap_if_one_holds_the_other);
	tcase_add_test(tcase, special_addresses_are_known);
	tcase_add_test(
		tcase,
		error_keeps_code_place_and_text_and_cuts_what_is_too_long);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
