// SPDX-License-Identifier: Apache-2.0
/*
 * filter-pcap on the fake host: which frames of which port it drops.
 */
#include "tests/support/suite.h"

#include <errno.h>
#include <string.h>

#include "tests/support/fake_host.h"
#include "tests/support/fake_settings.h"

#define WEB 5u
#define DB  6u

static struct fake_host *fake;
static struct fake_settings *settings;
static struct vs_error error;
static struct vs_port_info *web, *db;

/* An ARP request, and a frame of a protocol that nobody knows. */
static const uint8_t arp[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0,
				0,    0,    0,	  1,	0x08, 0x06, 0,	  1,
				8,    0,    6,	  4,	0,    1};
static const uint8_t other[60] = {0x02, 0, 0, 0, 0, 2,	  0x02,
				  0,	0, 0, 0, 1, 0x88, 0xb5};

static void set_up(void)
{
	memset(&error, 0, sizeof(error));
	fake = fake_host_open(&vs_extension);
	web = fake_port(fake, VS_PORT_ORDINARY, WEB, "web");
	db = fake_port(fake, VS_PORT_ORDINARY, DB, "db");
	settings = fake_settings_open(vs_extension.nouns, 1);
}

static void tear_down(void)
{
	fake_host_close(fake);
	fake_settings_close(settings);
}

static int configure(const char *lines)
{
	fake_settings_load(settings, lines);
	fake_settings_attach(settings, "web", web);
	fake_settings_attach(settings, "db", db);
	return fake_configure(fake, &settings->settings, &error);
}

static bool passes(const uint8_t *bytes, uint32_t size, uint16_t from)
{
	struct vs_packet *packet = fake_frame(fake, bytes, size, from, 5001);
	struct vs_verdict verdict = fake_ingress(fake, packet);

	if (verdict.action != VS_DROP)
		return true;
	ck_assert_uint_eq(verdict.reason, VS_REASON(0));
	ck_assert_str_eq(vs_extension.reasons[0].name, "pcap_filter");
	return false;
}

static bool reaches(const uint8_t *bytes, uint32_t size, uint16_t to)
{
	return fake_egress(fake, fake_frame(fake, bytes, size, 9, 5001), to);
}

START_TEST(what_matches_is_dropped_both_ways_at_its_port_alone)
{
	ck_assert_int_eq(configure("port web\n"
				   "pcap-filter f expression=arp\n"
				   "port db\n"),
			 0);
	ck_assert(!passes(arp, sizeof(arp), WEB));
	ck_assert(passes(other, sizeof(other), WEB));
	ck_assert(passes(arp, sizeof(arp), DB));
	ck_assert(!reaches(arp, sizeof(arp), WEB));
	ck_assert(reaches(other, sizeof(other), WEB));
	ck_assert(reaches(arp, sizeof(arp), DB));
}
END_TEST

START_TEST(direction_is_the_vms)
{
	ck_assert_int_eq(
		configure("port web\n"
			  "pcap-filter f expression=arp direction=out\n"
			  "port db\n"
			  "pcap-filter f expression=arp direction=in\n"),
		0);
	ck_assert(!passes(arp, sizeof(arp), WEB));
	ck_assert(reaches(arp, sizeof(arp), WEB));
	ck_assert(passes(arp, sizeof(arp), DB));
	ck_assert(!reaches(arp, sizeof(arp), DB));
}
END_TEST

START_TEST(pass_drops_what_does_not_match)
{
	ck_assert_int_eq(configure("port web\n"
				   "pcap-filter f expression=arp action=pass\n"
				   "port db\n"),
			 0);
	ck_assert(passes(arp, sizeof(arp), WEB));
	ck_assert(!passes(other, sizeof(other), WEB));
}
END_TEST

START_TEST(every_filter_of_a_port_must_let_it_pass)
{
	ck_assert_int_eq(configure("port web\n"
				   "pcap-filter a expression=arp\n"
				   "pcap-filter b expression=arp action=pass\n"
				   "port db\n"),
			 0);
	ck_assert(!passes(arp, sizeof(arp), WEB));
	ck_assert(!passes(other, sizeof(other), WEB));
}
END_TEST

START_TEST(bad_expression_is_refused_at_its_place)
{
	ck_assert_int_eq(configure("port web\n"
				   "pcap-filter f expression=arqp\n"
				   "port db\n"),
			 -EINVAL);
	ck_assert_msg(strstr(error.path, "expression"), "%s", error.path);
	ck_assert_msg(strstr(error.text, "arqp"), "%s", error.text);
}
END_TEST

START_TEST(frame_of_no_port_is_let_be)
{
	ck_assert_int_eq(configure("port web\n"
				   "pcap-filter f expression=arp\n"
				   "port db\n"),
			 0);
	ck_assert(passes(arp, sizeof(arp), 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("filter_pcap");
	TCase *tcase = tcase_create("filter_pcap");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase,
		       what_matches_is_dropped_both_ways_at_its_port_alone);
	tcase_add_test(tcase, direction_is_the_vms);
	tcase_add_test(tcase, pass_drops_what_does_not_match);
	tcase_add_test(tcase, every_filter_of_a_port_must_let_it_pass);
	tcase_add_test(tcase, bad_expression_is_refused_at_its_place);
	tcase_add_test(tcase, frame_of_no_port_is_let_be);
	suite_add_tcase(suite, tcase);
	return suite_main(suite);
}
