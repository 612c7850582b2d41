// SPDX-License-Identifier: Apache-2.0
/*
 * Filter expressions: what they take, and that none can make libpcap look a
 * name up.
 */
#include "tests/support/suite.h"

#include <errno.h>
#include <string.h>

#include "extensions/capture/filter.h"

/* IPv4, TCP 10.0.0.5:1000 > 10.0.0.7:443, SYN */
static const uint8_t frame[] = {
	0x02, 0, 0,  0,	 0,    7, 0x02, 0,    0,    0,	  0, 5, 0x08, 0,
	0x45, 0, 0,  40, 0,    0, 0x40, 0,    64,   6,	  0, 0, 10,   0,
	0,    5, 10, 0,	 0,    7, 0x03, 0xe8, 0x01, 0xbb, 0, 0, 0,    0,
	0,    0, 0,  0,	 0x50, 2, 0xff, 0xff, 0,    0,	  0, 0};

static bool takes(const char *expression)
{
	struct vs_error error = {0};
	struct filter *filter;
	bool result;

	ck_assert_msg(filter_compile(&filter, expression, &error) == 0,
		      "%s: %s", expression, error.text);
	result = filter_takes(filter, frame, sizeof(frame), sizeof(frame));
	filter_free(filter);
	return result;
}

static void check_refused(const char *expression, const char *words)
{
	struct vs_error error = {0};
	struct filter *filter;

	ck_assert_msg(filter_compile(&filter, expression, &error) == -EINVAL,
		      "%s is taken", expression);
	ck_assert_ptr_null(filter);
	ck_assert_msg(strstr(error.text, words), "%s: %s", expression,
		      error.text);
}

START_TEST(empty_expression_takes_every_frame)
{
	ck_assert(takes(""));
	ck_assert(takes("  "));
}
END_TEST

START_TEST(expression_decides)
{
	ck_assert(takes("tcp port 443"));
	ck_assert(!takes("tcp port 444"));
	ck_assert(takes("host 10.0.0.5 and not udp"));
	ck_assert(takes("net 10.0.0.0/24"));
	ck_assert(!takes("ip6 or arp"));
	ck_assert(takes("portrange 400-500"));
	ck_assert(takes("ether src 02:00:00:00:00:05"));
	ck_assert(takes("tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn"));
	ck_assert(takes("ip[2:2] = 40 && len>0x10"));
	ck_assert(!takes("dst net 2001:db8::/32"));
}
END_TEST

START_TEST(names_are_refused_before_libpcap_sees_them)
{
	check_refused("host example.com", "names are not looked up");
	check_refused("port https", "\"https\" is no word");
	check_refused("host 3com", "\"3com\"");
	check_refused("host 1.", "\"1.\"");
	check_refused("host 4-2", "\"4-2\"");
	check_refused("host dead:beef", "\"dead:beef\"");
	check_refused("ip proto \\tcp", "names are not looked up");
	check_refused("host TCP", "\"TCP\"");
	check_refused("gateway 10.0.0.1", "\"gateway\"");
	check_refused("host 1.2.3.4.5", "\"1.2.3.4.5\"");
}
END_TEST

START_TEST(wrong_grammar_is_refused_with_libpcaps_words)
{
	check_refused("tcp and and", "syntax error");
	check_refused("port", "see pcap-filter(7)");
	check_refused("tcp; udp", "character code 59");
	check_refused("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		      "aaaaaaaaaaaaaaaa",
		      "longer than 63");
}
END_TEST

START_TEST(what_is_cut_off_is_not_taken)
{
	struct filter *filter;

	ck_assert_int_eq(filter_compile(&filter, "tcp port 443", NULL), 0);
	ck_assert(filter_takes(filter, frame, 38, sizeof(frame)));
	ck_assert(!filter_takes(filter, frame, 35, sizeof(frame)));
	ck_assert(!filter_takes(filter, frame, 0, sizeof(frame)));
	filter_free(filter);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("capture_filter");
	TCase *tcase = tcase_create("capture_filter");

	tcase_add_test(tcase, empty_expression_takes_every_frame);
	tcase_add_test(tcase, expression_decides);
	tcase_add_test(tcase, names_are_refused_before_libpcap_sees_them);
	tcase_add_test(tcase, wrong_grammar_is_refused_with_libpcaps_words);
	tcase_add_test(tcase, what_is_cut_off_is_not_taken);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
